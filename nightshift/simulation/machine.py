"""Runs state machines in virtual time: every state, with its waits, retries, branches and time limits.

`sfnx.testing.run`, by which the compiler is judged, has no time: its retries and branches follow each other at once.
Here many executions go on at the same time, each state at its moment, as tasks of one agenda. The tests hold both to
the same results (the corpus of the compiler).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from sfnx.testing import Failure, exceeds, matches

from nightshift.simulation.agenda import Agenda, Steps, Task, together, until
from nightshift.simulation.expressions import Expressions

TIMED_OUT = "States.Timeout"
_TOKEN = ".waitForTaskToken"


class Integrations(Protocol):
    """What is behind the Task states."""

    def task(self, execution: Execution, state: str, resource: str, arguments: Any) -> Steps:
        """Carry out a Task; its result. Raises Failure."""


@dataclass
class Execution:
    """One run of a state machine.

    name: of the state machine. id: its ARN. state_changes: transitions, as Step Functions counts them for the bill.
    status: RUNNING, SUCCEEDED, FAILED or TIMED_OUT.
    """

    machine: str
    id: str
    input: dict[str, Any]
    started: float
    status: str = "RUNNING"
    ended: float | None = None
    output: Any = None
    error: str = ""
    cause: str = ""
    state_changes: int = 0


Done = Callable[[Execution], None]


class Machines:
    """The state machines of an account, on an agenda.

    definitions: ASL by name.
    """

    def __init__(
        self,
        definitions: Mapping[str, Mapping[str, Any]],
        agenda: Agenda,
        expressions: Expressions,
        integrations: Integrations,
    ) -> None:
        self.definitions = definitions
        self.agenda = agenda
        self.expressions = expressions
        self.integrations = integrations

    def start(self, execution: Execution, done: Done) -> Task:
        """Start an execution; `done` is called when it has ended."""
        definition = self.definitions[execution.machine]

        def ended(value: Any, error: Exception | None) -> None:
            if error is not None and not isinstance(error, Failure):
                raise error
            if limit is not None:
                limit.cancel()
            execution.status, execution.ended, execution.output = "SUCCEEDED", self.agenda.now, value
            if isinstance(error, Failure):
                execution.status, execution.error, execution.cause = "FAILED", error.error, error.cause or ""
            done(execution)

        task = Task(self.agenda, _Run(self, execution).machine(definition), ended)

        def time_out() -> None:
            if execution.status != "RUNNING":
                return
            execution.status, execution.ended, execution.error = "TIMED_OUT", self.agenda.now, TIMED_OUT
            task.cancel()
            done(execution)

        seconds = definition.get("TimeoutSeconds")
        limit = None if seconds is None else self.agenda.at(execution.started + seconds, time_out)
        task.resume()
        return task

    def call(self, child: Execution) -> Steps:
        """Start an execution from within another one and wait for it; what DescribeExecution then says of it.

        Raises Failure with States.TaskFailed, and the child's error in its cause, as `startExecution.sync:2` does.
        """

        def command(task: Task) -> None:
            begun: list[Task] = []

            def steps() -> Steps:
                try:
                    yield waiting
                except GeneratorExit:
                    # The caller was stopped, and the integration stops the child with it.
                    child.status = "ABORTED"
                    begun[0].cancel()
                    raise

            def waiting(inner: Task) -> None:
                begun.append(self.start(child, lambda _: self.agenda.soon(inner.resume)))

            task.spawn(steps(), lambda *_: self.agenda.soon(task.resume))

        yield command
        described = _described(child)
        if child.status != "SUCCEEDED":
            raise Failure("States.TaskFailed", json.dumps(described))
        return described


class _Run:
    """The states of one execution."""

    def __init__(self, machines: Machines, execution: Execution) -> None:
        self.machines = machines
        self.agenda = machines.agenda
        self.value = machines.expressions.value
        self.execution = execution
        self.context = {
            "Execution": {
                "Id": execution.id,
                "Input": execution.input,
                "Name": execution.id.rpartition(":")[2],
                "RoleArn": "arn:aws:iam::123456789012:role/simulation",
                "StartTime": iso(execution.started),
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": execution.id.rpartition(":")[0], "Name": execution.machine},
        }

    def machine(self, definition: Mapping[str, Any]) -> Steps:
        return (yield from self.scope(definition, {}, self.execution.input, self.context))

    def scope(
        self, definition: Mapping[str, Any], variables: dict[str, Any], given: Any, context: Mapping[str, Any]
    ) -> Steps:
        """The states of a machine, a branch or an item, from the first to an end."""
        states = definition["States"]
        name = definition["StartAt"]
        while True:
            state = states[name]
            self.execution.state_changes += 1
            frame = {"input": given, "context": self._entered(context, name, state)}
            kind = state["Type"]
            if kind == "Succeed":
                return self._settled(state, variables, frame, given)[1]
            if kind == "Fail":
                error, cause = (self.value(state.get(key, ""), variables, frame) for key in ("Error", "Cause"))
                raise Failure(str(error), str(cause))
            if kind == "Choice":
                rule = next((r for r in state["Choices"] if self._holds(r, variables, frame)), None)
                if rule is None and "Default" not in state:
                    raise Failure("States.NoChoiceMatched")
                assigned, given = self._settled(rule or state, variables, frame, given)
                variables.update(assigned)
                name = state["Default"] if rule is None else rule["Next"]
                continue
            if kind in ("Task", "Parallel", "Map"):
                try:
                    assigned, output = yield from self._retried(state, name, variables, given, context)
                except Failure as failure:
                    catcher = next(
                        (c for c in state.get("Catch", []) if matches(c["ErrorEquals"], failure.error)), None
                    )
                    if catcher is None:
                        raise
                    about = {"Error": failure.error, "Cause": failure.cause}
                    assigned, given = self._settled(catcher, variables, {**frame, "errorOutput": about}, about)
                    variables.update(assigned)
                    name = catcher["Next"]
                    continue
            else:
                if kind == "Wait":
                    yield until(self._waited(state, variables, frame))
                assigned, output = self._settled(state, variables, frame, given)
            variables.update(assigned)
            if state.get("End"):
                return output
            given, name = output, state["Next"]

    def _entered(
        self, context: Mapping[str, Any], name: str, state: Mapping[str, Any], retries: int = 0
    ) -> dict[str, Any]:
        about: dict[str, Any] = {"EnteredTime": iso(self.agenda.now), "Name": name}
        if state["Type"] in ("Task", "Parallel", "Map"):
            about["RetryCount"] = retries
        token = {"Task": {"Token": "token"}} if str(state.get("Resource", "")).endswith(_TOKEN) else {}
        return {**context, "State": about, **token}

    def _holds(self, rule: Mapping[str, Any], variables: dict[str, Any], frame: dict[str, Any]) -> bool:
        test = self.value(rule["Condition"], variables, frame)
        if not isinstance(test, bool):
            raise Failure("States.QueryEvaluationError", f"{test!r} is not a boolean")
        return test

    def _settled(
        self, fields: Mapping[str, Any], variables: dict[str, Any], frame: dict[str, Any], default: Any
    ) -> tuple[dict[str, Any], Any]:
        """The Assign and the Output of a state, a rule or a catcher; both read the variables from before it."""
        assigned = {k: self.value(v, variables, frame) for k, v in fields.get("Assign", {}).items()}
        return assigned, self.value(fields["Output"], variables, frame) if "Output" in fields else default

    def _waited(self, state: Mapping[str, Any], variables: dict[str, Any], frame: dict[str, Any]) -> float:
        """The moment a Wait ends."""
        if "Seconds" not in state:
            text = self.value(state["Timestamp"], variables, frame)
            try:
                return datetime.fromisoformat(text).timestamp()
            except (TypeError, ValueError):
                raise Failure("States.QueryEvaluationError", f"Timestamp is {text!r}, not a time") from None
        seconds = self.value(state["Seconds"], variables, frame)
        whole = isinstance(seconds, int | float) and not isinstance(seconds, bool) and float(seconds).is_integer()
        if not whole or seconds < 0:
            raise Failure(
                "States.QueryEvaluationError", f"Seconds is {json.dumps(seconds)}, not a whole number of 0 or more"
            )
        return float(self.agenda.now + seconds)

    def _retried(
        self, state: Mapping[str, Any], name: str, variables: dict[str, Any], given: Any, context: Mapping[str, Any]
    ) -> Steps:
        """A state with its Retry; only the first retrier that matches counts an attempt."""
        retriers = state.get("Retry", [])
        attempts = [0] * len(retriers)
        while True:
            frame = {"input": given, "context": self._entered(context, name, state, sum(attempts))}
            try:
                result = yield from self._attempt(state, name, variables, frame, context)
                return self._settled(state, variables, {**frame, "result": result}, result)
            except Failure as failure:
                index = next((i for i, r in enumerate(retriers) if matches(r["ErrorEquals"], failure.error)), None)
                if index is None or attempts[index] >= retriers[index].get("MaxAttempts", 3):
                    raise
                pause = _pause(retriers[index], attempts[index])
            attempts[index] += 1
            # A retry is a state transition too ("Pricing" of Step Functions).
            self.execution.state_changes += 1
            yield until(self.agenda.now + pause)

    def _attempt(
        self,
        state: Mapping[str, Any],
        name: str,
        variables: dict[str, Any],
        frame: dict[str, Any],
        context: Mapping[str, Any],
    ) -> Steps:
        if state["Type"] == "Task":
            arguments = self.value(state.get("Arguments"), variables, frame)
            made = self.machines.integrations.task(self.execution, name, state["Resource"], arguments)
            limit = self.value(state["TimeoutSeconds"], variables, frame) if "TimeoutSeconds" in state else None
            return (yield from (made if limit is None else self._limited(made, limit)))
        if state["Type"] == "Parallel":
            begin = self.value(state["Arguments"], variables, frame) if "Arguments" in state else frame["input"]
            return (yield together([self.scope(b, dict(variables), begin, context) for b in state["Branches"]]))
        return (yield from self._map(state, variables, frame, context))

    def _limited(self, made: Steps, seconds: float) -> Steps:
        """A Task with a time limit."""

        def command(task: Task) -> None:
            def over() -> None:
                task.cancel_children()
                task.resume(error=Failure(TIMED_OUT))

            def ended(value: Any, error: Exception | None) -> None:
                limit.cancel()
                self.agenda.at(self.agenda.now, lambda: task.resume(value, error))

            limit = self.agenda.at(self.agenda.now + seconds, over)
            task.spawn(made, ended)

        return (yield command)

    def _map(
        self, state: Mapping[str, Any], variables: dict[str, Any], frame: dict[str, Any], context: Mapping[str, Any]
    ) -> Steps:
        """A Map over a list, inline or distributed; the items of a distributed one read no outer variables."""
        items = self.value(state["Items"], variables, frame) if "Items" in state else frame["input"]
        if not isinstance(items, list):
            raise Failure("States.QueryEvaluationError", f"Items is {json.dumps(items, default=str)}, not an array")
        processor = state["ItemProcessor"]
        distributed = processor.get("ProcessorConfig", {}).get("Mode", "INLINE") == "DISTRIBUTED"
        branches = []
        for index, item in enumerate(items):
            inside = {**frame["context"], "Map": {"Item": {"Index": index, "Value": item}}}
            given = item
            if "ItemSelector" in state:
                given = self.value(state["ItemSelector"], variables, {**frame, "context": inside})
            if distributed:
                child = {**context, "Execution": {**context["Execution"], "Input": given}}
                branches.append(self._child(processor, given, child))
            else:
                branches.append(self.scope(processor, dict(variables), given, {**context, "Map": inside["Map"]}))
        # "Map state": MaxConcurrency 0 is no limit of its own; an inline Map runs at most 40 items at a time.
        limit = int(self.value(state.get("MaxConcurrency", 0), variables, frame)) or (0 if distributed else 40)
        results = yield together(branches, limit)
        failed = sum(isinstance(result, _Failed) for result in results)
        if failed:
            count, percentage = (
                int(self.value(state.get(key, 0), variables, frame))
                for key in ("ToleratedFailureCount", "ToleratedFailurePercentage")
            )
            if exceeds(failed, len(items), count, percentage):
                raise Failure(
                    "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
                )
        return [result.described if isinstance(result, _Failed) else result for result in results]

    def _child(self, processor: Mapping[str, Any], given: Any, context: Mapping[str, Any]) -> Steps:
        try:
            return (yield from self.scope(processor, {}, given, context))
        except Failure as failure:
            return _Failed({"Status": "FAILED", "Error": failure.error, "Cause": failure.cause})


@dataclass(frozen=True)
class _Failed:
    """A child execution of a distributed Map that failed, as it stands in the result."""

    described: dict[str, Any]


def _described(child: Execution) -> dict[str, Any]:
    """What DescribeExecution says, spelled as the integration spells it."""
    said: dict[str, Any] = {"ExecutionArn": child.id, "Input": child.input, "Name": child.id.rpartition(":")[2]}
    said["Status"] = child.status
    if child.status == "SUCCEEDED":
        return {**said, "Output": child.output}
    return {**said, "Error": child.error, "Cause": child.cause}


def _pause(retrier: Mapping[str, Any], attempts: int) -> float:
    """Seconds before the next attempt; of full jitter the mean."""
    seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** attempts
    seconds = min(seconds, retrier.get("MaxDelaySeconds", math.inf))
    return float(seconds / 2 if retrier.get("JitterStrategy") == "FULL" else seconds)


@lru_cache(1000)
def iso(moment: float) -> str:
    """A moment as Step Functions writes it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


__all__ = ["Execution", "Failure", "Integrations", "Machines", "iso"]
