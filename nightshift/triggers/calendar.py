"""`Calendar`: the business days of a country and a company, and what a flow asks about the day it is due on."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from lambdas.calendar.business_days import WEEKDAYS, BusinessCalendar
from lambdas.calendar.cron import time_zone
from nightshift.triggers.calendar_files import CalendarError, Entry, read_entries
from nightshift.triggers.due import due_moment
from nightshift.triggers.utc_offsets import FIRST_YEAR, LAST_YEAR

Days = Iterable[str] | Mapping[str, str]
"""Dates "2026-12-29", or "12-29" for that day of every year; as a mapping, with the name of each."""

_WEEKDAY_NAMES = tuple(name[:3].upper() for name in WEEKDAYS)
_EVERY_YEAR = re.compile(r"(\d\d)-(\d\d)")


class Calendar:
    """The business days of a country, a company, or both.

    In a flow its methods ask about the day on which the run was due, in the flow's time zone: that of its schedule,
    else the one given to the calendar or to the call.
    """

    def __init__(
        self,
        country: str | None = None,
        *,
        subdivision: str | None = None,
        extra_holidays: Days = (),
        extra_workdays: Days = (),
        weekend: Iterable[str] | None = None,
        file: str | Path | None = None,
        timezone: str | None = None,
    ) -> None:
        """Compute the days of 2020 to 2059, or of those of these years the country's holidays are known for.

        country: ISO code such as "JP", whose public holidays are taken from the library `holidays`; None for none.
        subdivision: such as "BY" of "DE" or "CA" of "US".
        extra_holidays, extra_workdays: dates "2026-12-29", or "12-29" for every year; as a dict, date -> name. A
        workday is a business day although it is on a weekend or would be a holiday.
        weekend: weekdays without business, such as ["FRI", "SAT"]; by default those of the country, else SAT and SUN.
        file: more of both, from an iCalendar file (.ics), whose events are holidays, or a CSV file with the columns
        date, name and optionally "holiday" or "workday"; relative to the file that makes the calendar, or to the
        folder of the project. timezone: the zone of flows without a schedule.

        Raises CalendarError, which says what is wrong, where in the file, and what to write.
        """
        caller = sys._getframe(1).f_globals.get("__file__")
        found, regular, first, last = _public_holidays(country, subdivision)
        days, workdays = dict(found.items), set(found.workdays)
        path = _resolved(file, caller) if file is not None else None
        entries = read_entries(path, first, last) if path else []
        entries += _entries("extra_holidays", extra_holidays, first, last, workday=False)
        entries += _entries("extra_workdays", extra_workdays, first, last, workday=True)
        for entry in entries:
            if entry.workday:
                workdays.add(entry.day)
            else:
                days[entry.day] = entry.name
        self.timezone = time_zone(timezone).key if timezone is not None else None
        name = "/".join(filter(None, (country and country.upper(), subdivision))) or (path.stem if path else "calendar")
        chosen = regular if weekend is None else _weekend(weekend)
        self.data = BusinessCalendar(name, first, last, chosen, days, frozenset(workdays))

    def is_business_day(self, *, timezone: str | None = None) -> bool:
        """Whether the run is due on a business day: neither on a weekend nor on a holiday."""
        return self.data.is_business_day(self._day(timezone))

    def is_holiday(self, *, timezone: str | None = None) -> bool:
        """Whether the run is due on a holiday; a weekend alone is none."""
        return self.data.is_holiday(self._day(timezone))

    def business_day_of_month(self, n: int, *, timezone: str | None = None) -> bool:
        """Whether the run is due on the nth business day of its month: 1 is the first, -1 the last."""
        return self.data.business_day_of_month(self._day(timezone), n)

    def days_until_business_day(self, *, timezone: str | None = None) -> int:
        """How many days after the one it is due on the next business day is: 1 on most, 3 on a Friday."""
        return self.data.days_until_business_day(self._day(timezone))

    def next_business_day(self, *, timezone: str | None = None) -> str:
        """The first business day after the one it is due on, as "2026-11-24"."""
        return self.data.next_business_day(self._day(timezone)).isoformat()

    def _day(self, timezone: str | None) -> date:
        return due_moment("a question to a calendar", timezone, self.timezone).date()

    def __repr__(self) -> str:
        return f"<calendar {self.data.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and (self.data, self.timezone) == (other.data, other.timezone)

    def __hash__(self) -> int:
        return hash((self.data, self.timezone))


class _Public:
    """The holidays of a country, and its workdays on weekends."""

    def __init__(self, items: Mapping[date, str], workdays: frozenset[date]) -> None:
        self.items, self.workdays = items, workdays


@lru_cache
def _public_holidays(country: str | None, subdivision: str | None) -> tuple[_Public, frozenset[int], int, int]:
    """A country's holidays, weekend, and the first and last year they are known for."""
    if country is None:
        if subdivision is not None:
            raise CalendarError(
                f"there is a subdivision {subdivision!r} without a country", 'write Calendar("DE", subdivision="BY")'
            )
        return _Public({}, frozenset()), frozenset({5, 6}), FIRST_YEAR, LAST_YEAR
    import holidays

    _check_country(country, subdivision)
    country = country.upper()
    entity = holidays.country_holidays(country, subdiv=subdivision)
    language = next((e for e in ("en_US", "en_GB") if e in entity.supported_languages), None)
    first, last = max(FIRST_YEAR, entity.start_year), min(LAST_YEAR, entity.end_year)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = holidays.country_holidays(
            country, subdiv=subdivision, years=range(first, last + 1), language=language, expand=False
        )
    for warning in warned:
        # What the library knows by tables that end, such as the Hindu holidays of India, it says in words.
        if known := re.search(r"available only from (\d{4}) to (\d{4})", str(warning.message)):
            first, last = max(first, int(known[1])), min(last, int(known[2]))
    days = {day: name.replace("; ", ", ") for day, name in found.items() if first <= day.year <= last}
    workdays = frozenset(day for day in getattr(found, "weekend_workdays", ()) if first <= day.year <= last)
    return _Public(days, workdays), frozenset(found.weekend), first, last


