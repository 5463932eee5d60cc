"""`nightshift hold`, `release`, `skip-next` with its `--undo`, and `retire`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from lambdas.contract.errors import InvalidParameter
from lambdas.gate import holds
from lambdas.gate.holds import Held, Hold
from lambdas.retirement.needs import Needs, needs
from nightshift.cli.listing import next_times, plain, shown_time, zone
from nightshift.cli.output import print_json, words_apart
from nightshift.cli.target import app_names, client, operator, table
from nightshift.model import CompiledFlow
from nightshift.runs import state_machine_arn

_POLL = {"local": 1.0, "aws": 30.0}
"""Seconds between two polls of a target: ListExecutions has a small quota."""


def hold(flow: CompiledFlow, target: str, *, until: str | None, why: str, now: datetime, as_json: bool) -> None:
    """Put a flow on hold. until: a date or a time as `holds.moment_of` reads it. Raises InvalidParameter."""
    check_has_trigger(flow)
    end = holds.moment_of(until, zone(flow)) if until else None
    made = holds.hold(table(target), flow.name, by=operator(target), why=why, until=end, now=now)
    if as_json:
        print_json({"flow": flow.name, "hold": plain(made)})
        return
    print(f"{flow.name} is {made.told(zone(flow))}")
    print(f"Until then its schedule and its alarms start nothing. To end it: nightshift release {flow.name}")


def check_has_trigger(flow: CompiledFlow) -> None:
    """Raises InvalidParameter for a flow that neither a schedule nor an alarm starts: a hold would change nothing."""
    if not flow.options.schedule and not flow.options.on_alarm:
        raise InvalidParameter(
            f"{flow.name} has neither a schedule nor an alarm, and a hold keeps nobody from starting a flow by hand"
        )


def release(flow: CompiledFlow, target: str, *, now: datetime, as_json: bool) -> None:
    """End the hold of a flow."""
    ended = holds.release(table(target), flow.name, by=operator(target), now=now)
    if as_json:
        due = next(iter(next_times(flow, 1, now)), None)
        print_json({"flow": flow.name, "released": ended and plain(ended), "next": due and due.isoformat()})
        return
    if ended is None:
        print(f"{flow.name} was not held")
        return
    print(f"{flow.name} is no longer {ended.told(zone(flow))}")
    for due in next_times(flow, 1, now):
        print(f"It starts next at {shown_time(due)}")


def skip_next(flow: CompiledFlow, target: str, *, why: str, now: datetime, as_json: bool) -> None:
    """Skip the next start of a flow by its schedule. Raises InvalidParameter."""
    if not flow.options.schedule:
        raise InvalidParameter(f"{flow.name} has no schedule, so there is no next start to skip; see `nightshift hold`")
    app_table = table(target)
    made = holds.skip_next(app_table, flow.name, by=operator(target), why=why, now=now)
    due = _next_start(flow, holds.read(app_table, flow.name), now)
    if as_json:
        print_json({"flow": flow.name, "skip": plain(made), "start": due and due.isoformat()})
        return
    start = f"the start at {shown_time(due)}" if due else "the first start after the hold"
    print(f"{flow.name}: {start} is {made.told()}")


def unskip(flow: CompiledFlow, target: str, *, now: datetime, as_json: bool) -> None:
    """Take the skip of the next start of a flow back."""
    app_table = table(target)
    taken = holds.unskip(app_table, flow.name, by=operator(target), now=now)
    due = _next_start(flow, holds.read(app_table, flow.name), now)
    if as_json:
        print_json({"flow": flow.name, "skip": taken and plain(taken), "start": due and due.isoformat()})
        return
    print(f"{flow.name} is no longer {taken.told()}" if taken else f"No start of {flow.name} was to be skipped")
    if due:
        print(f"It starts next at {shown_time(due)}")


def retire(
    flow: str, target: str, *, why: str, as_json: bool = False, pause: Callable[[float], None] = time.sleep
) -> None:
    """Hold a flow for good, and wait until none of its runs is under way. Raises NotDeployed."""
    with words_apart(as_json):
        made, found = _drained(flow, target, why, pause)
    if as_json:
        until = {run: moment.isoformat() for run, moment in sorted(found.redrivable.items())}
        print_json({"flow": flow, "hold": plain(made), "redrivable_until": until})
    else:
        print("\n".join(_what_now(flow, found)))


def _drained(flow: str, target: str, why: str, pause: Callable[[float], None]) -> tuple[Hold, Needs]:
    """The hold, and what still needs the flow once none of its runs is under way."""
    step_functions = client(target, "stepfunctions")
    machine = state_machine_arn(step_functions, flow, app_names(target))
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
    return made, found


def _next_start(flow: CompiledFlow, standing: Held, now: datetime) -> datetime | None:
    """The first start that no hold keeps back; None when a hold has no end, or nothing is due any more."""
    after = standing.free_after(now)
    return next(iter(next_times(flow, 1, after)), None) if after else None


def _what_now(flow: str, found: Needs) -> list[str]:
    """What can be done now."""
    lines = [f"{flow} has no runs under way. Remove it from the flows and deploy; or nightshift release {flow}"]
    for run, until in sorted(found.redrivable.items()):
        lines.append(f"{run} can be redriven until {until:%Y-%m-%d %H:%M} UTC, and no longer once the flow is removed")
    return lines
