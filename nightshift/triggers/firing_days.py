"""The days on which EventBridge Scheduler has to fire so that a rule for days can choose among them.

Scheduler knows no business days. It fires on the fewest days that a cron expression can name, and the run itself
looks whether it is due (`lambdas.calendar.business_days.DayRule`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby, takewhile

from lambdas.calendar.business_days import DayRule
from lambdas.calendar.cron import WEEKDAYS, Cron

_DAY = timedelta(days=1)
_MOST_SINGLE = 5
"""Months with a day that is named by itself; each costs a schedule."""
_RARE = 0.01
"""A weekday with a smaller share of all days is not fired on; its few days are named one by one."""


def due_days(rule: DayRule, base: str, first_year: int, last_year: int) -> set[date]:
    """Every day of some years on which a schedule is due by its calendar, single days apart.

    base: the days of month, month, day-of-week and year of a cron expression, which an `only` chooses among.
    """
    regular = replace(rule, except_on=frozenset(), also_on=frozenset())
    calendar = regular.calendar
    assert calendar is not None
    if regular.business_day is not None:
        months = ((year, month) for year in range(first_year, last_year + 1) for month in range(1, 13))
        found = (calendar.nth_business_day(*month, regular.business_day) for month in months)
        return {day for day in found if day is not None}
    days = _falling(base, first_year, last_year)
    if regular.shift is None:
        return {day for day in days if regular.due(day) is None}
    step = _DAY if regular.shift == "next" else -_DAY
    moved = (_moved(day, step, first_year, last_year, regular) for day in days)
    return {day for day in moved if day is not None}


def candidates(days: set[date]) -> tuple[str, set[date]]:
    """The days of month, month, day-of-week and year of a cron expression that fires on all of `days` but a few, and
    those few."""
    shares = Counter(day.weekday() for day in days)
    rare = {day for day in days if shares[day.weekday()] < len(days) * _RARE}
    if len({(day.year, day.month) for day in rare}) > _MOST_SINGLE:
        rare = set()
    kept = days - rare
    of_month, of_week = {day.day for day in kept}, {(day.weekday() + 1) % 7 for day in kept}
    months = _ranges({day.month for day in days}, full=12)
    if len(of_week) / 7 <= len(of_month) / 31:
        names = _ranges({n + 1 for n in of_week}, full=7, names=WEEKDAYS)
        return f"? {months} {names} *" if names != "*" else f"* {months} ? *", rare
    # Of all days, also the rare ones are fired on.
    return f"{_ranges({day.day for day in days}, full=31)} {months} ? *", set()


def single_days(days: Iterable[date]) -> Iterator[str]:
    """Days of month, month, day-of-week and year that name single days: one text for each month with any."""
    for (year, month), listed in groupby(sorted(days), key=lambda day: (day.year, day.month)):
        yield f"{_ranges({day.day for day in listed}, full=32)} {month} ? {year}"


def _falling(base: str, first_year: int, last_year: int) -> Iterator[date]:
    times = Cron(f"0 0 {base}").times(datetime(first_year, 1, 1))
    return (time.date() for time in takewhile(lambda time: time.year <= last_year, times))


def _moved(day: date, step: timedelta, first_year: int, last_year: int, rule: DayRule) -> date | None:
    calendar = rule.calendar
    assert calendar is not None
    while first_year <= day.year <= last_year:
        if calendar.is_business_day(day):
            return day
        day += step
    return None


def _ranges(numbers: set[int], *, full: int, names: tuple[str, ...] = ()) -> str:
    """A list of ranges of a cron field; "*" for all `full` values."""
    if len(numbers) == full:
        return "*"
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])

    def said(number: int) -> str:
        return names[number - 1] if names else str(number)

    return ",".join(said(run[0]) if len(run) == 1 else f"{said(run[0])}-{said(run[-1])}" for run in runs)
