"""ebs.delete_volume: only what is attached to nothing, and done when gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from moto.backends import get_backend

from lambdas.contract.errors import AccessDenied
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import ACCOUNT, REGION, client
from tests.parts.driver import Fault, Killed, TestAws, drive
from tests.parts.ebs.unkind_volumes import UnkindVolumes
from tests.parts.fleet import launch as launched


def left(ec2: Any) -> set[str]:
    return {v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]}


def dated(volume: str, day: int) -> str:
    """Have a volume created on that day of January."""
    get_backend("ec2")[ACCOUNT][REGION].volumes[volume].create_time = datetime(2026, 1, day, tzinfo=UTC)
    return volume


def test_it_is_done_when_gone(aws: TestAws, ec2: Any, make_volume: Any) -> None:
    volumes, other = [make_volume(), make_volume()], make_volume()
    UnkindVolumes(aws, seconds=20)
    outcome = drive(parts.delete_volume, aws, {"volume_id": volumes})
    assert sum(outcome.waits) >= 20
    assert outcome.result["changed"] == sorted(volumes)
    assert [v["volume_id"] for v in outcome.result["volumes"]] == sorted(volumes)
    assert left(ec2) == {other}


def test_an_attached_one_stays(aws: TestAws, ec2: Any, launch: Any, make_volume: Any) -> None:
    (instance,) = launch()
    attached, free = make_volume(Purpose="test"), make_volume(Purpose="test")
    ec2.attach_volume(VolumeId=attached, InstanceId=instance, Device="/dev/sdf")
    by_tag = drive(parts.delete_volume, aws, {"tag": "Purpose=test"}).result
    assert by_tag["changed"] == [free]
    assert by_tag["skipped"] == [{"id": attached, "reason": f"is attached to {instance}"}]
    named = drive(parts.delete_volume, aws, {"volume_id": attached, "on_failure": "continue"}).result
    assert [(f["id"], f["error"]) for f in named["failed"]] == [(attached, "VolumeInUse")]
    assert attached in left(ec2)


def test_only_the_older_ones(aws: TestAws, ec2: Any, make_volume: Any) -> None:
    old, young = dated(make_volume(), 1), dated(make_volume(), 20)
    aws.clock = datetime(2026, 2, 5, tzinfo=UTC).timestamp()
    result = drive(parts.delete_volume, aws, {"volume_id": [old, young], "older_than": "30d"}).result
    assert (result["matched"], result["changed"]) == ([old], [old])
    assert result["skipped"] == [{"id": young, "reason": "not older than 30d"}]
    assert left(ec2) == {young}


def test_what_a_dry_run_lists_is_deleted(aws: TestAws, ec2: Any, make_volume: Any) -> None:
    volumes = {make_volume(Purpose="test"), make_volume(Purpose="test")}
    listed = drive(parts.delete_volume, aws, {"tag": "Purpose=test", "dry_run": True}).result
    assert set(listed["changed"]) == left(ec2) == volumes
    assert listed["summary"] == "would delete 2 volumes"
    drive(parts.delete_volume, aws, {"volume_id": listed["changed"]})
    assert left(ec2) == set()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_changed_survives_a_killed_worker(aws: TestAws, ec2: Any, make_volume: Any, moment: str) -> None:
    volumes = [make_volume(), make_volume()]
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["DeleteVolume"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.delete_volume, aws, {"volume_id": volumes})
    assert (outcome.deaths, outcome.result["changed"]) == (1, sorted(volumes))
    assert left(ec2) == set()


def test_a_missing_permission_is_named(aws: TestAws, make_volume: Any) -> None:
    aws.faults["DeleteVolume"] = Fault(lambda p: (403, "UnauthorizedOperation", "You are not authorized."))
    with pytest.raises(AccessDenied, match="may not delete volumes"):
        drive(parts.delete_volume, aws, {"volume_id": make_volume()})


def _one_attached(aws: FaultyAws) -> dict[str, Any]:
    ec2 = client("ec2")
    spec = [{"ResourceType": "volume", "Tags": [{"Key": "Purpose", "Value": "test"}]}]
    volumes = [
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, TagSpecifications=spec)["VolumeId"] for _ in range(3)
    ]
    ec2.attach_volume(VolumeId=volumes[0], InstanceId=launched(1)[0], Device="/dev/sdf")
    UnkindVolumes(aws)
    return {"tag": "Purpose=test"}


SCENARIOS = [Scenario("two free, one attached", "ebs.delete_volume", _one_attached)]
