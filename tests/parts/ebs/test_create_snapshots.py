"""ebs.create_snapshots: sets of snapshots, their tags and generations, and what is left after a crash."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ebs as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts import honest
from tests.parts.driver import Fault, Killed, TestAws, drive, times
from tests.parts.ebs.snapshots import dated, night, own

DISKS = [{"DeviceName": name, "Ebs": {"VolumeSize": 8}} for name in ("/dev/sda1", "/dev/sdf", "/dev/sdg")]


@pytest.fixture
def server(aws: TestAws, world: World, ec2: Any) -> Any:
    """server(Role="database") -> id of a running instance with a root volume and two others."""

    def server(**tags: str) -> str:
        spec = [{"Key": k, "Value": v} for k, v in tags.items()]
        specs = [{"ResourceType": kind, "Tags": spec} for kind in ("instance", "volume")] if spec else []
        made = ec2.run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, BlockDeviceMappings=DISKS, TagSpecifications=specs
        )
        world.settle()
        return str(made["Instances"][0]["InstanceId"])

    return server


@pytest.fixture
def start_times(aws: TestAws) -> None:
    """Start times on the test's clock, those of a set the same."""
    taken: dict[str, datetime] = {}

    def stamp(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "CreateSnapshots":
            taken.update((s["SnapshotId"], datetime.fromtimestamp(aws.now(), UTC)) for s in answer["Snapshots"])
        if operation == "DescribeSnapshots":
            for snapshot in answer["Snapshots"]:
                snapshot["StartTime"] = taken.get(snapshot["SnapshotId"], snapshot["StartTime"])

    aws.hooks.append(stamp)


def test_a_set_has_the_snapshots_of_all_volumes_and_their_tags(aws: TestAws, ec2: Any, server: Any) -> None:
    one, two = server(Role="database"), server(Role="database")
    outcome = drive(parts.create_snapshots, aws, {"tag": "Role=database"})
    result = outcome.result
    assert result["changed"] == result["matched"] == sorted([one, two])
    assert len(aws.made("CreateSnapshots")) == 2
    assert sum(outcome.waits) > 30
    assert set(result["snapshot_ids"]) == own(ec2)
    assert len(result["snapshot_ids"]) == 6
    assert {s["state"] for s in result["snapshots"]} == {"completed"}
    for snapshot in result["snapshots"]:
        assert snapshot["tags"]["Role"] == "database"
        assert snapshot["tags"]["nightshift:volumes-of"] in (one, two)
    assert result["summary"] == "2 instances snapshotted"


def test_boot_volumes_and_tags_can_be_left_out(aws: TestAws, ec2: Any, server: Any) -> None:
    one = server(Role="database")
    params = {"instance_id": one, "exclude_boot_volume": True, "copy_tags": False}
    result = drive(parts.create_snapshots, aws, params).result
    assert len(result["snapshot_ids"]) == 2
    assert "Role" not in result["snapshots"][0]["tags"]


def test_generations_are_whole_sets(aws: TestAws, ec2: Any, server: Any, start_times: None) -> None:
    one = server()
    made = []
    for number in range(4):
        aws.clock += 86_400
        outcome = drive(parts.create_snapshots, aws, {"instance_id": one, "generation": 2}, run=night(number))
        made.append(outcome.result["snapshot_ids"])
    assert sorted(outcome.result["deleted"]) == sorted(made[1])
    assert own(ec2) == {*made[2], *made[3]}
    assert {g["snapshot_id"] for g in outcome.result["generations"]} == own(ec2)
    assert outcome.result["summary"] == "1 instance snapshotted; deleted 3 old snapshots"


def test_neither_single_snapshots_nor_those_of_images_are_generations(
    aws: TestAws, ec2: Any, server: Any, start_times: None
) -> None:
    from lambdas.parts import ec2 as ec2_parts

    one = server()
    drive(parts.create_snapshot, aws, {"instance_id": one}, run=night(1))
    aws.clock += 60
    drive(ec2_parts.create_image, aws, {"instance_id": one, "no_reboot": True}, run=night(2))
    before = own(ec2)
    for number in (3, 4):
        aws.clock += 86_400
        last = drive(parts.create_snapshots, aws, {"instance_id": one, "generation": 1}, run=night(number)).result
    assert len(last["deleted"]) == 3
    assert own(ec2) == before | set(last["snapshot_ids"])


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_leaves_one_set_of_each(aws: TestAws, ec2: Any, server: Any, moment: str) -> None:
    ids = [server() for _ in range(3)]
    left = [2]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["CreateSnapshots"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.create_snapshots, aws, {"instance_id": ids})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert len(own(ec2)) == 9


def test_a_second_set_of_a_lost_request_is_deleted(
    aws: TestAws, ec2: Any, server: Any, world: World, start_times: None
) -> None:
    """Its snapshots were not described for longer than EC2 refuses a second one."""
    one = server()
    lost: list[str] = []
    fault = Fault()

    def lose(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if not lost:
            lost.extend(s["SnapshotId"] for s in answer["Snapshots"])
            for id_ in lost:
                world.faults.append(FleetFault("invisible", resource=id_, action="DescribeSnapshots", times=2))
            aws.clock += 20
            raise Killed

    fault.after = lose
    aws.faults["CreateSnapshots"] = fault
    result = drive(parts.create_snapshots, aws, {"instance_id": one}).result
    assert len(aws.made("CreateSnapshots")) == 2
    assert len(result["deleted"]) == 3
    assert own(ec2) == set(result["snapshot_ids"])
    assert len({s["volume_id"] for s in result["snapshots"]}) == 3


def test_a_set_is_not_done_before_all_of_it_is_seen(aws: TestAws, ec2: Any, server: Any, world: World) -> None:
    one = server()
    hidden: list[str] = []

    def hide(params: dict[str, Any], answer: dict[str, Any]) -> None:
        hidden.append(answer["Snapshots"][0]["SnapshotId"])
        world.faults.append(FleetFault("invisible", resource=hidden[0], action="DescribeSnapshots", times=6))

    aws.faults["CreateSnapshots"] = Fault(after=hide)
    result = drive(parts.create_snapshots, aws, {"instance_id": one, "interval": 1}).result
    assert hidden[0] in result["snapshot_ids"]


def test_an_instance_fails_with_one_of_its_snapshots(aws: TestAws, ec2: Any, server: Any, world: World) -> None:
    good, bad = server(), server()
    volume = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [bad]}])["Volumes"][0]
    world.faults.append(FleetFault("snapshot_error", resource=volume["VolumeId"]))
    result = drive(parts.create_snapshots, aws, {"instance_id": [good, bad], "on_failure": "continue"}).result
    assert result["changed"] == [good]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(bad, "SnapshotError")]
    assert len(result["snapshot_ids"]) == 3


