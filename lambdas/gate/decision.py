"""What the gate decides, apart from AWS: whether a run that a trigger started runs, waits, or is skipped and why.

In this order: another run for the same due time, a hold, the rule for the day (a business calendar), a skip of the
next start, other runs of the flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from lambdas.calendar.business_days import DayRule, OutsideCalendar
from lambdas.gate.holds import Held, Skip
from lambdas.gate.overlap import Entry, Overlap, enqueue

PATIENCE = 600
"""Seconds a run that a trigger started waits for a table that does not answer."""

_HELD_BACK = ("schedule", "alarm")
_TRIES = 20
_SHORTEST, _LONGEST = 5, 300
"""Seconds between two polls. They grow with the time waited, so that days of waiting fit the 25,000 events that an
execution's history holds ("Quotas", Step Functions Developer Guide)."""

Kind = Literal["duplicate", "hold", "calendar", "skip-next", "overlap"]


class CannotTell(Exception):
    """The table or Step Functions does not answer; the text says what it answered instead."""


@dataclass(frozen=True)
class Rules:
    """What a flow says about its starts.

    timezone: IANA name; the day of a run is the one there. days: on which days its schedule is due; None for all.
    """

    overlap: Overlap = "allow"
    timezone: str = "UTC"
    days: DayRule | None = None

    def to_json(self) -> dict[str, Any]:
        """The rules as JSON, for `from_json`."""
        return {"overlap": self.overlap, "timezone": self.timezone, "days": self.days and self.days.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rules:
        """The rules that `to_json` gave."""
        return cls(data["overlap"], data["timezone"], DayRule.from_json(data["days"]) if data["days"] else None)


@dataclass(frozen=True)
class Request:
    """A run that asks.

    run: the execution's name. started: when the execution did, ISO 8601. trigger: what started it, as in its input.
    state: what the last answer gave it to bring along.
    """

    flow: str
    run: str
    started: str
    trigger: Mapping[str, Any]
    state: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scheduled(self) -> bool:
        """Whether a schedule started it."""
        return self.trigger.get("type") == "schedule"

    @property
    def held_back(self) -> bool:
        """Whether it can be held or skipped; a run that somebody or another flow started only counts for others."""
        return self.trigger.get("type") in _HELD_BACK

    @property
    def occurrence(self) -> str:
        """Which due time of which schedule started it; empty where the trigger names no schedule.

        EventBridge Scheduler delivers "at least once", and its execution id is unique "for each attempted invocation"
        ("Adding context attributes", EventBridge Scheduler User Guide): only the schedule and the time it was due are
        the same in two deliveries.
        """
        name = str(self.trigger.get("schedule", "")).rpartition("/")[2]
        return f"{self.due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}#{name}" if self.scheduled and name else ""

    @property
    def due(self) -> datetime:
        """When the run was due: however late it was delivered, its day is the one it was meant for."""
        text = self.trigger.get("scheduled_time") if self.scheduled else None
        moment = datetime.fromisoformat(str(text or self.started))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Decision:
    """What a run is told.

    runs: None when it has to ask again, after `wait` seconds and bringing `state`. kind: of what skips it.
    failure: what the gate could not ask, so that the decision was made without it.
    """

    runs: bool | None
    reason: str = ""
    kind: Kind | None = None
    wait: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""

    def reply(self) -> dict[str, Any]:
        """The reply of the contract between state machine and function."""
        if self.runs is None:
            return {"done": False, "state": dict(self.state), "wait": self.wait}
        return {"done": True, "result": {"run": self.runs, "reason": self.reason, "kind": self.kind or ""}}


@dataclass(frozen=True)
class Record:
    """What is remembered of a flow. version: of `queue`, 0 before the first."""

    held: Held = field(default_factory=Held)
    queue: Sequence[Entry] = ()
    version: int = 0


class Store(Protocol):
    """Where it is remembered; every method raises CannotTell when it does not answer."""

    def read(self, flow: str) -> Record:
        """What is remembered now, with everything written before."""

    def claim(self, flow: str, occurrence: str, run: str, now: float) -> str:
        """Give an occurrence to a run unless another has it; the run that has it."""

    def use_skip(self, flow: str, skip: Skip, due: datetime) -> bool:
        """Use the skip for an occurrence; False when it is no longer there."""

    def write_queue(self, flow: str, queue: Sequence[Entry], version: int) -> bool:
        """Write the queue if it is still that of `version`; whether it was."""


class Runs(Protocol):
    """The executions of the flow; every method raises CannotTell when Step Functions does not answer."""

    def status(self, run: str) -> str | None:
        """The status of an execution, as DescribeExecution gives it; None when there is none of that name."""

    def running(self) -> list[tuple[datetime, str]]:
        """Start and name of those that are under way."""


def decide(request: Request, rules: Rules, store: Store, runs: Runs, now: float) -> Decision:
    """What the run is told. now: seconds since the epoch.

    A day of which the calendar knows nothing is one to run on. A store that does not answer is asked again for
    `PATIENCE` seconds. Then the decision is made without it: the calendar and the runs that Step Functions says are
    under way still count, holds and skips cannot. Nobody waits for the store who would not be held back by what it
    says.
    """
    try:
        return _decide(request, rules, store, runs, now)
    except CannotTell as error:
        failing_since = float(request.state.get("failing_since", now))
        if request.held_back and now - failing_since < PATIENCE:
            return _wait(request, now, f"the table of holds to answer ({error})", failing_since=int(failing_since))
        return _without_store(request, rules, runs, now, str(error))
    except OutsideCalendar as error:
        anyway = decide(request, replace(rules, days=None), store, runs, now)
        return replace(anyway, failure=anyway.failure or str(error))


def _decide(request: Request, rules: Rules, store: Store, runs: Runs, now: float) -> Decision:
    if request.occurrence:
        first = store.claim(request.flow, request.occurrence, request.run, now)
        if first != request.run:
            return Decision(False, f"the run {first} was started for the same due time", "duplicate")
    for _ in range(_TRIES):
        record = store.read(request.flow)
        if request.held_back:
            refused = _by_hold(request, rules, record.held) or _by_day(request, rules)
            if refused:
                return refused
            skip = _skip_of(request, record.held)
            if skip is not None:
                if skip.used_for is None and not store.use_skip(request.flow, skip, request.due):
                    continue
                return Decision(False, skip.told(), "skip-next")
        if rules.overlap == "allow":
            return Decision(True)
        overlap = rules.overlap if request.held_back else None
        queue, mine = enqueue(record.queue, request.run, int(now), overlap=overlap, status=runs.status)
        if queue == list(record.queue) or store.write_queue(request.flow, queue, record.version):
            return _told(request, mine, now)
    raise CannotTell("other runs write at the same time")


def _by_hold(request: Request, rules: Rules, held: Held) -> Decision | None:
    hold = held.holding(request.due)
    return Decision(False, hold.told(rules.timezone), "hold") if hold else None


def _by_day(request: Request, rules: Rules) -> Decision | None:
    """By the calendar of a schedule; an alarm knows no days."""
    if rules.days is None or not request.scheduled:
        return None
    why_not = rules.days.due(request.due.astimezone(ZoneInfo(rules.timezone)))
    return Decision(False, why_not, "calendar") if why_not else None


def _skip_of(request: Request, held: Held) -> Skip | None:
    """The skip that this start falls under: one used for the same moment, or one to come that it uses up.

    What was due before the skip was asked for is not the next start, however late it was delivered.
    """
    if not request.scheduled:
        return None
    if held.used is not None and held.used.used_for == request.due:
        return held.used
    return held.skip if held.skip is not None and request.due >= held.skip.since else None


def _told(request: Request, mine: Entry, now: float) -> Decision:
    if mine.answer == "waits":
        return _wait(request, now, mine.reason)
    return Decision(mine.answer == "runs", mine.reason, "overlap" if mine.answer == "skipped" else None)


def _wait(request: Request, now: float, awaited: str, **more: Any) -> Decision:
    since = float(request.state.get("since", now))
    seconds = min(_LONGEST, max(_SHORTEST, int((now - since) / 10)))
    state = {"since": int(since), "waiting_for": awaited, **more}
    return Decision(None, wait=seconds, state=state)


def _without_store(request: Request, rules: Rules, runs: Runs, now: float, failure: str) -> Decision:
    """A run that should be must not be missing because the gate is broken, and none may run twice at once."""
    if not request.held_back:
        return Decision(True, failure=failure)
    refused = _by_day(request, rules)
    if refused or rules.overlap == "allow":
        return refused or Decision(True, failure=failure)
    try:
        earlier = next(_earlier(request, runs), None)
    except CannotTell as error:
        return Decision(True, failure=f"{failure}; {error}")
    if earlier is None:
        return Decision(True, failure=failure)
    if rules.overlap == "skip":
        return Decision(False, f"the run {earlier} is under way", "overlap", failure=failure)
    waiting = _wait(request, now, f"the run {earlier} to end", failing_since=int(now) - PATIENCE)
    return Decision(None, wait=waiting.wait, state=waiting.state, failure=failure)


def _earlier(request: Request, runs: Runs) -> Iterator[str]:
    """Runs under way that started before this one; of those of one moment the names tell."""
    own = datetime.fromisoformat(request.started)
    for started, run in sorted(runs.running()):
        if run != request.run and (started, run) < (own, request.run):
            yield run
