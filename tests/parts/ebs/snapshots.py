"""Volumes and snapshots of earlier nights for the scenarios of the parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from tests.faults.world import ACCOUNT, REGION, client
from tests.parts.driver import RUN


def night(number: int, **changes: Any) -> Any:
    """A run of its own."""
    return replace(RUN, id=f"{RUN.id}-{number}", **changes)


def own(client: Any) -> set[str]:
    """The snapshots of the account."""
    return {s["SnapshotId"] for s in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def volumes_of(ids: list[str]) -> list[str]:
    """The volumes of instances."""
    found = client("ec2").describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": ids}])["Volumes"]
    return sorted(v["VolumeId"] for v in found)


def old_snapshot(volume: str, day: int, **tags: str) -> str:
    """A snapshot of an earlier night."""
    spec = [{"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
    made = client("ec2").create_snapshot(VolumeId=volume, Description=f"night {day}", TagSpecifications=spec)
    return dated(made["SnapshotId"], day)


def dated(snapshot: str, day: int, region: str = REGION) -> str:
    """Have a snapshot started on that day of January."""
    get_backend("ec2")[ACCOUNT][region].snapshots[snapshot].start_time = datetime(2026, 1, day, tzinfo=UTC)
    return snapshot
