"""Which days a period of Instance Scheduler falls on: its weekdays, months and monthdays.

Source: "Periods" (Instance Scheduler on AWS, Implementation Guide).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from nightshift.importing.days import MONTHS, WEEK, is_last, is_last_week_day, nth

Test = Callable[[date], bool]


def _any(day: date) -> bool:
    return True


@dataclass(frozen=True)
class DaySet:
    """Days that fulfil all three conditions."""

    week_days: Test = _any
    months: Test = _any
    month_days: Test = _any

    def __contains__(self, day: date) -> bool:
        return self.week_days(day) and self.months(day) and self.month_days(day)


def week_days_of(items: Sequence[str]) -> Test:
    """The days of the week of "mon-fri", "sat", "0", "mon#2" (the second Monday), "friL" (the last Friday).

    A range may run over the end of the week: "sat-mon". Raises ValueError of the field, the message and the hint.
    """
    plain: list[str] = []
    special: list[tuple[int, int | None]] = []
    for item in items:
        match = re.fullmatch(r"([A-Za-z]+|\d)(?:#([1-5])|(L))", item)
        week_day = _place(match[1][:3].upper(), WEEK, 0) if match else None
        if match and week_day is not None and match[1] != "L":
            special.append((week_day, int(match[2]) if match[2] else None))
        else:
            # The last item of the week is written L or $.
            plain.append("SUN" if item in ("L", "$") else item)
    named = _values("weekdays", plain, WEEK, 0, 'Write days such as "mon-fri", "mon#2" for the second, "friL".')
    if not items:
        return _any
    return lambda day: (
        day.weekday() in named
        or any(day.weekday() == w and (is_last_week_day(day) if n is None else nth(day) == n) for w, n in special)
    )


def months_of(items: Sequence[str]) -> Test:
    """The months of "jan-mar", "6", "jan/3". Raises ValueError."""
    named = _values("months", items, MONTHS, 1, 'Write months such as "jan-mar" or "1,4,7,10".')
    return (lambda day: day.month in named) if items else _any


def month_days_of(items: Sequence[str]) -> Test:
    """The days of the month of "1-7", "1/7", "15W" (the weekday nearest to it), "L" (the last). Raises ValueError."""
    nearest = [int(item[:-1]) for item in items if re.fullmatch(r"\d+W", item)]
    last = any(item in ("L", "$") for item in items)
    plain = [item for item in items if not re.fullmatch(r"\d+W|L|\$", item)]
    names = tuple(str(n) for n in range(1, 32))
    named = _values("monthdays", plain, names, 1, 'Write days such as "1-7", "15W" or "L" for the last.')
    if not items:
        return _any
    return lambda day: day.day in named or (last and is_last(day)) or any(_nearest(day, n) for n in nearest)


def _nearest(day: date, wanted: int) -> bool:
    """Whether a day is the weekday nearest to a day of its month, as 15W of cron: never in another month."""
    if day.weekday() > 4:
        return False
    last = next(n for n in (31, 30, 29, 28) if _exists(day, n))
    if wanted > last:
        return False
    week_day = day.replace(day=wanted).weekday()
    moved = {5: -1 if wanted > 1 else 2, 6: 1 if wanted < last else -2}.get(week_day, 0)
    return day.day == wanted + moved


def _exists(day: date, number: int) -> bool:
    try:
        day.replace(day=number)
    except ValueError:
        return False
    return True


def _values(field: str, items: Sequence[str], names: Sequence[str], first: int, hint: str) -> set[int]:
    """The values of names, numbers, ranges and steps."""
    found: set[int] = set()
    for item in items:
        text, slash, step = item.strip().upper().partition("/")
        begin, dash, end = text.partition("-")
        if text in ("*", "?"):
            begin, dash, end = names[0], "-", names[-1]
        elif slash and not dash:
            dash, end = "-", names[-1]
        low = _place(_short(begin, names), names, first)
        high = _place(_short(end, names), names, first) if dash else low
        if low is None or high is None or (slash and not step.isdecimal()) or step == "0":
            raise ValueError(field, f"{field} has {item!r}", hint)
        length = (high - low) % len(names) + 1
        found |= {(low - first + n) % len(names) + first for n in range(0, length, int(step or 1))}
    return found


def _short(name: str, names: Sequence[str]) -> str:
    """Only three letters of a name count; ^ and $ are the first and the last."""
    ends = {"^": names[0], "$": names[-1]}
    return ends.get(name, name[:3] if name.isalpha() else name)


def _place(name: str, names: Sequence[str], first: int) -> int | None:
    if name in names:
        return names.index(name) + first
    return int(name) if name.isdecimal() and first <= int(name) < first + len(names) else None
