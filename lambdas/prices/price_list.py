"""What an hour of an instance type costs on demand with Linux in a Region, as the AWS Price List says.

Sources: "Using the AWS Price List Query API" (AWS Billing User Guide), "GetProducts" (AWS Price List API Reference).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_ON_DEMAND = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
    "licenseModel": "No License required",
    # Local Zones and Wavelength Zones have prices of their own under the code of their Region.
    "locationType": "AWS Region",
}
"""Attributes of a product that is an instance as most are launched."""

_MOST_PAGES = 5
"""A page may be empty and have a next one; these filters leave one product, or none."""

_ENDPOINTS = {
    "us-gov": "",
    "us-iso": "",
    "cn": "cn-northwest-1",
    "ap": "ap-south-1",
    "eu": "eu-central-1",
    "eusc": "eusc-de-east-1",
}
"""Where the Query API answers for Regions that begin so, "" nowhere; for all others in us-east-1."""


class Unreachable(Exception):
    """The Price List cannot be reached, or may not be asked."""


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


def endpoint(region: str) -> str:
    """Where the Price List answers for an app in a Region; "" where there is none, as on the local AWS."""
    if "AWS_ENDPOINT_URL" in os.environ:
        return ""
    return next((where for begin, where in _ENDPOINTS.items() if region.startswith(f"{begin}-")), "us-east-1")


def pricing(session: Any, region: str) -> Any:
    """A client of the Price List that gives up soon; None where there is none to be asked.

    session: boto3's, or boto3 itself. region: of the app.
    """
    where = endpoint(region)
    if not where:
        return None
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
    return session.client("pricing", region_name=where, config=config)


def ask(client: Any, kind: Kind) -> Price | None:
    """The price that the Price List tells, None when it has none. Raises Unreachable.

    Of several products it is the cheapest: what was saved is told too low rather than too high.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = [price for product in _products(client, kind) if (price := _price(product))]
    except (BotoCoreError, ClientError) as error:
        raise Unreachable(str(error)) from error
    return min(found, key=lambda price: price.amount, default=None)


def _products(client: Any, kind: Kind) -> Iterator[dict[str, Any]]:
    """The entries of the Price List, each of which comes as JSON text."""
    matched = {**_ON_DEMAND, "instanceType": kind.type, "regionCode": kind.region}
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in matched.items()]
    more: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        answer = client.get_products(
            ServiceCode="AmazonEC2", FormatVersion="aws_v1", Filters=filters, MaxResults=100, **more
        )
        yield from map(json.loads, answer.get("PriceList", []))
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}


def _price(product: dict[str, Any]) -> Price | None:
    """The price of an hour in an entry of the Price List; products that cost nothing belong to something else.

    Reserved terms stand beside the on-demand ones, and a term is called by codes that mean nothing here.
    """
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
