"""Reading the tracker: lists of runs, one run, and the counters for charts. Every read is by key; nothing scans."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from lambdas.cursors import cursor_of, place_of
from lambdas.errors import InvalidParameter
from lambdas.tracker import keys
from lambdas.tracker.record import STATES, Record
from lambdas.tracker.store import RECORD_FIELDS, record_of

T = TypeVar("T")

MOST = 500
"""Runs of a page."""

_MOST_AT_ONCE = 8
"""Lists that are read at the same time; botocore keeps ten connections."""

_COUNTED = ("flow", "gsi1sk", "timed", "milliseconds", "longest", *STATES)

_BEGINNING = "0"
"""Sorts before every place."""
_END = "9999"
"""Sorts after every place."""


@dataclass(frozen=True)
class RunDetail:
    """A run and what is kept beside its record.

    detail: {"steps", "parameters", "output", "cause"} once it has ended, else empty.
    """

    record: Record
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DayCount:
    """The runs of a flow that started on a day (UTC).

    states: how many are in each of STATES. timed: how many of them have a duration: those that ended and were not
    skipped. seconds: all durations together. longest: seconds, None without durations.
    """

    day: date
    flow: str
    states: dict[str, int]
    timed: int
    seconds: float
    longest: float | None


def runs(
    table: Any,
    flows: Sequence[str] | None = None,
    *,
    state: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[Record], str | None]:
    """A page of runs, newest first, and the cursor of the next page, None at the end.

    flows: of these flows only; None: of all. state: in this state only. since, until: started from `since` on and
    before `until`. A page starts where the one before ended, whatever has started or ended since.
    Raises InvalidParameter for a cursor that is none, an unknown state, or a limit out of 1 to 500.
    """
    if state is not None and state not in STATES:
        raise InvalidParameter(f"{state!r} is not the state of a run; write one of {', '.join(STATES)}")
    if not 1 <= limit <= MOST:
        raise InvalidParameter(f"limit is {limit}; a page has 1 to {MOST} runs")
    low = keys.moment_text(since) if since else _BEGINNING
    high = keys.moment_text(until) if until else _END
    after = place_of(cursor, "a list of runs") if cursor else None
    if after is not None:
        high = min(high, after)
    if high < low:
        return [], None
    lists = _side_by_side(
        [partial(_listed, table, flow, state, low, high, limit) for flow in (flows if flows is not None else [None])]
    )
    merged = heapq.merge(*lists, key=lambda found: found[0], reverse=True)
    page = list(islice((found for found in merged if found[0] != after), limit + 1))
    more = len(page) > limit
    return [record for _, record in page[:limit]], cursor_of(page[limit - 1][0]) if more else None


def run(table: Any, flow: str, name: str) -> RunDetail | None:
    """Everything that is kept of a run; None when there is no such run."""
    answer = table.query(**_partition("pk", keys.run_key(flow, name)), ConsistentRead=True)
    items = {item["sk"]: item for item in answer["Items"]}
    if keys.RECORD not in items:
        return None
    item = items[keys.RECORD]
    # While a redrive runs, the detail is still that of the time before it.
    detail = json.loads(items[keys.DETAIL]["json"]) if item["detailed"] and keys.DETAIL in items else {}
    return RunDetail(record_of(item), detail)


def counts(table: Any, flows: Iterable[str] | None, since: date, until: date) -> list[DayCount]:
    """The counters of the days from `since` to `until`, both counted, by day and flow.

    flows: of these flows only; None: of all.
    """
    wanted = None if flows is None else set(flows)
    if wanted is not None and len(wanted) == 1:
        (flow,) = wanted
        found = _between(
            table, keys.OF_FLOW, keys.days_of(flow), since.isoformat(), until.isoformat(), **_only(_COUNTED)
        )
    else:
        found = _counters_of_all(table, since, until)
    made = [_day_count(item) for item in found if wanted is None or item["flow"] in wanted]
    return sorted((count for count in made if any(count.states.values())), key=lambda c: (c.day, c.flow))


def _listed(
    table: Any, flow: str | None, state: str | None, low: str, high: str, limit: int
) -> list[tuple[str, Record]]:
    """The runs of a list, newest first: (place, record) each."""
    index, partition = keys.list_of(flow, state)
    # One more than the page tells whether there is another, and one may be the last of the page before.
    items = _between(table, index, partition, low, high, forward=False, limit=limit + 2, **_only(RECORD_FIELDS))
    records = map(record_of, items)
    return [(keys.place(record.started, record.flow, record.name), record) for record in records]


def _side_by_side(reads: Sequence[Callable[[], T]]) -> list[T]:
    """What several reads give; the time of one on AWS is that of the way there and back."""
    if len(reads) <= 1:
        return [read() for read in reads]
    with ThreadPoolExecutor(max_workers=min(len(reads), _MOST_AT_ONCE)) as threads:
        return list(threads.map(lambda read: read(), reads))


def _counters_of_all(table: Any, since: date, until: date) -> Iterator[dict[str, Any]]:
    month = since.replace(day=1)
    while month <= until:
        following = (month.replace(day=28) + (date.resolution * 4)).replace(day=1)
        first, last = max(since, month), min(until, following - date.resolution)
        yield from _between(table, None, keys.month_key(month), f"{first:%d}#", f"{last:%d}#~", **_only(_COUNTED))
        month = following


def _between(
    table: Any,
    index: str | None,
    partition: str,
    low: str,
    high: str,
    *,
    forward: bool = True,
    limit: int | None = None,
    **more: Any,
) -> Iterator[dict[str, Any]]:
    """The items of a partition with a sort key from `low` to `high`, both counted; at most `limit`.

    more: parameters of Query.
    """
    prefix = index or ""
    condition = f"{prefix}pk = :partition AND {prefix}sk BETWEEN :low AND :high"
    query: dict[str, Any] = {
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {":partition": partition, ":low": low, ":high": high},
        "ScanIndexForward": forward,
        **({"IndexName": index} if index else {}),
        **more,
    }
    left = limit
    while True:
        # The client, and not the table: only it may be used by several threads ("Clients", boto3 documentation).
        answer = table.meta.client.query(TableName=table.name, **query, **({"Limit": left} if left is not None else {}))
        yield from answer["Items"]
        if left is not None:
            left -= len(answer["Items"])
        if "LastEvaluatedKey" not in answer or left == 0:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _only(fields: Sequence[str]) -> dict[str, Any]:
    """Read these attributes only: their keys in the other lists are as much again."""
    return {
        "ProjectionExpression": ", ".join(f"#{field}" for field in fields),
        "ExpressionAttributeNames": {f"#{field}": field for field in fields},
    }


def _partition(name: str, value: str) -> dict[str, Any]:
    return {"KeyConditionExpression": f"{name} = :value", "ExpressionAttributeValues": {":value": value}}


def _day_count(item: dict[str, Any]) -> DayCount:
    longest = item.get("longest")
    return DayCount(
        day=datetime.fromisoformat(item["gsi1sk"]).replace(tzinfo=UTC).date(),
        flow=item["flow"],
        states={state: int(item.get(state, 0)) for state in STATES},
        timed=int(item.get("timed", 0)),
        seconds=int(item.get("milliseconds", 0)) / 1000,
        longest=None if longest is None else int(longest) / 1000,
    )
