"""Schedules by days: what EventBridge Scheduler is given, and the days on which they are really due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from nightshift import Calendar, at, cron, daily, monthly, rate, weekdays, weekly, window
from nightshift.triggers import Schedule, TriggerError

JP = Calendar("JP", extra_holidays=["12-29", "12-30", "12-31"], timezone="Asia/Tokyo")
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)


def due(schedule: Schedule, count: int, after: datetime = NOVEMBER) -> list[str]:
    """The next times it is due, in its zone."""
    return [time.strftime("%m-%d %H:%M") for time in islice(schedule.fire_times(after), count)]


@pytest.mark.parametrize(
    ("schedule", "expressions", "times"),
    [
        (daily("06:00"), ("cron(0 6 * * ? *)",), ["11-01 06:00", "11-02 06:00"]),
        (
            daily(["21:00", "06:30", "09:00"], timezone="Asia/Tokyo"),
            ("cron(0 9,21 * * ? *)", "cron(30 6 * * ? *)"),
            ["11-01 21:00", "11-02 06:30", "11-02 09:00", "11-02 21:00"],
        ),
        (
            daily("21:00", only="business days", calendar=JP),
            ("cron(0 21 ? * MON-FRI *)",),
            ["11-02 21:00", "11-04 21:00", "11-05 21:00", "11-06 21:00", "11-09 21:00"],
        ),
        (
            daily("10:00", only="holidays", calendar=JP),
            None,
            ["11-03 10:00", "11-23 10:00", "12-29 10:00", "12-30 10:00", "12-31 10:00", "01-01 10:00"],
        ),
        (
            daily("10:00", only="days off", calendar=JP),
            ("cron(0 10 * * ? *)",),
            ["11-01 10:00", "11-03 10:00", "11-07 10:00", "11-08 10:00"],
        ),
        (weekdays("07:30", timezone="Asia/Tokyo"), ("cron(30 7 ? * MON-FRI *)",), ["11-02 07:30", "11-03 07:30"]),
        (
            weekdays("07:30", except_on=["2026-11-03"], also_on=["2026-11-07"]),
            ("cron(30 7 ? * MON-FRI *)", "cron(30 7 7 11 ? 2026)"),
            ["11-02 07:30", "11-04 07:30", "11-05 07:30", "11-06 07:30", "11-07 07:30", "11-09 07:30"],
        ),
        (
            weekly(["SUN", "wed"], "01:00", timezone="UTC"),
            ("cron(0 1 ? * SUN,WED *)",),
            ["11-01 01:00", "11-04 01:00", "11-08 01:00"],
        ),
        (
            weekly("MON", "22:00", calendar=JP, on_holiday="next"),
            None,
            ["11-02 22:00", "11-09 22:00", "11-16 22:00", "11-24 22:00", "11-30 22:00"],
        ),
        (
            monthly(business_day=-1, at="21:00", calendar=JP),
            None,
            ["11-30 21:00", "12-28 21:00", "01-29 21:00", "02-26 21:00", "03-31 21:00"],
        ),
        (monthly(business_day=2, at="21:00", calendar=JP), None, ["11-04 21:00", "12-02 21:00", "01-05 21:00"]),
        (monthly(day=-1, at="05:00"), ("cron(0 5 L * ? *)",), ["11-30 05:00", "12-31 05:00"]),
        (
            monthly(day=23, at="09:00", calendar=JP, on_holiday="previous"),
            None,
            ["11-20 09:00", "12-23 09:00", "01-22 09:00"],
        ),
        (
            monthly(day=31, at="09:00", calendar=JP, on_holiday="next"),
            None,
            ["11-02 09:00", "01-04 09:00", "02-01 09:00", "03-31 09:00"],
        ),
        # 23 January 2027 is a Saturday, 23 February the Emperor's birthday.
        (monthly(day=23, at="09:00", calendar=JP, on_holiday="skip"), None, ["12-23 09:00", "03-23 09:00"]),
        (
            cron("0 12 ? * FRI#1 *", calendar=JP, only="business days", also_on=["2026-11-04"]),
            ("cron(0 12 ? * FRI#1 *)", "cron(0 12 4 11 ? 2026)"),
            ["11-04 12:00", "11-06 12:00", "12-04 12:00"],
        ),
    ],
)
def test_a_schedule_fires_when_it_has_to_and_is_due_when_it_says(
    schedule: Schedule, expressions: tuple[str, ...] | None, times: list[str]
) -> None:
    assert due(schedule, len(times)) == times
    if expressions is not None:
        assert schedule.expressions == expressions


def test_scheduler_fires_on_few_days_more_than_it_has_to() -> None:
    """What it fires in vain costs an execution each; the last business day is one of the last days of a month."""
    schedule = monthly(business_day=-1, at="21:00", calendar=JP)
    fired = Schedule(schedule.expressions, schedule.timezone)
    in_year = [t for t in islice(fired.fire_times(datetime(2026, 1, 1, tzinfo=UTC)), 400) if t.year == 2026]
    assert len(in_year) < 100


def test_a_window_starts_the_flow_when_it_opens_and_when_it_closes() -> None:
    night = window("22:30-07:00", timezone="Asia/Tokyo")
    assert night.expressions == ("cron(30 22 * * ? *)", "cron(0 7 * * ? *)")
    assert due(night, 3) == ["11-01 22:30", "11-02 07:00", "11-02 22:30"]
    friday = window("22:30-07:00", days="FRI", timezone="Asia/Tokyo")
    assert due(friday, 4) == ["11-06 22:30", "11-07 07:00", "11-13 22:30", "11-14 07:00"]
    office = window("09:00-18:00", calendar=JP, only="business days", except_on=["2026-11-04"])
    assert due(office, 4) == ["11-02 09:00", "11-02 18:00", "11-05 09:00", "11-05 18:00"]
    before_holiday = window("22:00-06:00", calendar=JP, only="business days")
    # It opens on Monday the 2nd, and closes on the holiday after it.
    assert due(before_holiday, 4) == ["11-02 22:00", "11-03 06:00", "11-04 22:00", "11-05 06:00"]


def test_daylight_saving_time_is_that_of_the_zone() -> None:
    berlin = daily("02:30", timezone="Europe/Berlin")
    assert due(berlin, 3, datetime(2027, 3, 26, 12, tzinfo=UTC)) == ["03-27 02:30", "03-29 02:30", "03-30 02:30"]


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (daily("21:00", only="business days", calendar=JP), "21:00 daily Asia/Tokyo, business days only (JP)"),
        (
            monthly(business_day=-1, at="21:00", calendar=JP),
            "21:00 Asia/Tokyo, last business day of the month (JP)",
        ),
        (window("22:30-07:00", days="MON-FRI"), "22:30-07:00 on MON, TUE, WED, THU, FRI UTC"),
        (rate("2 hours"), "rate(2 hours) from its deployment"),
        (cron("0 22 * * ? *", timezone="Asia/Tokyo"), "cron(0 22 * * ? *) Asia/Tokyo"),
        (at("2026-12-01T09:00:00"), "at(2026-12-01T09:00:00) UTC"),
    ],
)
def test_a_schedule_in_words(schedule: Schedule, words: str) -> None:
    assert schedule.words == words


def wrong(value: object) -> Any:
    """A value of a type that a type checker would refuse."""
    return value


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (lambda: daily("25:00"), "'25:00' is not a time of day", '"HH:MM"'),
        (lambda: daily([]), "names no time of day", "at="),
        (lambda: daily("9:00", only="business days"), "'9:00' is not a time of day", '"06:00"'),
        (lambda: daily("09:00", only="business days"), "only= needs a calendar", "calendar=JP"),
        (lambda: daily("09:00", only=wrong("business day"), calendar=JP), "only is 'business day'", "'business days'"),
        (lambda: weekly("MONDAY", "09:00"), "'MONDAY' is not a day of the week", "did you mean MON"),
        (lambda: weekly([], "09:00"), "no day of the week", "SUN"),
        (lambda: weekly("MON", "09:00", on_holiday=wrong("nxt"), calendar=JP), "on_holiday is 'nxt'", "'next'"),
        (lambda: monthly(at="09:00"), "either day or business_day", "monthly(day=25"),
        (lambda: monthly(at="09:00", day=1, business_day=1), "either day or business_day", "monthly(day=25"),
        (lambda: monthly(at="09:00", day=32), "day is 32", "1 to 31"),
        (lambda: monthly(at="09:00", day=-2), "day is -2", "-1 for the last"),
        (lambda: monthly(at="09:00", business_day=0, calendar=JP), "business_day is 0", "from the end"),
        (
            lambda: monthly(at="09:00", business_day=1, calendar=JP, on_holiday="next"),
            "falls on no holiday",
            "leave on_holiday out",
        ),
        (lambda: daily("09:00", except_on=["24.12."]), "'24.12.' in except_on is not a date", "2026-12-29"),
        (lambda: daily("09:00", except_on="2026-12-24"), "except_on is one text", "write a list"),
        (
            lambda: daily("09:00", except_on=["2026-12-24"], also_on=["2026-12-24"]),
            "is in except_on and in also_on",
            "take it out",
        ),
        (lambda: window("22:30"), "'22:30' is not a window", "22:30-07:00"),
        (lambda: window("07:00-07:00"), "opens and closes at once", "two times"),
        (lambda: window("22:30-7am"), "'7am' is not a time of day", '"HH:MM"'),
        (lambda: daily("09:00", timezone="Asia/Tokio"), "is not a time zone", "did you mean Asia/Tokyo"),
        (lambda: daily("09:00", only="holidays", calendar=wrong("JP")), "calendar is 'JP'", 'calendar=Calendar("JP")'),
        (
            lambda: weekly("SAT", "09:00", calendar=JP, on_holiday="skip"),
            "the schedule is never due",
            "no day is named",
        ),
    ],
)
def test_what_is_no_schedule_is_refused_where_it_is_written(make: Callable[[], Any], message: str, hint: str) -> None:
    with pytest.raises(TriggerError, match=message) as raised:
        make()
    assert hint in raised.value.hint
