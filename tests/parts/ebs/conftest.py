"""Fixtures for volumes and snapshots."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.parts.driver import TestAws


@pytest.fixture
def make_volume(ec2: Any) -> Any:
    """make_volume(Backup="nightly") -> id."""

    def make_volume(**tags: str) -> str:
        spec = [{"ResourceType": "volume", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
        return str(ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, TagSpecifications=spec)["VolumeId"])

    return make_volume


@pytest.fixture
def volumes_of(ec2: Any) -> Any:
    """volumes_of(instance ids) -> ids of their volumes."""

    def volumes_of(ids: list[str]) -> list[str]:
        found = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": ids}])["Volumes"]
        return sorted(v["VolumeId"] for v in found)

    return volumes_of


@pytest.fixture
def existing(ec2: Any) -> Any:
    """existing(volume) -> ids of its snapshots, the oldest first."""

    def existing(*volumes: str) -> list[str]:
        wanted = [{"Name": "volume-id", "Values": list(volumes)}]
        found = ec2.describe_snapshots(OwnerIds=["self"], Filters=wanted)["Snapshots"]
        return [s["SnapshotId"] for s in sorted(found, key=lambda s: s["StartTime"])]

    return existing


@pytest.fixture
def start_times(aws: TestAws) -> None:
    """Start times on the test's clock: moto gives several snapshots of one second the same."""
    taken: dict[str, datetime] = {}

    def stamp(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "CreateSnapshot":
            answer["StartTime"] = taken[answer["SnapshotId"]] = datetime.fromtimestamp(
                aws.now() + len(taken) / 100, UTC
            )
        if operation == "DescribeSnapshots":
            for snapshot in answer["Snapshots"]:
                snapshot["StartTime"] = taken.get(snapshot["SnapshotId"], snapshot["StartTime"])

    aws.hooks.append(stamp)


@pytest.fixture
def snap(ec2: Any) -> Any:
    """snap(volume, Purpose="test") -> id of a new snapshot; without volume, of a new one."""

    def snap(volume: str = "", **tags: str) -> str:
        volume = volume or ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
        spec = [{"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
        return str(ec2.create_snapshot(VolumeId=volume, TagSpecifications=spec)["SnapshotId"])

    return snap
