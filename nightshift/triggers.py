"""What starts a flow: `cron`, `rate`, `at`, `Alarm` and `topic`.

Each checks what it is given where it is written and raises TriggerError: the message says which part is wrong, the
hint what to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lambdas.calendars import DayRule, due_times
from lambdas.schedules import Cron, TriggerError, at_time, rate_period, time_zone
from nightshift.alarms import Alarm, Topic, topic

__all__ = ["Alarm", "Schedule", "Topic", "TriggerError", "at", "cron", "rate", "topic"]


@dataclass(frozen=True)
class Schedule:
    """When a flow is started by the clock.

    expressions: what EventBridge Scheduler is given, such as "cron(0 22 * * ? *)", "rate(1 hour)" or
    "at(2026-12-01T09:00:00)"; a schedule of its own for each.
    timezone: an IANA zone name. days: on which of the days they name it is due; None for all.
    """

    expressions: tuple[str, ...]
    timezone: str = "UTC"
    days: DayRule | None = None

    def fire_times(self, after: datetime) -> Iterator[datetime]:
        """When it is due after an aware datetime, in its zone, earliest first; a rate counts from `after`."""
        return due_times(self.expressions, self.timezone, self.days, after)

    @property
    def words(self) -> str:
        """The schedule in words, for lists."""
        found = ", ".join(self.expressions)
        if found.startswith("rate"):
            return f"{found} from its deployment"
        return f"{found} {self.timezone}" + (f", {self.days.words}" if self.days else "")


def cron(expression: str, *, timezone: str = "UTC") -> Schedule:
    """Fire at the times of a six-field AWS cron expression: "minutes hours day-of-month month day-of-week year".

    timezone: the IANA zone the expression is read in. A time the clock leaps over is skipped, one it shows twice
    fires once. Raises TriggerError.
    """
    time_zone(timezone)
    Cron(expression)
    return Schedule((f"cron({' '.join(expression.upper().split())})",), timezone)


def rate(every: str) -> Schedule:
    """Fire every so often, from the moment it is deployed: "15 minutes", "1 hour", "2 days". Raises TriggerError."""
    count, unit = rate_period(every)
    return Schedule((f"rate({count} {unit}{'s' * (count != 1)})",))


def at(when: str, *, timezone: str = "UTC") -> Schedule:
    """Fire once, at a local time of `timezone`: "2026-12-01T09:00:00". Raises TriggerError."""
    return Schedule((f"at({at_time(when, timezone).isoformat(timespec='seconds')})",), timezone)
