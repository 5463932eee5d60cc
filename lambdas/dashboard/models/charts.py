"""Numbers over time: the summary, the report, and what comes next."""

from __future__ import annotations

from datetime import date

from lambdas.dashboard.models.common import Answer, Moment, RunState
from lambdas.dashboard.models.flows import Hold


class StateCounts(Answer):
    """How many runs are in each state."""

    running: int
    succeeded: int
    failed: int
    timed_out: int
    aborted: int
    skipped: int
    total: int


class FlowCounts(Answer):
    """The runs of a flow in the period."""

    flow: str
    counts: StateCounts


class DayCounts(Answer):
    """The runs that started on a day."""

    day: date
    counts: StateCounts


class Summary(Answer):
    """The runs of a period by state: in all, by flow, by day. since, until: days in the time zone, both counted.

    whole: days before this one are in UTC, because there are more runs than are read one by one.
    """

    since: date
    until: date
    timezone: str
    whole: date
    counts: StateCounts
    flows: list[FlowCounts]
    days: list[DayCounts]


class Percentiles(Answer):
    """Seconds that 50, 90 and 99 % of the runs did not exceed, by the nearest rank: each is the duration of a run."""

    p50: float
    p90: float
    p99: float


class ReportDay(Answer):
    """A day of a report. Durations are seconds, of the runs that ended and were not skipped; null without any.

    success: succeeded runs, by those that were to do something and have ended; 0 to 1.
    hours_saved: hours of instances between a stop by a flow and the next start by one.
    """

    day: date
    counts: StateCounts
    success: float | None
    mean_duration: float | None
    longest_duration: float | None
    durations: Percentiles | None
    hours_saved: float


class ReportRun(Answer):
    """A run as a point of a chart. duration: seconds."""

    id: str
    flow: str
    state: RunState
    started: Moment
    duration: float | None


class Saving(Answer):
    """Hours of instances saved of a type in a Region, and what they would have cost: hours, multiplied by price.

    type: null when it is not known. price: of an hour on demand with Linux; null when it is not known, and so is money.
    fetching: whether it will be known some minutes from now, since it has not been asked for yet.
    """

    type: str | None
    region: str
    hours: float
    price: float | None
    currency: str | None
    money: float | None
    fetching: bool


class Report(Answer):
    """Durations and outcomes of one flow, or of all, over a period.

    timezone: in which the days are. whole: the first day of which all records were read; earlier ones are days in UTC,
    from the counters, and have no percentiles. timed: runs that have a duration. measured: those that the percentiles
    are of. money_saved: of the savings whose price is known; null without any. runs: the newest, at most 500.
    more: there are older ones in the period.
    """

    flow: str | None
    since: date
    until: date
    timezone: str
    whole: date
    counts: StateCounts
    success: float | None
    mean_duration: float | None
    longest_duration: float | None
    durations: Percentiles | None
    timed: int
    measured: int
    hours_saved: float
    money_saved: float | None
    currency: str | None
    savings: list[Saving]
    days: list[ReportDay]
    runs: list[ReportRun]
    more: bool


class NextRun(Answer):
    """When a schedule is due.

    hold: what holds the flow then, or null. skipped: why the flow will not run then, or null.
    approximate: the schedule is a rate, which counts from when it was deployed.
    """

    flow: str
    time: Moment
    timezone: str
    expression: str
    hold: Hold | None
    skipped: str | None
    approximate: bool


class Next(Answer):
    """What the schedules start in the next hours, earliest first. more: there would be more than are listed."""

    since: Moment
    until: Moment
    runs: list[NextRun]
    more: bool
