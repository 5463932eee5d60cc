"""Who did what to which flow, and when: holds, skips, and whatever else an operator does."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Deed:
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
) -> Deed:
    """Write down that somebody did something. now: aware; default: the clock."""
    deed = Deed((now or datetime.now(UTC)).astimezone(UTC), by, action, flow, dict(details or {}))
    table.put_item(
        Item={
            "pk": _month(deed.at),
            # Two deeds of one moment are two.
            "sk": f"{_text(deed.at)}#{secrets.token_hex(4)}",
            "by": by,
            "action": action,
            "flow": flow,
            "details": deed.details,
        }
    )
    return deed


def deeds(table: Any, *, since: datetime, until: datetime | None = None, limit: int = 100) -> list[Deed]:
    """What was done from `since` to before `until` (aware; default: now), the latest first, `limit` at most."""
    from boto3.dynamodb.conditions import Key

    end = (until or datetime.now(UTC)).astimezone(UTC)
    found: list[Deed] = []
    for month in _months_back(since.astimezone(UTC), end):
        at = Key("sk").between(_text(since.astimezone(UTC)), _text(end))
        query: dict[str, Any] = {"KeyConditionExpression": Key("pk").eq(month) & at, "ScanIndexForward": False}
        while len(found) < limit:
            answer = table.query(**query, Limit=limit - len(found))
            found += [_deed(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    return found[:limit]


def _deed(item: dict[str, Any]) -> Deed:
    at = datetime.fromisoformat(item["sk"].partition("#")[0])
    return Deed(at, item["by"], item["action"], item["flow"], dict(item.get("details", {})))


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
