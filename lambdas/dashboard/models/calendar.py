"""A month with what ran and what will run, and the calendars that schedules go by."""

from __future__ import annotations

from datetime import date

from lambdas.dashboard.models.charts import FlowCounts
from lambdas.dashboard.models.common import Answer, Moment


class Holiday(Answer):
    """A day without business in a calendar. name: of the holiday."""

    calendar: str
    name: str


class PlannedRuns(Answer):
    """What the schedules of a flow are due on a day.

    times: the first of them, at most 5. count: how many there are. kept_back: how many of them will not run.
    why: why the first of these will not. approximate: a rate, which counts from when it was deployed.
    """

    flow: str
    times: list[Moment]
    count: int
    kept_back: int
    why: str | None
    approximate: bool


class CalendarDay(Answer):
    """A day in the time zone that was asked for. ran: the runs that started on it so far, by flow."""

    day: date
    holidays: list[Holiday]
    ran: list[FlowCounts]
    runs: list[PlannedRuns]


class CompanyCalendar(Answer):
    """A calendar of business days. weekend: 0 is Monday. workdays: business days in spite of that. flows: go by it."""

    name: str
    first_year: int
    last_year: int
    weekend: list[int]
    holidays: dict[date, str]
    workdays: list[date]
    flows: list[str]


class Calendar(Answer):
    """What ran and what the schedules start from now on, by day.

    ran_since: the first day whose runs are told: `since`, or a later one when there are more runs than are read.
    more: a flow is due more often than was counted.
    """

    since: date
    until: date
    timezone: str
    ran_since: date
    days: list[CalendarDay]
    calendars: list[CompanyCalendar]
    more: bool
