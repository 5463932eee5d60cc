"""Sets of days, and the schedule that a person would write for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from nightshift.importing.writing import Code, call, keyed, listed, quoted, texts

FIRST = date(2024, 1, 1)
_LAST = date(2051, 12, 31)
"""28 years: then the days of the week and the leap years begin again."""

WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_SUNDAY_FIRST = ("SUN", *WEEK[:-1])
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY = timedelta(days=1)


@cache
def all_days() -> tuple[date, ...]:
    """Every day that is looked at."""
    return tuple(FIRST + n * _DAY for n in range((_LAST - FIRST).days + 1))


@dataclass(frozen=True)
class Days:
    """Days as one cron expression names them.

    month_days: "1,15", "L" or "?". months: "*" or "JAN,FEB". week_days: "*", "?", "MON-FRI", "MON#2" or "FRIL".
    """

    month_days: str
    months: str
    week_days: str


def is_last(day: date) -> bool:
    """Whether it is the last day of its month."""
    return (day + _DAY).day == 1


def nth(day: date) -> int:
    """Whether its day of the week is the first of the month (1), the second (2), ..."""
    return (day.day - 1) // 7 + 1


def is_last_week_day(day: date) -> bool:
    """Whether it is the last Monday, Tuesday, ... of its month."""
    return (day + 7 * _DAY).month != day.month


def fit(days: Collection[date]) -> list[Days]:
    """The cron expressions that name exactly these days; [] when a few cannot."""
    wanted = frozenset(days)
    if not wanted:
        return []
    months = {d.month for d in wanted}
    within = [d for d in all_days() if d.month in months]
    said = span(months, MONTHS, 1)
    week_days, month_days = {d.weekday() for d in wanted}, {d.day for d in wanted}
    places = sorted({(d.weekday(), nth(d)) for d in wanted})
    tries: list[tuple[list[Days], Callable[[date], bool]]] = [
        ([Days("?", said, _week(week_days))], lambda d: d.weekday() in week_days),
        ([Days("L", said, "?")], is_last),
        ([Days(span(month_days, range(1, 32), 1), said, "?")], lambda d: d.day in month_days),
        (
            [Days("?", said, f"{WEEK[w]}L") for w in sorted(week_days)],
            lambda d: d.weekday() in week_days and is_last_week_day(d),
        ),
        ([Days("?", said, f"{WEEK[w]}#{n}") for w, n in places], lambda d: (d.weekday(), nth(d)) in places),
    ]
    return next((found for found, holds in tries if wanted == {d for d in within if holds(d)}), [])


def span(values: Collection[int], names: Sequence[object], first: int) -> str:
    """Values of a field of cron: "*" for all, ranges and lists; `first` is the value of the first name."""
    if len(values) == len(names):
        return "*"
    runs: list[list[int]] = []
    for value in sorted(values):
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    shown = (
        [f"{names[run[0] - first]}-{names[run[-1] - first]}"] if len(run) > 2 else [str(names[v - first]) for v in run]
        for run in runs
    )
    return ",".join(text for run in shown for text in run)


def _week(week_days: Collection[int]) -> str:
    return span(week_days, WEEK, 0)


def schedule(clocks: Collection[time], days: Days, zone: str, more: Iterable[Code] = ()) -> Code:
    """The schedule that fires at some times of some days: `weekdays("07:30", timezone="...")`.

    more: further arguments, such as except_on.
    """
    at = texts(f"{clock:%H:%M}" for clock in sorted(clocks))
    options = [*([keyed("timezone", quoted(zone))] if zone != "UTC" else []), *more]
    every_month, plain = days.months == "*", days.week_days
    if every_month and days.month_days == "?" and plain == "*":
        return call("daily", at, *options)
    if every_month and plain == "MON-FRI":
        return call("weekdays", at, *options)
    if (
        every_month
        and days.month_days == "?"
        and plain.replace(",", "").replace("-", "").isalpha()
        and plain[-1] != "L"
    ):
        return call("weekly", texts(_named(plain)), at, *options)
    if every_month and (days.month_days.isdecimal() or days.month_days == "L"):
        day = "-1" if days.month_days == "L" else days.month_days
        return call("monthly", f"day={day}", keyed("at", at), *options)
    minutes = sorted({clock.minute for clock in clocks})
    hours = sorted({clock.hour for clock in clocks})
    if len(minutes) * len(hours) == len(set(clocks)):
        return call("cron", quoted(_cron(span(minutes, range(60), 0), span(hours, range(24), 0), days)), *options)
    return listed(call("cron", quoted(_cron(str(c.minute), str(c.hour), days)), *options) for c in sorted(clocks))


def _cron(minutes: str, hours: str, days: Days) -> str:
    month_days, week_days = days.month_days, days.week_days
    if month_days == "?" and week_days == "*":
        month_days, week_days = "*", "?"
    return f"{minutes} {hours} {month_days} {days.months} {_ascending(week_days)} *"


def _ascending(week_days: str) -> str:
    """Days of the week as AWS takes them: its week begins on Sunday, so "SAT-SUN" would run backwards."""
    if not week_days.endswith("SUN") or week_days == "SUN":
        return week_days
    return ",".join(_named(week_days))


def _named(week_days: str) -> list[str]:
    """The days of the week of a list of ranges, Sunday first."""
    found = set()
    for part in week_days.split(","):
        first, _, last = part.partition("-")
        found |= set(WEEK[WEEK.index(first) : WEEK.index(last or first) + 1])
    return [name for name in _SUNDAY_FIRST if name in found]


def schedules(found: Iterable[Code]) -> Code:
    """One schedule, or a list of several."""
    each = [
        item for code in found for item in (code.items if not isinstance(code, str) and code.opens == "[" else [code])
    ]
    return each[0] if len(each) == 1 else listed(each)


def names_of(code: Code) -> set[str]:
    """The functions of nightshift that a schedule calls."""
    if isinstance(code, str):
        return set()
    own = {
        name for name in ("daily", "weekdays", "weekly", "monthly", "cron", "rate") if code.opens.endswith(f"{name}(")
    }
    return own.union(*(names_of(item) for item in code.items))


def leaps(clock: time, days: Iterable[date], zone: str) -> bool:
    """Whether the clock leaps over this time of day on one of the days, as it does in spring."""
    where = ZoneInfo(zone)
    for day in days:
        local = datetime.combine(day, clock, where)
        if local.astimezone(UTC).astimezone(where).replace(tzinfo=None) != local.replace(tzinfo=None):
            return True
    return False
