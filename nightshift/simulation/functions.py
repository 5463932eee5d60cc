"""What is behind the Tasks of a simulation: the parts on the simulated fleet, called flows, and people who approve.

An invocation takes no virtual time; what time it would take on AWS is estimated for the bill, from what it did.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import orjson

from lambdas.approval.question import local_answer
from lambdas.contract.causes import with_data
from lambdas.contract.errors import NightshiftError
from lambdas.contract.part import Part, Run
from lambdas.contract.result import to_text
from lambdas.parts import find_part
from lambdas.runtime.result_store import ResultStore
from nightshift.compiler.gate import FUNCTION as GATE
from nightshift.compiler.tasks import INVOKE, START_EXECUTION
from nightshift.costs.counts import API_CALL, COLD, WARM
from nightshift.simulation.agenda import Steps
from nightshift.simulation.clients import SimulatedAws
from nightshift.simulation.gate import Gate
from nightshift.simulation.machine import Execution, Failure, Machines

KEPT_WARM = 600.0
"""Seconds without invocation after which a function is taken to start cold; Lambda promises no number."""

BUCKET = "simulation"


@dataclass
class Usage:
    """How much a function was used.

    seconds: estimated, of all invocations. flow_hours: the hours in which it ran for each flow, and wrote its metrics.
    """

    invocations: int = 0
    cold: int = 0
    api_calls: int = 0
    seconds: float = 0.0
    flow_hours: set[tuple[str, int]] = field(default_factory=set, repr=False)
    last: float = field(default=float("-inf"), repr=False)

    def invoked(self, now: float, api_calls: int) -> None:
        """Count an invocation."""
        cold = now - self.last > KEPT_WARM
        self.last = now
        self.invocations += 1
        self.cold += cold
        self.api_calls += api_calls
        self.seconds += COLD * cold + WARM + API_CALL * api_calls


@dataclass(frozen=True)
class Finished:
    """A call of a part that has come to its end in a run."""

    execution: Execution
    step: str
    part: str
    result: Mapping[str, Any]


class Functions:
    """Carries out the Tasks of all executions.

    finished: told of each call of a part that is done. child: told of each execution that another one starts.
    """

    def __init__(
        self,
        aws: SimulatedAws,
        gate: Gate,
        finished: Callable[[Finished], None],
        child: Callable[[str, dict[str, Any]], Execution],
    ) -> None:
        self.aws = aws
        self.machines: Machines | None = None
        self.usage: dict[str, Usage] = defaultdict(Usage)
        self._gate = gate
        self._finished = finished
        self._child = child
        self._bucket = _Bucket()
        self._store = ResultStore(BUCKET, lambda: self._bucket, _to_text, orjson.loads)
        self._parts: dict[str, Part[..., Any]] = {}

    def task(self, execution: Execution, state: str, resource: str, arguments: Any) -> Steps:
        """Carry out a Task."""
        if resource == START_EXECUTION:
            name = arguments["StateMachineArn"]
            assert self.machines is not None
            return (yield from self.machines.call(self._child(name, json.loads(json.dumps(arguments["Input"])))))
        function, payload = arguments["FunctionName"], arguments["Payload"]
        if function == GATE:
            # It reads the flow's items, and writes its queue.
            self.usage[function].invoked(self.aws.now(), 2)
            return {"StatusCode": 200, "Payload": self._gate.reply(execution, payload)}
        if resource != INVOKE:
            # People are asked: those of the simulation say yes.
            self.usage[function].invoked(self.aws.now(), 3)
            return local_answer(approved=True, at_least=payload.get("at_least", 1))
        return {"StatusCode": 200, "Payload": self._invoked(execution, state, function, payload)}

    def _invoked(self, execution: Execution, state: str, function: str, payload: Any) -> Any:
        before = self.aws.calls
        try:
            reply = self._part_reply(payload)
        except NightshiftError as error:
            message = with_data(str(error), getattr(error, "failures", ()), getattr(error, "place", None))
            said = {"errorMessage": message, "errorType": type(error).__name__}
            raise Failure(type(error).__name__, json.dumps(said)) from None
        finally:
            used, now = self.usage[function], self.aws.now()
            used.invoked(now, self.aws.calls - before)
            used.flow_hours.add((execution.machine, int(now // 3600)))
        if reply["done"]:
            self._finished(Finished(execution, state, payload["part"], reply["result"]))
        return reply

    def _part_reply(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        name, run = payload["part"], Run(**payload["run"])
        part = self._parts.get(name)
        if part is None:
            part = self._parts[name] = find_part(name)
        params = {key: value for key, value in payload["params"].items() if value is not None}
        state = payload["state"]
        if self._bucket.objects:
            # Only then there can be references to it.
            params = self._store.load(params)
            # A state goes there as a whole.
            state = self._store.load(state) if state and "ref" in state else state
        return self._store.offload(part.invoke(self.aws, run, params, state, _copied), run, payload.get("reads", ()))


def _copied(state: Any) -> Any:
    """What `lambdas.contract.invocation.copied` gives, in a fifth of the time."""
    return orjson.loads(orjson.dumps(state))


def _to_text(value: Any) -> str:
    """What `lambdas.contract.result.to_text` writes, in a tenth of the time."""
    text = orjson.dumps(value)
    return text.decode() if text.isascii() else to_text(value)


class _Bucket:
    """The results bucket, as far as results use it. objects: by key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        """Keep an object."""
        self.objects[Key] = Body

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """An object."""
        return {"Body": BytesIO(self.objects[Key])}
