"""What starts a flow: `cron`, `rate`, `at`, `Alarm` and `topic`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """A schedule of EventBridge Scheduler.

    expression: "cron(0 22 * * ? *)", "rate(1 hour)" or "at(2026-12-01T09:00:00)".
    timezone: an IANA zone name.
    """

    expression: str
    timezone: str = "UTC"


def cron(expression: str, *, timezone: str = "UTC") -> Schedule:
    """Fire at the times of a six-field AWS cron expression: "minutes hours day-of-month month day-of-week year"."""
    return Schedule(f"cron({expression})", timezone)


def rate(every: str) -> Schedule:
    """Fire every so often: "15 minutes", "1 hour", "2 days"."""
    return Schedule(f"rate({every})")


def at(when: str, *, timezone: str = "UTC") -> Schedule:
    """Fire once: "2026-12-01T09:00:00"."""
    return Schedule(f"at({when})", timezone)


@dataclass(frozen=True)
class Alarm:
    """A CloudWatch alarm that nightshift creates and that starts the flow.

    metric: "AWS/EC2:StatusCheckFailed" (namespace:metric).
    dimensions: metric dimensions, by name.
    threshold, comparison, statistic, period (seconds), periods: as PutMetricAlarm takes them.
    parameters: flow parameter -> dimension name ("instance_id": "InstanceId").
    """

    metric: str
    threshold: float
    dimensions: tuple[tuple[str, str], ...] = ()
    comparison: str = "GreaterThanOrEqualToThreshold"
    statistic: str = "Maximum"
    period: int = 60
    periods: int = 2
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Topic:
    """An SNS topic whose CloudWatch alarm messages start the flow; without ARN nightshift creates one."""

    arn: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()


def topic(arn: str | None = None, *, parameters: dict[str, str] | None = None) -> Topic:
    """Start the flow from alarm messages on an SNS topic.

    parameters: flow parameter -> alarm dimension name, for example {"instance_id": "InstanceId"}.
    """
    return Topic(arn, tuple((parameters or {}).items()))
