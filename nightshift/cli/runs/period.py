"""`nightshift report` of a period: how its runs went, by day and by flow, as the report of the dashboard says it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from lambdas.calendar.cron import time_zone
from lambdas.contract.errors import InvalidParameter
from lambdas.prices.kept import prices_or_asked
from lambdas.prices.price_list import Price, pricing
from lambdas.savings.hours import Saved, hours_by, saved_hours
from lambdas.savings.money import Worth, together, worth
from lambdas.tracker.counters import Numbers, Tally, tally
from lambdas.tracker.measured import Measured, Percentiles, measure, percentiles
from nightshift.cli.output import duration, print_bold, print_csv, print_json, print_table
from nightshift.cli.target import app_names, client, session, table
from nightshift.cli.tracking import Form
from nightshift.runs import state_machine_arn

_DAYS = 30
_MOST_DAYS = 400
_STATES = ("succeeded", "failed", "timed_out", "aborted", "skipped", "running")
_HEADINGS = ("runs", "succeeded", "50 %", "90 %", "99 %", "longest", "hours saved")
_WORTH = ("instance type", "region", "hours saved", "price an hour", "saved")
_UNKNOWN = "no price known"
_CSV_WORTH = ("type", "region", "price", "currency", "money")
_CSV = ("day", "flow", "runs", *_STATES, "success", "p50", "p90", "p99", "longest", "hours_saved", *_CSV_WORTH)
_LOCAL_ZONE = Path("/etc/localtime")


@dataclass(frozen=True)
class Days:
    """The days that are reported on, both counted, in a time zone."""

    since: date
    until: date
    zone: ZoneInfo

    @classmethod
    def of(cls, since: str | None, until: str | None, zone: str | None, now: datetime) -> Days:
        """As they are written on the command line; by default 30 days up to today, in the zone of this machine.

        now: aware. Raises InvalidParameter, TriggerError.
        """
        own = time_zone(zone) if zone else own_zone()
        today = now.astimezone(own).date()
        first = _day("--from", since)
        last = _day("--to", until) or (max(first, today) if first else today)
        first = first or last - timedelta(days=_DAYS - 1)
        if first > last:
            raise InvalidParameter(f"--from {first} is after --to {last}; write the earlier day first")
        if (last - first).days >= _MOST_DAYS:
            raise InvalidParameter(f"{first} to {last} is too long; a report is of at most {_MOST_DAYS} days")
        return cls(first, last, own)


@dataclass(frozen=True)
class Line:
    """A line of the report. seconds: durations that were read one by one. hours: of instances saved."""

    told: Tally
    seconds: list[float]
    hours: float

    @property
    def runs(self) -> int:
        """All runs, in any state."""
        return sum(self.told.states.values())

    @property
    def ranks(self) -> Percentiles | None:
        """The percentiles of the durations."""
        return percentiles(self.seconds)


@dataclass(frozen=True)
class PeriodReport:
    """How the runs of a period went. whole: days before it are in UTC, from counters, and have no percentiles."""

    days: dict[date, Line]
    flows: dict[str, Line]
    total: Line
    whole: date
    worths: list[Worth]

    @property
    def money(self) -> Price | None:
        """What the hours saved are worth, as far as prices are known."""
        return together(self.worths)

    @classmethod
    def of(cls, found: Measured, saved: list[Saved], worths: list[Worth]) -> PeriodReport:
        """The report of what was measured and saved. worths: of the hours saved."""
        by_day, by_flow = hours_by(saved, lambda each: each.day), hours_by(saved, lambda each: each.flow)
        days = {day: Line(told.tally, told.seconds, by_day.get(day, 0.0)) for day, told in found.days.items()}
        numbers: dict[str, list[Numbers]] = {flow: [told] for flow, told in found.before.items()}
        seconds: dict[str, list[float]] = {}
        for day in found.days.values():
            for flow, told in day.flows.items():
                numbers.setdefault(flow, []).append(told)
            for flow, durations in day.durations.items():
                seconds.setdefault(flow, []).extend(durations)
        flows = {
            flow: Line(tally(numbers.get(flow, [])), seconds.get(flow, []), by_flow.get(flow, 0.0))
            for flow in sorted({*numbers, *by_flow})
        }
        return cls(days, flows, Line(found.total, found.seconds, sum(by_day.values())), found.whole, worths)


def report_period(target: str, days: Days, flow: str | None, *, form: Form) -> None:
    """Print the report of a period. flow: of this one only.

    Raises NoTable; NotDeployed for a flow that has no runs because there is no such flow.
    """
    app_table, flows = table(target), [flow] if flow else None
    found = measure(app_table, flows, days.since, days.until, days.zone, by_flow=True)
    saved = saved_hours(app_table, flows, days.since, days.until, days.zone)
    report = PeriodReport.of(found, saved, _worths(target, app_table, saved))
    if flow and not report.total.runs:
        # Its runs outlast a flow; one that has neither runs nor a state machine is misspelled.
        state_machine_arn(client(target, "stepfunctions"), flow, app_names(target))
    if form == "json":
        print_json(_as_json(report, days, flow))
    elif form == "csv":
        print_csv(_CSV, list(_csv_rows(report)))
    else:
        _print(report, days)


def _worths(target: str, app_table: Any, saved: list[Saved]) -> list[Worth]:
    """What the hours are worth; the local AWS has no prices, and credentials need not be allowed to ask for them."""
    here = session(target)
    asked = None if target == "local" else pricing(here, here.region_name)
    return worth(saved, here.region_name, lambda kinds: prices_or_asked(app_table, kinds, asked))


def own_zone() -> ZoneInfo:
    """The time zone of this machine: that of `TZ`, or of the system; UTC where neither has an IANA name."""
    linked = os.path.realpath(_LOCAL_ZONE).partition("zoneinfo/")[2]
    named = os.environ.get("TZ", "").lstrip(":") or linked
    return ZoneInfo(named) if named in available_timezones() else ZoneInfo("UTC")


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidParameter(f"{option} {text} is not a date; write 2026-11-24") from None


def _print(report: PeriodReport, days: Days) -> None:
    print_bold(f"{days.since} to {days.until}, days in {days.zone.key}")
    if not report.flows:
        print("No runs were recorded")
        return
    shown = {str(day): line for day, line in report.days.items() if line.runs or line.hours}
    for what, lines in (("day", {**shown, "all days": report.total}), ("flow", report.flows)):
        print()
        print_table((what, *_HEADINGS), [(name, *_row(line)) for name, line in lines.items()])
    if report.worths:
        print()
        print_table(_WORTH, [_worth_row(each) for each in report.worths])
    print()
    print("Succeeded: of the runs that were to do something and have ended. 50 %: so many of the runs took no longer.")
    print("Hours saved are those between a stop of an instance by a flow and its next start by one.")
    if report.worths:
        print(f"{_money(report.money)} saved = hours saved x on-demand price of the type in its Region with Linux;")
        print("storage and addresses of stopped instances go on costing, and discounts are not counted.")
    if report.whole > days.since:
        print(f"Days before {report.whole} are in UTC and have no percentiles: more runs than are read one by one.")


def _row(line: Line) -> tuple[str, ...]:
    success = "-" if line.told.success is None else f"{line.told.success:.1%}".replace("%", " %")
    ranks = ["-"] * 3 if line.ranks is None else [duration(each) for each in line.ranks]
    longest = "-" if line.told.longest is None else duration(line.told.longest)
    return (str(line.runs), success, *ranks, longest, f"{line.hours:.1f}")


def _worth_row(each: Worth) -> tuple[str, ...]:
    price = f"{each.price.amount:g} {each.price.currency}" if each.price else _UNKNOWN
    money = f"{each.money:.2f} {each.price.currency}" if each.price else _UNKNOWN
    return each.kind.type or "type not known", each.kind.region, f"{each.hours:.1f}", price, money


def _money(money: Price | None) -> str:
    return f"{money.amount:.2f} {money.currency}" if money else _UNKNOWN


def _csv_rows(report: PeriodReport) -> Iterable[list[Any]]:
    """A row for each day, one for each flow, one for all, and one for each instance type whose hours were saved."""
    for day, line in report.days.items():
        yield [day.isoformat(), None, *_cells(line)]
    for flow, line in report.flows.items():
        yield [None, flow, *_cells(line)]
    yield [None, None, *_cells(report.total)]
    for each in report.worths:
        hours, *money = list(each.row().values())[2:]
        yield [*[None] * (len(_CSV) - 6), hours, each.kind.type or "not known", each.kind.region, *money]


def _cells(line: Line) -> list[Any]:
    told = _line_as_json(line)
    ranks = told["durations"] or dict.fromkeys(Percentiles._fields)
    return [
        told["runs"],
        *told["states"].values(),
        told["success"],
        *ranks.values(),
        told["longest"],
        told["hours_saved"],
        *[None] * 5,
    ]


def _line_as_json(line: Line) -> dict[str, Any]:
    """Durations are seconds; what no run tells is null."""
    return {
        "runs": line.runs,
        "states": {state: line.told.states[state.upper()] for state in _STATES},
        "success": line.told.success,
        "durations": line.ranks._asdict() if line.ranks else None,
        "longest": line.told.longest,
        "hours_saved": round(line.hours, 3),
    }


def _as_json(report: PeriodReport, days: Days, flow: str | None) -> dict[str, Any]:
    return {
        "since": days.since.isoformat(),
        "until": days.until.isoformat(),
        "timezone": days.zone.key,
        "flow": flow,
        "whole": report.whole.isoformat(),
        "timed": report.total.told.timed,
        "measured": len(report.total.seconds),
        "total": _line_as_json(report.total),
        "savings": [each.row() for each in report.worths],
        "money_saved": report.money.amount if report.money else None,
        "currency": report.money.currency if report.money else None,
        "days": [{"day": day.isoformat(), **_line_as_json(line)} for day, line in report.days.items()],
        "flows": [{"flow": name, **_line_as_json(line)} for name, line in report.flows.items()],
    }
