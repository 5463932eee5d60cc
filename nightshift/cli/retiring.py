"""`nightshift retire`: hold a flow, and wait until it can be removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from lambdas.gate import holds
from lambdas.retirement.needs import Needs, needs
from nightshift.cli.target import PREFIX, client, operator, table
from nightshift.runs import state_machine_arn

_POLL = {"local": 1.0, "aws": 30.0}
"""Seconds between two polls of a target: ListExecutions has a small quota."""


def retire(flow: str, target: str, *, why: str, pause: Callable[[float], None] = time.sleep) -> None:
    """Hold a flow for good, and wait until none of its runs is under way. Raises NotDeployed."""
    step_functions = client(target, "stepfunctions")
    machine = state_machine_arn(step_functions, flow, PREFIX)
    made = holds.retire(table(target), flow, by=operator(target), why=why)
    print(f"{flow} is {made.told('UTC')}: its schedule and its alarms start nothing", flush=True)
    said: tuple[str, ...] = ()
    # A run that passed the gate just before is listed a few seconds later.
    pause(_POLL[target])
    while (found := needs(step_functions, machine, datetime.now(UTC))).under_way:
        if found.under_way != said:
            said = found.under_way
            print(f"Waiting for {', '.join(said)}", flush=True)
        pause(_POLL[target])
    print("\n".join(_told(flow, found)))


def _told(flow: str, found: Needs) -> list[str]:
    """What can be done now."""
    lines = [f"{flow} has no runs under way. Remove it from the flows and deploy; or nightshift release {flow}"]
    for run, until in sorted(found.redrivable.items()):
        lines.append(f"{run} can be redriven until {until:%Y-%m-%d %H:%M} UTC, and no longer once the flow is removed")
    return lines
