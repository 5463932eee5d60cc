"""`nightshift report` of a period, on the app's table in an account."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.prices.kept import PARTITION
from lambdas.tracker import measured
from nightshift.cli.runs import period
from nightshift.cli.runs.period import Days
from tests.cli.conftest import Cli
from tests.dashboard.runs import record, step
from tests.tables import table

__all__ = ["table"]

AWS = ("--target", "aws")
NOVEMBER = ("--from", "2026-11-20", "--to", "2026-11-22", "--tz", "UTC")
OFFICE = "i-0a0a0a0a0a0a0a0a0"
PRICE = {"pk": PARTITION, "sk": "ap-northeast-1#t3.micro", "expires": 9999999999}
NOW = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


def power(table: Any, flow: str, part: str, started: str, **more: Any) -> None:
    """Record a run of two minutes that stops or starts an instance in no time."""
    begun = datetime.fromisoformat(started).replace(tzinfo=UTC)
    made = step(part, OFFICE)
    made["result"]["instances"] = [{"instance_id": OFFICE, "instance_type": "t3.micro"}]
    steps = [{**made, "started": begun.isoformat(), "ended": begun.isoformat()}]
    record(table, flow, f"at-{begun:%d-%H%M}", started=begun, detail={"steps": steps}, **more)


@pytest.fixture
def runs(table: Any) -> Any:
    """A stop in the evening, the start on the next morning, and two other starts: one failed, one was skipped."""
    power(table, "evening_stop", "ec2.stop_instances", "2026-11-20T22:00")
    power(table, "morning_start", "ec2.start_instances", "2026-11-21T06:00", minutes=4)
    record(table, "morning_start", "b", "FAILED", started=datetime(2026, 11, 21, 7, tzinfo=UTC), minutes=90)
    record(table, "morning_start", "c", "SKIPPED", started=datetime(2026, 11, 21, 8, tzinfo=UTC))
    table.put_item(Item={**PRICE, "price": "0.0136", "currency": "USD"})
    return table


def test_each_day_and_each_flow_is_told(cli: Cli, runs: Any) -> None:
    told = json.loads(cli("report", *NOVEMBER, "--json", *AWS).out)
    assert (told["since"], told["until"], told["timezone"], told["whole"]) == (*NOVEMBER[1:4:2], "UTC", "2026-11-20")
    assert [(day["day"], day["runs"], day["success"], day["hours_saved"]) for day in told["days"]] == [
        ("2026-11-20", 1, 1.0, 2.0),
        ("2026-11-21", 3, 0.5, 6.0),
        ("2026-11-22", 0, None, 0.0),
    ]
    assert [(flow["flow"], flow["runs"], flow["longest"], flow["hours_saved"]) for flow in told["flows"]] == [
        ("evening_stop", 1, 120.0, 8.0),
        ("morning_start", 3, 5400.0, 0.0),
    ]
    assert told["flows"][1]["durations"] == {"p50": 240.0, "p90": 5400.0, "p99": 5400.0}
    assert told["flows"][1]["states"]["skipped"] == 1
    assert (told["total"]["runs"], told["total"]["hours_saved"], told["timed"]) == (4, 8.0, 3)


def test_the_days_are_those_of_the_zone(cli: Cli, runs: Any) -> None:
    options = ("--from", "2026-11-21", "--to", "2026-11-21", "--tz", "Asia/Tokyo", "--json")
    told = json.loads(cli("report", *options, *AWS).out)
    # 22:00 in UTC is 07:00 of the next day in Tokyo.
    assert [(flow["flow"], flow["runs"], flow["hours_saved"]) for flow in told["flows"]] == [
        ("evening_stop", 1, 8.0),
        ("morning_start", 3, 0.0),
    ]


def test_text_has_a_table_by_day_and_one_by_flow(cli: Cli, runs: Any) -> None:
    lines = cli("report", *NOVEMBER, *AWS).out.splitlines()
    assert lines[0] == "2026-11-20 to 2026-11-22, days in UTC"
    rows = [line.split("  ") for line in lines]
    cells = {row[0]: [cell.strip() for cell in row[1:] if cell.strip()] for row in rows}
    assert cells["2026-11-21"] == ["3", "50.0 %", "4 min 0 s", "1 h 30 min", "1 h 30 min", "1 h 30 min", "6.0"]
    assert cells["all days"] == ["4", "66.7 %", "4 min 0 s", "1 h 30 min", "1 h 30 min", "1 h 30 min", "8.0"]
    assert cells["evening_stop"][-1] == "8.0"
    assert "2026-11-22" not in cells, "a day on which nothing was is not drawn"


def test_money_saved_is_told_with_its_formula(cli: Cli, runs: Any) -> None:
    shown = cli("report", *NOVEMBER, *AWS).out
    assert "t3.micro       ap-northeast-1  8.0          0.0136 USD     0.11 USD" in shown.splitlines()
    assert "0.11 USD saved = hours saved x on-demand price of the type in its Region with Linux;" in shown
    told = json.loads(cli("report", *NOVEMBER, "--json", *AWS).out)
    assert (told["money_saved"], told["currency"], told["savings"][0]["price"]) == (0.1088, "USD", 0.0136)


def test_a_price_that_is_not_known_is_not_zero(cli: Cli, runs: Any) -> None:
    runs.put_item(Item=PRICE)
    shown = cli("report", *NOVEMBER, *AWS).out
    assert "t3.micro       ap-northeast-1  8.0          no price known  no price known" in shown.splitlines()
    told = json.loads(cli("report", *NOVEMBER, "--json", *AWS).out)
    assert (told["money_saved"], told["savings"][0]["money"]) == (None, None)


def test_csv_has_days_flows_and_all(cli: Cli, runs: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("report", *NOVEMBER, "--csv", *AWS).out)))
    assert [(row["day"], row["flow"]) for row in rows] == [
        ("2026-11-20", ""),
        ("2026-11-21", ""),
        ("2026-11-22", ""),
        ("", "evening_stop"),
        ("", "morning_start"),
        ("", ""),
        ("", ""),
    ]
    assert [rows[6][name] for name in ("type", "region", "hours_saved", "price", "currency", "money")] == [
        *("t3.micro", "ap-northeast-1", "8.0", "0.0136", "USD", "0.1088")
    ]
    assert (rows[1]["runs"], rows[1]["failed"], rows[1]["skipped"], rows[1]["success"]) == ("3", "1", "1", "0.5")
    assert (rows[4]["p50"], rows[4]["longest"], rows[3]["hours_saved"]) == ("240.0", "5400.0", "8.0")
    assert rows[2]["p50"] == "", "what no run tells is empty"


def test_one_flow_is_told_alone_and_one_that_is_none_is_refused(cli: Cli, runs: Any) -> None:
    told = json.loads(cli("report", *NOVEMBER, "--flow", "morning_start", "--json", *AWS).out)
    assert ([flow["flow"] for flow in told["flows"]], told["total"]["hours_saved"]) == (["morning_start"], 0.0)
    done = cli("report", *NOVEMBER, "--flow", "mornin_start", *AWS)
    assert (done.code, "mornin_start" in done.err) == (1, True)


def test_days_that_were_not_read_whole_say_so(cli: Cli, runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured.measure, "__defaults__", (2,))
    shown = cli("report", *NOVEMBER, *AWS).out
    assert "Days before 2026-11-22 are in UTC and have no percentiles" in shown
    told = json.loads(cli("report", *NOVEMBER, "--json", *AWS).out)
    assert [(flow["flow"], flow["runs"], flow["durations"]) for flow in told["flows"]] == [
        ("evening_stop", 1, None),
        ("morning_start", 3, None),
    ]


def test_a_time_without_runs_says_so(cli: Cli, table: Any) -> None:
    shown = cli("report", *NOVEMBER, *AWS)
    assert (shown.code, shown.out.splitlines()[1:]) == (0, ["No runs were recorded"])


def test_thirty_days_up_to_today_in_the_zone_are_the_default() -> None:
    days = Days.of(None, None, "Asia/Tokyo", NOW)
    assert (f"{days.since} {days.until}", days.zone.key) == ("2026-10-30 2026-11-28", "Asia/Tokyo")
    assert f"{Days.of(None, '2026-11-10', 'UTC', NOW).since}" == "2026-10-12"
    assert f"{Days.of('2026-11-10', None, 'UTC', NOW).until}" == "2026-11-27"


def test_the_zone_is_that_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = tmp_path / "zoneinfo/Europe/Berlin"
    zone.parent.mkdir(parents=True)
    zone.touch()
    (tmp_path / "localtime").symlink_to(zone)
    monkeypatch.setattr(period, "_LOCAL_ZONE", tmp_path / "localtime")
    monkeypatch.delenv("TZ", raising=False)
    assert period.own_zone() == ZoneInfo("Europe/Berlin")
    monkeypatch.setenv("TZ", "America/New_York")
    assert period.own_zone() == ZoneInfo("America/New_York")
    monkeypatch.setenv("TZ", "EST5EDT4,M3.2.0,M11.1.0")
    assert period.own_zone() == ZoneInfo("UTC"), "a rule has no name"


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("yesterday", None, "--from yesterday is not a date; write 2026-11-24"),
        ("2026-11-02", "2026-11-01", "--from 2026-11-02 is after --to 2026-11-01"),
        ("2025-01-01", "2026-11-01", "at most 400 days"),
    ],
)
def test_a_period_that_cannot_be_is_refused(since: str, until: str | None, said: str) -> None:
    with pytest.raises(InvalidParameter, match=said):
        Days.of(since, until, "UTC", NOW)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--tz", "Tokyo"], 1, "'Tokyo' is not a time zone"),
        (["stop/a", "--csv"], 2, "leave out RUN"),
        (["stop/a", "--from", "2026-11-01"], 2, "leave out RUN"),
        (["--csv", "--json"], 2, "not both"),
    ],
)
def test_what_makes_no_sense_is_said(cli: Cli, runs: Any, options: list[str], code: int, said: str) -> None:
    done = cli("report", *options, *AWS)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
