"""Reading the tracker: lists of runs, one run, and the counters for charts. Every read is by key; nothing scans."""

from __future__ import annotations

import heapq
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from itertools import chain, islice
from statistics import median
from typing import Any, TypeVar

from lambdas.contract.errors import InvalidParameter
from lambdas.store.cursors import cursor_of, place_of
from lambdas.store.table import batch_get, between, only
from lambdas.tracker import keys
from lambdas.tracker.counters import NUMBERS, SHARDS, add
from lambdas.tracker.record import STATES, SUCCEEDED, Record
from lambdas.tracker.store import record_of

T = TypeVar("T")

MOST = 500
"""Runs of a page."""

_MOST_AT_ONCE = 8
"""Lists that are read at the same time; botocore keeps ten connections."""

_FEWEST_AT_FIRST = 10
"""Runs that are read of each of several lists at first; fewer would cost as much time."""

_MANY = 8
"""Of more flows than these the latest runs of all flows are looked through first: one request in place of many."""

_LAST = 20
"""Runs that tell what is usual."""

USUAL = "USUAL#"
"""Begins the `pk` of what is usual of a flow."""

_USUAL_SECONDS = 60
"""For how long what was read of a flow serves everybody."""

_FEWEST_KEPT = 5
"""A shorter history is as quickly read, and changes with each run."""

_LATEST = 200
_LATE = timedelta(hours=2)
"""Before this a run that no event told of is recorded: a round of the reconciler lasts an hour."""

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
class Counted:
    """Runs of a period: their numbers by day, and by flow, of those days and flows that have any.

    Of several numbers `counters.tally` says what they are. Those by flow may be of the states only.
    """

    days: dict[date, list[int]]
    flows: dict[str, list[int]]


def runs(
    table: Any,
    flows: Sequence[str] | None = None,
    *,
    state: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
    oldest: bool = False,
) -> tuple[list[Record], str | None]:
    """A page of runs, newest first unless `oldest`, and the cursor of the next page, None at the end.

    flows: of these flows only; None: of all. state: in this state only. since, until: started from `since` on and
    before `until`. A page starts where the one before ended, whatever has started or ended since.
    Raises InvalidParameter for a cursor that is none, an unknown state, or a limit out of 1 to 500.
    """
    if not 1 <= limit <= MOST:
        raise InvalidParameter(f"limit is {limit}; a page has 1 to {MOST} runs")
    found = stream(table, flows, state=state, since=since, until=until, cursor=cursor, most=limit + 1, oldest=oldest)
    # One more than the page tells whether there is another.
    page = list(found)
    more = len(page) > limit
    return [record for _, record in page[:limit]], cursor_of(page[limit - 1][0]) if more else None


def stream(
    table: Any,
    flows: Sequence[str] | None,
    *,
    state: str | None,
    since: datetime | None,
    until: datetime | None,
    cursor: str | None,
    most: int,
    oldest: bool,
) -> Iterator[tuple[str, Record]]:
    """The runs that `runs` has in pages, one by one: (place, record), read as far as they are wanted.

    most: as many at most. Raises InvalidParameter for a cursor that is none and an unknown state.
    """
    if state is not None and state not in STATES:
        raise InvalidParameter(f"{state!r} is not the state of a run; write one of {', '.join(STATES)}")
    low, high = span(since, until)
    after = place_of(cursor, "a list of runs") if cursor else None
    if after is not None:
        low, high = (max(low, after), high) if oldest else (low, min(high, after))
    if high < low:
        return iter(())
    # One more, since one may be the last of the page before.
    if flows is not None and len(flows) > _MANY:
        found = _through_all(table, flows, state, low, high, most + 1, oldest)
    else:
        found = _merged(table, flows, state, low, high, most + 1, oldest, at_first=MOST)
    return islice((each for each in found if each[0] != after), most)


def newest(
    table: Any, flows: Sequence[str] | None, since: datetime, until: datetime, most: int
) -> tuple[list[Record], bool]:
    """The newest runs that started from a moment on and before another, and whether there are older ones.

    flows: of these flows only; None: of all. most: as many at most; all are read at once, and not page by page.
    """
    found = [record for _, record in islice(_merged(table, flows, None, *span(since, until), most + 1), most + 1)]
    return found[:most], len(found) > most


