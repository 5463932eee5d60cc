"""A schedule, and what its options about days make of it: the expressions for EventBridge Scheduler and a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Literal

from lambdas.calendar.business_days import BUSINESS_DAYS, DAYS_OFF, HOLIDAYS, DayRule, due_times
from lambdas.calendar.cron import Cron, TriggerError, time_zone
from lambdas.contract.errors import shown
from nightshift.triggers.calendar import Calendar, days_of
from nightshift.triggers.firing_days import candidates, due_days, single_days
from nightshift.triggers.utc_offsets import FIRST_YEAR, LAST_YEAR, clock_seconds

Only = Literal["business days", "days off", "holidays"]
OnHoliday = Literal["skip", "previous", "next"]

EVERY_DAY = "* * ? *"
_ONLY = (BUSINESS_DAYS, DAYS_OFF, HOLIDAYS)
_ON_HOLIDAY = ("skip", "previous", "next")
_USUAL = "0 9 "


@dataclass(frozen=True)
class Schedule:
    """When a flow is started by the clock.

    expressions: what EventBridge Scheduler is given, such as "cron(0 22 * * ? *)", "rate(1 hour)" or
    "at(2026-12-01T09:00:00)"; a schedule of its own for each.
    timezone: an IANA zone name. days: on which of the days they name it is due; None for all.
    said: the expressions in words, when they were not written as such. Without expressions it is off, at a stage.
    """

    expressions: tuple[str, ...]
    timezone: str = "UTC"
    days: DayRule | None = None
    said: str = field(default="", compare=False)

    def fire_times(self, after: datetime) -> Iterator[datetime]:
        """When it is due after an aware datetime, in its zone, earliest first; a rate counts from `after`."""
        return due_times(self.expressions, self.timezone, self.days, after)

    @property
    def zone(self) -> str | None:
        """The time zone the schedule is read in; None for a rate, which has none."""
        return None if self.expressions and self.expressions[0].startswith("rate") else self.timezone

    @property
    def words(self) -> str:
        """The schedule in words, for lists."""
        if self.zone is None:
            return f"{self.expressions[0]} from its deployment"
        if not self.expressions:
            return "off"
        said = self.said or self.expressions[0]
        rule = self.days.words if self.days else ""
        return f"{said} {self.timezone}" + (f", {rule}" if rule else "")


def together(schedules: Sequence[Schedule]) -> Schedule:
    """One schedule that starts a flow whenever one of several does.

    Raises TriggerError where they differ in what holds for the flow as a whole: the zone, and the rule about days.
    """
    wrong = [schedule for schedule in schedules if not isinstance(schedule, Schedule)]
    if wrong or not schedules:
        said = f"in the list of schedules {shown(wrong[0])} is none" if wrong else "the list of schedules is empty"
        raise TriggerError(said, "write daily(...), weekly(...), monthly(...), cron(...) or at(...) in it")
    first = schedules[0]
    if any((s.timezone, s.days, s.zone) != (first.timezone, first.days, first.timezone) for s in schedules):
        raise TriggerError(
            "the schedules in the list differ in their time zone or their rule about days, or one is a rate",
            "give them the same, or give the others a flow of their own that calls this one",
        )
    expressions = tuple(dict.fromkeys(e for schedule in schedules for e in schedule.expressions))
    said = " and ".join(schedule.said or ", ".join(schedule.expressions) for schedule in schedules)
    return Schedule(expressions, first.timezone, first.days, said)


@dataclass(frozen=True)
class Days:
    """The options of a schedule about days, as they were written."""

    calendar: Calendar | None = None
    only: str | None = None
    business_day: int | None = None
    on_holiday: str | None = None
    except_on: Iterable[str] = ()
    also_on: Iterable[str] = ()

    def rule(self, base: str) -> DayRule | None:
        """What they say about the days of `base`; None when they say nothing. Raises TriggerError."""
        _known("only", self.only, _ONLY)
        _known("on_holiday", self.on_holiday, _ON_HOLIDAY)
        calendar = self._calendar()
        if self.only and self.on_holiday:
            raise TriggerError(
                f"only={self.only!r} and on_holiday={self.on_holiday!r} contradict each other",
                'write only= to leave days out, or on_holiday="previous" or "next" to move the run',
            )
        except_on, also_on = _dates("except_on", self.except_on), _dates("also_on", self.also_on)
        if both := sorted(except_on & also_on):
            raise TriggerError(f"{both[0]} is in except_on and in also_on", "take it out of one of them")
        shift = None if self.on_holiday in (None, "skip") else self.on_holiday
        rule = DayRule(
            calendar.data if calendar else None,
            BUSINESS_DAYS if self.on_holiday == "skip" else self.only,
            self.business_day,
            base if shift else None,
            shift,
            except_on,
            also_on,
        )
        return rule if rule != DayRule() else None

    def _calendar(self) -> Calendar | None:
        asked = {"only": self.only, "business_day": self.business_day, "on_holiday": self.on_holiday}
        wants = [name for name, value in asked.items() if value is not None]
        if self.calendar is not None and not isinstance(self.calendar, Calendar):
            raise TriggerError(f"calendar is {shown(self.calendar)}", 'write calendar=Calendar("JP")')
        if wants and self.calendar is None:
            raise TriggerError(f"{wants[0]}= needs a calendar", 'add calendar=JP, with JP = Calendar("JP") above')
        return self.calendar if wants else None


def scheduled(
    clocks: list[tuple[str, str]], base: str, timezone: str | None, days: Days, said: str, *, keep: bool = False
) -> Schedule:
    """A schedule that is due at some times of day, on those days of `base` that the options say.

    clocks: minutes and hours of cron expressions. base: days of month, month, day-of-week and year of one.
    keep: fire on all days of `base`, as its author wrote it, although fewer would do.
    """
    zone = zone_of(timezone, days.calendar)
    rule = days.rule(base)
    fields, single = fired_on(rule, base, keep=keep)
    expressions = (f"cron({minutes} {hours} {on})" for on in (fields, *single) for minutes, hours in clocks)
    return Schedule(tuple(expressions), zone, rule, said)


def zone_of(timezone: str | None, calendar: Calendar | None) -> str:
    """The zone of a schedule: what it is given, else that of its calendar, else UTC."""
    given = timezone if timezone is not None else getattr(calendar, "timezone", None)
    return time_zone(given).key if given is not None else "UTC"


def fired_on(rule: DayRule | None, base: str, *, keep: bool = False) -> tuple[str, list[str]]:
    """On which days to fire for a rule: those of a cron expression, and others for single days."""
    if rule is None:
        return base, []
    rare: set[date] = set()
    if rule.calendar is not None and not (keep and rule.shift is None):
        due = due_days(rule, base, rule.calendar.first_year, rule.calendar.last_year)
        if not due:
            raise TriggerError("the schedule is never due", "no day is named by all of its options")
        base, rare = candidates(due)
    cron = Cron(_USUAL + base)
    return base, list(single_days(rare | {day for day in rule.also_on if not cron.falls_on(day)}))


def clocks_of(at: str | Iterable[str]) -> list[tuple[str, str]]:
    """Times of day such as "21:00" as minutes and hours of cron expressions, as few as will do. Raises TriggerError."""
    listed = [at] if isinstance(at, str) else list(at)
    by_minute: dict[int, set[int]] = {}
    for clock in listed:
        seconds = seconds_of(clock)
        by_minute.setdefault(seconds // 60 % 60, set()).add(seconds // 3600)
    if not by_minute:
        raise TriggerError("at names no time of day", 'write at="21:00" or at=["09:00", "21:00"]')
    return [(str(minute), ",".join(map(str, sorted(hours)))) for minute, hours in sorted(by_minute.items())]


def seconds_of(clock: Any) -> int:
    """ "HH:MM" as seconds after midnight. Raises TriggerError."""
    try:
        return clock_seconds(clock)
    except (TypeError, ValueError):
        raise TriggerError(f"{clock!r} is not a time of day", 'write "HH:MM", such as "06:00" or "21:30"') from None


def _known(option: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is None or value in known:
        return
    near = get_close_matches(str(value), known, n=1)
    listed = ", ".join(repr(k) for k in known)
    hint = f"did you mean {near[0]!r}?" if near else f"it is one of {listed}"
    raise TriggerError(f"{option} is {shown(value)}", hint)


def _dates(option: str, given: Iterable[str]) -> frozenset[date]:
    if isinstance(given, str):
        raise TriggerError(f"{option} is one text", f'write a list: {option}=["{given}"]')
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return frozenset(day for text in given for day in days_of(option, text, years))
