"""What a flow file writes as a schedule: `cron`, `rate`, `at`, `daily`, `weekdays`, `weekly` and `monthly`.

Each checks what it is given where it is written and raises TriggerError: the message says what is wrong, the hint what
to write.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from lambdas.calendar.business_days import ordinal
from lambdas.calendar.cron import WEEKDAYS, Cron, TriggerError, at_time, rate_period
from nightshift.triggers.calendar import Calendar
from nightshift.triggers.schedule import EVERY_DAY, Days, OnHoliday, Only, Schedule, clocks_of, scheduled

Clock = str | Iterable[str]
"""A time of day "21:00", or several."""


def cron(
    expression: str,
    *,
    timezone: str | None = None,
    calendar: Calendar | None = None,
    only: Only | None = None,
    on_holiday: OnHoliday | None = None,
    except_on: Iterable[str] = (),
    also_on: Iterable[str] = (),
) -> Schedule:
    """Fire at the times of a six-field AWS cron expression: "minutes hours day-of-month month day-of-week year".

    timezone: the IANA zone the expression is read in (default: that of the calendar, else UTC). A time the clock leaps
    over is skipped, one it shows twice fires once. The other options: as `daily` and `weekly` have them.
    Raises TriggerError.
    """
    Cron(expression)
    fields = expression.upper().split()
    days = Days(calendar, only, None, on_holiday, except_on, also_on)
    written = f"cron({' '.join(fields)})"
    return scheduled([(fields[0], fields[1])], " ".join(fields[2:]), timezone, days, written, keep=True)


def rate(every: str) -> Schedule:
    """Fire every so often, from the moment it is deployed: "15 minutes", "1 hour", "2 days". Raises TriggerError."""
    count, unit = rate_period(every)
    return Schedule((f"rate({count} {unit}{'s' * (count != 1)})",))


def at(when: str, *, timezone: str = "UTC") -> Schedule:
    """Fire once, at a local time of `timezone`: "2026-12-01T09:00:00". Raises TriggerError."""
    return Schedule((f"at({at_time(when, timezone).isoformat(timespec='seconds')})",), timezone)


def daily(
    at: Clock,
    *,
    timezone: str | None = None,
    calendar: Calendar | None = None,
    only: Only | None = None,
    except_on: Iterable[str] = (),
    also_on: Iterable[str] = (),
) -> Schedule:
    """Fire every day, or on some kind of days only.

    at: a time of day "21:00", or several. timezone: its IANA zone (default: that of the calendar, else UTC).
    only: "business days", "days off" (weekends and holidays) or "holidays" of the calendar.
    except_on, also_on: dates "2026-12-24" on which it is not due, or due in any case. Raises TriggerError.
    """
    days = Days(calendar, only, None, None, except_on, also_on)
    return scheduled(clocks_of(at), EVERY_DAY, timezone, days, f"{_said(at)} daily")


def weekdays(
    at: Clock, *, timezone: str | None = None, except_on: Iterable[str] = (), also_on: Iterable[str] = ()
) -> Schedule:
    """Fire from Monday to Friday, holiday or not; for business days write `daily(..., only="business days")`."""
    days = Days(except_on=except_on, also_on=also_on)
    return scheduled(clocks_of(at), "? * MON-FRI *", timezone, days, f"{_said(at)} Monday to Friday")


def weekly(
    day: str | Iterable[str],
    at: Clock,
    *,
    timezone: str | None = None,
    calendar: Calendar | None = None,
    on_holiday: OnHoliday | None = None,
    except_on: Iterable[str] = (),
    also_on: Iterable[str] = (),
) -> Schedule:
    """Fire on one or several days of the week: "SUN", or ["MON", "THU"].

    on_holiday: what becomes of a day that is no business day of the calendar: "skip", or run on the "previous" or
    "next" business day. The other options: as `daily` has them. Raises TriggerError.
    """
    names = weekday_names([day] if isinstance(day, str) else day)
    days = Days(calendar, None, None, on_holiday, except_on, also_on)
    return scheduled(clocks_of(at), f"? * {','.join(names)} *", timezone, days, f"{_said(at)} every {', '.join(names)}")


def monthly(
    *,
    at: Clock,
    day: int | None = None,
    business_day: int | None = None,
    timezone: str | None = None,
    calendar: Calendar | None = None,
    on_holiday: OnHoliday | None = None,
    except_on: Iterable[str] = (),
    also_on: Iterable[str] = (),
) -> Schedule:
    """Fire once a month, on a day of the month or on a business day of the month.

    day: 1 to 31, or -1 for the last; a month that is too short is passed over. business_day: 1 for the first business
    day of the calendar, -1 for the last, -2 for the one before. on_holiday: what becomes of a `day` that is no business
    day: "skip", or run on the "previous" or "next" business day, be it in another month. The other options: as `daily`
    has them. Raises TriggerError.
    """
    if (day is None) == (business_day is None):
        raise TriggerError(
            "monthly() takes either day or business_day", "write monthly(day=25, ...) or monthly(business_day=-1, ...)"
        )
    days = Days(calendar, None, business_day, on_holiday, except_on, also_on)
    if business_day is not None:
        if on_holiday is not None:
            raise TriggerError("business_day falls on no holiday", "leave on_holiday out")
        _check_number("business_day", business_day, 23)
        return scheduled(clocks_of(at), EVERY_DAY, timezone, days, _said(at))
    assert day is not None
    _check_number("day", day, 31, last=1)
    base = f"{'L' if day == -1 else day} * ? *"
    said = "last day" if day == -1 else f"{ordinal(day)}"
    return scheduled(clocks_of(at), base, timezone, days, f"{_said(at)} on the {said} of the month")


def weekday_names(given: Iterable[str]) -> list[str]:
    """Days of the week as cron writes them, in the order of the week. Raises TriggerError."""
    found = set()
    for name in given:
        if not isinstance(name, str) or name.upper() not in WEEKDAYS:
            near = get_close_matches(str(name).upper()[:3], WEEKDAYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"days are {', '.join(WEEKDAYS)}"
            raise TriggerError(f"{name!r} is not a day of the week", hint)
        found.add(name.upper())
    if not found:
        raise TriggerError("no day of the week is given", f"days are {', '.join(WEEKDAYS)}")
    return [name for name in WEEKDAYS if name in found]


def _check_number(option: str, value: int, most: int, last: int | None = None) -> None:
    fewest = most if last is None else last
    if not isinstance(value, int) or not (1 <= value <= most or -fewest <= value <= -1):
        counted = f"-1 to -{fewest} from the end" if last is None else "-1 for the last"
        raise TriggerError(f"{option} is {value!r}", f"write 1 to {most}, or {counted}")


def _said(at: Clock) -> str:
    return at if isinstance(at, str) else ", ".join(sorted(at))
