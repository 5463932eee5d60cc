"""Questions to calendars and windows: what a flow may ask about the day it is due on.

The moment a run was due never changes, so each calendar is looked at once, when the flow begins: its days are assigned
as plain JSON, and a record of answers is computed from them. A question then reads a field of the record.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from types import MethodType
from typing import Any

from lambdas.calendar.business_days import BusinessCalendar
from lambdas.calendar.cron import TriggerError, time_zone
from nightshift import language
from nightshift.compiler import ir
from nightshift.compiler.context import Context, read, read_from_outside
from nightshift.compiler.expressions import expression
from nightshift.compiler.jsonata import COMPARE, TERNARY, Expr, constant, reads, text
from nightshift.compiler.module import Reject
from nightshift.compiler.types import ANY, BOOL, INT, STR, Type, dict_of
from nightshift.triggers.calendar import Calendar
from nightshift.triggers.utc_offsets import utc_offsets
from nightshift.triggers.window import Window

_EPOCH = date(1970, 1, 1)
_LONGEST_MONTH = 31

_ANSWERS: dict[str, tuple[str, Type]] = {
    "is_business_day": ("business", BOOL),
    "is_holiday": ("holiday", BOOL),
    "days_until_business_day": ("until", INT),
    "next_business_day": ("next", STR),
}


def date_question(ctx: Context, node: ast.Call, method: MethodType) -> Expr:
    """A call of a method of a calendar or a window."""
    owner = method.__self__
    if isinstance(owner, Window):
        if node.args or node.keywords:
            raise Reject(node, "NS309", f"{method.__name__}() takes nothing", "The window has its own time zone.")
        record = _record(ctx, ("window", owner), _said(node), owner.calendar, owner.timezone, owner)
        return _field(record, "open", BOOL, owner.calendar)
    assert isinstance(owner, Calendar)
    arguments = _arguments(ctx, node, method.__name__)
    zone = _zone(ctx, node, arguments.get("timezone"), owner)
    record = _record(ctx, (owner.data, zone), _said(node), owner.data, zone, None)
    if method.__name__ in _ANSWERS:
        return _field(record, *_ANSWERS[method.__name__], owner.data)
    return _nth(node, record, arguments["n"], owner.data)


DATES: dict[Any, tuple[str, ...]] = {
    language.now: (),
    language.today: ("timezone",),
    language.age_in_days: ("moment", "timezone"),
}
"""The functions that tell when the run is due, and what they take."""


def date_call(ctx: Context, node: ast.Call, function: Any) -> Expr:
    """A call of `now`, `today` or `age_in_days`."""
    takes, said = DATES[function], f"{function.__name__}()"
    positional = [name for name in takes if name == "moment"]
    named = {keyword.arg or "**": keyword.value for keyword in node.keywords}
    given = dict(zip(positional, node.args, strict=False)) | named
    if len(node.args) > len(positional) or set(given) - set(takes) or set(positional) - set(given):
        hint = f"It takes {', '.join(takes)}." if takes else "It takes nothing."
        raise Reject(node, "NS309", f"wrong arguments for {said}", hint)
    values = {name: expression(ctx, value) for name, value in given.items()}
    zone = _zone(ctx, node, values.get("timezone"), None)
    moment = _record(ctx, ("moment", zone), "moment", None, zone, None)
    if function is language.now:
        return _field(moment, "now", STR, None)
    if function is language.today:
        return _field(moment, "date", STR, None)
    then = values["moment"]
    if then.type != STR:
        hint = 'Give a timestamp of AWS, such as found.instances[0].launch_time, or a day, "2026-11-24".'
        raise Reject(given["moment"], "NS309", f"age_in_days of {then.type}", hint)
    # A day is compared with the day the run is due on, a timestamp with the moment.
    said = text(f"{said} of what is no day and no timestamp: ")
    code = (
        f"($_t := {then.argument()}; $_d := $substring($_t, 0, 10); "
        # Implementations take the 30th of February for a day of March.
        f"$not($contains($_t, /^{language.DAY_OR_TIMESTAMP}$/)) or "
        f"$substring($fromMillis($toMillis($_d & 'T00:00:00Z')), 0, 10) != $_d ? $error({said} & $_t) : "
        f"$length($_t) = 10 ? {moment.code}.day - $toMillis($_d & 'T00:00:00Z') / 86400000 : "
        "($_z := $contains($substring($_t, 19), /[-Z+]/) ? '' : 'Z'; "
        f"$floor(({moment.code}.at - $toMillis($_t & $_z) / 1000) / 86400)))"
    )
    return Expr(code, INT, reads=reads(moment, then))


def _said(node: ast.Call) -> str:
    assert isinstance(node.func, ast.Attribute)
    return ast.unparse(node.func.value).rpartition(".")[2]


def _arguments(ctx: Context, node: ast.Call, method: str) -> dict[str, Expr]:
    takes = ("n", "timezone") if method == "business_day_of_month" else ("timezone",)
    given = dict(zip(takes[:-1], node.args, strict=False)) | {k.arg or "**": k.value for k in node.keywords}
    if len(node.args) >= len(takes) or set(given) - set(takes) or (len(takes) > 1 and "n" not in given):
        example = "business_day_of_month(-1)" if len(takes) > 1 else f"{method}()"
        raise Reject(
            node, "NS309", f"wrong arguments for {method}()", f'Write {example}, or add timezone="Asia/Tokyo".'
        )
    return {name: expression(ctx, value) for name, value in given.items()}


def _zone(ctx: Context, node: ast.Call, given: Expr | None, calendar: Calendar | None) -> str:
    hint = 'Write timezone="Asia/Tokyo", or give it to the schedule or the calendar.'
    if given is not None and not isinstance(given.constant, str):
        raise Reject(node, "NS309", "timezone must be a constant text", hint)
    zone = given.constant if given is not None else ctx.dates.zone or (calendar.timezone if calendar else "UTC")
    if zone is None:
        raise Reject(node, "NS309", "it is not known in which time zone the day is asked for", hint)
    try:
        return time_zone(zone).key
    except TriggerError as error:
        raise Reject(node, "NS309", str(error), error.hint[:1].upper() + error.hint[1:]) from None


def _nth(node: ast.Call, record: Expr, n: Expr, calendar: BusinessCalendar) -> Expr:
    if n.type != INT:
        raise Reject(node, "NS309", f"business_day_of_month of {n.type}", "Write 1 for the first, -1 for the last.")
    if n.is_constant and not 0 < abs(n.constant) <= _LONGEST_MONTH:
        hint = "Write 1, 2, ... for the first ones, -1 for the last."
        raise Reject(node, "NS309", f"no month has a business day {n.constant}", hint)
    position = f"({record.code}.business and {n.within(COMPARE)} in [{record.code}.nth, {record.code}.nth_last])"
    return Expr(_known(record, "nth", position, calendar), BOOL, TERNARY, reads(record, n))


def _field(record: Expr, field: str, kind: Type, calendar: BusinessCalendar | None) -> Expr:
    answer = f"{record.code}.{field}"
    if calendar is None:
        return Expr(answer, kind, reads=record.reads)
    return Expr(_known(record, field, answer, calendar), kind, TERNARY, record.reads)


def _known(record: Expr, field: str, answer: str, calendar: BusinessCalendar) -> str:
    said = text(f"the calendar {calendar.name} knows the years {calendar.first_year} to {calendar.last_year}, not ")
    return f"$exists({record.code}.{field}) ? {answer} : $error({said} & {record.code}.date)"


def _record(
    ctx: Context, key: Any, said: str, calendar: BusinessCalendar | None, zone: str, window: Window | None
) -> Expr:
    """The answers for the day the run is due on, computed when the flow begins."""
    dates = ctx.dates
    if key not in dates.variables:
        days = None
        if calendar is not None:
            if (calendar, "days") not in dates.variables:
                data = ir.Variable(ctx.names.lasting(f"{said}_calendar"), dict_of(ANY))
                dates.variables[calendar, "days"] = data
                dates.assigned.append(ir.Assign([(data, constant(_data(calendar)))]))
            days = read(dates.variables[calendar, "days"])
        answers = ir.Variable(ctx.names.lasting(f"{said}_due"), dict_of(ANY))
        code = f"({_moment(zone)}{_day_functions(days, calendar)}{_window(window) if window else _answers(calendar)})"
        dates.assigned.append(ir.Assign([(answers, Expr(code, dict_of(ANY), reads=reads(days) if days else reads()))]))
        dates.variables[key] = answers
    return read_from_outside(ctx, dates.variables[key])


def _data(calendar: BusinessCalendar) -> dict[str, dict[str, list[int]]]:
    """The holidays and the workdays on weekends, as days since 1970, by year: a question looks at three of them."""
    holidays = [day for day in sorted(calendar.holidays) if day not in calendar.workdays]
    workdays = [day for day in sorted(calendar.workdays) if day.weekday() in calendar.weekend]
    return {"holidays": _by_year(holidays), "workdays": _by_year(workdays)}


def _by_year(days: Iterable[date]) -> dict[str, list[int]]:
    return {str(year): [number(day) for day in listed] for year, listed in groupby(days, key=lambda day: day.year)}


def number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _moment(zone: str) -> str:
    """The moment the run was due, as `$day` since 1970 and `$second` of it on the clock of the zone."""
    given = "$states.context.Execution.Input.nightshift.trigger.scheduled_time"
    offsets = utc_offsets(zone)
    starts, values = (", ".join(str(pair[n]) for pair in offsets) for n in (0, 1))
    return (
        f"$t := $toMillis($exists({given}) ? {given} : $states.context.Execution.StartTime) / 1000; "
        f"$starts := [{starts}]; $offsets := [{values}]; "
        "$n := $max([1, $count($filter($starts, function($s) { $s <= $t }))]); "
        "$local := $floor($t + $offsets[$n - 1]); $day := $floor($local / 86400); $second := $local - $day * 86400; "
        "$iso := function($d) { $substring($fromMillis($d * 86400000), 0, 10) }; "
    )


def _day_functions(days: Expr | None, calendar: BusinessCalendar | None) -> str:
    """`$holiday(day)` and `$business(day)`, for days near the one the run was due on."""
    if days is None or calendar is None:
        return ""
    weekend = ", ".join(str(day) for day in sorted(calendar.weekend))
    return (
        "$year := $number($substring($iso($day), 0, 4)); "
        "$near := function($years) { $append($append($lookup($years, $string($year - 1)), "
        "$lookup($years, $string($year))), $lookup($years, $string($year + 1))) }; "
        f"$holidays := $near({days.code}.holidays); $workdays := $near({days.code}.workdays); "
        "$holiday := function($d) { $d in $holidays }; "
        # 1970 began on a Thursday, which is 3 counted from Monday.
        f"$business := function($d) {{ $d in $workdays or $not($d in $holidays or ($d + 3) % 7 in [{weekend}]) }}; "
        f"$known := $day >= {number(date(calendar.first_year, 1, 1))} and "
        f"$day <= {number(date(calendar.last_year, 12, 31))}; "
    )


def _longest_stretch(calendar: BusinessCalendar) -> int:
    """The most days from one business day to the next."""
    day, last = date(calendar.first_year, 1, 1), date(calendar.last_year, 12, 31)
    longest, stretch = 1, 1
    while day <= last:
        stretch = 1 if calendar.is_business_day(day) else stretch + 1
        longest = max(longest, stretch)
        day += timedelta(days=1)
    return longest


def _answers(calendar: BusinessCalendar | None) -> str:
    """The record of what may be asked; a field that the calendar has no data for is left out."""
    if calendar is None:
        return '{"date": $iso($day), "day": $day, "at": $t, "now": $substring($fromMillis($t * 1000), 0, 19) & "Z"}'
    last = number(date(calendar.last_year, 12, 31))
    return (
        "$of_month := function($d) { $number($substring($iso($d), 8, 2)) }; "
        "$first := $day - $of_month($day) + 1; $beyond := $first + 31; $last := $beyond - $of_month($beyond); "
        "$up_to := function($from, $to) { $count($filter([$from..$to], $business)) }; "
        f"$next := $filter([($day + 1)..($day + {_longest_stretch(calendar)})], $business)[0]; "
        f"$next := $next <= {last} ? $next; "
        '{"date": $iso($day), "business": $known ? $business($day), "holiday": $known ? $holiday($day), '
        '"nth": $known ? $up_to($first, $day), "nth_last": $known ? -$up_to($day, $last), '
        '"next": $known and $exists($next) ? $iso($next), "until": $known and $exists($next) ? $next - $day}'
    )


def _window(window: Window) -> str:
    """Whether the window is open."""
    listed = {name: ", ".join(str(number(day)) for day in sorted(days)) for name, days in window.single_days.items()}
    weekdays = ", ".join(str(day) for day in sorted(window.weekdays))
    only = {
        None: "true",
        "business days": "$business($d)",
        "days off": "$not($business($d))",
        "holidays": "$holiday($d)",
    }
    opens = (
        f"$opens := function($d) {{ $d in [{listed['also_on']}] or ($not($d in [{listed['except_on']}]) and "
        f"($d + 3) % 7 in [{weekdays}] and {only.get(window.only or '', 'true')}) }}; "
    )
    if window.over_midnight:
        inside = f"($second >= {window.opens} and $opens($day)) or ($second < {window.closes} and $opens($day - 1))"
    else:
        inside = f"$second >= {window.opens} and $second < {window.closes} and $opens($day)"
    known = "$known ? " if window.calendar is not None else ""
    return f'{opens}{{"date": $iso($day), "open": {known}({inside})}}'
