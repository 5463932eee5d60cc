"""`window`: hours in which something is to be on, over midnight too, as a schedule and as a question in a flow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lambdas.calendar.business_days import BusinessCalendar, DayRule
from lambdas.calendar.cron import WEEKDAYS, Cron, TriggerError
from nightshift.triggers.calendar import Calendar
from nightshift.triggers.due import due_moment
from nightshift.triggers.firing_days import candidates, due_days, single_days
from nightshift.triggers.schedule import Days, Only, Schedule, fired_on, seconds_of, zone_of
from nightshift.triggers.schedule_types import weekday_names

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window(Schedule):
    """The schedule of a window: it starts the flow when it opens and when it closes.

    opens, closes: seconds after midnight. weekdays: on which it opens, Monday is 0.
    """

    opens: int = 0
    closes: int = 0
    weekdays: frozenset[int] = frozenset(range(7))

    def is_open(self) -> bool:
        """Whether the moment the run was due lies in the window: from the opening on, and before the closing."""
        moment = due_moment("a window", self.timezone, None)
        second = moment.hour * 3600 + moment.minute * 60 + moment.second
        today = moment.date()
        if not self.over_midnight:
            return self.opens <= second < self.closes and self._opens_on(today)
        return (second >= self.opens and self._opens_on(today)) or (
            second < self.closes and self._opens_on(today - _DAY)
        )

    @property
    def over_midnight(self) -> bool:
        """Whether it closes on the day after it opened."""
        return self.closes < self.opens

    @property
    def calendar(self) -> BusinessCalendar | None:
        """The calendar of the days it opens on."""
        return self.days.calendar if self.days else None

    @property
    def only(self) -> str | None:
        """The kind of days of the calendar it opens on."""
        return self.days.only if self.days else None

    @property
    def single_days(self) -> dict[str, frozenset[date]]:
        """The days of except_on and also_on."""
        rule = self.days or DayRule()
        return {"except_on": rule.except_on, "also_on": rule.also_on}

    def _opens_on(self, day: date) -> bool:
        if day in self.single_days["also_on"]:
            return True
        return day.weekday() in self.weekdays and (self.days is None or self.days.due(day) is None)


def window(
    hours: str,
    *,
    timezone: str | None = None,
    days: Iterable[str] | str | None = None,
    calendar: Calendar | None = None,
    only: Only | None = None,
    except_on: Iterable[str] = (),
    also_on: Iterable[str] = (),
) -> Window:
    """Fire when a window opens and when it closes; in the flow, `is_open()` tells which it is.

    hours: opening and closing, "22:30-07:00"; a closing before the opening is on the day after.
    days: the days of the week it opens on, such as "MON-FRI" or ["SAT", "SUN"] (default: all).
    only, except_on, also_on: as `daily` has them, for the day it opens on. timezone: the IANA zone (default: that of
    the calendar, else UTC). Raises TriggerError.
    """
    match = re.fullmatch(r"(.+)-(.+)", hours) if isinstance(hours, str) else None
    if not match:
        raise TriggerError(f"{hours!r} is not a window of time", 'write opening and closing, such as "22:30-07:00"')
    opens, closes = (seconds_of(clock.strip()) for clock in match.groups())
    if opens == closes:
        raise TriggerError(f"the window {hours!r} opens and closes at once", "take two times of day")
    names = _weekdays(days)
    base = "* * ? *" if len(names) == 7 else f"? * {','.join(names)} *"
    rule = Days(calendar, only, None, None, except_on, also_on).rule(base)
    fields, single = fired_on(rule, base)
    opening = [f"cron({opens // 60 % 60} {opens // 3600} {on})" for on in (fields, *single)]
    if closes < opens:
        if rule is not None:
            rule = replace(rule, closing=f"{closes // 3600:02}:{closes // 60 % 60:02}")
        fields, single = _day_after(rule, names, base)
    closing = [f"cron({closes // 60 % 60} {closes // 3600} {on})" for on in (fields, *single)]
    on = "daily" if len(names) == 7 else "on " + ", ".join(names)
    opened = frozenset((WEEKDAYS.index(name) - 1) % 7 for name in names)
    return Window((*opening, *closing), zone_of(timezone, calendar), rule, f"{hours} {on}", opens, closes, opened)


def _day_after(rule: DayRule | None, names: list[str], base: str) -> tuple[str, list[str]]:
    """On which days to fire for the closing of a window that is open over midnight."""
    single: set[date] = set()
    if rule is not None and rule.calendar is not None:
        due = due_days(rule, base, rule.calendar.first_year, rule.calendar.last_year)
        fields, single = candidates({day + _DAY for day in due})
    elif len(names) == 7:
        fields = base
    else:
        after = {(WEEKDAYS.index(name) + 1) % 7 for name in names}
        fields = f"? * {','.join(WEEKDAYS[n] for n in sorted(after))} *"
    if rule is not None:
        single |= {day + _DAY for day in rule.also_on}
    fires = Cron(f"0 0 {fields}")
    return fields, list(single_days(day for day in single if not fires.falls_on(day)))


def _weekdays(days: Iterable[str] | str | None) -> list[str]:
    """The days of the week of a window: a list, or "MON-FRI", "FRI-MON", "SUN"."""
    if days is None:
        return list(WEEKDAYS)
    if not isinstance(days, str):
        return weekday_names(days)
    first, dash, last = (part.strip() for part in days.partition("-"))
    if not dash:
        return weekday_names(part.strip() for part in days.split(","))
    (begin,), (end,) = weekday_names([first]), weekday_names([last])
    length = (WEEKDAYS.index(end) - WEEKDAYS.index(begin)) % 7 + 1
    return weekday_names(WEEKDAYS[(WEEKDAYS.index(begin) + n) % 7] for n in range(length))
