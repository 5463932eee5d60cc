"""Business calendars: Japan in 2025 to 2027 and two states of Germany, against dates written down by hand.

Sources: the list of holidays of Japan's Cabinet Office ("国民の祝日について"), the Act on National Holidays, and the
holiday laws of Bavaria and Berlin.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import nightshift
from nightshift import Calendar, flow
from nightshift.errors import CompileErrors
from nightshift.project import load_flows
from nightshift.triggers.calendar_files import CalendarError

JAPAN = {
    2025: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 "
    "11-24",
    2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
}
BAVARIA_2026 = "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 10-03 11-01 12-25 12-26"
BERLIN_2026 = "01-01 03-08 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"
YEAR_END = {
    "12-29": "year-end closing",
    "12-30": "year-end closing",
    "12-31": "year-end closing",
    "01-02": "closed",
    "01-03": "closed",
}


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(calendar: Calendar, year: int) -> str:
    """The holidays of a year as "MM-DD"."""
    return " ".join(f"{found:%m-%d}" for found in sorted(calendar.data.holidays) if found.year == year)


@pytest.mark.parametrize("year", JAPAN)
def test_the_holidays_of_japan(year: int) -> None:
    assert days(Calendar("JP"), year) == JAPAN[year]


@pytest.mark.parametrize(
    ("when", "name"),
    [
        # A holiday on a Sunday is followed by a day off, the next that is no holiday itself.
        ("2025-02-24", "substitute"),
        ("2025-05-06", "substitute"),
        ("2025-11-24", "substitute"),
        ("2026-05-06", "substitute"),
        ("2027-03-22", "substitute"),
        # A day between two holidays is one.
        ("2026-09-22", "National Holiday"),
        # The special act for the Olympic Games moved three holidays of 2021.
        ("2021-07-22", "Marine Day"),
        ("2021-07-23", "Sports Day"),
        ("2021-08-08", "Mountain Day"),
    ],
)
def test_days_off_that_the_law_makes(when: str, name: str) -> None:
    found = Calendar("JP").data
    assert found.is_holiday(day(when))
    assert name.lower() in found.holidays[day(when)].lower()


def test_holidays_that_the_law_moved_are_not_where_they_were() -> None:
    japan = Calendar("JP").data
    for usual in ("2021-07-19", "2021-08-11", "2021-10-11"):
        assert japan.is_business_day(day(usual))


def test_the_years_end_of_a_company() -> None:
    office = Calendar("JP", extra_holidays=YEAR_END).data
    for year in (2025, 2026, 2027):
        closed = [date(year, 12, n) for n in (29, 30, 31)] + [date(year + 1, 1, n) for n in (1, 2, 3)]
        assert all(office.is_holiday(d) for d in closed)
    assert office.nth_business_day(2025, 12, -1) == day("2025-12-26")
    assert office.nth_business_day(2026, 12, -1) == day("2026-12-28")
    assert office.nth_business_day(2027, 12, -1) == day("2027-12-28")
    assert office.nth_business_day(2026, 1, 1) == day("2026-01-05")
    assert office.next_business_day(day("2026-12-28")) == day("2027-01-04")
    assert office.days_until_business_day(day("2025-12-26")) == 10
    assert office.day_off(day("2026-12-29")) == "a holiday (year-end closing)"


@pytest.mark.parametrize(
    ("year", "count"),
    # Weekdays less the holidays that fall on one, counted in a printed calendar.
    [(2025, 261 - 15), (2026, 261 - 17), (2027, 261 - 16)],
)
def test_business_days_of_a_year_in_japan(year: int, count: int) -> None:
    japan = Calendar("JP").data
    all_days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    assert sum(japan.is_business_day(d) for d in all_days) == count


def test_every_business_day_of_a_month_by_its_number() -> None:
    japan = Calendar("JP").data
    # May 2026: the holidays 3 to 6 are a Sunday to a Wednesday.
    listed = [1, 7, 8, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 25, 26, 27, 28, 29]
    for place, number in enumerate(listed, 1):
        assert japan.nth_business_day(2026, 5, place) == date(2026, 5, number)
        assert japan.nth_business_day(2026, 5, place - 1 - len(listed)) == date(2026, 5, number)
    assert japan.nth_business_day(2026, 5, len(listed) + 1) is None


def test_two_states_of_germany() -> None:
    bavaria, berlin = Calendar("DE", subdivision="BY"), Calendar("DE", subdivision="BE")
    assert days(bavaria, 2026) == BAVARIA_2026
    assert days(berlin, 2026) == BERLIN_2026
    assert bavaria.data.is_business_day(day("2026-06-05"))
    assert not bavaria.data.is_business_day(day("2026-06-04"))
    assert berlin.data.is_business_day(day("2026-06-04"))
    assert berlin.data.nth_business_day(2026, 5, 1) == day("2026-05-04")
    assert berlin.data.next_business_day(day("2026-04-02")) == day("2026-04-07")


def test_a_weekend_that_is_not_saturday_and_sunday() -> None:
    assert Calendar("SA").data.weekend == {4, 5}
    assert Calendar("JP", weekend=["SUN"]).data.is_business_day(day("2026-11-28"))
    assert not Calendar(weekend="MON").data.is_business_day(day("2026-11-30"))
    assert Calendar(weekend=[]).data.is_business_day(day("2026-11-29"))


def test_a_workday_goes_before_a_weekend_and_a_holiday() -> None:
    shop = Calendar("JP", extra_workdays=["2026-11-28", "2026-11-23"]).data
    assert shop.is_business_day(day("2026-11-28"))
    assert shop.is_business_day(day("2026-11-23"))
    assert not shop.is_holiday(day("2026-11-23"))


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//company//days//EN
BEGIN:VEVENT
UID:1
SUMMARY:Foundation Day
DTSTART;VALUE=DATE:20260612
RRULE:FREQ=YEARLY
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Summer closing
DTSTART;VALUE=DATE:20260812
DTEND;VALUE=DATE:20260815
END:VEVENT
END:VCALENDAR
"""
CSV = "date,name,kind\n2026-06-12,Foundation Day\n\n# Stocktaking is work\n2026/11/28,Stocktaking,workday\n"


