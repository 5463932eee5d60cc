"""Prices in the table: read by whoever shows money, fetched by the reconciler in its next round.

Who shows money never waits for the Price List: a price that is missing is noted as wanted, and is there some minutes
later. It is asked for anew every week as long as somebody looks, a day later when there was none. Where the service
cannot be reached, such as in a network without a way to it, it is tried again every hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lambdas.prices.price_list import Kind, Price, Unreachable, ask
from lambdas.store.table import batch_get

PARTITION = "PRICES"
"""`pk` of the prices that are kept."""

MOST_ASKED = 10
"""Prices that are asked for at once; the others have their turn the next time."""

_MOST_NOTED = 25
"""Prices that are noted as wanted for one answer."""

_HOUR, _DAY = 3600, 86400
_FRESH, _WITHOUT, _UNREACHED = 7 * _DAY, _DAY, _HOUR
"""Seconds until a price is asked for again: when there was one, none, and when nobody answered."""

_WANTED, _STILL_WANTED = 60 * _DAY, 30 * _DAY
"""Seconds for which a price is kept after it was wanted, and that are left when this is noted again."""


@dataclass(frozen=True)
class Known:
    """Prices that are known, and kinds whose price has not been asked for yet."""

    prices: dict[Kind, Price]
    fetching: frozenset[Kind] = frozenset()


def prices(table: Any, kinds: Iterable[Kind]) -> Known:
    """The prices that are kept; what is missing is noted as wanted."""
    now = int(time.time())
    wanted, items = _read(table, kinds)
    missing = [kind for kind in wanted if int(items.get(_key(kind), {}).get("expires", 0)) < now + _STILL_WANTED]
    for kind in missing[:_MOST_NOTED]:
        table.update_item(
            Key={"pk": PARTITION, "sk": _key(kind)},
            UpdateExpression="SET expires = :expires",
            ExpressionAttributeValues={":expires": now + _WANTED},
        )
    fetching = {kind for kind in wanted if not {"asked", "price"} & items.get(_key(kind), {}).keys()}
    return Known(_told(wanted, items), frozenset(fetching))


def prices_or_asked(table: Any, kinds: Iterable[Kind], client: Any) -> Known:
    """The prices that are kept, and those that the Price List tells; nothing is written.

    client: as `price_list.pricing` makes it; None: it is not asked.
    """
    wanted, items = _read(table, kinds)
    found = _told(wanted, items)
    missing = [kind for kind in wanted if kind not in found]
    for kind in missing[:MOST_ASKED] if client is not None else []:
        try:
            price = ask(client, kind)
        except Unreachable:
            break
        if price:
            found[kind] = price
    return Known(found)


def fetch(table: Any, make: Callable[[], Any]) -> int:
    """Ask for prices whose turn it is, at most MOST_ASKED; how many were answered.

    make: gives a client as `price_list.pricing` makes it, None to ask nobody; called only when a price is wanted.
    """
    now = int(time.time())
    due = [item for item in _all(table) if int(item.get("until", 0)) <= now < int(item["expires"])]
    client = make() if due else None
    if client is None:
        return 0
    due.sort(key=lambda item: int(item.get("until", 0)))
    for number, item in enumerate(due[:MOST_ASKED]):
        region, _, type_ = item["sk"].partition("#")
        try:
            price = ask(client, Kind(region, type_))
        except Unreachable:
            for left in due[number:]:
                table.put_item(Item={**left, "until": now + _UNREACHED, "asked": True})
            return number
        table.put_item(Item=_item(item, price, now))
    return min(len(due), MOST_ASKED)


def _read(table: Any, kinds: Iterable[Kind]) -> tuple[list[Kind], dict[str, dict[str, Any]]]:
    wanted = sorted(set(kinds), key=_key)
    return wanted, {item["sk"]: item for item in batch_get(table, [(PARTITION, _key(kind)) for kind in wanted])}


def _told(wanted: Iterable[Kind], items: dict[str, dict[str, Any]]) -> dict[Kind, Price]:
    found = {kind: items.get(_key(kind), {}) for kind in wanted}
    return {kind: Price(float(item["price"]), item["currency"]) for kind, item in found.items() if item.get("price")}


def _all(table: Any) -> Iterable[dict[str, Any]]:
    query: dict[str, Any] = {
        "KeyConditionExpression": "pk = :prices",
        "ExpressionAttributeValues": {":prices": PARTITION},
    }
    while True:
        answer = table.query(**query)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _item(item: dict[str, Any], price: Price | None, now: int) -> dict[str, Any]:
    kept = {name: value for name, value in item.items() if name not in ("price", "currency")}
    told = {"price": str(price.amount), "currency": price.currency} if price else {}
    return {**kept, "until": now + (_FRESH if price else _WITHOUT), "asked": True, **told}


def _key(kind: Kind) -> str:
    return f"{kind.region}#{kind.type}"
