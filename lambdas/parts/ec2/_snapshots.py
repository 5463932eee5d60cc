"""Reading EBS snapshots, which the API of EC2 describes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.selection import FILTER_VALUES, tag_map, timestamp
from lambdas.engine.stages import DONE, Skipped, Verdict

Snapshot = dict[str, Any]

BATCH = 1000
"""Snapshots on one page. Amazon EC2 API Reference, "DescribeSnapshots"."""

_KEPT = (
    "SnapshotId",
    "VolumeId",
    "State",
    "StateMessage",
    "Progress",
    "OwnerId",
    "Encrypted",
    "Description",
    "VolumeSize",
    "StartTime",
    "Tags",
)


TOO_MANY_PENDING = frozenset(
    {"ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded", "MaximumSnapshotsInProgress"}
)
"""Codes for a quota on the account's pending snapshots. Amazon EBS User Guide, "Amazon EBS quotas"."""

AGAIN = "InvalidSnapshot.InUse"
"""The code for a snapshot that is in use, which it is for a moment longer than the image that was just deregistered."""

_GONE = frozenset({"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"})
_STAY = frozenset({AGAIN, "SnapshotLocked"})
_PROTECTED = ("AWS Backup", "is locked", "deregistration protection")
"""What AWS says under codes that mean other things, too, of what may not be deleted by EC2. Amazon EBS User Guide,
"Delete an Amazon EBS snapshot", "Amazon EBS snapshot lock"; Amazon EC2 User Guide, "Deregister an Amazon EC2 AMI"."""
_BACKUP_TAG = "aws:backup:source-resource"


def delete(call: Call, snapshot: str, dry_run: bool, region: str | None = None) -> None:
    """Delete a snapshot, in `region` or the call's own."""
    call.client("ec2", region=region).delete_snapshot(SnapshotId=snapshot, DryRun=dry_run)


def not_deleted(resource: str, code: str, message: str) -> Verdict | None:
    """What it means that AWS refused to delete a snapshot or an image; None for a failure."""
    if code in _GONE:
        return DONE
    protected = code in _STAY or any(text in message for text in _PROTECTED)
    return Skipped(message.replace("{id}", resource)) if protected else None


def managed(resource: dict[str, Any]) -> Skipped | None:
    """Why a snapshot or an image is left alone: AWS Backup made it and deletes it, and nobody else can."""
    if _BACKUP_TAG in tag_map(resource.get("Tags")):
        return Skipped("is managed by AWS Backup; delete its recovery point there")
    return None


def upgrade(state: dict[str, Any]) -> None:
    """Read the state of a deletion of before states had versions, in place."""
    state.pop("planned", None)
    state["refused"] = state.pop("used", [])


def trim(snapshot: Snapshot) -> Snapshot:
    """What parts and mail templates need of a snapshot, as JSON."""
    kept = {k: snapshot[k] for k in _KEPT if k in snapshot}
    if isinstance(kept.get("StartTime"), datetime):
        kept["StartTime"] = timestamp(kept["StartTime"])
    return kept


def by_id(call: Call, ids: list[str], region: str | None = None) -> list[Snapshot]:
    """The snapshots with these ids, as far as they exist."""
    found = []
    for start in range(0, len(ids), FILTER_VALUES):
        # A filter, unlike SnapshotIds, does not refuse the whole request for one that is gone.
        found += search(call, {"snapshot-id": ids[start : start + FILTER_VALUES]}, region)
    return found


def search(call: Call, filters: dict[str, list[str]], region: str | None = None) -> list[Snapshot]:
    """The account's own snapshots that pass the EC2 filters, in `region` or the call's own."""
    pages = (
        call.client("ec2", region=region)
        .get_paginator("describe_snapshots")
        .paginate(
            OwnerIds=["self"],
            Filters=[{"Name": name, "Values": values} for name, values in filters.items()],
            PaginationConfig={"PageSize": BATCH},
        )
    )
    return [trim(s) for page in pages for s in page["Snapshots"]]
