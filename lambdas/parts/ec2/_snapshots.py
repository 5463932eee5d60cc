"""Reading EBS snapshots, which the API of EC2 describes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.selection import FILTER_VALUES, timestamp

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
