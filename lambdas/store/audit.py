"""Who did what to which flow, and when: holds, skips, and whatever else an operator does."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lambdas.store.cursors import cursor_of, place_of

EVERY = "*"
"""The flow of an event that is about all of them, as a freeze is; no flow can be called so."""

_PAGE = 200
_MOST_READ = 2000


@dataclass(frozen=True)
class AuditEvent:
    """What somebody did.

    at: when. by: who, as AWS knows them (an ARN), or a user name. action: "hold", "release", "skip-next", "run", ...
    details: what else there is to say, as text by name ("why", "until").
    """

    at: datetime
    by: str
    action: str
    flow: str
    details: dict[str, str] = field(default_factory=dict)


def record(
    table: Any,
    *,
    by: str,
    action: str,
    flow: str,
    details: Mapping[str, str] | None = None,
    now: datetime | None = None,
    key: str | None = None,
) -> AuditEvent:
    """Write down that somebody did something. now: aware; default: the clock.

    key: the same moment and key are the same event, however often it is written; without a key each is another.
    """
    event = AuditEvent((now or datetime.now(UTC)).astimezone(UTC), by, action, flow, dict(details or {}))
    table.put_item(
        Item={
            "pk": _month(event.at),
            # Two events of one moment are two.
            "sk": f"{_text(event.at)}#{key or secrets.token_hex(4)}",
            "by": by,
            "action": action,
            "flow": flow,
            "details": event.details,
        }
    )
    return event


def page(
    table: Any,
    flows: Collection[str] | None,
    *,
    since: datetime,
    until: datetime,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[AuditEvent], str | None]:
    """A page of what was done to some flows (None: to all), the latest first, and the cursor of the next page.

    What was done to all flows at once was done to each of them, too.
    since, until: aware. A page may hold less than `limit` and still have a next one: no more than 2,000 audit events
    are read for it. Raises InvalidParameter for a cursor that is none.
    """
    found: list[AuditEvent] = []
    last = ""
    before = place_of(cursor, "the list of audit events") if cursor is not None else None
    for number, item in enumerate(_items(table, since.astimezone(UTC), until.astimezone(UTC), before)):
        if len(found) == limit or number == _MOST_READ:
            return found, cursor_of(last)
        last = item["sk"]
        if flows is None or item["flow"] in (*flows, EVERY):
            found.append(_event(item))
    return found, None


def short_name(by: str) -> str:
    """Who, as people say it: of an ARN ("...:assumed-role/Admin/alice") the last part."""
    return by.rpartition("/")[2] or by


def _items(table: Any, since: datetime, until: datetime, before: str | None) -> Iterator[dict[str, Any]]:
    """The items of a period, the latest first. before: only those that sort before it."""
    from boto3.dynamodb.conditions import Key

    low = _text(since)
    high = min(_text(until), before) if before else _text(until)
    months = _months_back(since, datetime.fromisoformat(high.partition("#")[0])) if low <= high else iter(())
    for month in months:
        query = {
            "KeyConditionExpression": Key("pk").eq(month) & Key("sk").between(low, high),
            "ScanIndexForward": False,
            "Limit": _PAGE,
        }
        while True:
            answer = table.query(**query)
            yield from (item for item in answer["Items"] if item["sk"] != before)
            if "LastEvaluatedKey" not in answer:
                break
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _event(item: dict[str, Any]) -> AuditEvent:
    at = datetime.fromisoformat(item["sk"].partition("#")[0])
    return AuditEvent(at, item["by"], item["action"], item["flow"], dict(item.get("details", {})))


def _months_back(since: datetime, until: datetime) -> Iterator[str]:
    year, month = until.year, until.month
    while (year, month) >= (since.year, since.month):
        yield f"AUDIT#{year:04}-{month:02}"
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def _month(at: datetime) -> str:
    return f"AUDIT#{at:%Y-%m}"


def _text(at: datetime) -> str:
    """A moment as text that sorts as moments do."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
