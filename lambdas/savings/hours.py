"""The hours for which instances were stopped, from what the tracker keeps of stops and starts."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from lambdas.store.table import between
from lambdas.tracker import keys, queries, touched
from lambdas.tracker.measured import bounds

K = TypeVar("K", bound=Hashable)

_MOST_POWER = 2_000
"""Runs that stopped or started instances."""
_LONGEST_STOP = timedelta(days=14)
"""Stops and starts are looked for so long before and after a period."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Saved:
    """For how long an instance was stopped on a day.

    flow: that stopped it. type: it had then, "" when that is not known. region: "" is that of the app.
    """

    flow: str
    instance: str
    type: str
    region: str
    day: date
    hours: float


class _Down(NamedTuple):
    """Since when an instance is stopped; the rest as `Saved` has it."""

    flow: str
    since: datetime
    type: str
    region: str


def saved_hours(table: Any, flows: Sequence[str] | None, since: date, until: date, zone: ZoneInfo) -> list[Saved]:
    """For how long instances were stopped on the days from `since` to `until` in a zone, both counted.

    From the end of the step that stopped an instance to the beginning of the one that started it next. One that no flow
    has started again counts nothing. flows: that did the stopping, None: all.
    """
    begin, end = bounds(since, until, zone)
    found: list[Saved] = []
    for instance, stopped, up in _stopped(table, *queries.span(begin - _LONGEST_STOP, end + _LONGEST_STOP)):
        if flows is not None and stopped.flow not in flows:
            continue
        down = stopped.since
        day = max(since, down.astimezone(zone).date())
        while day <= min(until, up.astimezone(zone).date()):
            # In UTC: between two times of one zone Python counts what clocks show, also where they are changed.
            first, last = (each.astimezone(UTC) for each in bounds(day, day, zone))
            took = max(timedelta(), min(up, last) - max(down, first))
            hours = took / timedelta(hours=1)
            found.append(Saved(stopped.flow, instance, stopped.type, stopped.region, day, hours))
            day += _DAY
    return found


def hours_by(saved: Iterable[Saved], key: Callable[[Saved], K]) -> dict[K, float]:
    """These hours added up by a key."""
    found: dict[K, float] = {}
    for each in saved:
        found[key(each)] = found.get(key(each), 0.0) + each.hours
    return found


def _stopped(table: Any, low: str, high: str) -> Iterator[tuple[str, _Down, datetime]]:
    """How instances were stopped and started again: which, how it was stopped, and until when."""
    items = between(table, None, touched.POWER, low, high, forward=False, limit=_MOST_POWER)
    told = [
        (datetime.fromisoformat(at).astimezone(UTC), part, keys.run_at(item["sk"])[0], ids, more)
        for item in items
        for part, at, ids, *more in json.loads(item["json"])
    ]
    down: dict[str, _Down] = {}
    for at, part, flow, ids, more in sorted(told, key=lambda each: each[0]):
        # Runs of before an installation had prices tell neither types nor the Region.
        types, region = more or ({}, "")
        for id_ in ids:
            if part == touched.STOP:
                # One that is stopped twice was started by others in between, nobody knows when.
                down[id_] = _Down(flow, at, types.get(id_, ""), region)
            elif id_ in down:
                yield id_, down.pop(id_), at
