"""What the AWS Price List is asked, and how its answer is read."""

from __future__ import annotations

import boto3
import pytest

from lambdas.prices.price_list import Kind, Price, Unreachable, ask, pricing
from tests.prices.price_list import TOKYO, PriceList, product

MICRO = Kind("ap-northeast-1", "t3.micro")


def test_of_all_the_ways_in_which_a_type_is_sold_it_is_the_usual_one() -> None:
    sold = PriceList(TOKYO)
    assert ask(sold.client, MICRO) == Price(0.0136, "USD")
    (asked,) = sold.asked
    assert (asked["ServiceCode"], asked["FormatVersion"]) == ("AmazonEC2", "aws_v1")


@pytest.mark.parametrize("sku", [each["product"]["sku"] for each in TOKYO if each["product"]["sku"] != "LINUX"])
def test_none_of_the_others_is_taken_for_it(sku: str) -> None:
    sold = PriceList([each for each in TOKYO if each["product"]["sku"] == sku])
    assert ask(sold.client, MICRO) is None


def test_a_type_that_is_not_sold_has_no_price() -> None:
    assert ask(PriceList(TOKYO).client, Kind("ap-northeast-1", "u-3tb1.56xlarge")) is None


def test_of_several_products_it_is_the_cheapest_that_costs_anything_wherever_in_the_pages() -> None:
    sold = PriceList([product(f"S{n}", price) for n, price in enumerate(("0.2", "0.0000000000", "0.1", "0.3"))])
    sold.page = 1
    assert ask(sold.client, MICRO) == Price(0.1, "USD")
    assert [each.get("NextToken") for each in sold.asked] == [None, "1", "2", "3"]


def test_pages_have_an_end() -> None:
    sold = PriceList([product(f"S{n}", "0.1") for n in range(50)])
    sold.page = 1
    assert ask(sold.client, MICRO) == Price(0.1, "USD")
    assert len(sold.asked) == 5


def test_a_price_has_the_currency_of_its_partition() -> None:
    china = product("CN", "0.0702000000", "CNY", regionCode="cn-north-1", location="China (Beijing)")
    assert ask(PriceList([china], "cn-northwest-1").client, Kind("cn-north-1", "t3.micro")) == Price(0.0702, "CNY")


def test_who_may_not_ask_is_told_so() -> None:
    sold = PriceList(TOKYO)
    sold.down = True
    with pytest.raises(Unreachable, match="AccessDenied"):
        ask(sold.client, MICRO)


@pytest.mark.parametrize(
    ("region", "asked"),
    [
        ("ap-northeast-1", "ap-south-1"),
        ("eu-west-1", "eu-central-1"),
        ("us-west-2", "us-east-1"),
        ("sa-east-1", "us-east-1"),
        ("cn-north-1", "cn-northwest-1"),
        ("eusc-de-east-1", "eusc-de-east-1"),
        ("us-gov-west-1", None),
    ],
)
def test_the_nearest_endpoint_is_asked(region: str, asked: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    client = pricing(boto3, region)
    assert (client and client.meta.region_name) == asked
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert pricing(boto3, region) is None, "the local AWS has no prices"
