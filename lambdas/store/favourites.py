"""The flows that a user has marked with a star.

They are a set of the table, to which a flow is added and from which it is taken by itself: two tabs never undo each
other ("UpdateItem", DynamoDB API Reference, ADD and DELETE).
"""

from __future__ import annotations

from typing import Any

from lambdas.store.boards import of_user


def read(table: Any, user: str) -> frozenset[str]:
    """The names of a user's favourites."""
    item = table.get_item(Key=_key(user), ConsistentRead=True).get("Item", {})
    return frozenset(item.get("flows", ()))


def mark(table: Any, user: str, flow: str, *, favourite: bool) -> None:
    """Make a flow one of a user's favourites, or none; either may be repeated."""
    table.update_item(
        Key=_key(user),
        UpdateExpression=f"{'ADD' if favourite else 'DELETE'} #flows :flow",
        ExpressionAttributeNames={"#flows": "flows"},
        ExpressionAttributeValues={":flow": {flow}},
    )


def _key(user: str) -> dict[str, str]:
    return {"pk": of_user(user), "sk": "FAVOURITES"}
