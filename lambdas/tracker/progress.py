"""How far runs are that go on: read from Step Functions once for everybody who watches, and kept in the table.

A page polls a run every few seconds, and Step Functions answers ten DescribeExecution a second in an account, in most
Regions ("Quotas related to API action throttling", Step Functions Developer Guide). So whoever finds the kept view too
old claims the next reading; the others go on with the view there is.
"""

from __future__ import annotations

import json
import time
from typing import Any

from lambdas.tracker.queries import RunDetail
from lambdas.tracker.record import Record
from lambdas.tracker.store import record_of, record_text

FRESH_SECONDS = 3
"""For how long a view serves everybody."""

_KEPT_SECONDS = 3600
"""When the table drops a view that nobody asks for any more."""


def fresh(table: Any, record: Record) -> RunDetail | None:
    """The run as Step Functions told it a moment ago; None for the one who has to ask it now, and then `keep`s it."""
    key = _key(record)
    item = table.get_item(Key=key, ConsistentRead=True).get("Item")
    if item is None or (item["until"] < _now() and _claimed(table, key)):
        return None
    return RunDetail(record_of(item), json.loads(item["detail"]))


def keep(table: Any, seen: RunDetail) -> None:
    """Keep what Step Functions told of a run that goes on."""
    detail = json.dumps(seen.detail, ensure_ascii=False, separators=(",", ":"))
    item = {"json": record_text(seen.record), "detail": detail, "until": _next()}
    table.put_item(Item={**_key(seen.record), **item, "expires": int(time.time()) + _KEPT_SECONDS})


def forget(table: Any, record: Record) -> None:
    """Drop the view of a run that somebody has just changed."""
    table.delete_item(Key=_key(record))


def _key(record: Record) -> dict[str, str]:
    return {"pk": f"PROGRESS#{record.id}", "sk": "VIEW"}


def _claimed(table: Any, key: dict[str, str]) -> bool:
    """Whether this is the one that reads; all others find the view fresh from now on."""
    try:
        table.update_item(
            Key=key,
            UpdateExpression="SET #until = :next",
            ConditionExpression="#until < :now",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":now": _now(), ":next": _next()},
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _now() -> int:
    """Milliseconds since the epoch."""
    return int(time.time() * 1000)


def _next() -> int:
    return _now() + FRESH_SECONDS * 1000
