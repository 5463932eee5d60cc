"""When a run was due, under CPython: the moment and the time zone that questions about its date are answered for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambdas.calendar.cron import time_zone
from lambdas.contract.errors import NightshiftError
from lambdas.contract.part import current_runner


@dataclass(frozen=True)
class _Running:
    """The flow that runs: the zone of its schedule, if it has one, and the moment it was due."""

    zone: str | None
    moment: datetime


_running: ContextVar[_Running | None] = ContextVar("running", default=None)


@contextmanager
def running(zone: str | None) -> Iterator[None]:
    """Run a flow whose schedule is in `zone`; one that is called by another is due when it is called."""
    runner: Any = current_runner.get()
    if runner is None:
        yield
        return
    moment = runner.due if _running.get() is None else datetime.fromtimestamp(runner.aws.now(), UTC)
    token = _running.set(_Running(zone, moment))
    try:
        yield
    finally:
        _running.reset(token)


def due_moment(asked: str, given: str | None, otherwise: str | None) -> datetime:
    """The moment the run was due, on the clock of a zone.

    asked: what wants to know, for messages. given: a zone that goes before the flow's. otherwise: one that is taken
    when the flow's schedule names none.
    """
    runner: Any = current_runner.get()
    if runner is None:
        raise NightshiftError(
            f"{asked} was asked outside a run; call the flow inside `with nightshift.local_run(...):`"
        )
    flow = _running.get()
    zone = given or (flow.zone if flow else None) or otherwise
    if zone is None:
        raise NightshiftError(f"{asked} needs a time zone: give it timezone=, as the flow has no schedule with one")
    return (flow.moment if flow else runner.due).astimezone(time_zone(zone))
