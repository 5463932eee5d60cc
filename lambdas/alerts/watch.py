"""Watching deadlines: late starts, late ends, and runs that take unusually long.

What is due is computed from the deployed schedules, and what has run is read from the table: a start that was lost, in
Scheduler or in Step Functions, is late like any other. Each moment is looked at once, behind a cursor that moves only
when all was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from lambdas.alerts import stories
from lambdas.alerts.telling import NotTold, logger, recipients_of, tell
from lambdas.alerts.told import Claims
from lambdas.calendar.business_days import due_times
from lambdas.calendar.deadlines import USUAL, Deadlines, deadline, longest_usual
from lambdas.gate import holds
from lambdas.runs.catalogue import FlowEntry
from lambdas.tracker import opened, queries
from lambdas.tracker.opened import OpenItem
from lambdas.tracker.record import SKIPPED, Record

INTERVAL_MINUTES = 5
"""Between two looks."""

PATIENCE = timedelta(minutes=2)
"""How long after a moment it is looked at: the record of a run that began just then may come a little later."""

WATCH = "WATCH"
"""`pk` of up to which moment was looked, and since when each schedule has been deployed."""

_BACK = timedelta(days=2)
"""How long before a deadline its run may have been due: a day at most, and a day on which nobody looked."""

_LATE = 3600
"""Seconds for which what is usual of a flow may be late: a run under way is looked at again and again."""

_KEY = {"pk": WATCH, "sk": "CURSOR"}


@dataclass(frozen=True)
class Watched:
    """A flow with deadlines. runs: of the last days, newest first. since: what was due before is not looked at."""

    entry: FlowEntry
    deadlines: Deadlines
    since: datetime
    runs: list[Record]

    def due(self, until: datetime) -> Iterator[datetime]:
        """When the flow was due, from `since` on."""
        entry = self.entry
        times = due_times(entry.expressions, entry.timezone, entry.days, self.since - timedelta(seconds=1))
        return takewhile(lambda moment: moment <= until, times)

    def runs_for(self, due: datetime) -> list[Record]:
        """The runs for a due time; without any those that were started by hand since, which stand for it."""
        own = [run for run in self.runs if _due_of(run) == due]
        return own or [run for run in self.runs if run.started >= due and run.trigger["type"] == "manual"]


def watch(table: Any, flows: Mapping[str, FlowEntry], now: datetime) -> list[str]:
    """Look at what happened since the last look; the ids of what is open because of it.

    Raises NotTold when somebody has to be tried again; what is late is open all the same.
    """
    kept = table.get_item(Key=_KEY, ConsistentRead=True).get("Item", {})
    until = now - PATIENCE
    after = max(datetime.fromisoformat(kept["at"]), until - timedelta(days=1)) if "at" in kept else until
    known = _known(kept.get("flows", {}), flows, until)
    raised, failure = [], None
    for name, (_, since) in known.items():
        flow = _watched(table, flows[name], max(datetime.fromisoformat(since), until - _BACK))
        for found in _found(table, flow, after, until):
            try:
                raised += _raise(table, flow.entry, found, now)
            except NotTold as error:
                failure = error
    if failure is not None:
        raise failure
    table.put_item(Item={**_KEY, "at": until.isoformat(), "flows": known})
    return raised


def _known(before: Mapping[str, Any], flows: Mapping[str, FlowEntry], now: datetime) -> dict[str, list[str]]:
    """The flows with deadlines: their schedule in words, and since when they have had it."""
    found = {}
    for name, entry in flows.items():
        if entry.deadlines:
            words = f"{entry.expressions} {entry.timezone} {entry.days_words}"
            old = before.get(name)
            found[name] = [words, old[1] if old and old[0] == words else now.isoformat()]
    return found


def _watched(table: Any, entry: FlowEntry, since: datetime) -> Watched:
    runs, cursor = queries.runs(table, [entry.name], since=since, limit=queries.MOST)
    while cursor is not None:
        more, cursor = queries.runs(table, [entry.name], since=since, cursor=cursor, limit=queries.MOST)
        runs += more
    real = [run for run in runs if not run.dry_run]
    return Watched(entry, Deadlines.from_json(entry.deadlines), since, real)


def _found(table: Any, flow: Watched, after: datetime, until: datetime) -> Iterator[OpenItem]:
    """What became late after a moment, up to another."""
    deadlines, zone = flow.deadlines, flow.entry.timezone
    for due in flow.due(until) if deadlines.start_by or deadlines.finish_by else ():
        runs = flow.runs_for(due)
        if (runs and all(run.state == SKIPPED for run in runs)) or _held(table, flow.entry.name, due):
            continue
        started = [run for run in runs if run.state != SKIPPED]
        by = _passed(due, deadlines.start_by, zone, after, until)
        if by and not any(run.started <= by for run in started):
            yield stories.late_start(flow.entry, due, by, started)
        by = _passed(due, deadlines.finish_by, zone, after, until)
        if by and not any(_ended_by(run, by) for run in started):
            yield stories.late_end(flow.entry, due, by, started)
    if deadlines.expected:
        yield from _long(table, flow, after, until)


def _passed(due: datetime, clock: str | None, zone: str, after: datetime, until: datetime) -> datetime | None:
    """The deadline of a due time, if it passed after a moment, up to another."""
    by = deadline(due, clock, zone) if clock else None
    return by if by and after < by <= until else None


def _long(table: Any, flow: Watched, after: datetime, until: datetime) -> Iterator[OpenItem]:
    running = [run for run in flow.runs if run.state != SKIPPED and not run.redrives and _under_way(run, after)]
    if not running:
        return
    longest = flow.deadlines.longest
    if flow.deadlines.expected == USUAL:
        longest = longest_usual(queries.took(table, [flow.entry.name], late=_LATE).get(flow.entry.name, []))
    for run in running:
        if longest is not None and ((run.ended or until) - run.started).total_seconds() > longest:
            yield stories.long(flow.entry, run, longest)


def _raise(table: Any, entry: FlowEntry, found: OpenItem, now: datetime) -> list[str]:
    """Open what was found, once, and tell; its id, if it was not raised before. Raises NotTold."""
    claims = Claims(table, found.id, "deadline", now.timestamp())
    first = claims.claim(WATCH)
    if first:
        opened.add(table, found)
        claims.keep(WATCH)
        logger.warning(f"{found.id}: {found.why}", flow=entry.name)
    tell(stories.story_of_deadline(entry, found), recipients_of(entry), claims)
    return [found.id] if first else []


def _held(table: Any, flow: str, due: datetime) -> bool:
    return holds.read(table, flow).holding(due) is not None


def _due_of(run: Record) -> datetime | None:
    text = run.trigger.get("scheduled_time") if run.trigger["type"] == "schedule" else None
    return datetime.fromisoformat(text) if text else None


def _ended_by(run: Record, by: datetime) -> bool:
    """Whether a run had ended by then; one that failed is open as such."""
    return run.ended is not None and run.ended <= by


def _under_way(run: Record, after: datetime) -> bool:
    return run.ended is None or run.ended > after
