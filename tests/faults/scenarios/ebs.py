"""EBS parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.scenarios.ec2 import launch
from tests.faults.world import client
from tests.parts.unkind import Unkind


def volumes_of(ids: list[str]) -> list[str]:
    """The volumes of instances."""
    found = client("ec2").describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": ids}])["Volumes"]
    return sorted(v["VolumeId"] for v in found)


def old_snapshot(volume: str, day: int, **tags: str) -> str:
    """A snapshot of an earlier night."""
    spec = [{"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
    made = client("ec2").create_snapshot(VolumeId=volume, Description=f"night {day}", TagSpecifications=spec)
    get_backend("ec2")["123456789012"]["us-east-1"].snapshots[made["SnapshotId"]].start_time = datetime(
        2026, 1, day, tzinfo=UTC
    )
    return str(made["SnapshotId"])


def _create(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(2, Backup="nightly")
    for volume in volumes_of(ids):
        old_snapshot(volume, 1)
        for day in (2, 3):
            old_snapshot(volume, day, **{"nightshift:flow": "swept", "nightshift:volume": volume})
    Unkind(aws, snapshot=15)
    return {"instance_tag": "Backup=nightly", "generation": 2}


def _create_by_volume(aws: FaultyAws) -> dict[str, Any]:
    return {"volume_id": volumes_of(launch(1)), "description": "by hand"}


SCENARIOS = [
    Scenario("two generations", "ebs.create_snapshot", _create),
    Scenario("by volume", "ebs.create_snapshot", _create_by_volume),
]
