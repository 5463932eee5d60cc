"""ebs.describe_snapshots: the state of snapshots, read once; with nothing to wait for it has no stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract.part import Allow, Call, Result, part
from lambdas.engine.making import SHOWN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection, SelectSnapshots, parse_ids, parse_tags, selected
from lambdas.parts.ebs._shared.snapshots import SnapshotRecord, find_snapshots, record


@dataclass
class DescribeSnapshotsResult(Result):
    """Result of ebs.describe_snapshots.

    completed, pending: ids of the matched snapshots in that state.
    snapshots: all matched snapshots.
    """

    completed: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    snapshots: list[SnapshotRecord] = field(default_factory=list)


@part(allow=(Allow(("ec2:DescribeSnapshots",)),), waits=False, one_of=(("snapshot_id", "tag", "volume_id"),))
def describe_snapshots(
    call: Call, *, volume_id: str | list[str] | None = None, **common: Unpack[SelectSnapshots]
) -> DescribeSnapshotsResult:
    """Read the state of snapshots of this account.

    Parameters:
    exclude_tag: snapshots with one of these tags are left out.
    volume_id: ids of volumes whose snapshots are taken, at most 200; with tag: of those, the ones with the tag.

    Result: DescribeSnapshotsResult.

    Errors:
    PartFailed: a snapshot id does not exist.
    InvalidParameter: no selection is given.

    Example:
        from lambdas.parts import ebs
        from nightshift import Failed, flow


        @flow(timeout="10m")
        def has_a_backup(volume_id: str) -> int:
            \"\"\"Tell how many completed snapshots a volume has, and fail when it has none.\"\"\"
            found = ebs.describe_snapshots(volume_id=volume_id)
            if not found.completed:
                raise Failed(f"{volume_id} has no completed snapshot")
            return len(found.completed)
    """
    volumes = parse_ids(volume_id)
    if volumes and not common.get("snapshot_id") and not common.get("tag"):
        chosen = Selection(None, (), parse_tags(common.get("exclude_tag"), "exclude_tag"))
    else:
        chosen = selected(common, "snapshot_id")
    progress = Progress(call.state)
    found = find_snapshots(call, chosen, progress, {"volume-id": volumes} if volumes else {})
    found = sorted((s for s in found if not volumes or s["VolumeId"] in volumes), key=lambda s: str(s["SnapshotId"]))
    result = DescribeSnapshotsResult(
        completed=[s["SnapshotId"] for s in found if s["State"] == "completed"],
        pending=[s["SnapshotId"] for s in found if s["State"] == "pending"],
        snapshots=[record(s) for s in found],
        responses={"DescribeSnapshotsResponse": {"Snapshots": found[:SHOWN]}},
    )
    progress.fill(result, changed=[])
    result.matched = sorted({*result.matched, *(str(s["SnapshotId"]) for s in found)})
    result.summary = f"{len(found)} found: {len(result.completed)} completed, {len(result.pending)} pending"
    return result
