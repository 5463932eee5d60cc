"""What a run did so far, told from the history events of its execution: steps, waits, results and errors.

Source of the events: "GetExecutionHistory" and "HistoryEvent" (Step Functions API Reference).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from lambdas.contract.causes import Diagnosis, read_cause
from lambdas.runs.places import Places
from lambdas.runs.step_table import StepTable

State = Literal["running", "waiting", "succeeded", "failed", "handled"]

Lane = tuple[tuple[str, int], ...]
"""Which item of which Map a state belongs to, outermost first; empty outside of Maps."""


@dataclass
class Step:
    """One call of a part, of another flow, or one wait, in a run.

    name: state name. type: "Task", "Wait", "Map" or "Parallel".
    part: part name, or "" for what is no part. lane: the Map item it belongs to.
    state: "handled" is a failure that the flow caught. looks: how often the part was invoked.
    wait: seconds until the next poll, when waiting, from since on. result: what the part returned.
    error, cause: of a failure, without the data behind it. failures: that data, the resources that failed.
    """

    name: str
    type: str
    part: str
    lane: Lane
    started: datetime
    state: State = "running"
    ended: datetime | None = None
    looks: int = 0
    retries: int = 0
    wait: float | None = None
    since: datetime | None = None
    waiting_for: str = ""
    result: dict[str, Any] | None = None
    error: str = ""
    cause: str = ""
    failures: tuple[Diagnosis, ...] = ()
    items: tuple[int, int] | None = None
    """For a Map: how many items are done, of how many."""
    inside: list[dict[str, Any]] = field(default_factory=list)
    """For a Map or Parallel: results of parts in it that cannot be told apart."""
    called: list[str] = field(default_factory=list)
    """ARNs of the runs of other flows that it started, or that were started in it."""
    map_run: str = ""
    """For a Map in distributed mode: the ARN of its Map Run."""
    idle: timedelta = timedelta()
    """For how long the run had ended and waited for its redrive, while the step was the one that had failed."""

    def took(self, now: datetime | None = None) -> timedelta | None:
        """How long it worked: up to its end, else up to now; None for one that is open without now."""
        until = self.ended or now
        return until - self.started - self.idle if until else None

    @property
    def open(self) -> bool:
        """Whether it is still going on."""
        return self.state in ("running", "waiting")

    @property
    def label(self) -> str:
        """The step's name, with the item of a Map it belongs to."""
        return self.name + "".join(f"[{index}]" for _, index in self.lane)


