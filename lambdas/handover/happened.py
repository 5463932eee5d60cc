"""What happened since a moment: the runs that failed, and what people did. What is open and asked is told elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lambdas.store import audit
from lambdas.store.audit import AuditEvent
from lambdas.tracker import queries
from lambdas.tracker.record import ABORTED, FAILED, TIMED_OUT, Record

_LONGEST_RUN = timedelta(days=1)
"""How long before the shift a run may have started to be told when it failed in it."""

_EVENTS_AT_ONCE = 200


@dataclass(frozen=True)
class Happened:
    """What happened, the first first.

    failed: runs that ended otherwise than well, without dry runs. done: what people did.
    more: whether something earlier was left out.
    """

    failed: list[Record]
    done: list[AuditEvent]
    more: bool = False


def happened(
    table: Any, flows: Sequence[str] | None = None, *, since: datetime, until: datetime, most: int | None = None
) -> Happened:
    """What happened to some flows (None: to all) from a moment on and before another; both aware.

    most: of the runs and of what people did, no more than the latest so many each; None: all.
    """
    failed, done = _failed(table, flows, since), _done(table, flows, since, until, most)
    if most is None:
        return Happened(failed, done)
    return Happened(failed[-most:], done[-most:], more=max(len(failed), len(done)) > most)


def _failed(table: Any, flows: Sequence[str] | None, since: datetime) -> list[Record]:
    found = []
    for state in (FAILED, TIMED_OUT, ABORTED):
        cursor = None
        while True:
            page, cursor = queries.runs(
                table, flows, state=state, since=since - _LONGEST_RUN, cursor=cursor, limit=queries.MOST
            )
            found += [run for run in page if run.ended is not None and run.ended >= since and not run.dry_run]
            if cursor is None:
                break
    return sorted(found, key=lambda run: (run.ended or run.started, run.id))


def _done(
    table: Any, flows: Sequence[str] | None, since: datetime, until: datetime, most: int | None
) -> list[AuditEvent]:
    found: list[AuditEvent] = []
    cursor = None
    while True:
        page, cursor = audit.page(table, flows, since=since, until=until, cursor=cursor, limit=_EVENTS_AT_ONCE)
        found += page
        if cursor is None or (most is not None and len(found) > most):
            return found[::-1]
