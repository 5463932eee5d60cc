"""EBS parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.scenarios.ec2 import launch
from tests.faults.world import ACCOUNT, OTHER_REGION, REGION, client
from tests.parts.unkind import Unkind


def volumes_of(ids: list[str]) -> list[str]:
    """The volumes of instances."""
    found = client("ec2").describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": ids}])["Volumes"]
    return sorted(v["VolumeId"] for v in found)


def old_snapshot(volume: str, day: int, **tags: str) -> str:
    """A snapshot of an earlier night."""
    spec = [{"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
    made = client("ec2").create_snapshot(VolumeId=volume, Description=f"night {day}", TagSpecifications=spec)
    get_backend("ec2")[ACCOUNT][REGION].snapshots[made["SnapshotId"]].start_time = datetime(2026, 1, day, tzinfo=UTC)
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


def _delete(aws: FaultyAws) -> dict[str, Any]:
    (volume,) = volumes_of(launch(1))
    for day in (1, 2):
        old_snapshot(volume, day, Purpose="test")
    old_snapshot(volume, 3)
    return {"tag": "Purpose=test"}


def _describe(aws: FaultyAws) -> dict[str, Any]:
    (volume,) = volumes_of(launch(1))
    return {"snapshot_id": old_snapshot(volume, 1)}


def _copy(aws: FaultyAws) -> dict[str, Any]:
    volumes = volumes_of(launch(2))
    sources = [old_snapshot(volume, 3) for volume in volumes]
    for source, volume in zip(sources, volumes, strict=True):
        tags = {"nightshift:flow": "swept", "nightshift:source": source, "nightshift:source-volume": volume}
        for _ in range(2):
            client("ec2", OTHER_REGION).copy_snapshot(
                SourceRegion=REGION,
                SourceSnapshotId=source,
                Description="an earlier night",
                TagSpecifications=[
                    {"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
                ],
            )
    Unkind(aws, snapshot=20)
    return {"snapshot_id": sources, "to_region": OTHER_REGION, "generation": 2}


SCENARIOS = [
    Scenario("two generations", "ebs.create_snapshot", _create),
    Scenario("by volume", "ebs.create_snapshot", _create_by_volume),
    Scenario("by tag", "ebs.delete_snapshot", _delete),
    Scenario("by id", "ebs.describe_snapshots", _describe),
    Scenario("to another Region, two generations", "ebs.copy_snapshot", _copy),
]