def _check_country(country: str, subdivision: str | None) -> None:
    import holidays
    from holidays.registry import COUNTRIES, EntityLoader

    # `list_supported_countries` would load the holidays of all countries, for a second.
    known = list(EntityLoader.get_country_codes())
    names = {code: name for name, code, *_ in COUNTRIES.values()}
    if country.upper() not in known:
        by_name = {name.lower(): code for code, name in names.items()}
        near = get_close_matches(country.lower(), by_name, n=2, cutoff=0.6)
        codes = [by_name[name] for name in near] or get_close_matches(country.upper(), known, n=3, cutoff=0.5)
        told = " or ".join(f'"{code}" ({names.get(code, code)})' for code in codes)
        hint = f"did you mean {told}?" if told else 'write an ISO 3166 code such as "JP" or "DE"'
        raise CalendarError(f"no holidays are known of a country {country!r}", hint)
    divisions = list(getattr(holidays, country.upper()).subdivisions)
    if subdivision is not None and subdivision not in divisions:
        near = get_close_matches(subdivision.upper(), divisions, n=3, cutoff=0.5)
        listed = ", ".join(divisions) or "none"
        hint = f"did you mean {' or '.join(near)}?" if near else f"it has {listed}"
        raise CalendarError(f"{country.upper()} has no subdivision {subdivision!r}", hint)


def _entries(said: str, given: Days, first: int, last: int, *, workday: bool) -> list[Entry]:
    if isinstance(given, str):
        raise CalendarError(f"{said} is one text", f'write a list: {said}=["{given}"]')
    named = given if isinstance(given, Mapping) else dict.fromkeys(given, "company holiday")
    return [
        Entry(day, name, workday) for text, name in named.items() for day in days_of(said, text, range(first, last + 1))
    ]


def days_of(said: str, text: str, years: range) -> list[date]:
    """The date "2026-12-29", or the days "12-29" of some years; CalendarError for anything else."""
    try:
        if isinstance(text, str) and (every := _EVERY_YEAR.fullmatch(text)):
            month, day = int(every[1]), int(every[2])
            date(2024, month, day)
            return [date(y, month, day) for y in years if (month, day) != (2, 29) or y % 4 == 0]
        return [date.fromisoformat(text)]
    except (TypeError, ValueError):
        hint = 'write "2026-12-29", or "12-29" for that day of every year'
        raise CalendarError(f"{text!r} in {said} is not a date", hint) from None


def _weekend(given: Iterable[str]) -> frozenset[int]:
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if name.upper() not in _WEEKDAY_NAMES:
            near = get_close_matches(name.upper()[:3], _WEEKDAY_NAMES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"weekdays are {', '.join(_WEEKDAY_NAMES)}"
            raise CalendarError(f"{name!r} in weekend is not a weekday", hint)
    if len(set(names)) == 7:
        raise CalendarError("weekend names all days, and leaves no business day", 'write weekend=["SAT", "SUN"]')
    return frozenset(_WEEKDAY_NAMES.index(name.upper()) for name in names)


def _resolved(file: str | Path, caller: Any) -> Path:
    """The path of a calendar's file: absolute, beside the file that makes the calendar, or in the current folder."""
    beside = Path(caller).parent / file if caller else Path(file)
    for path in (beside, Path(file)):
        if path.is_file():
            return path
    raise CalendarError(
        f"there is no file {str(file)!r}", f"put it at {beside}, or give the path from the folder of the project"
    )
