"""ebs.describe_snapshots: by id, tag and volume."""

from __future__ import annotations

from typing import Any

from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, drive
from tests.parts.ebs.snapshots import old_snapshot, volumes_of
from tests.parts.fleet import launch


def test_describe_by_id_tag_and_volume(aws: TestAws, ec2: Any, snap: Any) -> None:
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    tagged, other = snap(volume, Purpose="test"), snap(volume)
    snap(Purpose="test")
    result = drive(parts.describe_snapshots, aws, {"volume_id": volume}).result
    assert result["matched"] == result["completed"] == sorted([tagged, other])
    narrow = drive(parts.describe_snapshots, aws, {"volume_id": volume, "tag": "Purpose=test"}).result
    assert narrow["matched"] == [tagged]
    by_id = drive(parts.describe_snapshots, aws, {"snapshot_id": other}).result
    assert by_id["snapshots"][0]["volume_id"] == volume
    assert by_id["summary"] == "1 found: 1 completed, 0 pending"


def by_id(aws: FaultyAws) -> dict[str, Any]:
    (volume,) = volumes_of(launch(1))
    return {"snapshot_id": old_snapshot(volume, 1)}


SCENARIOS = [Scenario("by id", "ebs.describe_snapshots", by_id)]
