"""The gate of a simulation: it decides as the deployed one does, and remembers in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lambdas.gate.decision import Kind, Record, Request, Rules, decide
from lambdas.gate.holds import Skip
from lambdas.gate.overlap import Entry
from nightshift.simulation.machine import Execution


class Gate:
    """Says whether a run that a trigger started goes on.

    rules: by flow. now: tells the time. kinds: of what skipped a run, by the run's ARN.
    """

    def __init__(self, rules: Mapping[str, Rules], now: Callable[[], float]) -> None:
        self.kinds: dict[str, Kind] = {}
        self._rules = rules
        self._now = now
        self._store = _Memory()
        self._executions: dict[str, dict[str, Execution]] = {}

    def started(self, execution: Execution) -> None:
        """Know an execution, as Step Functions does."""
        self._executions.setdefault(execution.machine, {})[_name(execution)] = execution

    def reply(self, execution: Execution, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a run that asks."""
        flow = execution.machine
        request = Request(
            flow=flow,
            run=_name(execution),
            started=payload["run"]["started"],
            trigger=payload["trigger"],
            state=payload["state"] or {},
        )
        runs = _Runs(self._executions.get(flow, {}))
        decision = decide(request, self._rules[flow], self._store, runs, self._now())
        if decision.runs is False and decision.kind is not None:
            self.kinds[execution.id] = decision.kind
        return decision.reply()


class _Memory:
    """`lambdas.gate.decision.Store` without a table; nothing is held or skipped by hand."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._claims: dict[tuple[str, str], str] = {}

    def read(self, flow: str) -> Record:
        """What is remembered of the flow."""
        return self._records.get(flow, Record())

    def claim(self, flow: str, occurrence: str, run: str, now: float) -> str:
        """Give an occurrence to a run unless another has it; the run that has it."""
        return self._claims.setdefault((flow, occurrence), run)

    def use_skip(self, flow: str, skip: Skip, due: datetime) -> bool:
        """There are no skips."""
        return False

    def write_queue(self, flow: str, queue: Sequence[Entry], version: int) -> bool:
        """Remember the queue."""
        self._records[flow] = replace(self.read(flow), queue=list(queue), version=version + 1)
        return True


class _Runs:
    """`lambdas.gate.decision.Runs` of the simulation's executions of one flow."""

    def __init__(self, executions: Mapping[str, Execution]) -> None:
        self._executions = executions

    def status(self, run: str) -> str | None:
        """The status of an execution."""
        found = self._executions.get(run)
        return found.status if found else None

    def running(self) -> list[tuple[datetime, str]]:
        """Those that are under way."""
        under_way = [e for e in self._executions.values() if e.status == "RUNNING"]
        return [(datetime.fromtimestamp(e.started, UTC), _name(e)) for e in under_way]


def _name(execution: Execution) -> str:
    return execution.id.rpartition(":")[2]
