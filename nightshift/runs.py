"""Starting a run of a flow on Step Functions, and following it to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.runs.app_names import AppNames
from lambdas.runs.history import History, Step
from lambdas.runs.map_runs import add_items
from lambdas.runs.start import run_input, run_name

_FIRST_PAUSE, _LONGEST_PAUSE = 0.3, 5.0


class NotDeployed(NightshiftError):
    """The flow's state machine does not exist where it should be started."""


def state_machine_arn(stepfunctions: Any, flow: str, names: AppNames) -> str:
    """The ARN of the state machine of a deployed flow. names: of its app. Raises NotDeployed."""
    found: dict[str, str] = {}
    for page in stepfunctions.get_paginator("list_state_machines").paginate():
        found |= {machine["name"]: machine["stateMachineArn"] for machine in page["stateMachines"]}
    name = names.state_machine(flow)
    if name in found:
        return found[name]
    near = get_close_matches(name, found, n=1)
    hint = f"There is {near[0]}. " if near else ""
    raise NotDeployed(f"there is no state machine {name} in that account and region. {hint}Deploy first.")


def start(
    stepfunctions: Any, machine: str, flow: str, parameters: dict[str, Any], *, by: str, dry_run: bool = False
) -> str:
    """Start a run by hand; its execution ARN.

    parameters: as `parse_parameters` gives them. by: who starts it. dry_run: change nothing, say what would change.
    """
    given = json.dumps(run_input(parameters, by=by, dry_run=dry_run))
    started = stepfunctions.start_execution(stateMachineArn=machine, name=run_name(flow), input=given)
    return str(started["executionArn"])


def follow(
    stepfunctions: Any, execution: str, history: History, pause: Callable[[float], None] = time.sleep
) -> Iterator[Step | None]:
    """Follow an execution until it has ended; yields each step that changed, and None after each poll.

    pause: how to wait a number of seconds between two polls; they grow while nothing happens.
    """
    seen, wait = 0, _FIRST_PAUSE
    while True:
        events = new_events(stepfunctions, execution, seen)
        for event in events:
            yield from history.feed(event)
            seen = int(event["id"])
        yield None
        if history.status != "RUNNING":
            add_items(stepfunctions, history)
            return
        wait = _FIRST_PAUSE if events else min(wait * 1.5, _LONGEST_PAUSE)
        pause(wait)


def new_events(stepfunctions: Any, execution: str, after: int) -> list[dict[str, Any]]:
    """The history events later than number `after`, oldest first.

    Read from the end, so that following a long run does not read its whole history again and again.
    """
    pages = stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, includeExecutionData=True
    )
    found: list[dict[str, Any]] = []
    for page in pages:
        for event in page["events"]:
            if int(event["id"]) <= after:
                return found[::-1]
            found.append(event)
    return found[::-1]
