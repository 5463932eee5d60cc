"""Business calendars as plain data, and the rules that say on which days a schedule is due.

What is here runs inside Lambda as well as on a workstation: whoever makes a calendar (`nightshift.Calendar`) computes
its days beforehand.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from heapq import merge
from itertools import groupby
from typing import Any

from lambdas.calendar.cron import Cron, fire_times
from lambdas.contract.errors import NightshiftError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)

BUSINESS_DAYS, DAYS_OFF, HOLIDAYS = "business days", "days off", "holidays"
"""What `DayRule.only` can be."""


class OutsideCalendar(NightshiftError):
    """A question about a day of a year the calendar has no data for."""


@dataclass(frozen=True)
class BusinessCalendar:
    """The business days of some years.

    name: what messages call it. first_year, last_year: the years it knows, both included.
    weekend: weekdays without business, Monday is 0. holidays: day -> name of the holiday.
    workdays: business days although they are on a weekend or would be holidays.
    """

    name: str
    first_year: int
    last_year: int
    weekend: frozenset[int] = frozenset({5, 6})
    holidays: Mapping[date, str] = field(default_factory=dict)
    workdays: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether a day is neither on a weekend nor a holiday. Raises OutsideCalendar."""
        return self.day_off(day) is None

    def is_holiday(self, day: date) -> bool:
        """Whether a day is a holiday; a weekend alone is none. Raises OutsideCalendar."""
        self._check(day)
        return day in self.holidays and day not in self.workdays

    def day_off(self, day: date) -> str | None:
        """Why a day is no business day, such as "a holiday (New Year's Day)" or "a Sunday"; None for a business day.

        Raises OutsideCalendar.
        """
        if self.is_holiday(day):
            return f"a holiday ({self.holidays[day]})"
        if day.weekday() in self.weekend and day not in self.workdays:
            return f"a {WEEKDAYS[day.weekday()]}"
        return None

    def business_day_of_month(self, day: date, n: int) -> bool:
        """Whether a day is the nth business day of its month: 1 is the first, -1 the last. Raises OutsideCalendar."""
        return self.nth_business_day(day.year, day.month, n) == day

    def nth_business_day(self, year: int, month: int, n: int) -> date | None:
        """The nth business day of a month, -1 is the last; None when it has fewer. Raises OutsideCalendar."""
        found = self._business_days(year, month)
        return found[n - 1 if n > 0 else n] if 0 < abs(n) <= len(found) else None

    def next_business_day(self, day: date) -> date:
        """The first business day after a day. Raises OutsideCalendar."""
        return self.shifted(day + _DAY, _DAY)

    def days_until_business_day(self, day: date) -> int:
        """How many days it is until the next business day: 1 on most, 3 on a Friday. Raises OutsideCalendar."""
        return (self.next_business_day(day) - day).days

    def shifted(self, day: date, step: timedelta) -> date:
        """A day, or the first business day in steps from it. Raises OutsideCalendar."""
        while not self.is_business_day(day):
            day += step
        return day

    def to_json(self) -> dict[str, Any]:
        """The calendar as JSON, for `from_json`."""
        by_name: dict[str, list[str]] = {}
        for day in sorted(self.holidays):
            by_name.setdefault(self.holidays[day], []).append(day.isoformat())
        return {
            "name": self.name,
            "years": [self.first_year, self.last_year],
            "weekend": sorted(self.weekend),
            "holidays": by_name,
            "workdays": sorted(day.isoformat() for day in self.workdays),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BusinessCalendar:
        """The calendar that `to_json` gave."""
        days = {date.fromisoformat(day): name for name, listed in data["holidays"].items() for day in listed}
        first, last = data["years"]
        return cls(data["name"], first, last, frozenset(data["weekend"]), days, _dates(data["workdays"]))

    def _business_days(self, year: int, month: int) -> list[date]:
        days = (date(year, month, n) for n in range(1, calendar.monthrange(year, month)[1] + 1))
        return [day for day in days if self.is_business_day(day)]

    def _check(self, day: date) -> None:
        if not self.first_year <= day.year <= self.last_year:
            raise OutsideCalendar(
                f"the calendar {self.name} knows the years {self.first_year} to {self.last_year}, not {day.isoformat()}"
            )

    def __hash__(self) -> int:
        return hash((self.name, self.first_year, self.last_year, len(self.holidays)))


@dataclass(frozen=True)
class DayRule:
    """On which days a schedule is due, out of those on which EventBridge Scheduler fires it.

    only: "business days", "days off" or "holidays". business_day: the nth of the month, -1 is the last.
    base and shift: the days of month, month, day-of-week and year of a cron expression ("25 * ? *"), and where the run
    goes when such a day is no business day: to the business day before ("previous") or after it ("next").
    except_on, also_on: single days on which it is not due, or due in any case.
    closing: "HH:MM" of a window over midnight; a moment at this time belongs to the day before.
    """

    calendar: BusinessCalendar | None = None
    only: str | None = None
    business_day: int | None = None
    base: str | None = None
    shift: str | None = None
    except_on: frozenset[date] = frozenset()
    also_on: frozenset[date] = frozenset()
    closing: str | None = None

    def due(self, day: date) -> str | None:
        """None when the schedule is due on a day of its zone, else why not, in words.

        day: a date, or the local datetime of the moment, which the closing of a window over midnight needs.
        Raises OutsideCalendar for a day the calendar does not know.
        """
        return self._due(self.day_of(day))

    def day_of(self, moment: date) -> date:
        """The day a moment belongs to."""
        if not isinstance(moment, datetime):
            return moment
        return moment.date() - _DAY if f"{moment:%H:%M}" == self.closing else moment.date()

    @property
    def last_day(self) -> date | None:
        """The last day the rule can tell anything about; None without end."""
        return date(self.calendar.last_year, 12, 31) if self.calendar else None

    def to_json(self) -> dict[str, Any]:
        """The rule as JSON, for `from_json`; what it does not have is left out."""
        found = {
            "calendar": self.calendar and self.calendar.to_json(),
            "only": self.only,
            "business_day": self.business_day,
            "base": self.base,
            "shift": self.shift,
            "except_on": sorted(day.isoformat() for day in self.except_on),
            "also_on": sorted(day.isoformat() for day in self.also_on),
            "closing": self.closing,
        }
        return {key: value for key, value in found.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DayRule:
        """The rule that `to_json` gave."""
        given = dict(data)
        if "calendar" in given:
            given["calendar"] = BusinessCalendar.from_json(given["calendar"])
        for dates in ("except_on", "also_on"):
            given[dates] = _dates(given.get(dates, ()))
        return cls(**given)

    def _due(self, day: date) -> str | None:
        if day in self.also_on:
            return None
        if day in self.except_on:
            return f"{day} is left out by except_on"
        reason = self.calendar and self._by_calendar(self.calendar, day)
        return f"{day} is {reason}" if reason else None

    def _by_calendar(self, days: BusinessCalendar, day: date) -> str | None:
        if self.business_day is not None:
            wanted = days.nth_business_day(day.year, day.month, self.business_day)
            said = f"not the {ordinal(self.business_day)} business day of its month"
            return None if wanted == day else f"{said}, which is {wanted}" if wanted else f"{said}, which has fewer"
        if self.only == HOLIDAYS:
            return None if days.is_holiday(day) else "not a holiday"
        off = days.day_off(day)
        if self.only == DAYS_OFF:
            return None if off else "a business day"
        if off or not self.shift:
            return off
        return None if self._shifted_to(days, day) else "not a day it is due on"

    def _shifted_to(self, days: BusinessCalendar, day: date) -> bool:
        """Whether a business day is one of the base, or the days off next to it hold one."""
        base = _cron(self.base or "")
        step = -_DAY if self.shift == "next" else _DAY
        while not base.falls_on(day):
            day += step
            if days.first_year > day.year or day.year > days.last_year or days.is_business_day(day):
                return False
        return True

    @cached_property
    def words(self) -> str:
        """The rule in words, for lists; empty when it names no days by a calendar."""
        name = f" ({self.calendar.name})" if self.calendar else ""
        parts = [f"{self.only} only{name}"] if self.only else []
        if self.business_day is not None:
            parts.append(f"{ordinal(self.business_day)} business day of the month{name}")
        if self.shift:
            parts.append(f"on the {self.shift} business day{name} when that is a day off")
        for said, dates in (("not on", self.except_on), ("also on", self.also_on)):
            if dates:
                parts.append(f"{said} {', '.join(day.isoformat() for day in sorted(dates))}")
        return ", ".join(parts)


def due_times(expressions: Iterable[str], timezone: str, days: DayRule | None, after: datetime) -> Iterator[datetime]:
    """When a schedule is due after a moment, as aware datetimes in its zone, earliest first.

    expressions: those of its schedules in EventBridge Scheduler. timezone: an IANA zone name. days: its rule, if any.
    after: an aware datetime. Ends where the rule's calendar ends. Raises TriggerError as `fire_times` does.
    """
    merged = merge(*(fire_times(e, timezone, after) for e in expressions), key=datetime.timestamp)
    for _, same in groupby(merged, key=datetime.timestamp):
        moment = next(same)
        if days is not None:
            day = days.day_of(moment)
            if days.last_day is not None and day > days.last_day:
                return
            if days.due(moment) is not None:
                continue
        yield moment


def ordinal(n: int) -> str:
    """ "1st", "22nd", "last" (-1), "2nd to last" (-2)."""
    if n < 0:
        return "last" if n == -1 else f"{ordinal(-n)} to last"
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


@lru_cache
def _cron(days: str) -> Cron:
    return Cron(f"0 0 {days}")


def _dates(listed: Iterable[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in listed)
