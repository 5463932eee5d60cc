"""What is open because of a deadline, and the story of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lambdas.alerts.story import Story, called, dashboard_page, local_time
from lambdas.contract.waits import spoken
from lambdas.runs.catalogue import FlowEntry
from lambdas.tracker.opened import OpenItem
from lambdas.tracker.record import Record

LATE_START, LATE_END, LONG = "late_start", "late_end", "long"
"""The kinds of what is open because of a deadline."""

_HEADLINES = {
    LATE_START: "{} has not started in time",
    LATE_END: "{} has not finished in time",
    LONG: "{} takes unusually long",
}
_A_MOMENT = timedelta(milliseconds=1)
"""Between the start of a run and that of a later one."""


def late_start(entry: FlowEntry, due: datetime, by: datetime, runs: Sequence[Record]) -> OpenItem:
    """No run for a due time had started by its deadline. runs: those that started later."""
    late = runs[-1] if runs else None
    why = f"It was due at {local_time(due, entry.timezone)} and had to start by {local_time(by, entry.timezone)}. "
    why += f"It started at {local_time(late.started, entry.timezone)}." if late else "No run of it has started."
    todo = "See in the run what it waited for." if late else _TODO_LOST
    return OpenItem(entry.name, _key(LATE_START, due), LATE_START, by, due, late.name if late else "", why, todo)


def late_end(entry: FlowEntry, due: datetime, by: datetime, runs: Sequence[Record]) -> OpenItem:
    """No run for a due time had ended by its deadline. runs: those that there are, newest first."""
    last = runs[0] if runs else None
    why = f"It was due at {local_time(due, entry.timezone)} and had to finish by {local_time(by, entry.timezone)}. "
    if last is None:
        why += "No run of it has started."
    elif last.ended is None:
        why += f"It started at {local_time(last.started, entry.timezone)} and is still under way."
    else:
        why += f"It started at {local_time(last.started, entry.timezone)} and ended late."
    todo = "Open the run and see which step takes so long." if last else _TODO_LOST
    until = last.started + _A_MOMENT if last else due
    return OpenItem(entry.name, _key(LATE_END, due), LATE_END, by, until, last.name if last else "", why, todo)


def long(entry: FlowEntry, run: Record, longest: float) -> OpenItem:
    """A run takes, or took, longer than is expected. longest: seconds."""
    at = run.started + timedelta(seconds=longest)
    why = f"It started at {local_time(run.started, entry.timezone)} and takes at most {spoken(longest)} as a rule. "
    why += f"It took {spoken(run.duration.total_seconds())}." if run.duration else "It is still under way."
    todo = "Open the run and see which step takes so long; stop it if it has to make room."
    return OpenItem(entry.name, f"{LONG}-{run.name}", LONG, at, run.started + _A_MOMENT, run.name, why, todo)


def story_of_deadline(entry: FlowEntry, found: OpenItem) -> Story:
    """The story of what is open because of a deadline."""
    title = entry.shown_title
    headline = _HEADLINES[found.kind].format(title)
    page = f"runs/{found.flow}/{found.run}" if found.run else f"flows/{found.flow}"
    return Story(
        id=found.id,
        event=f"deadline.{found.kind.replace('_', '-')}",
        flow=found.flow,
        state=found.kind.upper(),
        headline=headline,
        happened=f"{_HEADLINES[found.kind].format(called(title, found.flow))}.",
        why=found.why,
        todo=found.todo,
        link=dashboard_page(page),
        report=f"nightshift report {found.flow}/{found.run}" if found.run else f"nightshift runs {found.flow}",
        facts={"deadline": found.at.isoformat()},
    )


_TODO_LOST = (
    "Start the flow by hand if it still makes sense. Look at the dead-letter queue and at the flow's schedule: "
    "the start may have been lost."
)


def _key(kind: str, due: datetime) -> str:
    return f"{kind.replace('_', '-')}-{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"
