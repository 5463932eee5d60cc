"""EBS snapshots: their records, their tags, finding those of a call or a flow, and which generations to keep."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdas.contract import Call, Result, Run
from lambdas.progress import Progress
from lambdas.selection import FILTER_VALUES, Selection, tag_map
from lambdas.volumes import timestamp

Snapshot = dict[str, Any]

FLOW, RUN, CALL = "nightshift:flow", "nightshift:run", "nightshift:call"
"""Tags on what a part makes: whose it is (rotation), and which call made it (idempotency)."""

VOLUME = "nightshift:volume"
"""Tag on a snapshot: of which volume this flow made it."""

SOURCE, SOURCE_VOLUME = "nightshift:source", "nightshift:source-volume"
"""Tags on a copy: of which snapshot it is, and of which volume that was. A copy has not the tag VOLUME, so that the
rotation of the snapshots themselves never counts it."""

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


@dataclass
class DeleteSnapshotResult(Result):
    """Result of ebs.delete_snapshot.

    changed: ids of the deleted snapshots.
    snapshots: the selected snapshots as they were (the first 100).
    """

    snapshots: list[SnapshotRecord] = field(default_factory=list)


@dataclass
class DescribeSnapshotsResult(Result):
    """Result of ebs.describe_snapshots.

    completed, pending: ids of the matched snapshots in that state.
    snapshots: all matched snapshots.
    """

    completed: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    snapshots: list[SnapshotRecord] = field(default_factory=list)


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


def tags_for(run: Run, origin: dict[str, str], travelling: Any) -> tuple[list[dict[str, str]], int]:
    """Tags of something new: nightshift's own, then those that travel; and how many of the latter did not fit.

    Tags of AWS services ("aws:...") cannot be set. Amazon EC2 User Guide, "Tag your Amazon EC2 resources".

    origin: what it is made of, by tag key ({VOLUME: "vol-1"}).
    travelling: the tags of what it is made of, as EC2 gives them.
    """
    own = {FLOW: run.flow, RUN: run.id, CALL: run.key, **origin}
    own = {key: tag_value(value) for key, value in own.items()}
    travel = {k: v for k, v in tag_map(travelling).items() if not k.startswith(("aws:", "nightshift:"))}
    fitting = dict(list(travel.items())[: _MOST_TAGS - len(own)])
    return [{"Key": k, "Value": v} for k, v in {**own, **fitting}.items()], len(travel) - len(fitting)


def tag_value(text: str) -> str:
    """`text` in the characters and length that a tag takes."""
    return re.sub(r"[^\w +\-=.:/@]", "_", text)[:256]


def call_filter(call: Call) -> dict[str, list[str]]:
    """The filter for what this call has made."""
    return {f"tag:{RUN}": [tag_value(call.run.id)], f"tag:{CALL}": [tag_value(call.run.key)]}


def of_call(call: Call, region: str | None = None) -> list[Snapshot]:
    """The snapshots this call has made, in this or an earlier invocation."""
    return search(call, call_filter(call), region)


def completed_of_flow(call: Call, volumes: list[str]) -> dict[str, list[Snapshot]]:
    """The completed snapshots that this flow made of each of `volumes`, the newest first."""
    wanted = {f"tag:{FLOW}": [tag_value(call.run.flow)], "status": ["completed"]}
    if len(volumes) <= FILTER_VALUES:
        wanted["volume-id"] = volumes
    mine = set(volumes)
    found: dict[str, list[Snapshot]] = {volume: [] for volume in volumes}
    for snapshot in search(call, wanted):
        volume = snapshot["VolumeId"]
        # The filter and the state are AWS's; both tags are looked at again before anything is deleted.
        tags = tag_map(snapshot.get("Tags"))
        ours = tags.get(FLOW) == tag_value(call.run.flow) and tags.get(VOLUME) == volume
        if volume in mine and ours and snapshot["State"] == "completed":
            found[volume].append(snapshot)
    for generations in found.values():
        generations.sort(key=lambda s: (s["StartTime"], s["SnapshotId"]), reverse=True)
    return found


def copies_of_flow(call: Call, region: str | None, volumes: list[str]) -> dict[str, list[Snapshot]]:
    """The completed copies in `region` that this flow made of snapshots of each of `volumes`, the newest first."""
    flow = tag_value(call.run.flow)
    found: dict[str, list[Snapshot]] = {volume: [] for volume in volumes}
    for snapshot in search(call, {f"tag:{FLOW}": [flow], "tag-key": [SOURCE], "status": ["completed"]}, region):
        tags = tag_map(snapshot.get("Tags"))
        volume = tags.get(SOURCE_VOLUME, "")
        if volume in found and tags.get(FLOW) == flow and tags.get(SOURCE) and snapshot["State"] == "completed":
            found[volume].append(snapshot)
    for generations in found.values():
        generations.sort(key=lambda s: (s["StartTime"], s["SnapshotId"]), reverse=True)
    return found


def by_id(call: Call, ids: list[str], region: str | None = None) -> list[Snapshot]:
    """The snapshots with these ids, as far as they exist."""
    found = []
    for start in range(0, len(ids), FILTER_VALUES):
        # A filter, unlike SnapshotIds, does not refuse the whole request for one that is gone.
        found += search(call, {"snapshot-id": ids[start : start + FILTER_VALUES]}, region)
    return found


def age(call: Call, snapshot: Snapshot) -> float:
    """Seconds since a trimmed snapshot was started."""
    return call.now() - datetime.fromisoformat(snapshot["StartTime"]).timestamp()


def is_copy(snapshot: Snapshot) -> bool:
    """Whether ebs.copy_snapshot made it."""
    return SOURCE in tag_map(snapshot.get("Tags"))


def find_snapshots(
    call: Call, selection: Selection, progress: Progress, narrow: dict[str, list[str]] | None = None
) -> list[Snapshot]:
    """The account's own selected snapshots; ids that do not exist are noted as failed, excluded ones as skipped.

    narrow: further EC2 filters.
    """
    if selection.ids is None:
        filters = {f["Name"]: f["Values"] for f in selection.filters()} | (narrow or {})
        found = search(call, filters)
    else:
        found = by_id(call, selection.ids)
        seen = {s["SnapshotId"] for s in found}
        gone = [i for i in selection.ids if i not in seen]
        progress.fail(gone, "InvalidSnapshot.NotFound", "The snapshot '{id}' does not exist")
    return choose(found, "SnapshotId", selection, progress)


def choose(found: list[Any], key: str, selection: Selection, progress: Progress) -> list[Any]:
    """Those of `found` that the selection's tags choose; others that were named or excluded are noted as skipped."""
    chosen = []
    for item in found:
        reason = selection.why_not(tag_map(item.get("Tags")))
        if not reason:
            chosen.append(item)
        elif selection.ids is not None or not reason.startswith("does not"):
            progress.skip([item[key]], reason)
            progress.add("excluded", [item[key]])
    return chosen


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
