"""Schedule expressions of EventBridge Scheduler: cron(...), rate(...), at(...), and when they fire.

Source of the rules: "Schedule types in EventBridge Scheduler" (EventBridge Scheduler User Guide) and, for the
wildcards, "Cron expressions reference" (EventBridge User Guide). What AWS does not document is rejected.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from lambdas.contract.errors import NightshiftError

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199

_SHORTHANDS = {
    "@yearly": "0 0 1 1 ? *",
    "@annually": "0 0 1 1 ? *",
    "@monthly": "0 0 1 * ? *",
    "@weekly": "0 0 ? * SUN *",
    "@daily": "0 0 * * ? *",
    "@midnight": "0 0 * * ? *",
    "@hourly": "0 * * * ? *",
}


class TriggerError(NightshiftError):
    """A trigger that AWS would refuse, or that cannot mean what it says.

    message: what is wrong, and in which field. hint: what to write instead; a traceback shows it too.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
        self.add_note(hint)


@dataclass(frozen=True)
class _Field:
    """A field of a cron expression: its place, its values, and what else it may hold."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    steps: bool = True
    largest_step: int = 0

    @property
    def values(self) -> str:
        shown = f"{self.low}-{self.high}"
        return f"{shown} or {self.names[0]}-{self.names[-1]}" if self.names else shown


_FIELDS = (
    _Field("minutes", 0, 59, largest_step=59),
    _Field("hours", 0, 23, largest_step=23),
    _Field("day-of-month", 1, 31, largest_step=31),
    _Field("month", 1, 12, tuple(_MONTHS), largest_step=12),
    _Field("day-of-week", 1, 7, WEEKDAYS, steps=False),
    _Field("year", _FIRST_YEAR, _LAST_YEAR, largest_step=_LAST_YEAR - _FIRST_YEAR),
)


class Cron:
    """A parsed AWS cron expression: "minutes hours day-of-month month day-of-week year".

    Raises TriggerError when AWS would refuse the expression, or when it never fires.
    """

    def __init__(self, expression: str) -> None:
        fields = expression.upper().split()
        if len(fields) != len(_FIELDS):
            raise _wrong_count(expression, fields)
        minutes, hours, day_of_month, month, day_of_week, year = fields
        if (day_of_month == "?") == (day_of_week == "?"):
            raise _question_mark(fields)
        self.minutes = _values(_FIELDS[0], minutes)
        self.hours = _values(_FIELDS[1], hours)
        self.months = _values(_FIELDS[3], month)
        self.years = _values(_FIELDS[5], year)
        self._days = _days_of_month(day_of_month) if day_of_week == "?" else _days_of_week(day_of_week)
        if next(self.times(datetime(_FIRST_YEAR, 1, 1)), None) is None:
            raise TriggerError(
                f"cron({expression}) never fires: day-of-month {day_of_month} is in none of its months",
                'take a day every chosen month has, or "L" for the last one',
            )

    def falls_on(self, day: date) -> bool:
        """Whether a day is one of those the expression names, whatever the time of day."""
        return day.year in self.years and day.month in self.months and day.day in self._days(day.year, day.month)

    def times(self, start: datetime) -> Iterator[datetime]:
        """The matching local times from `start` on (naive, to the minute), earliest first."""
        for year in (y for y in self.years if y >= start.year):
            for month in (m for m in self.months if (year, m) >= (start.year, start.month)):
                for day in self._days(year, month):
                    yield from self._times_of_day(datetime(year, month, day), start)

    def _times_of_day(self, day: datetime, start: datetime) -> Iterator[datetime]:
        if day.date() < start.date():
            return
        for hour in self.hours:
            for minute in self.minutes:
                time = day.replace(hour=hour, minute=minute)
                if time >= start:
                    yield time


def fire_times(expression: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """When a schedule fires after a moment, as aware datetimes in its zone, earliest first.

    expression: "cron(...)", "rate(...)" or "at(...)". timezone: an IANA zone name.
    after: an aware datetime. A rate is counted from it, as Scheduler counts from the moment the schedule is made.

    Daylight saving time, as "Schedule types in EventBridge Scheduler" has it: a local time that the clock leaps
    over is skipped, one that the clock shows twice fires once, the first time. A day of a rate is 24 hours.
    Raises TriggerError for an expression AWS would refuse.
    """
    kind, inner = split(expression)
    zone = time_zone(timezone)
    if kind == "rate":
        count, unit = rate_period(inner)
        return _rate_times(timedelta(**{f"{unit}s": count}), after.astimezone(zone))
    if kind == "at":
        when = at_time(inner, timezone).replace(tzinfo=zone)
        return iter([when] if when.timestamp() > after.timestamp() else [])
    return _cron_times(Cron(inner), zone, after)


def split(expression: str) -> tuple[str, str]:
    """A schedule expression as its kind ("cron", "rate", "at") and what stands in the brackets."""
    match = re.fullmatch(r"(cron|rate|at)\((.*)\)", expression.strip())
    if not match:
        raise TriggerError(
            f"{expression!r} is not a schedule expression",
            'write cron("0 22 * * ? *"), rate("15 minutes") or at("2026-12-01T09:00:00")',
        )
    return match[1], match[2]


def rate_period(every: str) -> tuple[int, str]:
    """The count and the unit ("minute", "hour" or "day") of a rate such as "15 minutes", "1 hour", "2 days"."""
    match = re.fullmatch(r"\s*(\d+)\s+(minute|hour|day)s?\s*", every)
    if not match or not int(match[1]):
        raise TriggerError(
            f'rate("{every}") is not a whole number above zero and minutes, hours or days',
            'write for example rate("15 minutes"), rate("1 hour") or rate("2 days")',
        )
    return int(match[1]), match[2]


def at_time(when: str, timezone: str) -> datetime:
    """The local time (naive) of a one-time schedule such as "2026-12-01T09:00:00"."""
    example = 'write the local time as at("2026-12-01T09:00:00", timezone="Asia/Tokyo")'
    try:
        local = datetime.fromisoformat(when.strip())
    except ValueError as error:
        raise TriggerError(f'at("{when}"): {error}', example) from None
    if local.tzinfo is not None:
        raise TriggerError(f'at("{when}") carries an offset, which EventBridge Scheduler does not take', example)
    if local.microsecond:
        raise TriggerError(f'at("{when}") has a fraction of a second', example)
    if _skipped_by_clock(local.replace(tzinfo=time_zone(timezone))):
        raise TriggerError(
            f'at("{when}") does not exist in {timezone}: the clock is put forward over it',
            "take a time before or after the change to daylight saving time",
        )
    return local


def time_zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; raises TriggerError with the nearest names when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(name, available_timezones(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else 'write an IANA name such as "Asia/Tokyo" or "UTC"'
        raise TriggerError(f"{name!r} is not a time zone", hint) from None


def _rate_times(period: timedelta, start: datetime) -> Iterator[datetime]:
    moment = start.astimezone(UTC)
    while True:
        moment += period
        yield moment.astimezone(start.tzinfo)


def _cron_times(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    start = after.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0, fold=0)
    for local in cron.times(start):
        time = local.replace(tzinfo=zone)
        if not _skipped_by_clock(time) and time.timestamp() > after.timestamp():
            yield time


def _skipped_by_clock(time: datetime) -> bool:
    return time.astimezone(UTC).astimezone(time.tzinfo).replace(tzinfo=None) != time.replace(tzinfo=None)


def _values(field: _Field, text: str) -> tuple[int, ...]:
    """The sorted values of a field: a list of values, ranges, `*`, each with an optional step."""
    found: set[int] = set()
    for item in text.split(","):
        base, slash, step = item.partition("/")
        found.update(_range(field, text, base, stepped=bool(slash))[:: _step(field, text, step) if slash else 1])
    return tuple(sorted(found))


def _range(field: _Field, text: str, base: str, *, stepped: bool) -> range:
    if base == "*":
        return range(field.low, field.high + 1)
    first, dash, last = base.partition("-")
    low = _number(field, text, first)
    if not dash:
        return range(low, (field.high if stepped else low) + 1)
    high = _number(field, text, last)
    if high < low:
        raise _bad(field, text, f"the range {base} runs backwards", f"write {_unwrapped(field, first, last)}")
    return range(low, high + 1)


def _unwrapped(field: _Field, first: str, last: str) -> str:
    if field.names:
        # A list of names reads better, and starts no matter where the week or year does.
        low, high = _number(field, "", first), _number(field, "", last)
        return ",".join((*field.names[low - field.low :], *field.names[: high - field.low + 1]))
    return f"{first}-{field.high},{field.low}-{last}"


def _step(field: _Field, text: str, step: str) -> int:
    if not field.steps:
        raise _bad(field, text, "this field takes no step", "list the days, such as MON,WED,FRI")
    if not step.isdigit() or not 1 <= int(step) <= field.largest_step:
        raise _bad(
            field, text, f"the step {step!r} is not 1 to {field.largest_step}", f"write for example {field.low}/5"
        )
    return int(step)


def _number(field: _Field, text: str, value: str) -> int:
    if value in field.names:
        return field.names.index(value) + field.low
    if value.isascii() and value.isdigit() and field.low <= int(value) <= field.high:
        return int(value)
    if not value:
        raise _bad(field, text, "a value is missing", f"values are {field.values}")
    hint = f"values are {field.values}"
    if field.name == "day-of-week" and value == "0":
        hint = "AWS counts the days from SUN = 1; write SUN"
    elif near := get_close_matches(value, field.names, n=1):
        hint = f"did you mean {near[0]}?"
    raise _bad(field, text, f"{value!r} is not a value of this field", hint)


def _days_of_month(text: str) -> Callable[[int, int], list[int]]:
    """A function that gives the days of a year's month that the field day-of-month selects."""
    field = _FIELDS[2]
    if text == "L":
        return lambda year, month: [_length(year, month)]
    if text == "LW":
        return lambda year, month: [_nearest_weekday(year, month, _length(year, month))]
    if match := re.fullmatch(r"(\d+)W", text):
        day = _number(field, text, match[1])
        if day > 28:
            raise _bad(
                field, text, f"not every month has day {day}", "take a day up to 28W, or LW for the last weekday"
            )
        return lambda year, month: [_nearest_weekday(year, month, day)]
    if re.search(r"L|W", text):
        raise _bad(field, text, "L and W stand alone", 'write "L", "LW" or one day with W, such as "15W"')
    days = _values(field, text)
    return lambda year, month: [day for day in days if day <= _length(year, month)]


