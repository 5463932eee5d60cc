"""rds.delete_db_snapshot: the selected manual snapshots of databases are deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, Result, part
from lambdas.engine.making import SHOWN
from lambdas.engine.selection import selected
from lambdas.engine.stage import not_older
from lambdas.engine.stages import Each, Skipped, Stages, Verdicts
from lambdas.parts.rds._permissions import CLUSTER_SNAPSHOTS, SNAPSHOTS
from lambdas.parts.rds._snapshots import (
    ChangeDBSnapshots,
    DBSnapshotRecord,
    Snapshot,
    all_known,
    delete,
    find_snapshots,
    not_deleted,
    record,
)


@dataclass
class DeleteDBSnapshotResult(Result):
    """Result of rds.delete_db_snapshot.

    changed: the deleted snapshots; of clusters "cluster-snapshot:...".
    snapshots: the selected snapshots as they were (the first 100).
    """

    snapshots: list[DBSnapshotRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("rds:DescribeDBSnapshots", "rds:DeleteDBSnapshot"), SNAPSHOTS),
        Allow(("rds:DescribeDBClusterSnapshots", "rds:DeleteDBClusterSnapshot"), CLUSTER_SNAPSHOTS),
    ),
    cost="It saves the backup storage of the snapshots.",
)
def delete_db_snapshot(
    call: Call, *, older_than: str | None = None, **common: Unpack[ChangeDBSnapshots]
) -> DeleteDBSnapshotResult | Pending:
    """Delete manual snapshots of DB instances and clusters.

    Automated snapshots are never selected: RDS deletes them when their time is over. One that is being created is left
    alone and reported under `skipped`.

    Parameters:
    older_than: only snapshots made longer ago, such as "30d"; default: all selected.

    Result: DeleteDBSnapshotResult.

    Errors:
    PartFailed: a snapshot does not exist, or could not be deleted.
    AccessDenied: the role may not describe snapshots.

    Source: "DeleteDBSnapshot", "DeleteDBClusterSnapshot" (Amazon RDS API Reference).

    Example:
        from lambdas.parts import rds
        from nightshift import cron, flow


        @flow(schedule=cron("0 4 1 * ? *"), timeout="1h")
        def clear_snapshots_of_tests():
            \"\"\"Delete the snapshots of tests that are older than a month, except those somebody wants to keep.\"\"\"
            return rds.delete_db_snapshot(tag="Purpose=test", exclude_tag="Keep", older_than="30d").summary
    """
    selection = selected(common, "db_snapshot_identifier")

    def plan() -> Verdicts:
        found = find_snapshots(call, selection, stages.progress)
        young = {
            s["Id"]: why for s in found if (why := not_older(call.now(), s["SnapshotCreateTime"], older_than or None))
        }
        yield from young.items()
        chosen = [s for s in found if s["Id"] not in young]
        call.state["about"] = chosen[:SHOWN]
        yield from ((s["Id"], _kept(s) or "todo") for s in chosen)

    def finish(result: DeleteDBSnapshotResult) -> None:
        about = call.state["about"]
        result.snapshots = [record(s) for s in about]
        result.responses = {"DescribeDBSnapshotsResponse": {"DBSnapshots": about}}

    todo = Each(
        "todo",
        "snapshots to delete",
        "the time ended before '{id}' could be deleted",
        request=lambda snapshot, dry_run: delete(call, snapshot),
        denied="one",
        asks=lambda snapshot: False,
        refused=not_deleted,
    )
    stages = Stages(
        call,
        [todo],
        verb="delete",
        done="deleted",
        noun="snapshot",
        population=lambda call: len(all_known(call)),
    )
    return stages.run(plan, DeleteDBSnapshotResult(), finish)


def _kept(snapshot: Snapshot) -> Skipped | None:
    if snapshot["Id"].startswith("arn:"):
        return Skipped("belongs to another account")
    return Skipped("is being created") if snapshot.get("Status") in ("creating", "copying") else None
