"""Runs by day in a time zone, with the percentiles of their durations.

Counters are by day in UTC and know neither another day nor how durations are spread. A report therefore reads the
records of its period, of the newest MOST_READ runs at most: some 6 MB, 800 read request units. Days before those are
counted in UTC, by the counters, and have no percentiles; `Measured.whole` says from which day on that is not so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lambdas.tracker import queries
from lambdas.tracker.counters import NUMBERS, Tally, add, contribution, numbers_of, tally
from lambdas.tracker.queries import Counted
from lambdas.tracker.record import STATES, Record

MOST_READ = 10_000

_MOST_SUMMARIZED = 2_500
"""A week of 10,000 runs a month: 200 read request units."""
_DAY = timedelta(days=1)


class Percentiles(NamedTuple):
    """Durations that 50, 90 and 99 % of the runs did not exceed, in seconds; each is that of a run."""

    p50: float
    p90: float
    p99: float


@dataclass
class Day:
    """The runs that started on a day.

    durations: by flow, in seconds, of those whose records were read. flows: the numbers of these by flow.
    """

    numbers: list[int] = field(default_factory=lambda: [0] * NUMBERS)
    durations: dict[str, list[float]] = field(default_factory=dict)
    flows: dict[str, list[int]] = field(default_factory=dict)

    @property
    def tally(self) -> Tally:
        """What they are together."""
        return tally([self.numbers])

    @property
    def seconds(self) -> list[float]:
        """The durations of all flows."""
        return [seconds for each in self.durations.values() for seconds in each]


@dataclass(frozen=True)
class Measured:
    """Runs of a period by day.

    days: every day from the first to the last. whole: the first day in the zone all of whose records were read; days
    before it are in UTC and have no durations one by one. newest: the newest runs. more: there are older ones. before:
    the numbers of the days before `whole` by flow, if they were wanted.
    """

    days: dict[date, Day]
    whole: date
    newest: list[Record]
    more: bool
    before: dict[str, list[int]] = field(default_factory=dict)

    @property
    def total(self) -> Tally:
        """All runs of all days together."""
        return tally(day.numbers for day in self.days.values())

    @property
    def seconds(self) -> list[float]:
        """The durations of all runs whose records were read."""
        return [seconds for day in self.days.values() for seconds in day.seconds]


def measure(
    table: Any,
    flows: Sequence[str] | None,
    since: date,
    until: date,
    zone: ZoneInfo,
    most: int = MOST_READ,
    *,
    by_flow: bool = False,
) -> Measured:
    """The runs that started on the days from `since` to `until` in a zone, both counted.

    flows: of these flows only; None: of all. most: records that are read. by_flow: whether the days that are counted in
    UTC are wanted by flow, too.
    """
    found, more = queries.newest(table, flows, *bounds(since, until, zone), most)
    # Of the day of the oldest record that was read there may be more.
    whole = since if not more else _day(found[-1], zone) + _DAY
    days = {since + number * _DAY: Day() for number in range((until - since).days + 1)}
    for record in found:
        if (day := _day(record, zone)) >= whole:
            counted = contribution(record)
            for total in (days[day].numbers, days[day].flows.setdefault(record.flow, [0] * NUMBERS)):
                add(total, numbers_of(counted))
            if counted.milliseconds is not None:
                days[day].durations.setdefault(record.flow, []).append(counted.milliseconds / 1000)
    before: dict[str, list[int]] = {}
    if whole > since:
        counts = queries.counts(table, flows, since, min(until, whole - _DAY), by_flow=by_flow)
        before = counts.flows
        for day, numbers in counts.days.items():
            add(days[day].numbers, numbers)
    return Measured(days, whole, found[: queries.MOST], more or len(found) > queries.MOST, before)


def summarize(
    table: Any, flows: Sequence[str] | None, since: date, until: date, zone: ZoneInfo
) -> tuple[Counted, date]:
    """How runs ended by day in a zone and by flow, and from which day on the days are in that zone.

    Days in UTC come from the counters alone. For another zone the newest _MOST_SUMMARIZED records are read, since a
    summary is on boards that are read again and again; days before these are in UTC.

    flows: of these flows only; None: of all.
    """
    if zone.key == "UTC":
        return queries.counts(table, flows, since, until), since
    found = measure(table, flows, since, until, zone, _MOST_SUMMARIZED, by_flow=True)
    by_flow = found.before
    for day in found.days.values():
        for flow, numbers in day.flows.items():
            # Counters by flow may be of the states only.
            add(by_flow.setdefault(flow, [0] * len(STATES)), numbers[: len(STATES)])
    return Counted({day: told.numbers for day, told in found.days.items()}, by_flow), found.whole


def percentiles(seconds: Iterable[float]) -> Percentiles | None:
    """The percentiles of durations by the nearest rank, None when there are none."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    # In whole numbers: 0.99 * 100 may come out above 99.
    return Percentiles(*(ordered[ceil(percent * len(ordered) / 100) - 1] for percent in (50, 90, 99)))


def bounds(since: date, until: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Where a period of days begins and ends: each day ends where the next begins, so that one on which the clock
    changes has 23 or 25 hours."""
    return datetime.combine(since, time(), zone), datetime.combine(until + _DAY, time(), zone)


def _day(record: Record, zone: ZoneInfo) -> date:
    return record.started.astimezone(zone).date()
