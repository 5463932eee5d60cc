"""Instances change state over time and refuse what their state does not allow."""

from __future__ import annotations

from typing import Any


def test_a_start_is_pending_before_it_runs(fleet: Any, ec2: Any, launch: Any, state: Any) -> None:
    [id_] = launch(running=False)
    [change] = ec2.start_instances(InstanceIds=[id_])["StartingInstances"]
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("stopped", "pending")
    fleet.advance(5)
    assert state(id_) == "pending"
    fleet.advance(30)
    assert state(id_) == "running"


def test_a_stop_is_stopping_before_it_is_stopped(fleet: Any, ec2: Any, launch: Any, state: Any) -> None:
    [id_] = launch()
    ec2.stop_instances(InstanceIds=[id_])
    fleet.advance(10)
    assert state(id_) == "stopping"
    fleet.advance(60)
    assert state(id_) == "stopped"


def test_starting_what_runs_and_stopping_what_is_stopped_changes_nothing(ec2: Any, launch: Any, state: Any) -> None:
    [up], [down] = launch(), launch(running=False)
    assert ec2.start_instances(InstanceIds=[up])["StartingInstances"][0]["CurrentState"]["Name"] == "running"
    assert ec2.stop_instances(InstanceIds=[down])["StoppingInstances"][0]["CurrentState"]["Name"] == "stopped"
    assert (state(up), state(down)) == ("running", "stopped")


def test_force_cuts_a_stop_that_hangs_short(fleet: Any, ec2: Any, launch: Any, state: Any) -> None:
    [id_] = launch()
    fleet.add_fault("stuck", resource=id_, action="StopInstances", times=1)
    ec2.stop_instances(InstanceIds=[id_])
    fleet.advance(3600)
    assert state(id_) == "stopping"
    ec2.stop_instances(InstanceIds=[id_], Force=True)
    fleet.advance(60)
    assert state(id_) == "stopped"


def test_states_that_do_not_allow_it(fleet: Any, ec2: Any, launch: Any, state: Any, refused: Any) -> None:
    gone, stopping, fine = launch(3)
    ec2.terminate_instances(InstanceIds=[gone])
    fleet.settle()
    ec2.stop_instances(InstanceIds=[stopping])
    for bad in (gone, stopping):
        code, message = refused(ec2.start_instances, InstanceIds=[bad])
        assert code == "IncorrectInstanceState"
        assert bad in message
    assert refused(ec2.stop_instances, InstanceIds=[fine, gone])[0] == "IncorrectInstanceState"
    assert state(fine) == "running"


def test_all_unknown_ids_are_named_at_once(ec2: Any, launch: Any, refused: Any) -> None:
    [id_] = launch()
    bad = ["i-00000000000000001", "i-00000000000000002"]
    for action in (ec2.stop_instances, ec2.start_instances, ec2.describe_instances):
        code, message = refused(action, InstanceIds=[bad[0], id_, bad[1]])
        assert code == "InvalidInstanceID.NotFound"
        assert message == f"The instance IDs '{bad[0]}, {bad[1]}' do not exist"
    assert refused(ec2.stop_instances, InstanceIds=["web-1"])[0] == "InvalidInstanceID.Malformed"


