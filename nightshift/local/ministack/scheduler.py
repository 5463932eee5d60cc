"""EventBridge Scheduler's firing, in each schedule's time zone and by a clock that can be set.

MiniStack's own reads every expression in UTC, looks every ten seconds, and knows neither universal targets, context
attributes nor dead-letter queues. Sources: "Schedule types", "Using universal targets", "Adding context attributes"
and "Configuring a dead-letter queue" in the EventBridge Scheduler User Guide.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ministack.services import scheduler  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]

from lambdas.calendar.cron import TriggerError, fire_times
from nightshift.local.ministack.targets import Firing, Targets

logger = logging.getLogger("nightshift.scheduler")

_POLL = 0.2
"""Seconds between two polls of what is due."""


@dataclass
class Scheduler:
    """Fires MiniStack's schedules.

    offset: seconds the clock is ahead of the wall clock.
    due: schedule -> (what it was computed from, when it fires next).
    """

    targets: Targets
    offset: float = 0.0
    due: dict[tuple[str, str, str], tuple[object, datetime | None]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        """The moment it is for the schedules."""
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    def set_clock(self, moment: datetime) -> None:
        """Let it be `moment`; what lies between does not fire."""
        with self.lock:
            self.offset = moment.timestamp() - time.time()
            self.due.clear()

    def next_fire_times(self) -> dict[str, str]:
        """When each enabled schedule fires next: "group/name" -> ISO 8601 in its zone."""
        with self.lock:
            self._poll(self.now())
            return {key[2]: moment.isoformat() for key, (_, moment) in self.due.items() if moment}

    def fire_due(self) -> None:
        """Fire what has come due since the last poll."""
        with self.lock:
            now = self.now()
            schedules = self._poll(now)
            ready = [(key, moment) for key, (_, moment) in self.due.items() if moment and moment <= now]
            for key, moment in ready:
                self.due[key] = (_basis(schedules[key]), _next(schedules[key], moment))
        for key, moment in ready:
            self._fire(key, schedules[key], moment)

    def _poll(self, now: datetime) -> dict[tuple[str, str, str], dict[str, Any]]:
        schedules = {key: s for key, s in list(scheduler._schedules._data.items()) if _active(s, now)}
        for key in set(self.due) - set(schedules):
            del self.due[key]
        for key, schedule in schedules.items():
            if key not in self.due or self.due[key][0] != _basis(schedule):
                self.due[key] = (_basis(schedule), _next(schedule, now))
        return schedules

    def _fire(self, key: tuple[str, str, str], schedule: dict[str, Any], moment: datetime) -> None:
        account, region, name = key
        logger.info("schedule %s fires for %s", name, moment.isoformat())
        firing = Firing(account, region, schedule, moment)
        threading.Thread(target=self.targets.deliver, args=(firing,), daemon=True).start()
        if schedule["ActionAfterCompletion"] == "DELETE" and self.due[key][1] is None:
            scheduler._schedules._data.pop(key, None)


def patch(endpoint: str) -> Scheduler:
    """Put this in the place of MiniStack's own firing; targets are called at `endpoint`."""
    firing = Scheduler(Targets(endpoint))

    def loop() -> None:
        while True:
            time.sleep(_POLL)
            try:
                firing.fire_due()
            except Exception:
                logger.exception("the scheduler goes on after an error")

    scheduler._ticker_loop = loop
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"]
    for step in ("create", "update"):
        handlers[step] = _with_all_properties(handlers[step], properties_at=1 if step == "create" else 2)
    return firing


def _with_all_properties(
    provision: Callable[..., tuple[str, Any]], properties_at: int
) -> Callable[..., tuple[str, Any]]:
    """CloudFormation's way to a schedule, which would forget these properties."""

    @functools.wraps(provision)
    def complete(*args: Any) -> tuple[str, Any]:
        name, attributes = provision(*args)
        properties = args[properties_at]
        schedule = scheduler._schedules[f"{properties.get('GroupName', 'default')}/{name}"]
        schedule["ScheduleExpressionTimezone"] = properties.get("ScheduleExpressionTimezone", "UTC")
        schedule["StartDate"], schedule["EndDate"] = properties.get("StartDate"), properties.get("EndDate")
        return name, attributes

    return complete


def _active(schedule: dict[str, Any], now: datetime) -> bool:
    if schedule.get("State") != "ENABLED":
        return False
    start, end = (scheduler._to_epoch(schedule.get(name)) for name in ("StartDate", "EndDate"))
    return not (start and now.timestamp() < start) and not (end and now.timestamp() > end)


def _basis(schedule: dict[str, Any]) -> object:
    return schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"], schedule["LastModificationDate"]


def _next(schedule: dict[str, Any], after: datetime) -> datetime | None:
    try:
        times = fire_times(schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"], after)
        return next(iter(times), None)
    except TriggerError as error:
        logger.warning("schedule %s never fires: %s", schedule["Name"], error)
        return None
