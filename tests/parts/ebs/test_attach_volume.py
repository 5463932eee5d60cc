"""ebs.attach_volume: to an instance, under free names, and done when attached."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import Fault, Killed, TestAws, drive
from tests.parts.ebs.unkind_volumes import UnkindVolumes
from tests.parts.fleet import launch as launched


def attached(ec2: Any, *volumes: str) -> list[tuple[str, str]]:
    found = ec2.describe_volumes(VolumeIds=list(volumes))["Volumes"]
    return sorted((a["InstanceId"], a["Device"]) for v in found for a in v["Attachments"])


def test_each_gets_a_free_name_and_is_done_when_attached(aws: TestAws, ec2: Any, launch: Any, make_volume: Any) -> None:
    (instance,) = launch()
    ec2.attach_volume(VolumeId=make_volume(), InstanceId=instance, Device="/dev/sdg")
    volumes = [make_volume(), make_volume()]
    UnkindVolumes(aws, seconds=20)
    outcome = drive(parts.attach_volume, aws, {"volume_id": volumes, "instance_id": instance})
    assert sum(outcome.waits) >= 20
    assert outcome.result["changed"] == sorted(volumes)
    assert attached(ec2, *volumes) == [(instance, "/dev/sdf"), (instance, "/dev/sdh")]
    assert [(v["instance_id"], v["device"]) for v in outcome.result["volumes"]] == attached(ec2, *volumes)
    assert outcome.result["summary"] == "2 volumes attached"


def test_again_it_has_nothing_to_do(aws: TestAws, launch: Any, make_volume: Any) -> None:
    (instance,) = launch()
    params = {"volume_id": make_volume(), "instance_id": instance, "device": "/dev/sdk"}
    drive(parts.attach_volume, aws, params)
    again = drive(parts.attach_volume, aws, params).result
    assert again["skipped"] == [{"id": params["volume_id"], "reason": f"already attached to {instance}"}]
    assert aws.count()["AttachVolume"] == 1


def test_what_cannot_be_attached_fails_and_the_rest_is(aws: TestAws, ec2: Any, launch: Any, make_volume: Any) -> None:
    instance, other = launch(2)
    fine, used = make_volume(), make_volume()
    ec2.attach_volume(VolumeId=used, InstanceId=other, Device="/dev/sdf")
    far = ec2.create_volume(AvailabilityZone="us-east-1b", Size=8)["VolumeId"]
    params = {"volume_id": [fine, used, far, "vol-00000000"], "instance_id": instance, "on_failure": "continue"}
    result = drive(parts.attach_volume, aws, params).result
    assert result["changed"] == [fine]
    assert {f["id"]: f["error"] for f in result["failed"]} == {
        used: "VolumeInUse",
        far: "InvalidVolume.ZoneMismatch",
        "vol-00000000": "InvalidVolume.NotFound",
    }
    assert any(other in f["message"] for f in result["failed"])
    assert len(aws.made("AttachVolume")) == 1


def test_an_instance_that_is_gone_is_named(aws: TestAws, ec2: Any, launch: Any, make_volume: Any) -> None:
    (ended,) = launch()
    ec2.terminate_instances(InstanceIds=[ended])
    with pytest.raises(PartFailed, match=f"the instance {ended} is terminated"):
        drive(parts.attach_volume, aws, {"volume_id": make_volume(), "instance_id": ended})
    with pytest.raises(PartFailed, match="the instance i-00000000 does not exist"):
        drive(parts.attach_volume, aws, {"volume_id": make_volume(), "instance_id": "i-00000000"})


def test_one_name_is_for_one_volume(aws: TestAws, launch: Any, make_volume: Any) -> None:
    (instance,) = launch()
    params = {"volume_id": [make_volume(), make_volume()], "instance_id": instance, "device": "/dev/sdf"}
    with pytest.raises(InvalidParameter, match="'/dev/sdf' is the name of one volume, and 2 are selected"):
        drive(parts.attach_volume, aws, params)


def test_there_are_eleven_names(aws: TestAws, launch: Any, make_volume: Any) -> None:
    (instance,) = launch()
    volumes = [make_volume() for _ in range(12)]
    params = {"volume_id": volumes, "instance_id": instance, "on_failure": "continue"}
    result = drive(parts.attach_volume, aws, params).result
    assert len(result["changed"]) == 11
    assert [f["error"] for f in result["failed"]] == ["AttachmentLimitExceeded"]


def test_windows_has_names_of_its_own(aws: TestAws, launch: Any, make_volume: Any) -> None:
    (instance,) = launch()

    def windows(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeInstances":
            answer["Reservations"][0]["Instances"][0]["Platform"] = "windows"

    aws.hooks.append(windows)
    result = drive(parts.attach_volume, aws, {"volume_id": make_volume(), "instance_id": instance}).result
    assert result["volumes"][0]["device"] == "xvdf"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_changed_survives_a_killed_worker(aws: TestAws, ec2: Any, launch: Any, make_volume: Any, moment: str) -> None:
    (instance,) = launch()
    volume = make_volume()
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["AttachVolume"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.attach_volume, aws, {"volume_id": volume, "instance_id": instance})
    assert (outcome.deaths, outcome.result["changed"]) == (1, [volume])
    assert attached(ec2, volume) == [(instance, "/dev/sdf")]


def test_a_request_repeated_before_the_first_is_described_is_no_failure(
    aws: TestAws, ec2: Any, launch: Any, make_volume: Any
) -> None:
    (instance,) = launch()
    volume = make_volume()

    def taken(params: dict[str, Any]) -> tuple[int, str, str]:
        if not attached(ec2, volume):
            ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
        return (400, "VolumeInUse", f"{volume} is already attached to an instance")

    aws.faults["AttachVolume"] = Fault(taken)
    result = drive(parts.attach_volume, aws, {"volume_id": volume, "instance_id": instance}).result
    assert result["changed"] == [volume]


def test_a_missing_permission_is_named(aws: TestAws, launch: Any, make_volume: Any) -> None:
    aws.faults["AttachVolume"] = Fault(lambda p: (403, "UnauthorizedOperation", "You are not authorized."))
    with pytest.raises(AccessDenied, match="may not attach volumes"):
        drive(parts.attach_volume, aws, {"volume_id": make_volume(), "instance_id": launch()[0]})


def _two(aws: FaultyAws) -> dict[str, Any]:
    (instance,) = launched(1)
    ec2 = client("ec2")
    volumes = [ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"] for _ in range(2)]
    UnkindVolumes(aws)
    return {"volume_id": volumes, "instance_id": instance}


SCENARIOS = [Scenario("two", "ebs.attach_volume", _two)]
