"""What charts count: the runs that started on a day (UTC), by state, and how long they took.

Each run is counted in two items: that of its day, with the totals of the day and the states of every flow, and that of
its flow and month, with the numbers of each day. So a chart of all flows reads an item for each day, one of a flow an
item for each month. Where several write the same item at the same moment, they go on in its other shards; the counters
are the sum of all shards, and what was put into one may be taken out of another ("Using write sharding to distribute
workloads evenly in your DynamoDB table", DynamoDB Developer Guide).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lambdas.tracker import keys
from lambdas.tracker.record import ABORTED, FAILED, RUNNING, SKIPPED, STATES, SUCCEEDED, TIMED_OUT, Record

Numbers = Sequence[int]
"""How many runs are in each of STATES, how many of them have a duration, these durations together, and the longest of
them, in milliseconds; zeros at the end may be left out."""

_TIMED, _TOGETHER, _LONGEST = range(len(STATES), len(STATES) + 3)
NUMBERS = _LONGEST + 1
"""How many there are."""

SHARDS = 4
"""Items that counters may be spread over."""

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Tally:
    """Runs counted together.

    states: how many are in each of STATES. timed: how many have a duration: those that ended and were not skipped.
    seconds: all durations together. longest: seconds, None without durations.
    """

    states: dict[str, int]
    timed: int
    seconds: float
    longest: float | None

    @property
    def mean(self) -> float | None:
        """How long they took on average, in seconds."""
        return self.seconds / self.timed if self.timed else None

    @property
    def success(self) -> float | None:
        """How many of the runs that were to do something did it, 0 to 1; a skipped run was not to."""
        ended = sum(self.states[state] for state in (SUCCEEDED, FAILED, TIMED_OUT, ABORTED))
        return self.states[SUCCEEDED] / ended if ended else None


@dataclass(frozen=True)
class Contribution:
    """What a run adds to the counters of its flow on the day it started (UTC).

    milliseconds: how long it took, None as long as it runs, and when it was skipped.
    """

    day: date
    flow: str
    state: str
    milliseconds: int | None


def tally(many: Iterable[Numbers]) -> Tally:
    """What several numbers are together."""
    total: list[int] = [0] * NUMBERS
    for numbers in many:
        add(total, numbers)
    timed = total[_TIMED]
    longest = total[_LONGEST] / 1000 if timed else None
    return Tally(dict(zip(STATES, total, strict=False)), timed, total[_TOGETHER] / 1000, longest)


def add(total: list[int], numbers: Numbers) -> None:
    """Add numbers to a total; it may be of the states only, if the numbers are."""
    for place, number in enumerate(numbers):
        total[place] = max(total[place], number) if place == _LONGEST else total[place] + number


def contribution(record: Record) -> Contribution:
    """What a run adds to the counters."""
    took = record.duration if record.state not in (RUNNING, SKIPPED) else None
    return Contribution(
        record.started.date(), record.flow, record.state, None if took is None else max(0, took // _MILLISECOND)
    )


def numbers_of(counted: Contribution) -> Numbers:
    """The numbers of one run."""
    return _change(counted, 1)


def places(counted: Contribution, shard: int = 0) -> list[tuple[tuple[str, str], Callable[..., dict[str, str]]]]:
    """Where a contribution counts, in a shard of the counters: (`pk`, `sk`) of an item each, and what makes its texts.

    That takes the item as it is, a contribution, and 1 to put it in or -1 to take it out again.
    """
    day, month = keys.day_counters(counted.day, shard), keys.month_counters(counted.flow, counted.day, shard)
    return [(day, _in_day), (month, _in_month)]


def _in_day(item: Mapping[str, Any], counted: Contribution, times: int) -> dict[str, str]:
    flows: dict[str, Numbers] = json.loads(item.get("flows", "{}"))
    change = _change(counted, times)
    _put(flows, counted.flow, change[: len(STATES)])
    return {"total": _text(_changed(json.loads(item.get("total", "[]")), change)), "flows": _text(flows)}


def _in_month(item: Mapping[str, Any], counted: Contribution, times: int) -> dict[str, str]:
    days: dict[str, Numbers] = json.loads(item.get("days", "{}"))
    _put(days, f"{counted.day:%d}", _change(counted, times))
    return {"days": _text(days)}


def _change(counted: Contribution, times: int) -> Numbers:
    """The numbers of a contribution; the longest duration stays when one is taken out: no run gets shorter again."""
    made = [times if state == counted.state else 0 for state in STATES]
    if counted.milliseconds is None:
        return made
    return [*made, times, times * counted.milliseconds, counted.milliseconds if times > 0 else 0]


def _put(kept: dict[str, Numbers], name: str, change: Numbers) -> None:
    changed = _changed(kept.pop(name, ()), change)
    if any(changed[: len(STATES)]):
        kept[name] = changed


def _changed(numbers: Numbers, change: Numbers) -> Numbers:
    total = [0] * NUMBERS
    add(total, numbers)
    add(total, change)
    while total and not total[-1]:
        total.pop()
    return total


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