def test_the_days_of_an_icalendar_file(tmp_path: Path) -> None:
    file = tmp_path / "company.ics"
    file.write_text(ICS)
    company = Calendar("JP", file=file).data
    for closed in ("2026-06-12", "2027-06-12", "2026-08-12", "2026-08-13", "2026-08-14", "2026-05-05"):
        assert company.is_holiday(day(closed))
    assert company.is_business_day(day("2026-08-17"))
    assert not company.is_holiday(day("2026-08-15"))
    assert company.holidays[day("2026-08-14")] == "Summer closing"


def test_repetitions_that_end_or_are_moved_or_cancelled(tmp_path: Path) -> None:
    file = tmp_path / "company.ics"
    moved = """BEGIN:VEVENT
UID:1
SUMMARY:Foundation Day
RECURRENCE-ID;VALUE=DATE:20270612
DTSTART;VALUE=DATE:20270614
END:VEVENT
BEGIN:VEVENT
UID:1
SUMMARY:Foundation Day
RECURRENCE-ID;VALUE=DATE:20280612
DTSTART;VALUE=DATE:20280612
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""
    repeated = ICS.replace("FREQ=YEARLY", "FREQ=YEARLY;UNTIL=20290612T000000Z")
    file.write_text(repeated.replace("END:VCALENDAR\n", moved))
    days = [d.isoformat() for d, name in Calendar(file=file).data.holidays.items() if name == "Foundation Day"]
    assert sorted(days) == ["2026-06-12", "2027-06-14", "2029-06-12"]


def test_the_days_of_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "company.csv"
    file.write_text(CSV)
    company = Calendar(file=file)
    assert company.data.name == "company"
    assert company.data.is_holiday(day("2026-06-12"))
    assert company.data.is_business_day(day("2026-11-28"))


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        ("a.csv", "2026-13-01,x\n", r"a\.csv:1: '2026-13-01' is not a date", "2026-12-29,Year-end closing"),
        ("a.csv", "date\n2026-11-28,x,work\n", r"a\.csv:2: 'work' is neither holiday nor workday", "workday"),
        ("a.txt", "x", r"a\.txt ends neither in \.ics nor in \.csv", "iCalendar"),
        ("a.ics", "no calendar", r"a\.ics", "iCalendar|VCALENDAR"),
        (
            "a.ics",
            ICS.replace("DTSTART;VALUE=DATE:20260812\n", ""),
            r"a\.ics:\d+: the event 'Summer closing' has no DTSTART",
            "DTSTART",
        ),
        (
            "a.ics",
            ICS.replace("FREQ=YEARLY", "FREQ=YEARLY;BYDAY=MO,TU;BYSETPOS=0"),
            r"a\.ics:6: the event 'Foundation Day': bysetpos must be",
            "RRULE",
        ),
        (
            "a.ics",
            ICS.replace("20260815", "20260801"),
            r"a\.ics:\d+: the event 'Summer closing' ends before it starts",
            "DTEND",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(
    name: str, text: str, message: str, hint: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CalendarError, match=message) as raised:
        Calendar(file=tmp_path / name)
    assert any(part in raised.value.hint for part in hint.split("|"))


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (lambda: Calendar("Japan"), "no holidays are known of a country 'Japan'", '"JP"'),
        (lambda: Calendar("DE", subdivision="XY"), "DE has no subdivision 'XY'", "BY"),
        (lambda: Calendar(subdivision="BY"), "without a country", 'Calendar("DE", subdivision="BY")'),
        (lambda: Calendar(extra_holidays=["29.12."]), "'29.12.' in extra_holidays is not a date", '"12-29"'),
        (lambda: Calendar(extra_holidays=["02-30"]), "'02-30' in extra_holidays is not a date", '"12-29"'),
        (lambda: Calendar(extra_workdays="2026-11-28"), "extra_workdays is one text", "write a list"),
        (lambda: Calendar(weekend=["SUNDAY"]), "'SUNDAY' in weekend is not a weekday", "SUN"),
        (
            lambda: Calendar(weekend=["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]),
            "leaves no business day",
            "SAT",
        ),
        (lambda: Calendar(file="missing.csv"), "there is no file 'missing.csv'", "put it at"),
        (lambda: Calendar("JP", timezone="Tokyo"), "'Tokyo' is not a time zone", "Asia/Tokyo"),
    ],
)
def test_what_makes_no_calendar_is_refused_where_it_is_written(
    make: Callable[[], Any], message: str, hint: str
) -> None:
    with pytest.raises(nightshift.NightshiftError, match=message) as raised:
        make()
    assert hint in getattr(raised.value, "hint", "")


def test_a_calendar_file_lies_beside_the_flow(tmp_path: Path) -> None:
    (tmp_path / "company.csv").write_text(CSV)
    source = (
        "from nightshift import Calendar, flow\n\nDAYS = Calendar(file={file!r}, timezone='UTC')\n\n\n"
        "@flow\ndef f() -> bool:\n    return DAYS.is_holiday()\n"
    )
    (tmp_path / "flows.py").write_text(source.format(file="company.csv"))
    (found,) = load_flows(tmp_path)
    assert found.name == "f"
    (tmp_path / "flows.py").write_text(source.format(file="other.csv"))
    with pytest.raises(CompileErrors) as raised:
        load_flows(tmp_path)
    (error,) = raised.value.errors
    assert (error.code, error.line) == ("NS007", 3)


def test_under_cpython_a_question_needs_a_run() -> None:
    japan = Calendar("JP", timezone="Asia/Tokyo")

    @flow
    def asks() -> bool:
        return japan.is_business_day()

    with pytest.raises(nightshift.NightshiftError, match="was asked outside a run"):
        asks()