def test_a_dry_run_checks_ids_and_changes_nothing(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    [id_] = launch()
    before = fleet.world()
    assert refused(ec2.stop_instances, InstanceIds=[id_], DryRun=True)[0] == "DryRunOperation"
    assert refused(ec2.terminate_instances, InstanceIds=[id_], DryRun=True)[0] == "DryRunOperation"
    assert refused(ec2.stop_instances, InstanceIds=["i-00000001"], DryRun=True)[0] == "InvalidInstanceID.NotFound"
    assert fleet.world() == before


def test_status_checks_initialize_after_every_start(fleet: Any, ec2: Any, launch: Any, checks: Any) -> None:
    [id_] = launch()
    assert checks(id_) == "ok"
    ec2.stop_instances(InstanceIds=[id_])
    fleet.settle()
    assert checks(id_) == "not-applicable"
    ec2.start_instances(InstanceIds=[id_])
    fleet.advance(30)
    assert checks(id_) == "initializing"
    fleet.advance(200)
    assert checks(id_) == "ok"
    ec2.reboot_instances(InstanceIds=[id_])
    assert checks(id_) == "initializing"


def test_checks_can_end_as_impaired(fleet: Any, ec2: Any, launch: Any, checks: Any) -> None:
    [id_] = launch(running=False, tags={"Role": "db"})
    fleet.add_fault("impaired", tag="Role=db")
    ec2.start_instances(InstanceIds=[id_])
    fleet.advance(300)
    assert checks(id_) == "impaired"


def test_no_capacity_fails_the_whole_start(fleet: Any, ec2: Any, launch: Any, state: Any, refused: Any) -> None:
    [small] = launch(running=False, InstanceType="t3.micro")
    [large] = launch(running=False, InstanceType="m6i.large")
    fleet.add_fault("capacity", instance_type="m6i.large")
    code, message = refused(ec2.start_instances, InstanceIds=[small, large])
    assert code == "InsufficientInstanceCapacity"
    assert "m6i.large" in message
    assert large not in message
    assert state(small) == "stopped"
    ec2.start_instances(InstanceIds=[small])


def test_no_capacity_fails_a_launch(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    fleet.add_fault("capacity", instance_type="m6i.large")
    subnet = ec2.describe_subnets()["Subnets"][1]
    given = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1, "InstanceType": "m6i.large"}
    code, message = refused(ec2.run_instances, **given, SubnetId=subnet["SubnetId"])
    assert code == "InsufficientInstanceCapacity"
    assert f"m6i.large capacity in the Availability Zone you requested ({subnet['AvailabilityZone']})" in message
    assert refused(ec2.run_instances, **given)[0] == "InsufficientInstanceCapacity"
    launch(InstanceType="t3.micro")
    assert len(ec2.describe_instances()["Reservations"]) == 1


def test_a_one_time_spot_instance_cannot_be_stopped(ec2: Any, launch: Any, refused: Any) -> None:
    [once] = launch(InstanceMarketOptions={"MarketType": "spot"})
    persistent = {"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "persistent"}}
    [kept] = launch(InstanceMarketOptions=persistent)
    assert refused(ec2.stop_instances, InstanceIds=[once])[0] == "UnsupportedOperation"
    ec2.stop_instances(InstanceIds=[kept])


def test_only_configured_instances_hibernate(ec2: Any, launch: Any, fleet: Any, refused: Any) -> None:
    [plain], [able] = launch(), launch(HibernationOptions={"Configured": True})
    code, message = refused(ec2.stop_instances, InstanceIds=[plain], Hibernate=True)
    assert code == "UnsupportedHibernationConfiguration"
    assert plain in message
    assert refused(ec2.stop_instances, InstanceIds=[able], Hibernate=True)[0] == "UnsupportedOperation"
    fleet.advance(180)
    ec2.stop_instances(InstanceIds=[able], Hibernate=True)


def test_the_type_changes_only_while_stopped(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    [id_] = launch(InstanceType="t3.micro")
    change = {"InstanceId": id_, "InstanceType": {"Value": "t3.large"}}
    assert refused(ec2.modify_instance_attribute, **change)[0] == "IncorrectInstanceState"
    ec2.stop_instances(InstanceIds=[id_])
    fleet.settle()
    unknown = {"InstanceId": id_, "InstanceType": {"Value": "t9.enormous"}}
    assert refused(ec2.modify_instance_attribute, **unknown)[0] == "InvalidInstanceAttributeValue"
    ec2.modify_instance_attribute(**change)
    assert fleet.world()[id_]["type"] == "t3.large"


def test_a_protected_instance_cannot_be_stopped(ec2: Any, launch: Any, refused: Any) -> None:
    [id_] = launch(DisableApiStop=True)
    assert refused(ec2.stop_instances, InstanceIds=[id_])[0] == "OperationNotPermitted"


def test_a_lost_key_lets_a_start_fall_back(
    fleet: Any, ec2: Any, launch: Any, state: Any, volumes: Any, refused: Any
) -> None:
    [id_] = launch(running=False)
    fleet.add_fault("lost_key", resource=volumes(id_)[0])
    assert ec2.start_instances(InstanceIds=[id_])["StartingInstances"][0]["CurrentState"]["Name"] == "pending"
    fleet.advance(60)
    instance = ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"][0]
    assert instance["State"]["Name"] == "stopped"
    assert instance["StateReason"]["Code"] == "Client.InternalError"


def test_a_disabled_kms_key_is_a_lost_key(fleet: Any, ec2: Any, launch: Any, state: Any) -> None:
    kms = fleet.client("kms")
    key = kms.create_key()["KeyMetadata"]
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "Encrypted": True, "KmsKeyId": key["Arn"]}}
    [id_] = launch(running=False, BlockDeviceMappings=[disk])
    ec2.start_instances(InstanceIds=[id_])
    fleet.settle()
    assert state(id_) == "running"
    ec2.stop_instances(InstanceIds=[id_])
    fleet.settle()
    kms.disable_key(KeyId=key["KeyId"])
    ec2.start_instances(InstanceIds=[id_])
    fleet.settle()
    assert state(id_) == "stopped"
