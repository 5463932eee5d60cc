"""elb.attach."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, PartTimeout, ServiceError
from lambdas.parts import elb as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, THROTTLED, Fault, Killed, TestAws, drive, times
from tests.parts.elb.balancers import classic_balancer, group_in_use, into_classic, into_group
from tests.parts.elb.conftest import Group, in_classic
from tests.parts.fleet import launch as instances
from tests.parts.unkind_elb import UNHEALTHY, UnkindElb


def test_attach_is_done_only_when_healthy(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws, checks=40)
    ids = launch(3, Role="web")
    launch(1)
    outcome = drive(parts.attach, aws, {"target_group_arn": group.arn, "tag": "Role=web"})
    assert outcome.result["changed"] == sorted(ids)
    assert outcome.result["summary"] == "3 instances attached"
    assert {(t["port"], t["state"]) for t in outcome.result["targets"]} == {(80, "healthy")}
    assert sum(outcome.waits) >= 40
    assert group.ids() == sorted(ids)
    assert aws.count()["RegisterTargets"] == 1
    healths = outcome.result["responses"]["DescribeTargetHealthResponse"]["TargetHealthDescriptions"]
    assert len(healths) == 3


def test_a_port_is_passed_on(aws: TestAws, group: Group, launch: Any) -> None:
    ids = launch(1)
    drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids, "port": 8080})
    assert group.targets() == [(ids[0], 8080)]
    outcome = drive(parts.detach, aws, {"target_group_arn": group.arn, "instance_id": ids, "port": 80})
    assert outcome.result["skipped"] == [{"id": ids[0], "reason": "not attached"}]
    outcome = drive(parts.detach, aws, {"target_group_arn": group.arn, "instance_id": ids})
    assert outcome.result["changed"] == ids
    assert group.targets() == []


def test_attached_already_is_skipped_but_awaited(aws: TestAws, group: Group, launch: Any) -> None:
    unkind = UnkindElb(aws, checks=60)
    healthy, initial, new = launch(3)
    group.register([healthy, initial])
    unkind.registered[initial] = aws.now()
    outcome = drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": [healthy, initial, new]})
    assert outcome.result["changed"] == [new]
    assert outcome.result["skipped"] == [{"id": i, "reason": "already attached"} for i in sorted([healthy, initial])]
    assert [t["Id"] for t in aws.made("RegisterTargets")[0]["Targets"]] == [new]
    assert sum(outcome.waits) >= 60


def test_unhealthy_ones_are_reported_with_reason_and_description(aws: TestAws, group: Group, launch: Any) -> None:
    unkind = UnkindElb(aws)
    good, bad = launch(2)
    unkind.health[bad] = UNHEALTHY
    params = {"target_group_arn": group.arn, "instance_id": [good, bad], "timeout": "5m"}
    with pytest.raises(PartTimeout, match=rf"{bad}.*Target.FailedHealthChecks: '{bad}' is attached.*\[503\]") as raised:
        drive(parts.attach, aws, params)
    assert f"1 to be healthy ({bad}: Target.FailedHealthChecks)" in raised.value.cause
    result = drive(parts.attach, aws, {**params, "on_failure": "continue"}).result
    assert [f["id"] for f in result["failed"]] == [bad]
    assert result["skipped"] == [{"id": good, "reason": "already attached"}]


def test_instances_that_cannot_be_attached_do_not_stop_the_others(
    aws: TestAws, ec2: Any, group: Group, launch: Any
) -> None:
    good, stopped, gone = launch(3)
    ec2.stop_instances(InstanceIds=[stopped])
    ec2.terminate_instances(InstanceIds=[gone])
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    elsewhere = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet)
    other = elsewhere["Instances"][0]["InstanceId"]
    ids = [good, stopped, gone, other, "i-0123456789abcdef0"]
    params = {"target_group_arn": group.arn, "instance_id": ids, "on_failure": "continue"}
    result = drive(parts.attach, aws, params).result
    assert result["changed"] == [good]
    failed = {f["id"]: (f["error"], f["message"]) for f in result["failed"]}
    assert failed[stopped] == ("IncorrectInstanceState", f"'{stopped}' is stopped; start it first")
    assert failed[gone] == ("IncorrectInstanceState", f"'{gone}' is terminated")
    assert failed[other][0] == "InvalidTarget"
    assert vpc in failed[other][1]
    assert failed["i-0123456789abcdef0"][0] == "InvalidInstanceID.NotFound"
    assert group.ids() == [good]
    with pytest.raises(PartFailed, match=f"{other} .*InvalidTarget"):
        drive(parts.attach, aws, {**params, "on_failure": "fail"})


def test_ids_that_aws_refuses_are_dropped_in_one_more_call(aws: TestAws, group: Group, launch: Any) -> None:
    ids = launch(20)
    bad = ids[3:6]

    def refuse(params: dict[str, Any]) -> tuple[int, str, str] | None:
        named = ", ".join(f"'{t['Id']}'" for t in params["Targets"] if t["Id"] in bad)
        return (400, "InvalidTarget", f"The following targets are not in a running state: {named}") if named else None

    aws.faults["RegisterTargets"] = Fault(refuse)
    params = {"target_group_arn": group.arn, "instance_id": ids, "on_failure": "continue"}
    result = drive(parts.attach, aws, params).result
    assert result["changed"] == sorted(set(ids) - set(bad))
    assert sorted(f["id"] for f in result["failed"]) == sorted(bad)
    assert aws.count()["RegisterTargets"] == 2


def test_starting_ones_are_tried_again(aws: TestAws, group: Group, launch: Any) -> None:
    ids = launch(1)

    def starting(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeInstances":
            answer["Reservations"][0]["Instances"][0]["State"] = {"Name": "pending", "Code": 0}

    aws.hooks.append(starting)
    aws.faults["RegisterTargets"] = times(2, (400, "InvalidTarget", f"not in a running state: '{ids[0]}'"))
    outcome = drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids})
    assert outcome.result["changed"] == ids
    assert aws.count()["RegisterTargets"] == 3


def test_an_unused_target_group_is_a_warning(aws: TestAws, ec2: Any, launch: Any) -> None:
    client = boto3.client("elbv2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    arn = client.create_target_group(Name="idle", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0][
        "TargetGroupArn"
    ]
    unkind = UnkindElb(aws)
    ids = launch(1)
    unkind.health[ids[0]] = {"State": "unused", "Reason": "Target.NotInUse"}
    result = drive(parts.attach, aws, {"target_group_arn": arn, "instance_id": ids}).result
    assert result["changed"] == ids
    assert "no load balancer uses idle" in result["warnings"][0]


def test_a_zone_the_load_balancer_does_not_serve_is_a_failure(aws: TestAws, group: Group, launch: Any) -> None:
    unkind = UnkindElb(aws)
    ids = launch(1)
    text = "Target is in an Availability Zone that is not enabled for the load balancer"
    unkind.health[ids[0]] = {"State": "unused", "Reason": "Target.NotInUse", "Description": text}
    with pytest.raises(PartFailed, match=f"Target.NotInUse: .* {text}"):
        drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids})


def test_a_lagging_description_neither_doubles_nor_fails(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws, checks=30, lag=20)
    ids = launch(2)
    outcome = drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids, "interval": 5})
    assert outcome.result["changed"] == sorted(ids)
    assert aws.count()["RegisterTargets"] == 1
    outcome = drive(parts.detach, aws, {"target_group_arn": group.arn, "instance_id": ids, "interval": 5})
    assert outcome.result["changed"] == sorted(ids)
    assert aws.count()["DeregisterTargets"] == 1


def test_something_else_detaching_it_is_told(aws: TestAws, group: Group, launch: Any) -> None:
    ids = launch(1)

    def before(invocation: int) -> None:
        if invocation == 2:
            group.client.deregister_targets(TargetGroupArn=group.arn, Targets=[{"Id": ids[0]}])

    UnkindElb(aws, checks=500)
    with pytest.raises(PartFailed, match=r"Target.NotRegistered: .*by something else"):
        drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids}, before=before)


@pytest.mark.parametrize("lose", ["RegisterTargets", "DeregisterTargets"])
def test_a_lost_response_is_found_out(aws: TestAws, group: Group, launch: Any, lose: str) -> None:
    ids = launch(2)
    left = [1]

    def die(params: dict[str, Any], answer: dict[str, Any]) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise Killed

    aws.faults[lose] = Fault(after=die)
    part = parts.attach
    if lose == "DeregisterTargets":
        group.register(ids)
        part = parts.detach  # type: ignore[assignment]
    outcome = drive(part, aws, {"target_group_arn": group.arn, "instance_id": ids})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert aws.count()[lose] == 1


def test_throttling_is_paced(aws: TestAws, group: Group, launch: Any) -> None:
    ids = launch(2)
    for operation in ("DescribeTargetGroups", "DescribeTargetHealth", "RegisterTargets"):
        aws.faults[operation] = times(3, THROTTLED)
    assert drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids}).result["changed"] == sorted(
        ids
    )


def test_many_are_sent_in_batches(aws: TestAws, group: Group, launch: Any) -> None:
    ids = launch(450)
    outcome = drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids})
    assert outcome.result["changed"] == sorted(ids)
    assert [len(p["Targets"]) for p in aws.made("RegisterTargets")] == [200, 200, 50]


def test_dry_run_changes_nothing(aws: TestAws, group: Group, classic: Any, launch: Any) -> None:
    ids = launch(2)
    for place in ({"target_group_arn": group.arn}, {"load_balancer_name": "old"}):
        outcome = drive(parts.attach, aws, {**place, "instance_id": ids, "dry_run": True})
        assert outcome.result["changed"] == sorted(ids)
        assert outcome.result["summary"] == "would attach 2 instances"
        assert outcome.waits == []
    assert group.ids() == in_classic(classic) == []
    group.register(ids)
    outcome = drive(parts.detach, aws, {"target_group_arn": group.arn, "instance_id": ids, "dry_run": True})
    assert outcome.result["changed"] == sorted(ids)
    assert group.ids() == sorted(ids)


def test_classic_load_balancers(aws: TestAws, classic: Any, launch: Any) -> None:
    UnkindElb(aws, checks=40, drain=100)
    ids = launch(2, Role="web")
    outcome = drive(parts.attach, aws, {"load_balancer_name": "old", "tag": "Role=web"})
    assert outcome.result["changed"] == sorted(ids)
    assert sum(outcome.waits) >= 40
    assert in_classic(classic) == sorted(ids)
    outcome = drive(parts.attach, aws, {"load_balancer_name": "old", "tag": "Role=web"})
    assert [s["reason"] for s in outcome.result["skipped"]] == ["already attached"] * 2
    outcome = drive(parts.detach, aws, {"load_balancer_name": "old", "instance_id": ids[0]})
    assert outcome.result["changed"] == ids[:1]
    assert sum(outcome.waits) >= 100
    assert in_classic(classic) == ids[1:]
    outcome = drive(parts.detach, aws, {"load_balancer_name": "old", "instance_id": ids})
    assert outcome.result["skipped"] == [{"id": ids[0], "reason": "not attached"}]
    assert outcome.result["warnings"] == ["no instance stays attached to old"]


def test_classic_unhealthy_is_reported_with_its_reason(aws: TestAws, classic: Any, launch: Any) -> None:
    unkind = UnkindElb(aws)
    ids = launch(1)
    text = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
    unkind.health[ids[0]] = {"Description": text}
    with pytest.raises(PartTimeout, match=f"OutOfService: .*{text}"):
        drive(parts.attach, aws, {"load_balancer_name": "old", "instance_id": ids, "timeout": "5m"})


def test_a_missing_load_balancer_is_named(aws: TestAws, group: Group, classic: Any, launch: Any) -> None:
    ids = launch(1)
    with pytest.raises(ServiceError, match=r"no classic load balancer front.*target_group_arn"):
        drive(parts.attach, aws, {"load_balancer_name": "front", "instance_id": ids})
    with pytest.raises(ServiceError, match=f"{group.arn}0: TargetGroupNotFound"):
        drive(parts.detach, aws, {"target_group_arn": group.arn + "0", "instance_id": ids})


def test_parameters_that_make_no_sense_are_refused(aws: TestAws, ec2: Any, group: Group, launch: Any) -> None:
    ids = launch(1)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = boto3.client("elbv2").create_target_group(Name="ips", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    by_ip = made["TargetGroups"][0]["TargetGroupArn"]
    for params, text in (
        ({"instance_id": ids}, "give one of"),
        ({"target_group_arn": group.arn, "load_balancer_name": "old", "instance_id": ids}, "give one of"),
        ({"load_balancer_name": "old", "port": 80, "instance_id": ids}, "leave port out"),
        ({"target_group_arn": group.arn}, "nothing is selected"),
        ({"target_group_arn": by_ip, "instance_id": ids}, "targets of type ip"),
    ):
        with pytest.raises(InvalidParameter, match=text):
            drive(parts.attach, aws, params)


def test_a_missing_permission_is_named(aws: TestAws, group: Group, launch: Any) -> None:
    ids = launch(4)
    denied = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: elasticloadbalancing:RegisterTargets"
    aws.faults["RegisterTargets"] = Fault(lambda p: (403, "AccessDenied", denied))
    with pytest.raises(AccessDenied, match="may not attach instances"):
        drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": ids})


def test_only_a_target_that_is_denied_fails(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws)
    ids = sorted(launch(4))
    locked = {ids[0], ids[2]}
    aws.faults["RegisterTargets"] = Fault(
        lambda p: (403, "AccessDenied", "not authorized") if locked & {t["Id"] for t in p["Targets"]} else None
    )
    params = {"target_group_arn": group.arn, "instance_id": ids, "on_failure": "continue"}
    result = drive(parts.attach, aws, params).result
    assert (result["changed"], {f["id"] for f in result["failed"]}) == ([ids[1], ids[3]], locked)


def test_a_target_on_another_port_is_registered_on_that_of_the_group(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws)
    (instance,) = launch(1)
    group.client.register_targets(TargetGroupArn=group.arn, Targets=[{"Id": instance, "Port": 8080}])
    outcome = drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": instance})
    assert outcome.result["changed"] == [instance]
    assert [t["Port"] for t in aws.made("RegisterTargets")[-1]["Targets"]] == [80]
    again = drive(parts.attach, aws, {"target_group_arn": group.arn, "instance_id": instance})
    assert again.result["skipped"] == [{"id": instance, "reason": "already attached"}]


def test_a_run_planned_by_the_code_before_goes_on(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws)
    before, sent, todo = launch(3)
    group.register([before, sent])
    state = {
        "facts": {"port": 80, "used": True},
        "at": aws.now(),
        "ids": {"already": [before], "sent": [before, sent], "todo": [todo], "matched": [before, sent, todo]},
        "instances": [{"InstanceId": i} for i in (before, sent, todo)],
        "pace": {},
    }
    book = {"started": aws.now(), "looks": 1, "waiting_for": "3 to be attached", "part": state}
    params = {"target_group_arn": group.arn, "instance_id": [before, sent, todo]}
    reply = parts.attach.invoke(aws, RUN, params, book)
    while not reply["done"]:
        aws.clock += reply["wait"]
        reply = parts.attach.invoke(aws, RUN, params, reply["state"])
    assert reply["result"]["changed"] == sorted([sent, todo])
    assert [s["id"] for s in reply["result"]["skipped"]] == [before]


def _attach(aws: FaultyAws) -> dict[str, Any]:
    group, ids = group_in_use(), instances(3, Role="web")
    into_group(group, ids[:1])
    UnkindElb(aws, checks=15)
    return {"target_group_arn": group, "tag": "Role=web"}


def _attach_classic(aws: FaultyAws) -> dict[str, Any]:
    balancer, ids = classic_balancer(), instances(2, Role="web")
    into_classic(balancer, ids[:1])
    UnkindElb(aws, checks=15)
    return {"load_balancer_name": balancer, "tag": "Role=web"}


SCENARIOS = [
    Scenario("target group", "elb.attach", _attach),
    Scenario("classic", "elb.attach", _attach_classic),
]
