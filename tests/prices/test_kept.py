"""Prices in the table: noted as wanted by a page, fetched by the reconciler, kept a week."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lambdas.prices.kept import MOST_ASKED, PARTITION, Known, fetch, prices, prices_or_asked
from lambdas.prices.price_list import Kind, Price
from tests.prices.price_list import TOKYO, PriceList
from tests.tables import table

__all__ = ["table"]

MICRO = Kind("ap-northeast-1", "t3.micro")
COSTS = Price(0.0136, "USD")
DAY = 86400


@pytest.fixture
def sold(table: Any) -> PriceList:
    """The Price List."""
    return PriceList(TOKYO)


def changed(table: Any, **more: Any) -> None:
    """Change the one price that is kept."""
    (item,) = table.scan()["Items"]
    table.put_item(Item={**item, **more})


def seconds_left(table: Any, name: str) -> int:
    """How long it is until the moment that the one price says."""
    (item,) = table.scan()["Items"]
    return round(int(item[name]) - time.time())


def test_a_page_does_not_wait_for_a_price_and_has_it_the_next_time(table: Any, sold: PriceList) -> None:
    assert prices(table, [MICRO, MICRO]) == Known({}, frozenset({MICRO}))
    assert sold.asked == []
    assert fetch(table, lambda: sold.client) == 1
    assert prices(table, [MICRO]) == Known({MICRO: COSTS})


def test_a_price_is_asked_for_again_after_a_week_and_shown_meanwhile(table: Any, sold: PriceList) -> None:
    prices(table, [MICRO])
    assert (fetch(table, lambda: sold.client), fetch(table, lambda: sold.client)) == (1, 0)
    assert 6 * DAY < seconds_left(table, "until") <= 7 * DAY
    changed(table, until=int(time.time()) - 1)
    assert prices(table, [MICRO]) == Known({MICRO: COSTS})
    sold.products = []
    assert fetch(table, lambda: sold.client) == 1
    assert prices(table, [MICRO]) == Known({}), "it is sold no longer"


def test_that_there_is_no_price_is_known_for_a_day(table: Any, sold: PriceList) -> None:
    sold.products = []
    prices(table, [MICRO])
    assert (fetch(table, lambda: sold.client), fetch(table, lambda: sold.client)) == (1, 0)
    assert prices(table, [MICRO]) == Known({}), "nothing is being fetched"
    assert 23 * 3600 < seconds_left(table, "until") <= DAY


def test_where_nobody_answers_one_is_asked_every_hour(table: Any, sold: PriceList) -> None:
    sold.down = True
    wanted = [Kind("ap-northeast-1", f"m{number}.large") for number in range(3)]
    prices(table, wanted)
    assert (fetch(table, lambda: sold.client), fetch(table, lambda: sold.client)) == (0, 0)
    assert len(sold.asked) == 1
    assert prices(table, wanted) == Known({})
    untils = {round((int(item["until"]) - time.time()) / 60) for item in table.scan()["Items"]}
    assert untils == {60}


def test_a_price_that_is_known_outlasts_an_hour_in_which_nobody_answers(table: Any, sold: PriceList) -> None:
    prices(table, [MICRO])
    fetch(table, lambda: sold.client)
    changed(table, until=0)
    sold.down = True
    assert fetch(table, lambda: sold.client) == 0
    assert prices(table, [MICRO]) == Known({MICRO: COSTS})


def test_what_nobody_looks_at_is_asked_for_no_longer(table: Any, sold: PriceList) -> None:
    prices(table, [MICRO])
    assert 59 * DAY < seconds_left(table, "expires") <= 60 * DAY
    changed(table, expires=int(time.time()) + 29 * DAY)
    prices(table, [MICRO])
    assert seconds_left(table, "expires") > 59 * DAY
    changed(table, expires=int(time.time()) - 1)
    assert fetch(table, lambda: sold.client) == 0


def test_prices_of_before_are_shown_and_asked_for_again(table: Any, sold: PriceList) -> None:
    soon = int(time.time()) + DAY
    table.put_item(
        Item={"pk": PARTITION, "sk": "ap-northeast-1#t3.micro", "expires": soon, "price": "0.5", "currency": "USD"}
    )
    assert prices(table, [MICRO]) == Known({MICRO: Price(0.5, "USD")})
    assert fetch(table, lambda: sold.client) == 1
    assert prices(table, [MICRO]) == Known({MICRO: COSTS})


def test_of_many_types_some_are_asked_for_at_once(table: Any, sold: PriceList) -> None:
    prices(table, [Kind("eu-west-1", f"m{number}.large") for number in range(MOST_ASKED + 2)])
    assert [fetch(table, lambda: sold.client) for _ in range(3)] == [MOST_ASKED, 2, 0]
    assert len(sold.asked) == MOST_ASKED + 2


def test_without_a_price_list_nobody_is_asked(table: Any) -> None:
    prices(table, [MICRO])
    assert fetch(table, lambda: None) == 0


def test_no_client_is_made_while_no_price_is_wanted(table: Any, sold: PriceList) -> None:
    made: list[Any] = []

    def make() -> Any:
        made.append(sold.client)
        return sold.client

    assert (fetch(table, make), made) == (0, [])
    prices(table, [MICRO])
    assert (fetch(table, make), fetch(table, make), len(made)) == (1, 0, 1)


def test_the_command_line_asks_itself_and_writes_nothing(table: Any, sold: PriceList) -> None:
    assert prices_or_asked(table, [MICRO], sold.client) == Known({MICRO: COSTS})
    assert prices_or_asked(table, [MICRO], None) == Known({})
    assert table.scan()["Items"] == []
    sold.down = True
    assert prices_or_asked(table, [MICRO, Kind("eu-west-1", "m5.large")], sold.client) == Known({})
    assert len(sold.asked) == 2, "who may not ask does not ask again"
