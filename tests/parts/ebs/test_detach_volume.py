"""ebs.detach_volume: done when detached; what is mounted is named."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, PartFailed
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import Fault, Killed, TestAws, drive
from tests.parts.ebs.unkind_volumes import UnkindVolumes
from tests.parts.fleet import launch as launched


@pytest.fixture
def disk(ec2: Any, launch: Any, make_volume: Any) -> Any:
    """disk(Purpose="restore") -> a volume that is attached to an instance of its own."""

    def disk(**tags: str) -> str:
        volume: str = make_volume(**tags)
        ec2.attach_volume(VolumeId=volume, InstanceId=launch()[0], Device="/dev/sdf")
        return volume

    return disk


def state_of(ec2: Any, volume: str) -> str:
    return str(ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"])


def test_it_is_done_when_detached(aws: TestAws, ec2: Any, disk: Any) -> None:
    volumes = [disk(Purpose="restore"), disk(Purpose="restore")]
    UnkindVolumes(aws, seconds=20)
    outcome = drive(parts.detach_volume, aws, {"tag": "Purpose=restore"})
    assert sum(outcome.waits) >= 20
    assert outcome.result["changed"] == sorted(volumes)
    assert outcome.result["volumes"][0]["device"] == "/dev/sdf"
    assert {state_of(ec2, v) for v in volumes} == {"available"}


def test_again_it_has_nothing_to_do(aws: TestAws, make_volume: Any) -> None:
    volume = make_volume()
    result = drive(parts.detach_volume, aws, {"volume_id": volume}).result
    assert (result["changed"], result["skipped"]) == ([], [{"id": volume, "reason": "already detached"}])


def test_from_another_instance_it_is_not_taken(aws: TestAws, ec2: Any, launch: Any, disk: Any) -> None:
    volume = disk()
    result = drive(parts.detach_volume, aws, {"volume_id": volume, "instance_id": launch()[0]}).result
    assert result["skipped"] == [{"id": volume, "reason": "already detached"}]
    assert state_of(ec2, volume) == "in-use"


def test_several_instances_have_to_be_told_apart(aws: TestAws, disk: Any) -> None:
    volume = disk()

    def shared(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for found in answer["Volumes"] if operation == "DescribeVolumes" else []:
            found["Attachments"].append({**found["Attachments"][0], "InstanceId": "i-0000000000000000f"})

    aws.hooks.append(shared)
    with pytest.raises(PartFailed, match="i-0000000000000000f; say from which by instance_id"):
        drive(parts.detach_volume, aws, {"volume_id": volume})


def test_one_that_stays_mounted_is_named(aws: TestAws, disk: Any) -> None:
    volume = disk()
    UnkindVolumes(aws, seconds=10**6)

    def busy(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for found in answer["Volumes"] if operation == "DescribeVolumes" else []:
            if aws.count()["DetachVolume"]:
                found["Attachments"][0]["State"] = "busy"

    aws.hooks.append(busy)
    params = {"volume_id": volume, "timeout": "5m", "on_failure": "continue"}
    (failed,) = drive(parts.detach_volume, aws, params).result["failed"]
    assert (failed["id"], failed["error"]) == (volume, "StillMounted")


def test_force_is_handed_on(aws: TestAws, disk: Any) -> None:
    drive(parts.detach_volume, aws, {"volume_id": disk(), "force": True})
    assert aws.made("DetachVolume")[0]["Force"] is True


def test_a_root_volume_fails_and_the_rest_is_detached(aws: TestAws, disk: Any) -> None:
    root, data = disk(), disk()
    refused = (400, "OperationNotPermitted", f"Unable to detach root volume '{root}' from instance 'i-1'")
    aws.faults["DetachVolume"] = Fault(lambda p: refused if p["VolumeId"] == root else None)
    result = drive(parts.detach_volume, aws, {"volume_id": [root, data], "on_failure": "continue"}).result
    assert result["changed"] == [data]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(root, "OperationNotPermitted")]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_changed_survives_a_killed_worker(aws: TestAws, ec2: Any, disk: Any, moment: str) -> None:
    volume = disk()
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["DetachVolume"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.detach_volume, aws, {"volume_id": volume})
    assert (outcome.deaths, outcome.result["changed"]) == (1, [volume])
    assert state_of(ec2, volume) == "available"


def test_a_missing_permission_is_named(aws: TestAws, disk: Any) -> None:
    aws.faults["DetachVolume"] = Fault(lambda p: (403, "UnauthorizedOperation", "You are not authorized."))
    with pytest.raises(AccessDenied, match="may not detach volumes"):
        drive(parts.detach_volume, aws, {"volume_id": disk()})


def test_a_dry_run_detaches_nothing(aws: TestAws, ec2: Any, disk: Any) -> None:
    volume = disk()
    result = drive(parts.detach_volume, aws, {"volume_id": volume, "dry_run": True}).result
    assert (result["changed"], result["summary"]) == ([volume], "would detach 1 volume")
    assert state_of(ec2, volume) == "in-use"


def _two(aws: FaultyAws) -> dict[str, Any]:
    ec2 = client("ec2")
    volumes = []
    for instance in launched(2):
        volumes.append(ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"])
        ec2.attach_volume(VolumeId=volumes[-1], InstanceId=instance, Device="/dev/sdf")
    UnkindVolumes(aws)
    return {"volume_id": volumes}


SCENARIOS = [Scenario("two", "ebs.detach_volume", _two)]