def test_the_rate_of_a_volume_delays_and_fails_nothing(aws: TestAws, server: Any) -> None:
    ids = [server(), server()]
    rate = (400, "SnapshotCreationPerVolumeRateExceeded", "The maximum per volume CreateSnapshot request rate")
    aws.faults["CreateSnapshots"] = times(1, rate)
    assert drive(parts.create_snapshots, aws, {"instance_id": ids}).result["changed"] == sorted(ids)


def test_dry_run_lists_what_the_real_run_changes(aws: TestAws, ec2: Any, server: Any, start_times: None) -> None:
    one = server()
    params = {"instance_id": one, "generation": 1}
    drive(parts.create_snapshots, aws, params, run=night(1))
    before = own(ec2)
    aws.clock += 86_400
    dry = drive(parts.create_snapshots, aws, {**params, "dry_run": True}, run=night(2)).result
    assert own(ec2) == before
    real = drive(parts.create_snapshots, aws, params, run=night(3)).result
    assert (dry["changed"], sorted(dry["deleted"])) == (real["changed"], sorted(real["deleted"]))
    assert sorted(real["deleted"]) == sorted(before)


def test_an_instance_without_volumes_and_one_that_is_not_there_fail(aws: TestAws, ec2: Any, world: World) -> None:
    (bare,) = ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}],
    )["Instances"]
    params = {"instance_id": [bare["InstanceId"], "i-0123456789abcdef0"], "exclude_boot_volume": True}
    with pytest.raises(PartFailed, match=r"(?s)NotFound.*NoVolumes|NoVolumes.*NotFound"):
        drive(parts.create_snapshots, aws, params)
    with pytest.raises(InvalidParameter, match="would keep none"):
        drive(parts.create_snapshots, aws, {"instance_id": "i-1", "generation": 0})


def two_generations(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    # What AWS has described once it does not hide for minutes.
    world.faults.append(FleetFault("slow", factor=0.5))
    made = client("ec2").run_instances(ImageId="ami-12345678", MinCount=2, MaxCount=2, BlockDeviceMappings=DISKS[:2])
    world.settle()
    ids = sorted(i["InstanceId"] for i in made["Instances"])
    for instance in ids:
        for day in (1, 2):
            tags = {"nightshift:flow": "swept", "nightshift:run": f"{day}", "nightshift:volumes-of": instance}
            answer = client("ec2").create_snapshots(
                InstanceSpecification={"InstanceId": instance},
                Description=f"night {day}",
                TagSpecifications=[
                    {"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
                ],
            )
            for snapshot in answer["Snapshots"]:
                dated(snapshot["SnapshotId"], day)
            world.notes.clear()
    world.settle()
    return {"instance_id": ids, "generation": 2}


SCENARIOS = [Scenario("two generations", "ebs.create_snapshots", two_generations)]
