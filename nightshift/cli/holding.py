"""`nightshift hold`, `release` and `skip-next`."""

from __future__ import annotations

from datetime import datetime

from lambdas.contract.errors import InvalidParameter
from lambdas.gate import holds
from lambdas.gate.holds import Held
from nightshift.cli.listing import next_times, shown_time, zone
from nightshift.cli.target import operator, table
from nightshift.model import CompiledFlow


def hold(flow: CompiledFlow, target: str, *, until: str | None, why: str, now: datetime) -> None:
    """Put a flow on hold. until: a date or a time as `holds.moment_of` reads it. Raises InvalidParameter."""
    if not flow.options.schedule and not flow.options.on_alarm:
        raise InvalidParameter(
            f"{flow.name} has neither a schedule nor an alarm, and a hold keeps nobody from starting a flow by hand"
        )
    end = holds.moment_of(until, zone(flow)) if until else None
    made = holds.hold(table(target), flow.name, by=operator(target), why=why, until=end, now=now)
    print(f"{flow.name} is {made.told(zone(flow))}")
    print(f"Until then its schedule and its alarms start nothing. To end it: nightshift release {flow.name}")


def release(flow: CompiledFlow, target: str, *, now: datetime) -> None:
    """End the hold of a flow."""
    ended = holds.release(table(target), flow.name, by=operator(target), now=now)
    if ended is None:
        print(f"{flow.name} was not held")
        return
    print(f"{flow.name} is no longer {ended.told(zone(flow))}")
    for time in next_times(flow, 1, now):
        print(f"It starts next at {shown_time(time)}")


def skip_next(flow: CompiledFlow, target: str, *, why: str, now: datetime) -> None:
    """Skip the next start of a flow by its schedule. Raises InvalidParameter."""
    if not flow.options.schedule:
        raise InvalidParameter(f"{flow.name} has no schedule, so there is no next start to skip; see `nightshift hold`")
    app_table = table(target)
    made = holds.skip_next(app_table, flow.name, by=operator(target), why=why, now=now)
    due = _next_start(flow, holds.read(app_table, flow.name), now)
    start = f"the start at {shown_time(due)}" if due else "the first start after the hold"
    print(f"{flow.name}: {start} is {made.told()}")


def _next_start(flow: CompiledFlow, standing: Held, now: datetime) -> datetime | None:
    """The first start that no hold keeps back; None when a hold has no end, or nothing is due any more."""
    after = standing.free_after(now)
    return next(iter(next_times(flow, 1, after)), None) if after else None
