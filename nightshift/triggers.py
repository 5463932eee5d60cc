"""What starts a flow: `cron`, `rate`, `at`, `Alarm` and `topic`.

Each checks what it is given where it is written and raises TriggerError: the message says which part is wrong, the
hint what to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from difflib import get_close_matches

from lambdas.calendars import DayRule, due_times
from lambdas.schedules import Cron, TriggerError, at_time, rate_period, time_zone

__all__ = ["Alarm", "Schedule", "Topic", "TriggerError", "at", "cron", "rate", "topic"]

Pairs = Mapping[str, str] | tuple[tuple[str, str], ...]

_COMPARISONS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
)
_SIGNS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


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


@dataclass(frozen=True, init=False)
class Alarm:
    """A CloudWatch alarm that nightshift creates and that starts the flow."""

    metric: str
    threshold: float
    dimensions: tuple[tuple[str, str], ...]
    comparison: str
    statistic: str
    period: int
    periods: int
    parameters: tuple[tuple[str, str], ...]

    def __init__(
        self,
        metric: str,
        threshold: float,
        *,
        dimensions: Pairs = (),
        comparison: str = "GreaterThanOrEqualToThreshold",
        statistic: str = "Maximum",
        period: int = 60,
        periods: int = 2,
        parameters: Pairs = (),
    ) -> None:
        """Take what PutMetricAlarm takes ("PutMetricAlarm", CloudWatch API Reference).

        metric: "AWS/EC2:StatusCheckFailed" (namespace:metric).
        dimensions: metric dimensions by name, such as {"InstanceId": "i-0123456789abcdef0"}.
        threshold, comparison, statistic: when it is breached. period: seconds. periods: how many in a row.
        parameters: flow parameter -> dimension name, such as {"instance_id": "InstanceId"}.

        Raises TriggerError for what CloudWatch would refuse.
        """
        if not re.fullmatch(r"[^:]+:[^:]+", metric):
            raise TriggerError(f"Alarm metric {metric!r} is not namespace:metric", 'write "AWS/EC2:StatusCheckFailed"')
        _one_of("comparison", comparison, _COMPARISONS)
        if not re.fullmatch(r"p\d{1,2}(\.\d+)?", statistic):
            _one_of("statistic", statistic, _STATISTICS)
        if period not in (10, 20, 30) and (period < 60 or period % 60):
            raise TriggerError(f"Alarm period {period} is not 10, 20, 30 or a multiple of 60", "write seconds")
        if periods < 1:
            raise TriggerError(f"Alarm periods {periods} is not 1 or more", "write how many in a row must breach")
        values = (metric, threshold, _pairs(dimensions), comparison, statistic, period, periods, _pairs(parameters))
        for field, value in zip(fields(self), values, strict=True):
            object.__setattr__(self, field.name, value)

    @property
    def words(self) -> str:
        """The alarm in words, for lists."""
        within = f"{self.periods} x {self.period} s"
        return f"alarm {self.metric} {_SIGNS[self.comparison]} {self.threshold:g} for {within}"


@dataclass(frozen=True)
class Topic:
    """An SNS topic whose CloudWatch alarm messages start the flow; without ARN nightshift creates one."""

    arn: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """The topic in words, for lists."""
        return f"alarms on {self.arn or 'its own SNS topic'}"


def topic(arn: str | None = None, *, parameters: Mapping[str, str] | None = None) -> Topic:
    """Start the flow from alarm messages on an SNS topic.

    parameters: flow parameter -> alarm dimension name, for example {"instance_id": "InstanceId"}.
    Raises TriggerError when `arn` is not the ARN of a topic.
    """
    if arn is not None and not re.fullmatch(r"arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w.-]+", arn):
        raise TriggerError(f"{arn!r} is not the ARN of an SNS topic", "write arn:aws:sns:REGION:ACCOUNT:NAME")
    return Topic(arn, _pairs(parameters or {}))


def _pairs(given: Pairs) -> tuple[tuple[str, str], ...]:
    return tuple(given.items()) if isinstance(given, Mapping) else tuple(given)


def _one_of(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        near = get_close_matches(value, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(known)}"
        raise TriggerError(f"Alarm {what} {value!r} is not one CloudWatch knows", hint)
