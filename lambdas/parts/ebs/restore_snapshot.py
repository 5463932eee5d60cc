"""ebs.restore_snapshot: deleted snapshots are taken out of Recycle Bin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Pending, Result, part
from lambdas.engine.progress import SHOWN
from lambdas.engine.selection import Ids, parse_ids, timestamp
from lambdas.engine.stages import DONE, Already, Each, Failed, Skipped, Stage, Stages, Verdicts
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS
from lambdas.parts.ec2._shared.images import snapshots_by_id
from lambdas.parts.ec2._shared.recycle_bin import note_flow, warn_of_rotation

_GONE = "InvalidSnapshot.NotFound"
_SETTLE = 5
"""Seconds after which a snapshot that was restored is described."""


@dataclass(frozen=True)
class DeletedSnapshot:
    """A snapshot as Recycle Bin showed it.

    enter_time, exit_time: when it was deleted, and when it would have been for good: UTC, ISO 8601.
    """

    snapshot_id: str
    volume_id: str
    description: str
    enter_time: str
    exit_time: str


@dataclass
class RestoreSnapshotResult(Result):
    """Result of ebs.restore_snapshot.

    changed: ids of the snapshots that were restored and can be used.
    snapshots: the selected ones that were in the bin (the first 100).
    """

    snapshots: list[DeletedSnapshot] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots", "ec2:ListSnapshotsInRecycleBin")),
        Allow(("ec2:RestoreSnapshotFromRecycleBin",), SNAPSHOTS),
    ),
    cost="A snapshot is billed in the bin as outside of it; restored, it is until somebody deletes it.",
    hints={
        "RestoreError": "Restore it in the console of Recycle Bin, or take another snapshot of the volume.",
    },
    one_of=(("snapshot_id", "volume_id"),),
    timeout="1h",
)
def restore_snapshot(
    call: Call, *, snapshot_id: Ids = None, volume_id: Ids = None, **common: Unpack[Changing]
) -> RestoreSnapshotResult | Pending:
    """Restore deleted snapshots from Recycle Bin, and wait until they can be used.

    In the bin is what was deleted, by whomever, while a retention rule covered it, and for as long as the rule says;
    what no rule covered is gone. Tags and shares come back with a snapshot. One that a flow had made is one of
    its generations again, which the next rotation may delete: a warning names the flow. To keep it, archive it
    (ebs.modify_snapshot_tier), copy it, or take the tag nightshift:flow off.

    An image needs its snapshots: restore these first, then the image, by ec2.restore_image.

    Parameters:
    snapshot_id: ids of deleted snapshots, as a list or as "snap-1;snap-2"; `changed` of ebs.delete_snapshot. One that
        is not in the bin but exists is skipped.
    volume_id: ids of volumes, whose snapshots are all restored that are in the bin, also when the volume is gone. With
        snapshot_id: of those, the ones of these volumes.

    Result: RestoreSnapshotResult.

    Errors:
    PartFailed: a snapshot neither exists nor is in the bin, or it could not be restored.
    PartTimeout: a snapshot was not restored when `timeout` ended; it goes on in AWS.
    AccessDenied: the role may not list or restore what is in the bin.
    InvalidParameter: neither snapshot_id nor volume_id is given.

    Source: "ListSnapshotsInRecycleBin", "RestoreSnapshotFromRecycleBin" (Amazon EC2 API Reference); "Recover deleted
    EBS snapshots and EBS-backed AMIs with Recycle Bin" (Amazon EBS User Guide).

    Example:
        from lambdas.parts import ebs
        from nightshift import flow


        @flow(timeout="2h")
        def deleted_by_mistake(volume_id: str, zone: str):
            \"\"\"Take the snapshots of a volume out of Recycle Bin, and make a volume of the newest.\"\"\"
            back = ebs.restore_snapshot(volume_id=volume_id, require_match=True)
            return ebs.create_volume(snapshot_id=back.changed, latest=True, availability_zone=zone).volume_ids
    """
    ids, volumes = parse_ids(snapshot_id), parse_ids(volume_id)
    if ids is None and volumes is None:
        raise InvalidParameter('give snapshot_id="..." or volume_id="..."; without either nothing is selected')

    def plan() -> Verdicts:
        found = {s.snapshot_id: s for s in _in_bin(call)}
        chosen = [
            s.snapshot_id
            for s in found.values()
            if (ids is None or s.snapshot_id in ids) and (volumes is None or s.volume_id in volumes)
        ]
        call.state["about"] = [vars(found[i]) for i in chosen[:SHOWN]]
        yield from ((i, "todo") for i in chosen)
        elsewhere = [i for i in ids or () if i not in found]
        there = {s["SnapshotId"]: s for s in snapshots_by_id(call, elsewhere)}
        for i in elsewhere:
            if i not in there:
                yield i, Failed(_GONE, "'{id}' neither exists nor is in Recycle Bin: no rule kept it, or it has left")
            elif volumes is None or there[i]["VolumeId"] in volumes:
                recovering = there[i]["State"] == "recovering"
                is_there = Skipped("exists, and is not in Recycle Bin")
                yield i, Already("being restored", "restoring") if recovering else is_there

    def poll(asked: list[str]) -> Verdicts:
        for snapshot in snapshots_by_id(call, asked):
            name, state = snapshot["SnapshotId"], snapshot["State"]
            if state == "error":
                yield name, Failed("RestoreError", "'{id}' is in the state error")
            elif state == "recovering":
                yield name, "restoring"
            elif state != "recoverable":
                note_flow(call, snapshot)
                yield name, DONE

    def finish(result: RestoreSnapshotResult) -> None:
        result.snapshots = [DeletedSnapshot(**s) for s in call.state["about"]]
        warn_of_rotation(call, result, "delete")

    def request(snapshot: str, dry_run: bool) -> Any:
        return call.client("ec2").restore_snapshot_from_recycle_bin(SnapshotId=snapshot, DryRun=dry_run)

    late = "'{id}' is not restored in time; it goes on in AWS"
    # A snapshot that was restored, but whose answer was lost, is no longer in the bin and is described a moment later.
    todo = Each("todo", "snapshots to restore", late, poll=poll, request=request, again={_GONE: "todo"})
    run = [todo, Stage("restoring", "to be restored", late, poll=poll, settle=_SETTLE)]
    stages = Stages(
        call, run, verb="restore", done="restored", noun="snapshot", population=lambda call: len(_in_bin(call))
    )
    return stages.run(plan, RestoreSnapshotResult(), finish)


def _in_bin(call: Call) -> list[DeletedSnapshot]:
    """All snapshots in the bin; the API filters by ids alone, and refuses all for one that is not there."""
    pages = call.client("ec2").get_paginator("list_snapshots_in_recycle_bin").paginate()
    return [
        DeletedSnapshot(
            snapshot_id=s["SnapshotId"],
            volume_id=s.get("VolumeId", ""),
            description=s.get("Description", ""),
            enter_time=timestamp(s["RecycleBinEnterTime"]),
            exit_time=timestamp(s["RecycleBinExitTime"]),
        )
        for page in pages
        for s in page["Snapshots"]
    ]
