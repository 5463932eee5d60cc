"""nightshift: AWS operations as short Python functions that run on Step Functions."""

from lambdas.contract.errors import (
    AccessDenied,
    Failed,
    InvalidParameter,
    NightshiftError,
    NoMatch,
    PartError,
    PartFailed,
    PartTimeout,
    ResultTooLarge,
    ServiceError,
    Throttled,
    Unavailable,
)
from nightshift.flow import Flow, flow
from nightshift.language import Approval, approval, for_each, local_run, parallel, sleep, wait_until
from nightshift.triggers import Alarm, at, cron, daily, monthly, rate, topic, weekdays, weekly, window
from nightshift.triggers.calendar import Calendar

__all__ = [
    "AccessDenied",
    "Alarm",
    "Approval",
    "Calendar",
    "Failed",
    "Flow",
    "InvalidParameter",
    "NightshiftError",
    "NoMatch",
    "PartError",
    "PartFailed",
    "PartTimeout",
    "ResultTooLarge",
    "ServiceError",
    "Throttled",
    "Unavailable",
    "approval",
    "at",
    "cron",
    "daily",
    "flow",
    "for_each",
    "local_run",
    "monthly",
    "parallel",
    "rate",
    "sleep",
    "topic",
    "wait_until",
    "weekdays",
    "weekly",
    "window",
]
