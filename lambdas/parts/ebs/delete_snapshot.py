"""ebs.delete_snapshot: the selected snapshots are deleted, but for those that something uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, Result, part
from lambdas.engine.making import SHOWN
from lambdas.engine.selection import ChangeSnapshots, selected
from lambdas.engine.stage import not_older
from lambdas.engine.stages import Each, Stages, Verdicts
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS
from lambdas.parts.ebs._shared.snapshots import SnapshotRecord, find_snapshots, population, record
from lambdas.parts.ec2._shared.images import AGAIN, delete, managed, not_deleted, upgrade


@dataclass
class DeleteSnapshotResult(Result):
    """Result of ebs.delete_snapshot.

    changed: ids of the deleted snapshots.
    snapshots: the selected snapshots as they were (the first 100).
    """

    snapshots: list[SnapshotRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots",)),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS),
    ),
    cost="It saves the storage of what no other snapshot refers to; one that a rule of Recycle Bin retains is "
    "billed until it goes there, too.",
)
def delete_snapshot(
    call: Call, *, older_than: str | None = None, **common: Unpack[ChangeSnapshots]
) -> DeleteSnapshotResult | Pending:
    """Delete snapshots of this account.

    One that a retention rule of Recycle Bin covers goes there, from where it can be restored, and counts as deleted.

    A snapshot that an image consists of, that is locked, or that AWS Backup manages is left alone and reported under
    `skipped`.

    Parameters:
    older_than: only snapshots started longer ago, such as "30d"; default: all selected.

    Result: DeleteSnapshotResult.

    Errors:
    PartFailed: a snapshot does not exist, or could not be deleted.
    AccessDenied: the role may not describe snapshots.

    Example:
        from lambdas.parts import ebs
        from nightshift import cron, flow


        @flow(schedule=cron("0 4 1 * ? *"), timeout="1h")
        def clear_test_snapshots():
            \"\"\"Delete the snapshots of tests that are older than a month, except those somebody wants to keep.\"\"\"
            return ebs.delete_snapshot(tag="Purpose=test", exclude_tag="Keep", older_than="30d").summary
    """
    selection = selected(common, "snapshot_id")

    def plan() -> Verdicts:
        found = find_snapshots(call, selection, stages.progress)
        young = {
            s["SnapshotId"]: why for s in found if (why := not_older(call.now(), s["StartTime"], older_than or None))
        }
        yield from young.items()
        chosen = [s for s in found if s["SnapshotId"] not in young]
        call.state["about"] = chosen[:SHOWN]
        yield from ((s["SnapshotId"], managed(s) or "todo") for s in chosen)

    def finish(result: DeleteSnapshotResult) -> None:
        about = call.state["about"]
        result.snapshots = [record(s) for s in about]
        result.responses = {"DescribeSnapshotsResponse": {"Snapshots": about}}

    todo = Each(
        "todo",
        "snapshots to delete",
        "the time ended before '{id}' could be deleted",
        request=partial(delete, call),
        denied="one",
        again={AGAIN: "todo"},
        refused=not_deleted,
    )
    stages = Stages(
        call,
        [todo],
        verb="delete",
        done="deleted",
        noun="snapshot",
        population=population,
        upgrades={0: upgrade},
    )
    return stages.run(plan, DeleteSnapshotResult(), finish)
