"""When schedules start a flow next, and what stands in their way then, as the gate will see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from lambdas.calendar.business_days import due_times
from lambdas.gate.holds import Held, Hold
from lambdas.runs.catalogue import FlowEntry


@dataclass(frozen=True)
class Upcoming:
    """A moment at which a schedule is due.

    time: aware, in the zone of the schedule. hold: what holds the flow then. skipped: why the flow will not run then.
    """

    time: datetime
    expression: str
    hold: Hold | None
    skipped: str | None


def upcoming(entry: FlowEntry, held: Held, after: datetime) -> Iterator[Upcoming]:
    """When the schedules of a flow are due after a moment (aware), earliest first."""
    skip = held.skip
    for time, expression in _due(entry, after):
        if hold := held.holding(time):
            yield Upcoming(time, expression, hold, hold.told(entry.timezone))
        elif skip is not None and time >= skip.since:
            yield Upcoming(time, expression, None, skip.told())
            skip = None
        else:
            yield Upcoming(time, expression, None, None)


def next_start(entry: FlowEntry, held: Held, after: datetime) -> datetime | None:
    """When a schedule starts the flow next, holds and skips counted; None when none does."""
    free = held.free_after(after)
    if free is None:
        return None
    return next((due.time for due in upcoming(entry, held, free) if due.skipped is None), None)


def is_rate(expression: str) -> bool:
    """Whether a schedule counts from when it was deployed, which is not known here."""
    return expression.startswith("rate(")


def _due(entry: FlowEntry, after: datetime) -> Iterator[tuple[datetime, str]]:
    def of(expression: str) -> Iterator[tuple[datetime, str]]:
        for time in due_times([expression], entry.timezone, entry.days, after):
            yield time, expression

    last: float | None = None
    for time, expression in merge(*map(of, entry.expressions), key=lambda found: found[0].timestamp()):
        if time.timestamp() != last:
            yield time, expression
        last = time.timestamp()
