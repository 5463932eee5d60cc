"""Custom resources that refuse a deployment which would end runs, or take away what they still need.

"Running executions will end at their next transition" when their state machine is deleted ("DeleteStateMachine", AWS
Step Functions API Reference), and no `finally` runs. CloudFormation deletes only after everything else of an update
is done; `Custom::FlowsInUse` comes before the flows, so whatever it refuses is rolled back with nothing deleted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lambdas.custom_resources.response import answer
from lambdas.gate import holds
from lambdas.retirement.change import PLACES, Change
from lambdas.retirement.needs import Needs, needs
from lambdas.store.table import table

IN_USE, ENDED = "Custom::FlowsInUse", "Custom::FlowsEnded"
"""Types of the custom resources: updated before the flows are, and deleted before they are."""

DEPLOYMENT = "a deployment"
"""Who retires the flows that a deployment removes, and releases those it adds."""

GIVE_UP_REDRIVES = "GiveUpRedrives"
"""Property: "true" when runs that could be redriven are of no account."""

_SETTLE = 5.0
"""Seconds after which ListExecutions shows the runs that passed the gate before a hold: it is eventually consistent
("ListExecutions", AWS Step Functions API Reference)."""

_NAMED = 3
"""Runs that are named of each flow; CloudFormation shows a reason of 1,000 characters or so."""


class StillNeeded(Exception):
    """Runs need what the deployment would take away; the text names them and says what to do."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Do what CloudFormation asks, and tell it how that went."""
    answer(event, event["LogicalResourceId"], lambda: _act(event))


def _act(event: dict[str, Any]) -> None:
    after = event["ResourceProperties"]
    if (event["ResourceType"], event["RequestType"]) == (ENDED, "Delete"):
        check_ended(step_functions(), sorted({flow for place in PLACES for flow in after.get(place, {})}))
    elif (event["ResourceType"], event["RequestType"]) == (IN_USE, "Update"):
        change = Change.between(event["OldResourceProperties"], after)
        if _rolls_back(event["StackId"]):
            undo(table(), change)
        else:
            give_up = after.get(GIVE_UP_REDRIVES) == "true"
            take_away(table(), step_functions(), change, give_up_redrives=give_up, pause=time.sleep)


def take_away(
    app_table: Any,
    client: Any,
    change: Change,
    *,
    give_up_redrives: bool = False,
    pause: Callable[[float], None],
) -> None:
    """Let a change happen whose flows no run needs any more, and keep those it removes from being started.

    A flow that is added again is no longer retired. pause: how to wait a number of seconds. Raises StillNeeded.
    """
    retired = {flow for flow, held in holds.read_all(app_table, change.removed).items() if held.retired}
    _release(app_table, change.added, lambda hold: hold.retired)
    _retire(app_table, change.removed)
    if change.removed:
        pause(_SETTLE)
    affected = [*change.removed, *change.lost]
    found = {flow: _needs(client, flow, redrives=not give_up_redrives and flow not in retired) for flow in affected}
    if refused := list(_refused(change, found)):
        undo(app_table, Change(change.removed, (), {}))
        raise StillNeeded(" ".join(refused))


def undo(app_table: Any, change: Change) -> None:
    """Release the flows that a deployment retired and then left in place."""
    _release(app_table, change.added, lambda hold: hold.retired and hold.by == DEPLOYMENT)


def check_ended(client: Any, flows: Iterable[str]) -> None:
    """Refuse to destroy the app while runs are under way. Raises StillNeeded."""
    found = {flow: _needs(client, flow, redrives=False).under_way for flow in flows}
    running = [f"{flow}: {_listed(runs)}" for flow, runs in found.items() if runs]
    if running:
        text = "Runs are under way, and would end without their finally. Destroy again when they have ended"
        raise StillNeeded(f"{text}: {'; '.join(running)}.")


def _retire(app_table: Any, flows: Iterable[str]) -> None:
    now = datetime.now(UTC)
    for flow, held in holds.read_all(app_table, flows).items():
        if held.hold is None or not held.hold.holds(now):
            holds.retire(app_table, flow, by=DEPLOYMENT, why="the flow is removed", now=now)


def _release(app_table: Any, flows: Iterable[str], wanted: Callable[[holds.Hold], bool]) -> None:
    for flow, held in holds.read_all(app_table, flows).items():
        if held.hold is not None and wanted(held.hold):
            holds.release(app_table, flow, by=DEPLOYMENT)


def _needs(client: Any, flow: str, *, redrives: bool) -> Needs:
    machine = os.environ["NIGHTSHIFT_STATE_MACHINES"].format(flow=flow)
    return needs(client, machine, datetime.now(UTC), redrives=redrives)


def _refused(change: Change, found: Mapping[str, Needs]) -> Iterator[str]:
    for flow, need in found.items():
        removed = flow in change.removed
        lost = "is removed" if removed else f"no longer uses {', '.join(change.lost[flow])}"
        if need.under_way:
            waits = f" (nightshift retire {flow} waits)" if removed else ""
            yield (
                f"{flow} {lost}, and runs are under way: {_listed(need.under_way)}; "
                f"deploy again when they have ended{waits}."
            )
        elif need.redrivable:
            until = f"{max(need.redrivable.values()):%Y-%m-%d %H:%M} UTC"
            yield (
                f"{flow} {lost}, and runs can be redriven until {until}: {_listed(need.redrivable)}; "
                f"redrive them, or give that up: {f'nightshift retire {flow}, or ' if removed else ''}"
                "deploy with -c give_up_redrives=true."
            )


def _listed(runs: Iterable[str]) -> str:
    names = list(runs)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _rolls_back(stack: str) -> bool:
    """Whether the update is the way back of one that failed, which nothing may refuse.

    "StackStatus" of "Stack", AWS CloudFormation API Reference.
    """
    import boto3

    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return bool(described[0]["StackStatus"] != "UPDATE_IN_PROGRESS")


@cache
def step_functions() -> Any:
    """A client of Step Functions that waits out the quota of ListExecutions, 2 a second in most regions."""
    import boto3
    from botocore.config import Config

    return boto3.client("stepfunctions", config=Config(retries={"mode": "standard", "max_attempts": 10}))