def _merged(
    table: Any,
    flows: Sequence[str] | None,
    state: str | None,
    low: str,
    high: str,
    most: int,
    oldest: bool = False,
    *,
    at_first: int | None = None,
) -> Iterator[tuple[str, Record]]:
    """The runs of the lists of some flows (None: of all) in one order, at most so many of each: (place, record).

    at_first: of a single list, as many in the first request; None: all.
    """
    wanted: Sequence[str | None] = [None] if flows is None else flows
    first = min(most, at_first or most)
    if len(wanted) > 1:
        # Of several lists only some of each are needed: usually no more than twice its share.
        first = min(most, max(_FEWEST_AT_FIRST, 2 * most // len(wanted)))
    lists = _side_by_side([partial(_listed, table, flow, state, low, high, first, most, oldest) for flow in wanted])
    return heapq.merge(*lists, key=lambda found: found[0], reverse=not oldest)


def _through_all(
    table: Any, flows: Collection[str], state: str | None, low: str, high: str, most: int, oldest: bool
) -> Iterator[tuple[str, Record]]:
    """The runs of many flows in one order, at most so many of each: (place, record).

    They are looked for among the first MOST of all flows, which is one request; behind these each flow's list is read.
    """
    seen, last = 0, ""
    for last, record in _listed(table, None, state, low, high, MOST, MOST, oldest):
        seen += 1
        if record.flow in flows:
            yield last, record
    if seen == MOST:
        low, high = (last, high) if oldest else (low, last)
        behind = _merged(table, sorted(flows), state, low, high, most, oldest)
        yield from (each for each in behind if each[0] != last)


def span(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    """The first and the last place of the runs that started from a moment on and before another."""
    return keys.moment_text(since) if since else _BEGINNING, keys.moment_text(until) if until else _END


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


def usual(table: Any, flow: str) -> list[Record]:
    """The last runs of a flow that tell how long one takes, newest first: 20 at most, which succeeded at once."""
    last, _ = runs(table, [flow], state=SUCCEEDED, limit=_LAST)
    return [run for run in last if run.duration is not None and not run.dry_run and not run.redrives]


def took(table: Any, flows: Sequence[str], *, late: int = 0) -> dict[str, list[float]]:
    """Seconds that the last runs of some flows took, as `usual` finds them, of flows that have any.

    Pages ask with each poll, and what has ended changes no more: the history of a flow is read once a minute for
    everybody, and kept in the table. late: for how many seconds more what is kept does.
    """
    now = int(time.time())
    kept = {item["pk"].removeprefix(USUAL): item for item in batch_get(table, [_usual_key(flow) for flow in flows])}
    found = {flow: json.loads(item["json"]) for flow, item in kept.items() if int(item["expires"]) + late > now}
    missing = [flow for flow in flows if flow not in found]
    for flow, last in zip(missing, _side_by_side([partial(usual, table, flow) for flow in missing]), strict=True):
        if seconds := durations(last):
            found[flow] = seconds
        if len(seconds) >= _FEWEST_KEPT:
            partition, sort = _usual_key(flow)
            kept_until = {"json": json.dumps(seconds), "expires": now + _USUAL_SECONDS}
            table.put_item(Item={"pk": partition, "sk": sort, **kept_until})
    return found


def _usual_key(flow: str) -> tuple[str, str]:
    return f"{USUAL}{flow}", "DURATIONS"


@dataclass(frozen=True)
class LastRuns:
    """The last run of each of many flows, in few reads: most are among the latest of all flows.

    known: of flows that this process had to ask for one by one, the name of their last run, None without any, and when
    it asked. What has started since is among the latest of all flows as long as these reach back to then.
    """

    known: dict[str, tuple[str | None, datetime]] = field(default_factory=dict)

    def read(self, table: Any, flows: Iterable[str]) -> dict[str, Record]:
        """The newest run of each flow that has any."""
        now = datetime.now(UTC)
        latest, more = runs(table, limit=_LATEST)
        found: dict[str, Record] = {}
        for run in latest:
            found.setdefault(run.flow, run)
        if more is None:
            return found
        left = {flow: self._known(flow, latest[-1].started) for flow in flows if flow not in found}
        names = {flow: told[0] for flow, told in left.items() if told is not None}
        found |= {
            run.flow: run for run in records(table, [f"{f}/{name}" for f, name in names.items() if name]).values()
        }
        asked = [flow for flow in left if flow not in found and names.get(flow, "") is not None]
        for flow, last in zip(asked, _side_by_side([partial(last_run, table, flow) for flow in asked]), strict=True):
            self.known[flow] = (last.name if last else None, now)
            found |= {flow: last} if last else {}
        return found

    def _known(self, flow: str, reach: datetime) -> tuple[str | None, datetime] | None:
        told = self.known.get(flow)
        return told if told is not None and told[1] - _LATE >= reach else None


def last_run(table: Any, flow: str) -> Record | None:
    """The newest run of a flow; None without any."""
    return next(iter(runs(table, [flow], limit=1)[0]), None)


def durations(records: Iterable[Record]) -> list[float]:
    """Seconds that runs took, of those that have ended."""
    return [record.duration.total_seconds() for record in records if record.duration is not None]


def usual_seconds(records: Iterable[Record]) -> float | None:
    """The median of what runs took; None without any that has ended."""
    took = durations(records)
    return median(took) if took else None


def details(table: Any, records: Iterable[Record]) -> list[dict[str, Any]]:
    """What is kept beside the records of runs that have ended, in no order."""
    found = batch_get(table, [(keys.run_key(record.flow, record.name), keys.DETAIL) for record in records])
    return [json.loads(item["json"]) for item in found]


def records(table: Any, runs: Iterable[str]) -> dict[str, Record]:
    """The records of runs ("FLOW/NAME"), by these; those that are not known are not there."""
    found = batch_get(table, [(keys.run_key(*run.split("/", 1)), keys.RECORD) for run in set(runs)])
    return {record.id: record for record in map(record_of, found)}


def counts(table: Any, flows: Iterable[str] | None, since: date, until: date, *, by_flow: bool = True) -> Counted:
    """The runs that started on the days from `since` to `until`, both counted.

    flows: of these flows only; None: of all. by_flow: whether they are wanted by flow, too; of all flows that is more.
    """
    counted = Counted({}, {})
    if flows is None:
        _count_all(table, counted, since, until, by_flow)
    else:
        _count_some(table, counted, sorted(set(flows)), since, until)
    return counted


def _count_all(table: Any, counted: Counted, since: date, until: date, by_flow: bool) -> None:
    fields = only(("sk", "total", "flows") if by_flow else ("sk", "total"))
    for year in range(since.year, until.year + 1):
        first, last = max(since, date(year, 1, 1)), min(until, date(year, 12, 31))
        partition, low = keys.day_counters(first, 0)
        for item in between(table, None, partition, low, keys.day_counters(last, SHARDS - 1)[1], **fields):
            day = date.fromisoformat(f"{year}-{item['sk'].partition('#')[0]}")
            add(counted.days.setdefault(day, [0] * NUMBERS), json.loads(item["total"]))
            for flow, states in json.loads(item.get("flows", "{}")).items():
                total = counted.flows.get(flow) or counted.flows.setdefault(flow, [0] * len(STATES))
                # Said here and not by `add`: there are as many as flows and days together.
                for place, number in enumerate(states):
                    total[place] += number


def _count_some(table: Any, counted: Counted, flows: Sequence[str], since: date, until: date) -> None:
    wanted = {
        keys.month_counters(flow, month, shard): (flow, month)
        for month in _months(since, until)
        for flow in flows
        for shard in range(SHARDS)
    }
    for item in batch_get(table, wanted):
        flow, month = wanted[item["pk"], item["sk"]]
        for number, numbers in json.loads(item["days"]).items():
            day = month.replace(day=int(number))
            if since <= day <= until:
                add(counted.days.setdefault(day, [0] * NUMBERS), numbers)
                add(counted.flows.setdefault(flow, [0] * NUMBERS), numbers)


def _listed(
    table: Any, flow: str | None, state: str | None, low: str, high: str, at_first: int, most: int, oldest: bool
) -> Iterator[tuple[str, Record]]:
    """The runs of a list, newest first unless `oldest`, at most so many: (place, record) each.

    The first of them are read at once.
    """
    index, partition = keys.list_of(flow, state)
    fields = only(("json",))
    items = between(table, index, partition, low, high, forward=oldest, at_first=at_first, limit=most, **fields)
    records = map(record_of, chain(list(islice(items, 1)), items))
    return ((keys.place(record.started, record.flow, record.name), record) for record in records)


def _side_by_side(reads: Sequence[Callable[[], T]]) -> list[T]:
    """What several reads give; the time of one on AWS is that of the way there and back."""
    if len(reads) <= 1:
        return [read() for read in reads]
    return list(_threads().map(lambda read: read(), reads))


@cache
def _threads() -> ThreadPoolExecutor:
    """Kept, since starting them takes as long as a read."""
    return ThreadPoolExecutor(max_workers=_MOST_AT_ONCE)


def _months(since: date, until: date) -> list[date]:
    """The first days of the months that the days are in."""
    numbers = range(since.year * 12 + since.month - 1, until.year * 12 + until.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _partition(name: str, value: str) -> dict[str, Any]:
    return {"KeyConditionExpression": f"{name} = :value", "ExpressionAttributeValues": {":value": value}}
