"""Boards of panels: a user's own, and the default of a group. A board is kept with a version that only grows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lambdas.store.table import batch_get

_BOARD = "BOARD"


@dataclass(frozen=True)
class Kept:
    """A board. version: 0 for one that was never kept. panels: as JSON has them; None for no board of one's own."""

    version: int = 0
    panels: list[Any] | None = None


def of_user(name: str) -> str:
    """Whose board it is, as the table calls them."""
    return f"USER#{name}"


def of_group(name: str) -> str:
    """The default board of a group."""
    return f"GROUP#{name}"


def read(table: Any, whose: str) -> Kept:
    """The board of a user or a group."""
    item = table.get_item(Key=_key(whose), ConsistentRead=True).get("Item")
    return Kept(int(item["version"]), json.loads(item["panels"])) if item else Kept()


def of_groups(table: Any, groups: Iterable[str]) -> list[Any] | None:
    """The panels of the default boards of these groups, one behind the other; None when none of them has one."""
    keys = {of_group(name): name for name in sorted(groups)}
    found = {item["pk"]: json.loads(item["panels"]) for item in batch_get(table, [(key, _BOARD) for key in keys])}
    boards = [found[key] for key in keys if found.get(key) is not None]
    # The boards of two groups may begin with the same panels.
    panels = {panel["id"]: panel for board in boards for panel in board}
    return list(panels.values()) if boards else None


def keep(table: Any, whose: str, panels: list[Any] | None, *, version: int) -> Kept | None:
    """Keep a board; None when it was changed since `version`.

    panels: None goes back to having none, which is a version, too: whoever still has the board open does not bring
    it back.
    """
    condition = "version = :version" if version else "attribute_not_exists(pk)"
    try:
        table.put_item(
            Item={**_key(whose), "version": version + 1, "panels": json.dumps(panels, ensure_ascii=False)},
            ConditionExpression=condition,
            **({"ExpressionAttributeValues": {":version": version}} if version else {}),
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return None
    return Kept(version + 1, panels)


def _key(whose: str) -> dict[str, str]:
    return {"pk": whose, "sk": _BOARD}
