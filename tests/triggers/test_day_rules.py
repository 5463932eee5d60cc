"""Business calendars as data, and the rules for days: what is due, and why the rest is not."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lambdas.calendar.business_days import BusinessCalendar, DayRule, OutsideCalendar, due_times, ordinal

TOKYO = ZoneInfo("Asia/Tokyo")
# The days around November 2026 in Japan, and an office that closes for the year on 29 December.
OFFICE = BusinessCalendar(
    "office",
    2026,
    2027,
    holidays={
        date(2026, 11, 3): "Culture Day",
        date(2026, 11, 23): "Labor Thanksgiving Day",
        date(2026, 12, 29): "closed",
        date(2026, 12, 30): "closed",
        date(2026, 12, 31): "closed",
        date(2027, 1, 1): "New Year's Day",
    },
    workdays=frozenset({date(2026, 11, 28)}),
)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("rule", "when", "reason"),
    [
        ({"only": "business days"}, "2026-11-24", None),
        ({"only": "business days"}, "2026-11-23", "2026-11-23 is a holiday (Labor Thanksgiving Day)"),
        ({"only": "business days"}, "2026-11-22", "2026-11-22 is a Sunday"),
        ({"only": "business days"}, "2026-11-28", None),
        ({"only": "days off"}, "2026-11-22", None),
        ({"only": "days off"}, "2026-11-23", None),
        ({"only": "days off"}, "2026-11-24", "2026-11-24 is a business day"),
        ({"only": "holidays"}, "2026-11-23", None),
        ({"only": "holidays"}, "2026-11-22", "2026-11-22 is not a holiday"),
        ({"business_day": -1}, "2026-11-30", None),
        (
            {"business_day": -1},
            "2026-12-31",
            "2026-12-31 is not the last business day of its month, which is 2026-12-28",
        ),
        ({"business_day": 2}, "2026-11-04", None),
        ({"business_day": 22}, "2026-11-30", "2026-11-30 is not the 22nd business day of its month, which has fewer"),
        ({"base": "23 * ? *", "shift": "next"}, "2026-11-24", None),
        ({"base": "23 * ? *", "shift": "next"}, "2026-11-23", "2026-11-23 is a holiday (Labor Thanksgiving Day)"),
        ({"base": "23 * ? *", "shift": "next"}, "2026-11-25", "2026-11-25 is not a day it is due on"),
        ({"base": "23 * ? *", "shift": "previous"}, "2026-11-20", None),
        ({"base": "1 * ? *", "shift": "previous"}, "2026-12-28", None),
        ({"base": "31 * ? *", "shift": "next"}, "2027-01-04", None),
        ({"base": "1 * ? *", "shift": "next"}, "2027-01-04", None),
        ({"only": "business days", "except_on": ["2026-11-24"]}, "2026-11-24", "2026-11-24 is left out by except_on"),
        ({"only": "business days", "also_on": ["2026-11-23"]}, "2026-11-23", None),
    ],
)
def test_a_day_is_due_or_the_reason_is_given_in_words(rule: dict[str, Any], when: str, reason: str | None) -> None:
    made = DayRule.from_json({"calendar": OFFICE.to_json(), **rule})
    assert made.due(day(when)) == reason
    assert DayRule.from_json(made.to_json()) == made


def test_a_calendar_tells_business_days_apart() -> None:
    assert [OFFICE.is_business_day(day(d)) for d in ("2026-11-27", "2026-11-28", "2026-11-29")] == [True, True, False]
    assert [OFFICE.is_holiday(day(d)) for d in ("2026-11-22", "2026-11-23")] == [False, True]
    assert OFFICE.next_business_day(day("2026-12-28")) == day("2027-01-04")
    assert OFFICE.days_until_business_day(day("2026-12-28")) == 7
    assert OFFICE.days_until_business_day(day("2026-11-24")) == 1
    assert OFFICE.business_day_of_month(day("2026-11-02"), 1)
    assert not OFFICE.business_day_of_month(day("2026-11-02"), 0)


def test_a_year_without_data_is_refused_rather_than_answered() -> None:
    with pytest.raises(OutsideCalendar, match="the calendar office knows the years 2026 to 2027, not 2028-01-03"):
        OFFICE.is_business_day(day("2028-01-03"))
    with pytest.raises(OutsideCalendar, match="not 2028-01-01"):
        OFFICE.next_business_day(day("2027-12-31"))


def test_the_closing_of_a_window_over_midnight_belongs_to_the_day_it_opened() -> None:
    rule = DayRule(OFFICE, only="business days", closing="07:00")
    assert rule.due(datetime(2026, 11, 21, 7, tzinfo=TOKYO)) is None, "opened on Friday"
    assert rule.due(datetime(2026, 11, 21, 22, 30, tzinfo=TOKYO)) == "2026-11-21 is a Saturday"
    assert rule.due(datetime(2026, 11, 24, 7, tzinfo=TOKYO)) == "2026-11-23 is a holiday (Labor Thanksgiving Day)"


def test_due_times_of_several_expressions_come_in_order_and_once_and_end_with_the_calendar() -> None:
    both = ("cron(0 21 25-31 * ? *)", "cron(0 9 * * ? *)", "cron(0 9 24 * ? *)")
    rule = DayRule(OFFICE, business_day=-1)
    found = list(due_times(both, "Asia/Tokyo", rule, datetime(2026, 11, 1, tzinfo=TOKYO)))
    assert [f"{moment:%Y-%m-%d %H}" for moment in found[:4]] == [
        "2026-11-30 09",
        "2026-11-30 21",
        "2026-12-28 09",
        "2026-12-28 21",
    ]
    assert found[-1] == datetime(2027, 12, 31, 21, tzinfo=TOKYO)
    unbound = due_times(both[1:], "Asia/Tokyo", None, datetime(2026, 11, 23, 12, tzinfo=TOKYO))
    assert [moment.day for moment in islice(unbound, 3)] == [24, 25, 26]


def test_ordinals() -> None:
    said = [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, -1, -2)]
    assert said == ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "last", "2nd to last"]
