"""Runs by day in a time zone, also where the clock changes, and the percentiles of how long they took."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lambdas.tracker import measured
from lambdas.tracker.counters import tally
from lambdas.tracker.measured import Measured, measure, percentiles, summarize
from lambdas.tracker.observation import from_event
from lambdas.tracker.store import save
from tests.tracker.views import event

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")


def recorded(table: Any, started: str, *, took: float = 60, status: str = "SUCCEEDED", flow: str = "backup") -> None:
    """Record a run that started at a time in UTC, as "2026-10-25T00:30"."""
    moment = datetime.fromisoformat(started).replace(tzinfo=UTC)
    told = event(status, flow=flow, name=f"r{moment:%m%dT%H%M%S}", started=moment, took=took)
    save(table, from_event(told["detail"], flow))


def runs_by_day(found: Measured) -> dict[str, int]:
    """How many runs each day has."""
    return {day.isoformat(): sum(told.tally.states.values()) for day, told in found.days.items()}


def test_a_day_is_that_of_the_zone(table: Any) -> None:
    recorded(table, "2026-11-24T14:59:59")
    recorded(table, "2026-11-24T15:00:00")
    days = (date(2026, 11, 24), date(2026, 11, 25))
    assert runs_by_day(measure(table, None, *days, TOKYO)) == {"2026-11-24": 1, "2026-11-25": 1}
    assert runs_by_day(measure(table, None, *days, ZoneInfo("UTC"))) == {"2026-11-24": 2, "2026-11-25": 0}
    assert runs_by_day(measure(table, None, days[1], days[1], TOKYO)) == {"2026-11-25": 1}


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        pytest.param(date(2026, 3, 29), "2026-03-28T23:00", "2026-03-29T21:59", id="23 hours"),
        pytest.param(date(2026, 10, 25), "2026-10-24T22:00", "2026-10-25T22:59", id="25 hours"),
    ],
)
def test_a_day_on_which_the_clock_changes_has_all_its_runs_and_no_other(
    table: Any, day: date, first: str, last: str
) -> None:
    before, after = {23: ("2026-03-28T22:59", "2026-03-29T22:00"), 22: ("2026-10-24T21:59", "2026-10-25T23:00")}[
        datetime.fromisoformat(first).hour
    ]
    for started in (before, first, last, after):
        recorded(table, started)
    assert runs_by_day(measure(table, None, day, day, BERLIN)) == {day.isoformat(): 2}


def test_durations_are_of_the_runs_that_ended_and_were_not_skipped(table: Any) -> None:
    recorded(table, "2026-11-24T01:00", took=10)
    recorded(table, "2026-11-24T02:00", took=30, status="FAILED")
    recorded(table, "2026-11-24T03:00", status="RUNNING")
    recorded(table, "2026-11-24T04:00", took=50, flow="stop")
    day = date(2026, 11, 24)
    found = measure(table, ["backup"], day, day, TOKYO)
    assert sorted(found.seconds) == [10, 30]
    assert (found.total.timed, found.total.longest, found.total.states["RUNNING"]) == (2, 30, 1)
    everything = measure(table, None, day, day, TOKYO)
    assert sorted(everything.seconds) == [10, 30, 50]
    assert {flow: sum(numbers[:6]) for flow, numbers in everything.days[day].flows.items()} == {"backup": 3, "stop": 1}


def test_days_that_were_not_read_whole_are_counted_in_utc_and_have_no_durations(table: Any) -> None:
    for started in ("2026-11-22T16:00", "2026-11-23T03:00", "2026-11-23T10:00", "2026-11-24T01:00", "2026-11-24T02:00"):
        recorded(table, started)
    days = (date(2026, 11, 22), date(2026, 11, 24))
    cut = measure(table, None, *days, TOKYO, most=3)
    assert (cut.whole, cut.more, len(cut.seconds)) == (date(2026, 11, 24), True, 2)
    assert runs_by_day(cut) == {"2026-11-22": 1, "2026-11-23": 2, "2026-11-24": 2}
    complete = measure(table, None, *days, TOKYO, most=5)
    assert (complete.whole, complete.more, len(complete.seconds)) == (days[0], False, 5)
    assert runs_by_day(complete) == {"2026-11-22": 0, "2026-11-23": 3, "2026-11-24": 2}


def test_a_summary_is_by_day_of_the_zone_and_by_flow(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for started in ("2026-11-22T16:00", "2026-11-23T03:00", "2026-11-23T10:00", "2026-11-24T01:00"):
        recorded(table, started)
    recorded(table, "2026-11-24T02:00", flow="stop")
    days = (date(2026, 11, 22), date(2026, 11, 24))

    def told(zone: ZoneInfo) -> tuple[dict[str, int], dict[str, int], date]:
        found, whole = summarize(table, None, *days, zone)
        by_day = {day.isoformat(): tally([numbers]) for day, numbers in found.days.items()}
        by_flow = {flow: sum(tally([numbers]).states.values()) for flow, numbers in found.flows.items()}
        return {day: sum(counted.states.values()) for day, counted in by_day.items()}, by_flow, whole

    flows = {"backup": 4, "stop": 1}
    assert told(ZoneInfo("UTC")) == ({"2026-11-22": 1, "2026-11-23": 2, "2026-11-24": 2}, flows, days[0])
    assert told(TOKYO) == ({"2026-11-22": 0, "2026-11-23": 3, "2026-11-24": 2}, flows, days[0])
    # Of more than are read, those before are by day in UTC, and still in the numbers by flow.
    monkeypatch.setattr(measured, "_MOST_SUMMARIZED", 3)
    assert told(TOKYO) == ({"2026-11-22": 1, "2026-11-23": 2, "2026-11-24": 2}, flows, days[1])


def test_percentiles_are_by_the_nearest_rank() -> None:
    assert percentiles([]) is None
    assert percentiles([7.0]) == (7, 7, 7)
    assert percentiles(float(n) for n in range(100, 0, -1)) == (50, 90, 99)
    assert percentiles([1.0, 2.0, 3.0]) == (2, 3, 3)