@dataclass
class History:
    """Follows one execution of a flow; feed it every event once, in order.

    flow: its name. table: what its states are. A run that was started before the flow was deployed anew may have
    states that are not in it; they are told by their events alone.
    """

    flow: str
    table: StepTable
    steps: list[Step] = field(default_factory=list)
    status: str = "RUNNING"
    output: Any = None
    error: str = ""
    cause: str = ""
    failures: tuple[Diagnosis, ...] = ()
    started: datetime | None = None
    ended: datetime | None = None
    idle: timedelta = timedelta()
    """For how long it had ended and waited for its redrives."""
    places: Places = field(default_factory=Places)

    def __post_init__(self) -> None:
        self._places: dict[int, tuple[str, Lane]] = {0: ("", ())}
        self._last = 0

    def feed(self, event: dict[str, Any]) -> list[Step]:
        """Take an event in; the steps it changed."""
        name, lane = self._place(event)
        self._last = int(event["id"])
        self._places[self._last] = (name, lane)
        kind, time = str(event["type"]), event["timestamp"]
        if kind.startswith("Execution"):
            return self._execution(kind, time, _details(event))
        if kind.endswith("StateEntered"):
            return self._entered(name, kind.removesuffix("StateEntered"), lane, time)
        step = self._open(name, lane)
        if step is None:
            return []
        if kind.endswith("StateExited"):
            self.places.assigned((_details(event).get("assignedVariables") or {}).values())
            return self._exited(step, time)
        return [step] if self._progress(step, kind, _details(event), time) else []

    def add_item(self, step: Step, index: int, events: Iterable[dict[str, Any]]) -> None:
        """Take in what an item of a Distributed Map did, which has a history of its own. events: all of that."""
        lane = (*step.lane, (step.name, index))
        # Where the local AWS tells no states, the replies are those of the Map.
        around = Step(step.name, "Map", "", lane, step.started)
        item = History(self.flow, self.table, [around], places=self.places)
        item._places[0] = (step.name, lane)
        for event in events:
            item.feed(event)
        step.inside += around.inside
        self.steps += item.steps[1:]
        self.places.hidden = False

    def _place(self, event: dict[str, Any]) -> tuple[str, Lane]:
        """The state and Map item an event belongs to: its own, or that of the event before it in its branch."""
        kind = str(event["type"])
        before = self._places.get(int(event.get("previousEventId") or self._last), ("", ()))
        name, lane = before
        details = _details(event)
        if kind.endswith(("StateEntered", "StateExited")):
            name = details["name"]
        if kind in ("MapStateExited", "MapStateSucceeded", "MapStateFailed", "MapStateAborted"):
            # The branch of the last item leads here; outside of the Map its item no longer matters.
            map_name = name if kind == "MapStateExited" else next((m for m, _ in lane), name)
            inside = [m for m, _ in lane]
            lane = lane[: inside.index(map_name)] if map_name in inside else lane
            name = map_name
        elif kind == "MapIterationStarted":
            lane = (*lane, (details["name"], int(details["index"])))
        elif kind.startswith("MapIteration"):
            name, lane = details["name"], lane[:-1] if lane else lane
        return name, lane

    def _open(self, name: str, lane: Lane) -> Step | None:
        return next((s for s in reversed(self.steps) if s.name == name and s.lane == lane and s.open), None)

    def _entered(self, name: str, type_: str, lane: Lane, time: datetime) -> list[Step]:
        if type_ not in ("Task", "Map", "Parallel", "Wait") or self._is_poll(name, type_, lane):
            return []
        step = self._open(name, lane)
        if step is None:
            row = self.table.get(name)
            step = Step(name, type_, row.part if row else "", lane, time)
            self.steps.append(step)
        step.state, step.wait = ("waiting" if type_ == "Wait" else "running"), None
        return [step]

    def _is_poll(self, name: str, type_: str, lane: Lane) -> bool:
        """Whether a state is the wait between two polls of a step."""
        row = self.table.get(name)
        if row is not None:
            return row.kind == "poll"
        return type_ == "Wait" and any(s.type == "Task" and s.state == "waiting" and s.lane == lane for s in self.steps)

    def _progress(self, step: Step, kind: str, details: dict[str, Any], time: datetime) -> bool:
        """What happens inside a state; whether it is worth telling."""
        where = (step.name, step.lane)
        if kind == "MapRunStarted":
            self.places.hidden = True
            step.map_run = str(details.get("mapRunArn", ""))
            return False
        if kind == "MapStateStarted":
            step.items = (0, int(details.get("length", 0)))
        elif kind == "MapIterationSucceeded" and step.items:
            step.items = (step.items[0] + 1, step.items[1])
        elif kind == "TaskScheduled":
            if step.error:
                step.retries += 1
                step.error, step.cause, step.failures = "", "", ()
            asked = _asked(details)
            step.part = step.part or str(asked.get("part", ""))
            self.places.asked(where, (asked.get("params") or {}).get("target"))
        elif kind == "TaskSubmitted":
            _note_called(step, details)
            return False
        elif kind == "TaskSucceeded":
            step.looks += 1
            _note_called(step, details)
            return self._replied(step, _json(details.get("output")), time)
        elif kind in ("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed", "EvaluationFailed"):
            cause = read_cause(details.get("cause", ""))
            step.error, step.cause = details.get("error", "States.Timeout"), cause.message
            step.failures = cause.failures
            self.places.failed(where, step.error, cause)
        else:
            return False
        return True

    def _replied(self, step: Step, output: Any, time: datetime) -> bool:
        """A part's reply, as the contract has it."""
        payload = output.get("Payload") if isinstance(output, dict) else None
        if not isinstance(payload, dict) or "done" not in payload:
            return False
        if payload["done"]:
            self.places.replied((step.name, step.lane), payload.get("result") or {})
        if step.type != "Task":
            # A part inside a branch whose own events are not told (MiniStack): all that is known is its reply.
            if payload["done"]:
                step.inside.append(payload.get("result") or {})
            return bool(payload["done"])
        if payload["done"]:
            step.result = payload.get("result") or {}
            return False
        state = payload.get("state")
        step.state, step.wait, step.since = "waiting", payload.get("wait"), time
        step.waiting_for = str(state.get("waiting_for", "")) if isinstance(state, dict) else ""
        return True

    def _exited(self, step: Step, time: datetime) -> list[Step]:
        if step.state == "waiting" and step.type == "Task":
            # Left only to poll again: the call of the part goes on.
            return []
        step.state, step.ended = ("handled" if step.error else "succeeded"), time
        return [step]

    def _execution(self, kind: str, time: datetime, details: dict[str, Any]) -> list[Step]:
        if kind == "ExecutionStarted":
            self.started = time
            return []
        if kind == "ExecutionRedriven":
            return self._redriven(time)
        self.status = {
            "ExecutionSucceeded": "SUCCEEDED",
            "ExecutionFailed": "FAILED",
            "ExecutionTimedOut": "TIMED_OUT",
            "ExecutionAborted": "ABORTED",
        }.get(kind, self.status)
        self.ended = time
        self.output = _json(details.get("output")) if self.status == "SUCCEEDED" else None
        cause = read_cause(details.get("cause", ""))
        self.error, self.cause, self.failures = details.get("error", ""), cause.message, cause.failures
        left = [step for step in self.steps if step.open]
        for step in left:
            step.state, step.ended = "failed", time
        return left

    def _redriven(self, time: datetime) -> list[Step]:
        """The run goes on from what failed; a task is scheduled again without its state being entered again."""
        idle = time - self.ended if self.ended else timedelta()
        self.idle += idle
        self.status, self.ended, self.error, self.cause, self.failures = "RUNNING", None, "", "", ()
        again = [step for step in self.steps if step.state == "failed"]
        for step in again:
            step.state, step.ended, step.idle = "running", None, step.idle + idle
        return again


def events_of(step_functions: Any, execution: str) -> Iterator[dict[str, Any]]:
    """All events of an execution, oldest first. step_functions: a client. execution: its ARN."""
    pages = step_functions.get_paginator("get_execution_history").paginate(
        executionArn=execution, includeExecutionData=True
    )
    for page in pages:
        yield from page["events"]


def _details(event: dict[str, Any]) -> dict[str, Any]:
    """The one structure of an event that is named after its type."""
    return next((v for k, v in event.items() if k.endswith("EventDetails") and isinstance(v, dict)), {})


def _note_called(step: Step, details: Mapping[str, Any]) -> None:
    """Keep the run that a task started, if its answer is that of StartExecution."""
    output = _json(details.get("output"))
    arn = output.get("ExecutionArn") if isinstance(output, dict) else None
    if isinstance(arn, str) and arn not in step.called:
        step.called.append(arn)


def _asked(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request that a scheduled task makes of a part; {} for a task that asks none."""
    given = _json(details.get("parameters"))
    payload = given.get("Payload") if isinstance(given, dict) else None
    return payload if isinstance(payload, dict) else {}


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
