"""What an hour of an instance type costs on demand with Linux in a Region, as the AWS Price List says.

A price is kept in the table for a week, and for an hour that there was none to be had. Where the service cannot be
reached or may not be asked, such as on the local AWS and in a network without a way to it, there are no prices.

Sources: "Using the AWS Price List Query API" (AWS Billing User Guide), "GetProducts" (AWS Price List API Reference).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdas.store.table import batch_get

PARTITION = "PRICES"
"""`pk` of the prices that are kept."""

MOST_ASKED = 10
"""Prices that are asked for at once; the others have their turn the next time."""

_KEPT, _KEPT_WITHOUT = 7 * 24 * 3600, 3600
"""Seconds for which a price is kept, and for which it is known that there is none."""

_ON_DEMAND = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
}
"""Attributes of a product that is an instance as most are launched."""

_ENDPOINTS = {"us-gov": "", "us-iso": "", "cn": "cn-northwest-1", "ap": "ap-south-1", "eu": "eu-central-1"}
"""Where the Query API answers for Regions that begin so, "" nowhere; for all others in us-east-1."""


@dataclass(frozen=True)
class Kind:
    """An instance type in a Region."""

    region: str
    type: str


@dataclass(frozen=True)
class Price:
    """What an hour costs. currency: ISO 4217."""

    amount: float
    currency: str


def pricing(session: Any, region: str) -> Any:
    """A client of the Price List that gives up soon, since a page waits for it; None where there is none to be asked.

    session: boto3's, or boto3 itself. region: of the app.
    """
    endpoint = next((where for begin, where in _ENDPOINTS.items() if region.startswith(f"{begin}-")), "us-east-1")
    if not endpoint or "AWS_ENDPOINT_URL" in os.environ:
        return None
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
    return session.client("pricing", region_name=endpoint, config=config)


def prices(table: Any, kinds: Iterable[Kind], client: Any, *, keep: bool) -> dict[Kind, Price]:
    """The prices that are known: those kept in the table, and those that the Price List tells.

    client: as `pricing` makes it. keep: whether what it tells is put into the table.
    """
    now = int(time.time())
    wanted = sorted(set(kinds), key=lambda kind: (kind.region, kind.type))
    kept = {item["sk"]: item for item in batch_get(table, [(PARTITION, _key(kind)) for kind in wanted])}
    found: dict[Kind, Price] = {}
    missing: list[Kind] = []
    for kind in wanted:
        item = kept.get(_key(kind))
        if item is None or int(item["expires"]) <= now:
            missing.append(kind)
        elif item.get("price"):
            found[kind] = Price(float(item["price"]), item["currency"])
    reached = client is not None
    for kind in missing[:MOST_ASKED] if reached else []:
        price, reached = _asked(client, kind) if reached else (None, False)
        if price:
            found[kind] = price
        if keep:
            table.put_item(Item=_item(kind, price, now))
    return found


def _asked(client: Any, kind: Kind) -> tuple[Price | None, bool]:
    """The price that the Price List tells, and whether it could be asked."""
    from botocore.exceptions import BotoCoreError, ClientError

    matched = {**_ON_DEMAND, "instanceType": kind.type, "regionCode": kind.region}
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in matched.items()]
    try:
        answer = client.get_products(ServiceCode="AmazonEC2", Filters=filters, MaxResults=10)
    except (BotoCoreError, ClientError):
        return None, False
    found = (_price(json.loads(product)) for product in answer.get("PriceList", []))
    return next(filter(None, found), None), True


def _price(product: dict[str, Any]) -> Price | None:
    """The price of an hour in an entry of the Price List; products that cost nothing belong to something else."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            for currency, text in dimension.get("pricePerUnit", {}).items():
                amount = _number(text)
                if dimension.get("unit") == "Hrs" and amount > 0:
                    return Price(amount, currency)
    return None


def _number(text: str) -> float:
    try:
        return float(Decimal(text))
    except InvalidOperation:
        return 0.0


def _item(kind: Kind, price: Price | None, now: int) -> dict[str, Any]:
    told = {"price": str(price.amount), "currency": price.currency} if price else {}
    return {"pk": PARTITION, "sk": _key(kind), "expires": now + (_KEPT if price else _KEPT_WITHOUT), **told}


def _key(kind: Kind) -> str:
    return f"{kind.region}#{kind.type}"
