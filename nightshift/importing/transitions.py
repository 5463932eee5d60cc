"""When Instance Scheduler would start and stop: the state its periods want at each minute, and where that changes.

Source: "Start and stop times", "Adjacent schedules" and "Instance type" (Instance Scheduler on AWS, Implementation
Guide). Running goes before any state, and any before stopped; of several periods the one that began last says the type.
A period with a begin alone wants nothing before it, one with an end alone nothing before that; both end with the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from nightshift.importing.days import all_days
from nightshift.importing.scheduler_config import Period

_MIDNIGHT = 24 * 60
Matching = tuple[Period, ...]
State = tuple[str, str | None]
"""What is wanted: "running", "any" or "stopped", and the type of a running instance."""


@dataclass(frozen=True)
class Change:
    """What happens to instances: they start, as a type or as they are, or they stop."""

    to: str
    instance_type: str | None = None


def changes(periods: Sequence[Period]) -> dict[Change, dict[time, set[date]]]:
    """For each change: on which days it happens at which times of day."""
    days = all_days()
    matching = [tuple(p for p in periods if day in p.days) for day in days]
    known: dict[tuple[Matching, Matching, Matching], list[tuple[Change, time]]] = {}
    found: dict[Change, dict[time, set[date]]] = defaultdict(lambda: defaultdict(set))
    for n, day in enumerate(days):
        # The years repeat: the day before the first is as the last.
        around = matching[n - 1], matching[n], matching[(n + 1) % len(days)]
        if around not in known:
            known[around] = list(_changes_of_day(around, several=len(periods) > 1))
        for change, clock in known[around]:
            found[change][clock].add(day)
    return {change: dict(times) for change, times in found.items()}


def _changes_of_day(around: tuple[Matching, Matching, Matching], several: bool) -> Iterator[tuple[Change, time]]:
    edges = {0} | {minute for p in around[1] for minute in (_minute(p.begins), _minute(p.ends)) if minute is not None}
    for edge in sorted(edges):
        before, now = (_wanted(around, minute, several) for minute in (edge - 1, edge))
        clock = time(edge // 60, edge % 60)
        if now[0] == "running" and (before[0] != "running" or now[1] not in (None, before[1])):
            yield Change("running", now[1]), clock
        elif now[0] == "stopped" != before[0]:
            yield Change("stopped"), clock


def _wanted(around: tuple[Matching, Matching, Matching], minute: int, several: bool) -> State:
    """What is wanted at a minute of the day in the middle; a gap of a minute between two periods is none."""
    now = _at(around, minute)
    if now[0] == "stopped" and several:
        later = _at(around, minute + 1)
        if _at(around, minute - 1)[0] == "running" == later[0]:
            return later
    return now


def _at(around: tuple[Matching, Matching, Matching], minute: int) -> State:
    day, within = divmod(minute, _MIDNIGHT)
    if day not in (-1, 0, 1):
        raise ValueError(minute)
    states = [(_state(period, within), period) for period in around[day + 1]]
    running = [period for state, period in states if state == "running"]
    if running:
        return "running", max(running, key=lambda p: p.begins or time()).instance_type
    return ("any" if any(state == "any" for state, _ in states) else "stopped"), None


def _state(period: Period, minute: int) -> str:
    """What a period wants at a minute of a day it falls on."""
    begins, ends = _minute(period.begins), _minute(period.ends)
    if begins is None and ends is None:
        return "running"
    if begins is None:
        assert ends is not None
        return "stopped" if minute >= ends else "any"
    if ends is None:
        return "running" if minute >= begins else "any"
    return "running" if begins <= minute < ends else "stopped"


def _minute(clock: time | None) -> int | None:
    return None if clock is None else clock.hour * 60 + clock.minute
