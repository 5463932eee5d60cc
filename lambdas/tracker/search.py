"""Finding runs by more than their lists are made for: who or what started them, what they touched, another order.

A list is read run by run until a page is full, and no more than MOST_READ for one answer: a page may hold fewer than
asked and still have a next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from lambdas.contract.errors import InvalidParameter
from lambdas.store.cursors import cursor_of, place_of
from lambdas.tracker import keys, queries, touched
from lambdas.tracker.record import Record

MOST_READ = 2000

Order = Literal["newest", "oldest", "longest", "changed", "failed"]
"""newest, oldest: by their start. The others: most of it first, among the newest MOST_READ that match."""


@dataclass(frozen=True)
class Wanted:
    """Which runs are wanted; None leaves it open.

    flows: of these. state: one of STATES. since, until: started from `since` on and before `until`; aware.
    trigger: the type of what started them. by: text in the name of who did. ids: resources, one of which they touched.
    account: with ids, an account in which they touched something, too.
    """

    flows: Sequence[str] | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    trigger: str | None = None
    by: str | None = None
    ids: Sequence[str] | None = None
    account: str | None = None

    def matches(self, record: Record) -> bool:
        """Whether a run is wanted; of its time nothing is asked, the lists are by time."""
        return (
            (self.flows is None or record.flow in self.flows)
            and self.state in (None, record.state)
            and self.trigger in (None, record.trigger["type"])
            and (self.by is None or self.by.casefold() in str(record.trigger.get("by", "")).casefold())
        )

    @property
    def plain(self) -> bool:
        """Whether a list of the tracker is made for just that."""
        return self.trigger is None and self.by is None and self.ids is None


def search(
    table: Any, wanted: Wanted, *, order: Order = "newest", cursor: str | None = None, limit: int = 50
) -> tuple[list[Record], str | None]:
    """A page of the runs that are wanted, and the cursor of the next, None at the end.

    Of an order that is not by time there is one page, and its cursor only tells that there are more: not all that were
    found fit the page, or older runs were not looked at.
    Raises InvalidParameter for a cursor that is none, also one of such an order.
    """
    if order in ("newest", "oldest"):
        return _page(table, wanted, oldest=order == "oldest", cursor=cursor, limit=limit)
    if cursor is not None:
        raise InvalidParameter(f"runs sorted by {order} have one page; leave the cursor out, or narrow the time range")
    found, more = _page(table, wanted, oldest=False, cursor=None, limit=MOST_READ)
    found.sort(key=lambda record: _measure(record, order), reverse=True)
    shown = found[:limit]
    if len(found) > limit:
        more = more or cursor_of(_place(shown[-1]))
    return shown, more


def _measure(record: Record, order: Order) -> float:
    if order == "longest":
        return (record.duration or timedelta()).total_seconds()
    return record.counts.changed if order == "changed" else record.counts.failed


def _page(
    table: Any, wanted: Wanted, *, oldest: bool, cursor: str | None, limit: int
) -> tuple[list[Record], str | None]:
    found: list[Record] = []
    last = ""
    for number, (place, record) in enumerate(_all(table, wanted, oldest, cursor, limit)):
        if len(found) == limit or number == MOST_READ:
            return found, cursor_of(last)
        last = place
        if wanted.matches(record):
            found.append(record)
    return found, None


def _all(table: Any, wanted: Wanted, oldest: bool, cursor: str | None, limit: int) -> Iterator[tuple[str, Record]]:
    """The runs of the list that comes closest, in their order, behind the cursor."""
    if wanted.ids is not None:
        low, high = queries.span(wanted.since, wanted.until)
        after = place_of(cursor, "a list of runs") if cursor else None
        if after is not None:
            low, high = (max(low, after), high) if oldest else (low, min(high, after))
        if low <= high:
            found = touched.runs(table, wanted.ids, low, high, oldest=oldest, account=wanted.account)
            yield from ((place, record) for place, record in found if place != after)
        return
    yield from queries.stream(
        table,
        wanted.flows,
        state=wanted.state,
        since=wanted.since,
        until=wanted.until,
        cursor=cursor,
        most=1 + (limit if wanted.plain else MOST_READ),
        oldest=oldest,
    )


def _place(record: Record) -> str:
    return keys.place(record.started, record.flow, record.name)
