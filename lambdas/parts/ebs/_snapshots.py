"""EBS snapshots: their records, their tags, finding those of a call or a flow, and which generations to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lambdas.contract.part import Call, Result
from lambdas.engine.progress import Progress
from lambdas.engine.selection import FILTER_VALUES, Selection, choose, tag_map
from lambdas.engine.tags import FLOW, call_filter, tag_value
from lambdas.parts.ec2._snapshots import Snapshot, by_id, search

VOLUME = "nightshift:volume"
"""Tag on a snapshot: of which volume this flow made it."""

SOURCE, SOURCE_VOLUME = "nightshift:source", "nightshift:source-volume"
"""Tags on a copy: of which snapshot it is, and of which volume that was. A copy has not the tag VOLUME, so that the
rotation of the snapshots themselves never counts it."""


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
