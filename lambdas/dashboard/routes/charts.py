"""Numbers over time: the summary, the report, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice, takewhile
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from lambdas.dashboard import deployment, views
from lambdas.dashboard.access import check_seen, scope, visible
from lambdas.dashboard.models.charts import (
    DayCounts,
    FlowCounts,
    Next,
    NextRun,
    Percentiles,
    Report,
    ReportDay,
    ReportRun,
    Saving,
    Summary,
)
from lambdas.dashboard.models.common import FlowName
from lambdas.dashboard.problems import Invalid
from lambdas.dashboard.routing import new_router
from lambdas.dashboard.upcoming import Upcoming, is_rate, upcoming
from lambdas.dashboard.zones import Zone, checked_zone
from lambdas.gate import holds
from lambdas.prices.kept import Known, prices, prices_or_asked
from lambdas.prices.price_list import Kind, endpoint
from lambdas.savings.hours import hours_by, saved_hours
from lambdas.savings.money import together, worth
from lambdas.store.table import table
from lambdas.tracker.counters import Tally, tally
from lambdas.tracker.measured import Day, measure, percentiles, summarize
from lambdas.tracker.queries import Counted

router = new_router()

ReportedDay = Annotated[
    date | None, Query(description="A day in the time zone, counted too; the default is a week up to today")
]

_MOST_DAYS = 400
_MOST_NEXT = 1000
_WEEK = timedelta(days=6)
_DAY = timedelta(days=1)


@router.get("/api/summary", operation_id="get_summary", summary="Runs of a period by state", tags=["charts"])
def get_summary(since: ReportedDay = None, until: ReportedDay = None, timezone: Zone = "UTC") -> Summary:
    """How many runs ended how, by day in a time zone and by flow."""
    zone = checked_zone(timezone)
    first, last = _period(since, until, zone)
    found, whole = summarize(table(), scope(), first, last, zone)
    return Summary(
        since=first,
        until=last,
        timezone=zone.key,
        whole=whole,
        counts=views.state_counts(tally(found.days.values())),
        flows=[
            FlowCounts(flow=flow, counts=views.state_counts(tally([numbers])))
            for flow, numbers in sorted(found.flows.items())
        ],
        days=[DayCounts(day=day, counts=views.state_counts(told)) for day, told in _by_day(found, first, last)],
    )


@router.get("/api/report", operation_id="get_report", summary="Durations and outcomes of a period", tags=["charts"])
def get_report(
    flow: Annotated[FlowName | None, Query()] = None,
    since: ReportedDay = None,
    until: ReportedDay = None,
    timezone: Zone = "UTC",
) -> Report:
    """How long runs took and how they ended, by day in a time zone."""
    zone = checked_zone(timezone)
    first, last = _period(since, until, zone)
    flows = scope()
    if flow is not None:
        check_seen(flow)
        flows = [flow]
    found = measure(table(), flows, first, last, zone)
    total, seconds = found.total, found.seconds
    stops = saved_hours(table(), flows, first, last, zone)
    saved = hours_by(stops, lambda each: each.day)
    worths = worth(stops, deployment.region(), _prices)
    money = together(worths)
    return Report(
        flow=flow,
        since=first,
        until=last,
        timezone=zone.key,
        whole=found.whole,
        counts=views.state_counts(total),
        success=total.success,
        mean_duration=total.mean,
        longest_duration=total.longest,
        durations=_percentiles(seconds),
        timed=total.timed,
        measured=len(seconds),
        hours_saved=sum(saved.values()),
        money_saved=money.amount if money else None,
        currency=money.currency if money else None,
        savings=[Saving(**each.row(), fetching=each.fetching) for each in worths],
        days=[_report_day(day, told, saved.get(day, 0.0)) for day, told in found.days.items()],
        runs=[
            ReportRun(id=run.id, flow=run.flow, state=run.state, started=run.started, duration=run.duration)
            for run in map(views.run, found.newest)
        ],
        more=found.more,
    )


@router.get("/api/next", operation_id="get_next", summary="What the schedules start next", tags=["charts"])
def get_next(hours: Annotated[int, Query(ge=1, le=336)] = 24) -> Next:
    """When schedules start flows, holds visible."""
    now = datetime.now(UTC)
    end = now + timedelta(hours=hours)
    scheduled = {name: entry for name, entry in visible().items() if entry.expressions}
    held = holds.read_all(table(), scheduled)

    def of(name: str) -> Iterator[tuple[str, str, Upcoming]]:
        entry = scheduled[name]
        for due in takewhile(lambda due: due.time <= end, upcoming(entry, held[name], now)):
            yield name, entry.timezone, due

    merged = merge(*map(of, scheduled), key=lambda found: found[2].time.timestamp())
    found = list(islice(merged, _MOST_NEXT + 1))
    return Next(
        since=now,
        until=end,
        runs=[
            NextRun(
                flow=name,
                time=due.time,
                timezone=zone,
                expression=due.expression,
                hold=views.hold(due.hold),
                skipped=due.skipped,
                approximate=is_rate(due.expression),
            )
            for name, zone, due in found[:_MOST_NEXT]
        ],
        more=len(found) > _MOST_NEXT,
    )


def _prices(kinds: list[Kind]) -> Known:
    """Those that are kept; where there is no Price List none is missing."""
    return prices(table(), kinds) if endpoint(deployment.region()) else prices_or_asked(table(), kinds, None)


def _report_day(day: date, found: Day, saved: float) -> ReportDay:
    told = found.tally
    return ReportDay(
        day=day,
        counts=views.state_counts(told),
        success=told.success,
        mean_duration=told.mean,
        longest_duration=told.longest,
        durations=_percentiles(found.seconds),
        hours_saved=saved,
    )


def _period(since: date | None, until: date | None, zone: tzinfo) -> tuple[date, date]:
    """First and last day. Raises Invalid."""
    today = datetime.now(zone).date()
    last = until or (max(since, today) if since else today)
    # Days at the ends of the calendar have no day before or after them.
    if not date(2000, 1, 1) <= last <= date(9000, 1, 1):
        raise Invalid("the period cannot be", {"query.until": "has to be a day from 2000 on"})
    first = since or last - _WEEK
    if first > last:
        raise Invalid("the period cannot be", {"query.since": "has to be a day not after until"})
    if (last - first).days >= _MOST_DAYS:
        raise Invalid("the period is too long", {"query.since": f"has to be less than {_MOST_DAYS} days before until"})
    return first, last


def _by_day(counted: Counted, first: date, last: date) -> Iterator[tuple[date, Tally]]:
    """Every day of a period with its runs, also a day without any."""
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        yield day, tally([counted.days.get(day, ())])


def _percentiles(seconds: list[float]) -> Percentiles | None:
    found = percentiles(seconds)
    return Percentiles(**found._asdict()) if found else None
