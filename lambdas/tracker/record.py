"""The record of a run, and how what is seen of the run at different times becomes one record.

Events come late, twice and in the wrong order, and DescribeExecution is eventually consistent. So a record is not
changed by an event; it is merged with what was seen: of two views of a run the further one counts, and the further one
has more redrives or, of the same redrive, has ended. That is commutative, associative and idempotent, hence every
order of the same views ends at the same record.

Sources: "Automating Step Functions event delivery with EventBridge" and "Redriving state machine executions" in the
Step Functions Developer Guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, SKIPPED = STATES = (
    "RUNNING",
    "SUCCEEDED",
    "FAILED",
    "TIMED_OUT",
    "ABORTED",
    "SKIPPED",
)
"""Step Functions' states of an execution, and SKIPPED for one that the gate ended without running it."""

_TRIGGERS = ("schedule", "alarm", "flow", "manual")
_TRIGGER_TEXTS = ("by", "schedule", "scheduled_time", "alarm", "time", "reason", "flow", "execution")
_LONGEST_TEXT = 500
_MOST_DIMENSIONS = 30


@dataclass(frozen=True)
class Counts:
    """How many resources the steps of a run selected, changed, left alone, and failed on."""

    matched: int = 0
    changed: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


@dataclass(frozen=True)
class Record:
    """What is known of a run.

    name: of the execution. state: one of STATES. started, ended: aware, in UTC, to the millisecond.
    trigger: what started it, `{"type": "unknown"}` when the input does not say (or is not known yet).
    counts: over its steps, once it has ended. error: ASL error name. skipped: why the gate ended it.
    redrives: how often it was started again from its failed step. idle: for how long it had ended and waited for that.
    execution: ARN.
    """

    flow: str
    name: str
    execution: str
    state: str
    started: datetime
    ended: datetime | None = None
    trigger: Mapping[str, Any] = field(default_factory=lambda: {"type": "unknown"})
    dry_run: bool = False
    counts: Counts = Counts()
    error: str = ""
    skipped: str = ""
    redrives: int = 0
    idle: timedelta = timedelta()

    @property
    def id(self) -> str:
        """What people, the command line and the dashboard call the run: "<flow>/<name>"."""
        return f"{self.flow}/{self.name}"

    @property
    def has_ended(self) -> bool:
        """Whether it is over, as far as is known."""
        return self.state != RUNNING

    @property
    def duration(self) -> timedelta | None:
        """How long it ran, from its start to its end; None for one that has not ended."""
        return self.took(self.ended) if self.ended else None

    def took(self, until: datetime) -> timedelta:
        """How long it ran up to a moment, without the time in which it waited to be redriven."""
        return max(until - self.started - self.idle, timedelta())


def merge(one: Record | None, other: Record) -> Record:
    """One record of two views of the same run: the further one, completed from the other."""
    if one is None:
        return other
    further, behind = (other, one) if _progress(other) > _progress(one) else (one, other)
    given: dict[str, Any] = {}
    if further.trigger["type"] == "unknown" and behind.trigger["type"] != "unknown":
        # EventBridge leaves out an input that is too large; the other view may have it.
        given = {"trigger": behind.trigger, "dry_run": behind.dry_run}
    if _progress(further) == _progress(behind):
        given |= {
            name: getattr(behind, name)
            for name in ("ended", "counts", "error", "skipped")
            if getattr(behind, name) and getattr(further, name) in (None, "", Counts())
        }
        if SKIPPED in (further.state, behind.state):
            given["state"] = SKIPPED
    # It only grows with the redrives, and one of the views may not know it.
    if behind.idle > further.idle:
        given["idle"] = behind.idle
    return replace(further, **given) if given else further


def view(
    flow: str,
    execution: str,
    status: str,
    *,
    started: datetime,
    ended: datetime | None,
    given: str | None,
    output: str | None,
    error: str | None,
    redrives: int | None,
) -> Record:
    """A view of a run, from the fields that EventBridge's event and DescribeExecution share.

    given: the input, as JSON text; None when it is not included. output: the same.
    """
    own = _own(given)
    trigger = own.get("trigger")
    skipped = _own(output).get("skipped") if status == SUCCEEDED else None
    # PENDING_REDRIVE: a child that waits to run again ("DescribeExecution", Step Functions API Reference).
    state = SKIPPED if skipped else status if status in STATES else RUNNING
    return Record(
        flow=flow,
        name=execution.rpartition(":")[2],
        execution=execution,
        state=state,
        started=_to_millisecond(started),
        ended=_to_millisecond(ended) if ended and state != RUNNING else None,
        trigger=_bounded_trigger(trigger) if isinstance(trigger, dict) else {"type": "unknown"},
        dry_run=own.get("dry_run") is True,
        error=(error or "")[:_LONGEST_TEXT],
        skipped=str(skipped or "")[:_LONGEST_TEXT],
        redrives=redrives or 0,
    )


def _progress(record: Record) -> tuple[int, bool]:
    return record.redrives, record.has_ended


def _own(text: str | None) -> dict[str, Any]:
    """What nightshift itself put into the input or the output of an execution."""
    try:
        value = json.loads(text) if text else None
    except ValueError:
        return {}
    own = value.get("nightshift") if isinstance(value, dict) else None
    return own if isinstance(own, dict) else {}


def _bounded_trigger(trigger: dict[str, Any]) -> dict[str, Any]:
    """A trigger, as an input may hold it: only what belongs there, and not too long."""
    kind = trigger.get("type")
    made: dict[str, Any] = {"type": kind if kind in _TRIGGERS else "unknown"}
    for name in _TRIGGER_TEXTS:
        if trigger.get(name):
            made[name] = str(trigger[name])[:_LONGEST_TEXT]
    dimensions = trigger.get("dimensions")
    if isinstance(dimensions, dict) and dimensions:
        some = list(dimensions.items())[:_MOST_DIMENSIONS]
        made["dimensions"] = {str(k)[:_LONGEST_TEXT]: str(v)[:_LONGEST_TEXT] for k, v in some}
    return made


def _to_millisecond(moment: datetime) -> datetime:
    """EventBridge tells times in milliseconds, DescribeExecution more exactly; both have to be the same here."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