def _days_of_week(text: str) -> Callable[[int, int], list[int]]:
    """A function that gives the days of a year's month that the field day-of-week selects."""
    field = _FIELDS[4]
    if text == "L":
        return lambda year, month: _weekdays(year, month, (7,))
    if "#" in text:
        name, _, nth = text.partition("#")
        if not re.fullmatch(r"[1-5]", nth):
            raise _bad(field, text, "# takes one day and a number from 1 to 5", "write for example MON#2")
        weekday = (_number(field, text, name),)
        return lambda year, month: _weekdays(year, month, weekday)[int(nth) - 1 : int(nth)]
    if match := re.fullmatch(r"(\w+)L", text):
        last = (_number(field, text, match[1]),)
        return lambda year, month: _weekdays(year, month, last)[-1:]
    weekdays = _values(field, text)
    return lambda year, month: _weekdays(year, month, weekdays)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _weekdays(year: int, month: int, weekdays: tuple[int, ...]) -> list[int]:
    first, length = calendar.monthrange(year, month)
    # calendar counts from Monday = 0, AWS from Sunday = 1.
    return [day for day in range(1, length + 1) if (first + day) % 7 + 1 in weekdays]


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The weekday nearest to a day without leaving its month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < _length(year, month) else day - 2
    return day


def _bad(field: _Field, text: str, what: str, hint: str) -> TriggerError:
    return TriggerError(f"cron field {field.name} is {text!r}: {what}", hint)


