"""On-demand prices: asked for by the Price List Query API, kept in the table, and what there is without them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lambdas.savings.prices import MOST_ASKED, PARTITION, Kind, Price, prices, pricing
from tests.tables import table

__all__ = ["table"]

MICRO = Kind("ap-northeast-1", "t3.micro")
PRODUCT = {
    "product": {"attributes": {"instanceType": "t3.micro"}},
    "terms": {
        "OnDemand": {"A.B": {"priceDimensions": {"A.B.C": {"unit": "Hrs", "pricePerUnit": {"USD": "0.0136000000"}}}}}
    },
}
FREE = json.loads(json.dumps(PRODUCT).replace("0.0136000000", "0.0000000000"))
ASKED = {
    "ServiceCode": "AmazonEC2",
    "MaxResults": 10,
    "Filters": [
        {"Type": "TERM_MATCH", "Field": name, "Value": value}
        for name, value in {
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
            "marketoption": "OnDemand",
            "instanceType": "t3.micro",
            "regionCode": "ap-northeast-1",
        }.items()
    ],
}


@pytest.fixture
def stub(table: Any) -> Iterator[tuple[Any, Stubber]]:
    """A client of the Price List, and what it is answered; one that is asked more fails."""
    client = boto3.client("pricing", region_name="ap-south-1")
    with Stubber(client) as stubber:
        yield client, stubber


def test_a_price_is_asked_for_once_and_kept_a_week(table: Any, stub: tuple[Any, Stubber]) -> None:
    client, stubber = stub
    stubber.add_response("get_products", {"PriceList": [json.dumps(FREE), json.dumps(PRODUCT)]}, ASKED)
    assert prices(table, [MICRO, MICRO], client, keep=True) == {MICRO: Price(0.0136, "USD")}
    assert prices(table, [MICRO], client, keep=True) == {MICRO: Price(0.0136, "USD")}
    stubber.assert_no_pending_responses()
    (item,) = table.scan()["Items"]
    assert 6 * 86400 < int(item["expires"]) - time.time() <= 7 * 86400
    table.put_item(Item={**item, "expires": int(time.time()) - 1})
    stubber.add_response("get_products", {"PriceList": []}, ASKED)
    assert prices(table, [MICRO], client, keep=True) == {}, "what is older is asked for again"


def test_that_there_is_no_price_is_known_for_an_hour(table: Any, stub: tuple[Any, Stubber]) -> None:
    client, stubber = stub
    stubber.add_response("get_products", {"PriceList": []}, ASKED)
    assert prices(table, [MICRO], client, keep=True) == {}
    assert prices(table, [MICRO], client, keep=True) == {}
    (item,) = table.scan()["Items"]
    assert (item["sk"], "price" in item) == ("ap-northeast-1#t3.micro", False)
    assert 3000 < int(item["expires"]) - time.time() <= 3600


def test_who_may_not_ask_has_no_price_and_asks_no_further(table: Any, stub: tuple[Any, Stubber]) -> None:
    client, stubber = stub
    stubber.add_client_error("get_products", "AccessDeniedException")
    wanted = [Kind("ap-northeast-1", f"m{number}.large") for number in range(3)]
    assert prices(table, wanted, client, keep=False) == {}
    assert table.scan()["Items"] == []


def test_without_a_client_only_what_is_kept_is_known(table: Any) -> None:
    table.put_item(
        Item={"pk": PARTITION, "sk": "eu-west-1#m5.large", "expires": 9999999999, "price": "0.107", "currency": "USD"}
    )
    kept = Kind("eu-west-1", "m5.large")
    assert prices(table, [MICRO, kept], None, keep=True) == {kept: Price(0.107, "USD")}


def test_of_many_types_some_are_asked_for_at_once(table: Any, stub: tuple[Any, Stubber]) -> None:
    client, stubber = stub
    for _ in range(MOST_ASKED):
        stubber.add_response("get_products", {"PriceList": [json.dumps(PRODUCT)]})
    wanted = [Kind("eu-west-1", f"m{number}.large") for number in range(MOST_ASKED + 2)]
    assert len(prices(table, wanted, client, keep=True)) == MOST_ASKED


@pytest.mark.parametrize(
    ("region", "asked"),
    [
        ("ap-northeast-1", "ap-south-1"),
        ("eu-west-1", "eu-central-1"),
        ("us-west-2", "us-east-1"),
        ("sa-east-1", "us-east-1"),
        ("cn-north-1", "cn-northwest-1"),
        ("us-gov-west-1", None),
    ],
)
def test_the_nearest_endpoint_is_asked(region: str, asked: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    client = pricing(boto3, region)
    assert (client and client.meta.region_name) == asked
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert pricing(boto3, region) is None, "the local AWS has no prices"
