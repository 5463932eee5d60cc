"""When schedules start a flow next, what stands in their way then, as the gate will see it, and its deadlines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from typing import Literal

from lambdas.calendar.business_days import due_times
from lambdas.calendar.deadlines import USUAL, Deadlines, deadline, longest_usual
from lambdas.dashboard.models.flows import DeadlineKind, FlowDeadline
from lambdas.dashboard.models.runs import RunDeadline
from lambdas.gate.holds import Held, Hold
from lambdas.runs.catalogue import FlowEntry, catalogue
from lambdas.store.table import table
from lambdas.tracker import queries
from lambdas.tracker.record import SKIPPED, Record


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


def flow_deadlines(entry: FlowEntry, next_due: datetime | None) -> list[FlowDeadline]:
    """The deadlines of a flow. next_due: when a schedule starts it next, as `next_start` says."""
    found = Deadlines.from_json(entry.deadlines)
    made = []
    for kind, clock in _clocks(found):
        by = deadline(next_due, clock, entry.timezone) if next_due else None
        made.append(FlowDeadline(kind=kind, clock=clock, longest=None, next=by))
    if found.expected:
        made.append(FlowDeadline(kind="expected", clock=None, longest=_longest(entry, found), next=None))
    return made


def run_deadlines(record: Record, now: datetime) -> list[RunDeadline]:
    """The deadlines of a run: those of its due time, if a schedule started it, and how long it may take."""
    entry = catalogue().get(record.flow)
    if entry is None or record.dry_run or record.state == SKIPPED:
        return []
    found, due = Deadlines.from_json(entry.deadlines), record.trigger.get("scheduled_time")
    reached: dict[DeadlineKind, datetime | None] = {"start_by": record.started, "finish_by": record.ended}
    limits: list[tuple[DeadlineKind, datetime]] = []
    if due and record.trigger["type"] == "schedule":
        at = datetime.fromisoformat(due)
        limits += [(kind, deadline(at, clock, entry.timezone)) for kind, clock in _clocks(found)]
    if not record.redrives and (longest := _longest(entry, found)) is not None:
        limits.append(("expected", record.started + timedelta(seconds=longest)))
    return [_judged(kind, by, reached.get(kind, record.ended), now) for kind, by in limits]


def _clocks(deadlines: Deadlines) -> list[tuple[DeadlineKind, str]]:
    clocks: list[tuple[DeadlineKind, str | None]] = [
        ("start_by", deadlines.start_by),
        ("finish_by", deadlines.finish_by),
    ]
    return [(kind, clock) for kind, clock in clocks if clock]


def _longest(entry: FlowEntry, deadlines: Deadlines) -> float | None:
    """Seconds that a run may take: as its author says, or as its history tells."""
    if deadlines.expected != USUAL:
        return deadlines.longest
    return longest_usual(queries.took(table(), [entry.name]).get(entry.name, []))


def _judged(kind: DeadlineKind, by: datetime, reached: datetime | None, now: datetime) -> RunDeadline:
    late = ((reached or now) - by).total_seconds()
    state: Literal["met", "late", "open"] = "late" if late > 0 else "met" if reached else "open"
    return RunDeadline(kind=kind, by=by, state=state, late=late if late > 0 else None)


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