def _wrong_count(expression: str, fields: list[str]) -> TriggerError:
    message = f'cron("{expression}") has {len(fields)} field{"s" * (len(fields) != 1)}, AWS takes six'
    order = "minutes hours day-of-month month day-of-week year"
    written = _SHORTHANDS.get(expression.strip().lower())
    if len(fields) == 5:
        written = _from_crontab(fields)
    return TriggerError(message, f'write cron("{written}")' if written else f"write {order}")


def _from_crontab(fields: list[str]) -> str | None:
    """A five-field crontab line in AWS's six fields, where the two dialects translate one to one."""
    minutes, hours, day_of_month, month, day_of_week = fields
    if day_of_week in ("*", "?"):
        day_of_week = "?"
    elif day_of_month in ("*", "?"):
        day_of_month = "?"
        day_of_week = re.sub(r"[0-7]", lambda m: WEEKDAYS[int(m[0]) % 7], day_of_week)
    written = " ".join([minutes, hours, day_of_month, month, day_of_week, "*"])
    try:
        Cron(written)
    except TriggerError:
        return None
    return written


def _question_mark(fields: list[str]) -> TriggerError:
    day_of_month, day_of_week = fields[2], fields[4]
    message = f"day-of-month is {day_of_month!r} and day-of-week is {day_of_week!r}: one of the two has to be ?"
    if day_of_month == "?":
        return TriggerError(f"{message}, and only one", "write * as day-of-month for every day")
    if day_of_week == "*":
        return TriggerError(message, "write ? as day-of-week")
    if day_of_month == "*":
        return TriggerError(message, "write ? as day-of-month")
    return TriggerError(message, "AWS cannot combine them; choose by one, and test the other inside the flow")
