"""Hours of instances saved: a stop joined with the next start of the same instance, by day; and what they are worth."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from lambdas.prices import kept
from lambdas.tracker.record import Record
from tests.dashboard.api import Api
from tests.dashboard.runs import record, step
from tests.prices.price_list import TOKYO, PriceList

OFFICE, SHOP = "i-0a0a0a0a0a0a0a0a0", "i-0b0b0b0b0b0b0b0b0"


def power(table: Any, flow: str, at: str, *ids: str, **more: Any) -> Record:
    """Record a run that stops or starts instances, and has done so two minutes after a moment in UTC."""
    part = "ec2.stop_instances" if flow == "evening_stop" else "ec2.start_instances"
    started = datetime.fromisoformat(at).replace(tzinfo=UTC)
    times = {"started": started.isoformat(), "ended": (started + timedelta(minutes=2)).isoformat()}
    made = step(part, *ids)
    # Of the shop's nobody knows the type.
    made["result"]["instances"] = [{"instance_id": id_, "instance_type": "t3.micro"} for id_ in ids if id_ == OFFICE]
    steps = [{**made, **times}]
    return record(table, flow, f"at-{started:%d-%H%M}", started=started, detail={"steps": steps}, **more)


@pytest.fixture(autouse=True)
def price(aws: Any) -> Any:
    """The price of a t3.micro, as it is kept; so no test asks the Price List."""
    item = {"pk": kept.PARTITION, "sk": "ap-northeast-1#t3.micro", "expires": 9999999999}
    aws.put_item(Item={**item, "price": "0.0136", "currency": "USD"})
    return item


def saved(api: Api, **query: str) -> dict[str, float]:
    """The hours of each day, of the days with any; and "all"."""
    told = api.get("/report", **{"since": "2026-10-24", "until": "2026-10-26", **query}).json
    hours = {day["day"]: round(day["hours_saved"], 6) for day in told["days"] if day["hours_saved"]}
    return {**hours, "all": round(told["hours_saved"], 6)}


def test_hours_are_between_a_stop_and_the_next_start_by_the_days_of_the_zone(aws: Any, admin: Api) -> None:
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE, SHOP)
    power(aws, "morning_start", "2026-10-26T06:00", OFFICE)
    assert saved(admin) == {"2026-10-24": 4.0, "2026-10-25": 24.0, "2026-10-26": 6.0, "all": 34.0}
    # The Sunday on which the clock is set back has 25 hours, and began two hours before that of UTC.
    berlin = {"2026-10-24": 2.0, "2026-10-25": 25.0, "2026-10-26": 7.0, "all": 34.0}
    assert saved(admin, timezone="Europe/Berlin") == berlin
    # Stopped before the period, and started after it.
    assert saved(admin, since="2026-10-25", until="2026-10-25") == {"2026-10-25": 24.0, "all": 24.0}


def test_what_is_not_known_to_be_saved_is_not_counted(aws: Any, admin: Api) -> None:
    power(aws, "morning_start", "2026-10-24T01:00", OFFICE)
    power(aws, "evening_stop", "2026-10-24T09:58", OFFICE)
    power(aws, "evening_stop", "2026-10-24T20:58", OFFICE)
    power(aws, "evening_stop", "2026-10-24T10:30", SHOP, dry_run=True)
    power(aws, "morning_start", "2026-10-24T22:00", OFFICE, SHOP)
    assert saved(admin) == {"2026-10-24": 1.0, "all": 1.0}


def test_hours_are_those_of_the_flow_that_stopped(aws: Any, admin: Api) -> None:
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE)
    power(aws, "morning_start", "2026-10-24T21:00", OFFICE)
    assert saved(admin, flow="evening_stop")["all"] == 1.0
    assert saved(admin, flow="morning_start") == {"all": 0.0}
    assert saved(Api("nobody", ())) == {"all": 0.0}


def test_money_is_hours_at_the_price_of_the_type(aws: Any, admin: Api) -> None:
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE, SHOP)
    power(aws, "morning_start", "2026-10-25T06:00", OFFICE, SHOP)
    told = admin.get("/report", since="2026-10-24", until="2026-10-26").json
    row = {"region": "ap-northeast-1", "hours": 10.0, "fetching": False}
    known = {**row, "type": "t3.micro", "price": 0.0136, "currency": "USD", "money": 0.136}
    assert told["savings"] == [{**row, "type": None, "price": None, "currency": None, "money": None}, known]
    assert (told["money_saved"], told["currency"]) == (0.136, "USD")


def test_without_a_price_there_is_no_money_and_not_none(aws: Any, admin: Api, price: dict[str, Any]) -> None:
    aws.put_item(Item=price)
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE)
    power(aws, "morning_start", "2026-10-25T06:00", OFFICE)
    told = admin.get("/report", since="2026-10-24", until="2026-10-26").json
    assert (told["money_saved"], told["currency"]) == (None, None)
    assert [(each["hours"], each["price"], each["money"]) for each in told["savings"]] == [(10.0, None, None)]


def test_a_report_does_not_wait_for_the_price_list_and_says_what_is_fetched(
    aws: Any, admin: Api, price: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever would be asked for over the network would not be answered.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    aws.delete_item(Key={"pk": price["pk"], "sk": price["sk"]})
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE)
    power(aws, "morning_start", "2026-10-25T06:00", OFFICE)

    def told() -> tuple[float | None, list[tuple[float | None, bool]]]:
        report = admin.get("/report", since="2026-10-24", until="2026-10-26").json
        return report["money_saved"], [(each["money"], each["fetching"]) for each in report["savings"]]

    assert told() == (None, [(None, True)])
    monkeypatch.delenv("HTTPS_PROXY")
    assert kept.fetch(aws, lambda: PriceList(TOKYO).client) == 1
    assert told() == (0.136, [(0.136, False)])


def test_where_there_is_no_price_list_nothing_is_fetched(
    aws: Any, admin: Api, price: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.delete_item(Key={"pk": price["pk"], "sk": price["sk"]})
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE)
    power(aws, "morning_start", "2026-10-25T06:00", OFFICE)
    monkeypatch.setenv("AWS_REGION", "us-gov-west-1")
    report = admin.get("/report", since="2026-10-24", until="2026-10-26").json
    assert [(each["price"], each["fetching"]) for each in report["savings"]] == [(None, False)]
    assert kept.fetch(aws, lambda: PriceList(TOKYO).client) == 0


def test_what_was_stopped_elsewhere_has_the_price_of_there(aws: Any, admin: Api) -> None:
    started = datetime(2026, 10, 24, 20, tzinfo=UTC)
    for flow, part, at in (
        ("evening_stop", "ec2.stop_instances", started),
        ("morning_start", "ec2.start_instances", started + timedelta(hours=2)),
    ):
        made = step(part, OFFICE, account="222222222222")
        made["result"] |= {"region": "eu-west-1", "instances": [{"instance_id": OFFICE, "instance_type": "t3.micro"}]}
        steps = [{**made, "started": at.isoformat(), "ended": at.isoformat()}]
        record(aws, flow, "there", started=at, detail={"steps": steps})
    item = {"pk": kept.PARTITION, "sk": "eu-west-1#t3.micro", "expires": 9999999999}
    aws.put_item(Item={**item, "price": "0.5", "currency": "USD"})
    told = admin.get("/report", since="2026-10-24", until="2026-10-26").json
    assert [(each["region"], each["money"]) for each in told["savings"]] == [("eu-west-1", 1.0)]


def test_runs_of_before_there_were_prices_have_hours_alone(aws: Any, admin: Api) -> None:
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE)
    power(aws, "morning_start", "2026-10-24T22:00", OFFICE)
    for item in aws.query(KeyConditionExpression=Key("pk").eq("POWER"))["Items"]:
        old = [row[:3] for row in json.loads(item["json"])]
        aws.put_item(Item={**item, "json": json.dumps(old)})
    told = admin.get("/report", since="2026-10-24", until="2026-10-24").json
    assert [(each["type"], each["hours"], each["money"]) for each in told["savings"]] == [(None, 2.0, None)]
