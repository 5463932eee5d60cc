"""Until when a user has read what happened; kept beside their board."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lambdas.store import boards

_MARK = "READ"


def read(table: Any, user: str) -> datetime | None:
    """Until when a user has read; None when they never said so."""
    item = table.get_item(Key=_key(user), ConsistentRead=True).get("Item")
    return datetime.fromisoformat(item["until"]) if item else None


def keep(table: Any, user: str, until: datetime) -> datetime:
    """A user has read until a moment (aware); the mark as it is now. It never goes back: another tab may be further."""
    text = until.astimezone(UTC).isoformat(timespec="milliseconds")
    try:
        table.put_item(
            Item={**_key(user), "until": text},
            ConditionExpression="attribute_not_exists(pk) OR #until < :until",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":until": text},
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return read(table, user) or until
    return datetime.fromisoformat(text)


def _key(user: str) -> dict[str, str]:
    return {"pk": boards.of_user(user), "sk": _MARK}
