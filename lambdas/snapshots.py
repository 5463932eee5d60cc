"""EBS snapshots: their records, their tags, finding those of a call or a flow, and which generations to keep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.contract import Call, Run
from lambdas.selection import FILTER_VALUES, tag_map
from lambdas.volumes import Volume, timestamp

Snapshot = dict[str, Any]

FLOW, RUN, CALL, VOLUME = "nightshift:flow", "nightshift:run", "nightshift:call", "nightshift:volume"
"""Tags on what a part makes: whose it is (rotation), and which call made it (idempotency)."""

BATCH = 1000
"""Snapshots on one page. Amazon EC2 API Reference, "DescribeSnapshots"."""

_MOST_TAGS = 50
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


@dataclass(frozen=True)
class SnapshotRecord:
    """A snapshot as a result shows it.

    volume_size: GiB.
    state: "pending", "completed" or "error".
    progress: percent, as AWS writes it ("100%").
    start_time: UTC, ISO 8601.
    """

    snapshot_id: str
    volume_id: str
    state: str
    progress: str
    volume_size: int
    encrypted: bool
    start_time: str
    description: str


def record(snapshot: Snapshot) -> SnapshotRecord:
    """The record of a trimmed snapshot."""
    return SnapshotRecord(
        snapshot_id=snapshot["SnapshotId"],
        volume_id=snapshot["VolumeId"],
        state=snapshot["State"],
        progress=snapshot.get("Progress", ""),
        volume_size=snapshot.get("VolumeSize", 0),
        encrypted=snapshot.get("Encrypted", False),
        start_time=snapshot.get("StartTime", ""),
        description=snapshot.get("Description", ""),
    )


def trim(snapshot: Snapshot) -> Snapshot:
    """What parts and mail templates need of a snapshot, as JSON."""
    kept = {k: snapshot[k] for k in _KEPT if k in snapshot}
    if isinstance(kept.get("StartTime"), datetime):
        kept["StartTime"] = timestamp(kept["StartTime"])
    return kept


def tags_for(run: Run, volume: Volume) -> tuple[list[dict[str, str]], int]:
    """Tags of a new snapshot: nightshift's own, then the volume's; and how many of the volume's did not fit.

    Tags of AWS services ("aws:...") cannot be set. Amazon EC2 User Guide, "Tag your Amazon EC2 resources".
    """
    own = {FLOW: run.flow, RUN: run.id, CALL: run.key, VOLUME: volume["VolumeId"]}
    own = {key: tag_value(value) for key, value in own.items()}
    travel = {k: v for k, v in tag_map(volume.get("Tags")).items() if not k.startswith(("aws:", "nightshift:"))}
    fitting = dict(list(travel.items())[: _MOST_TAGS - len(own)])
    return [{"Key": k, "Value": v} for k, v in {**own, **fitting}.items()], len(travel) - len(fitting)


def tag_value(text: str) -> str:
    """`text` in the characters and length that a tag takes."""
    return re.sub(r"[^\w +\-=.:/@]", "_", text)[:256]


def of_call(call: Call) -> list[Snapshot]:
    """The snapshots this call has made, in this or an earlier invocation."""
    return _search(call, {f"tag:{RUN}": [tag_value(call.run.id)], f"tag:{CALL}": [tag_value(call.run.key)]})


def completed_of_flow(call: Call, volumes: list[str]) -> dict[str, list[Snapshot]]:
    """The completed snapshots that this flow made of each of `volumes`, the newest first."""
    wanted = {f"tag:{FLOW}": [tag_value(call.run.flow)], "status": ["completed"]}
    if len(volumes) <= FILTER_VALUES:
        wanted["volume-id"] = volumes
    mine = set(volumes)
    found: dict[str, list[Snapshot]] = {volume: [] for volume in volumes}
    for snapshot in _search(call, wanted):
        volume = snapshot["VolumeId"]
        # The filter and the state are AWS's; both tags are looked at again before anything is deleted.
        tags = tag_map(snapshot.get("Tags"))
        ours = tags.get(FLOW) == tag_value(call.run.flow) and tags.get(VOLUME) == volume
        if volume in mine and ours and snapshot["State"] == "completed":
            found[volume].append(snapshot)
    for generations in found.values():
        generations.sort(key=lambda s: (s["StartTime"], s["SnapshotId"]), reverse=True)
    return found


def by_id(call: Call, ids: list[str]) -> list[Snapshot]:
    """The snapshots with these ids, as far as they exist."""
    found = []
    for start in range(0, len(ids), FILTER_VALUES):
        # A filter, unlike SnapshotIds, does not refuse the whole request for one that is gone.
        found += _search(call, {"snapshot-id": ids[start : start + FILTER_VALUES]})
    return found


def _search(call: Call, filters: dict[str, list[str]]) -> list[Snapshot]:
    pages = (
        call.client("ec2")
        .get_paginator("describe_snapshots")
        .paginate(
            OwnerIds=["self"],
            Filters=[{"Name": name, "Values": values} for name, values in filters.items()],
            PaginationConfig={"PageSize": BATCH},
        )
    )
    return [trim(s) for page in pages for s in page["Snapshots"]]
