"""A month with what ran and will run: schedules, holidays, holds and skips."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Annotated
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler.openapi.params import Query

from lambdas.calendar.business_days import BusinessCalendar
from lambdas.dashboard import views
from lambdas.dashboard.access import scope, visible
from lambdas.dashboard.models.calendar import Calendar, CalendarDay, CompanyCalendar, Holiday, PlannedRuns
from lambdas.dashboard.models.charts import FlowCounts
from lambdas.dashboard.problems import Invalid
from lambdas.dashboard.routing import new_router
from lambdas.dashboard.upcoming import Upcoming, is_rate, upcoming
from lambdas.dashboard.zones import Zone, checked_zone
from lambdas.gate import holds
from lambdas.runs.catalogue import FlowEntry
from lambdas.store.table import table
from lambdas.tracker.counters import tally
from lambdas.tracker.measured import Day, Measured, measure

router = new_router()

_MOST_DAYS = 62
_MOST_TIMES = 5
_MOST_OF_A_FLOW = 10_000
_DAY = timedelta(days=1)


@router.get(
    "/api/calendar",
    operation_id="get_calendar",
    summary="What ran and what the schedules start, by day",
    tags=["charts"],
)
def get_calendar(
    since: Annotated[date, Query(description="The first day")],
    until: Annotated[date, Query(description="The last day, counted too; 62 days at most")],
    timezone: Zone = "UTC",
) -> Calendar:
    """Every day of a period: what ran, what is due from now on, holds and skips counted, and holidays of calendars."""
    zone = checked_zone(timezone)
    if not date(2000, 1, 1) <= since <= until <= date(2200, 1, 1) or (until - since).days >= _MOST_DAYS:
        raise Invalid("the period cannot be", {"query.until": f"has to be 1 to {_MOST_DAYS} days from since on"})
    entries = visible()
    begin = max(datetime.now(UTC), datetime.combine(since, time(), zone) - timedelta(microseconds=1))
    end = datetime.combine(until + _DAY, time(), zone)
    held = holds.read_all(table(), [name for name, entry in entries.items() if entry.expressions])
    planned: dict[date, list[PlannedRuns]] = {}
    more = False
    for name in held:
        due = takewhile(lambda due: due.time < end, upcoming(entries[name], held[name], begin))
        found = list(islice(due, _MOST_OF_A_FLOW + 1))
        more = more or len(found) > _MOST_OF_A_FLOW
        for day, runs in _by_day(found[:_MOST_OF_A_FLOW], zone).items():
            planned.setdefault(day, []).append(_planned(name, runs))
    calendars = _calendars(entries)
    today = datetime.now(zone).date()
    past = (
        measure(table(), scope(), since, min(until, today), zone) if since <= today else Measured({}, since, [], False)
    )
    days = [since + number * _DAY for number in range((until - since).days + 1)]
    return Calendar(
        since=since,
        until=until,
        timezone=zone.key,
        ran_since=past.whole,
        days=[
            CalendarDay(
                day=day,
                holidays=[
                    Holiday(calendar=calendar.name, name=calendar.holidays[day])
                    for calendar in calendars
                    if day in calendar.holidays and day not in calendar.workdays
                ],
                ran=_ran(past.days.get(day, Day())),
                runs=sorted(planned.get(day, []), key=lambda runs: (runs.times[0], runs.flow)),
            )
            for day in days
        ],
        calendars=calendars,
        more=more,
    )


def _by_day(found: Iterable[Upcoming], zone: ZoneInfo) -> dict[date, list[Upcoming]]:
    days: dict[date, list[Upcoming]] = {}
    for due in found:
        days.setdefault(due.time.astimezone(zone).date(), []).append(due)
    return days


def _ran(day: Day) -> list[FlowCounts]:
    return [
        FlowCounts(flow=flow, counts=views.state_counts(tally([numbers])))
        for flow, numbers in sorted(day.flows.items())
    ]


def _planned(flow: str, runs: list[Upcoming]) -> PlannedRuns:
    kept_back = [due.skipped for due in runs if due.skipped]
    return PlannedRuns(
        flow=flow,
        times=[due.time for due in runs[:_MOST_TIMES]],
        count=len(runs),
        kept_back=len(kept_back),
        why=next(iter(kept_back), None),
        approximate=any(is_rate(due.expression) for due in runs),
    )


def _calendars(entries: dict[str, FlowEntry]) -> list[CompanyCalendar]:
    """The calendars that flows go by; of the same name and rules they are one, whichever years each flow has of it."""
    found: dict[tuple[str, frozenset[int]], list[tuple[str, BusinessCalendar]]] = {}
    for name, entry in entries.items():
        if entry.days is not None and entry.days.calendar is not None:
            own = entry.days.calendar
            found.setdefault((own.name, own.weekend), []).append((name, own))
    return [
        _calendar(name, weekend, used) for (name, weekend), used in sorted(found.items(), key=lambda each: each[0][0])
    ]


def _calendar(name: str, weekend: frozenset[int], used: list[tuple[str, BusinessCalendar]]) -> CompanyCalendar:
    own = [calendar for _, calendar in used]
    return CompanyCalendar(
        name=name,
        first_year=min(calendar.first_year for calendar in own),
        last_year=max(calendar.last_year for calendar in own),
        weekend=sorted(weekend),
        holidays=dict(sorted({day: text for calendar in own for day, text in calendar.holidays.items()}.items())),
        workdays=sorted({day for calendar in own for day in calendar.workdays}),
        flows=[flow for flow, _ in used],
    )
