"""Storage tiers of snapshots: what AWS tells of the last move between them, and waiting for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.progress import SHOWN
from lambdas.engine.selection import FILTER_VALUES, Selection
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts, quoted
from lambdas.parts.ebs._shared.snapshots import SnapshotRecord, find_snapshots, population, record
from lambdas.parts.ec2._shared.images import Snapshot, managed

ARCHIVE = "archive"
_SETTLE = 10
"""Seconds after which a move that was accepted is shown."""

Tier = dict[str, Any]


@dataclass
class TierResult(Result):
    """Result of a part that moves snapshots between tiers.

    snapshots: the selected snapshots as they were (the first 100).
    """

    snapshots: list[SnapshotRecord] = field(default_factory=list)


@dataclass(frozen=True)
class Move:
    """A move to another tier.

    verb, done: "archive", "archived". status: how AWS calls it, "archival" for archival-in-progress and -failed.
    error: code of one that failed. begin: where a snapshot begins. there: whether a snapshot is where it should be.
    request: asks for the move of one, with DryRun or not.
    """

    verb: str
    done: str
    status: str
    error: str
    begin: Callable[[Snapshot], Verdict]
    there: Callable[[Tier], bool]
    request: Callable[[str, bool], Any]


def move(call: Call, selection: Selection, how: Move, result: Any) -> Any | Pending:
    """One invocation of a part that moves the selected snapshots and waits until they are moved."""

    def plan() -> Verdicts:
        found = find_snapshots(call, selection, stages.progress)
        call.state["about"] = found[:SHOWN]
        return [(s["SnapshotId"], managed(s) or _unfit(s) or how.begin(s)) for s in found]

    def poll(ids: list[str], *, asked: bool) -> Verdicts:
        for name, tier in tiers(call, ids).items():
            status = tier.get("LastTieringOperationStatus", "")
            if status == f"{how.status}-in-progress":
                yield name, "moving"
            elif how.there(tier):
                yield name, DONE
            elif asked and status == f"{how.status}-failed":
                reason = quoted(tier.get("LastTieringOperationStatusDetail") or "AWS gives no reason")
                yield name, Failed(how.error, f"'{{id}}' could not be {how.done}: {reason}")

    def finish(result: TierResult) -> None:
        about = call.state["about"]
        result.snapshots = [record(s) for s in about]
        result.responses = {"DescribeSnapshotsResponse": {"Snapshots": about}}

    late = f"'{{id}}' is not {how.done} in time; it goes on in AWS"
    run = [
        Each(
            "todo",
            f"snapshots to {how.verb}",
            late,
            poll=lambda ids: poll(ids, asked=False),
            request=how.request,
            full=frozenset({"ResourceLimitExceeded"}),
        ),
        Stage("moving", f"to be {how.done}", late, poll=lambda ids: poll(ids, asked=True), settle=_SETTLE),
    ]
    stages = Stages(call, run, verb=how.verb, done=how.done, noun="snapshot", population=population)
    return stages.run(plan, result, finish)


def _unfit(snapshot: Snapshot) -> Failed | None:
    if snapshot["State"] == "completed":
        return None
    return Failed("IncorrectState", f"'{{id}}' is {snapshot['State']}")


def tiers(call: Call, ids: list[str]) -> dict[str, Tier]:
    """What AWS tells of the tier of each of the snapshots, and of its last move."""
    found: dict[str, Tier] = {}
    pages = call.client("ec2").get_paginator("describe_snapshot_tier_status")
    for start in range(0, len(ids), FILTER_VALUES):
        wanted = [{"Name": "snapshot-id", "Values": ids[start : start + FILTER_VALUES]}]
        for page in pages.paginate(Filters=wanted):
            found.update((s["SnapshotId"], s) for s in page["SnapshotTierStatuses"])
    return found
