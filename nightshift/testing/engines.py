"""The two ways to run a flow on the fleet of a test: compiled, as on Step Functions, and under CPython."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.contract.part import Part, current_runner
from nightshift.flow import Flow
from nightshift.language import LocalRun
from nightshift.local.account import ACCOUNT, REGION
from nightshift.model import CompiledFlow
from nightshift.simulation.machine import iso
from nightshift.testing.fleet import Fleet
from nightshift.testing.result import PartCall, RunResult

_numbers = count(1)


def run_compiled(fleet: Fleet, flows: Mapping[str, CompiledFlow], name: str, given: dict[str, Any]) -> RunResult:
    """Run the state machine of a flow to its end. flows: it, and those it may call. given: the execution's input."""
    from nightshift.simulation.expressions import Expressions
    from nightshift.simulation.functions import Functions
    from nightshift.simulation.gate import Gate
    from nightshift.simulation.machine import Execution, Machines

    fleet.begin()
    letters, started = len(fleet.aws.letters), fleet.agenda.now
    calls: list[PartCall] = []
    gate = Gate({flow.name: flow.options.rules for flow in flows.values()}, lambda: fleet.agenda.now)

    def execution(flow: str, input_: dict[str, Any]) -> Execution:
        run = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:nightshift-{flow}:test-{next(_numbers)}"
        made = Execution(flow, run, input_, fleet.agenda.now)
        gate.started(made)
        return made

    functions = Functions(
        fleet.aws, gate, lambda done: calls.append(PartCall(done.step, done.part, done.result)), execution
    )
    definitions = {flow.name: flow.filled(lambda place: place.name) for flow in flows.values()}
    expressions = Expressions(lambda: fleet.agenda.now, Random(1))
    functions.machines = Machines(definitions, fleet.agenda, expressions, functions)
    ran = execution(name, given)
    ended: list[float] = []
    functions.machines.start(ran, lambda _: ended.append(fleet.agenda.now))
    fleet.agenda.run()
    fleet.world.catch_up()
    own = ran.output.get("nightshift") if isinstance(ran.output, dict) else None
    not_run = own.get("skipped", "") if isinstance(own, dict) and ran.status == "SUCCEEDED" else ""
    error = ran.error or ("" if ran.status == "SUCCEEDED" else ran.status)
    return _result(fleet, None if not_run else ran.output, (error, ran.cause), calls, letters, started, not_run)


@dataclass
class _Watched(LocalRun):
    """Notes what the parts returned."""

    made: list[PartCall] = field(default_factory=list)

    def run_part(self, part: Part[..., Any], params: dict[str, Any]) -> Any:
        result = super().run_part(part, params)
        self.made.append(PartCall(part.name, part.name, result))
        return result


def run_python(fleet: Fleet, flow: Flow[..., Any], params: dict[str, Any], trigger: Mapping[str, Any]) -> RunResult:
    """Run a flow as a Python function. An error that it raises is in the result."""
    fleet.begin()
    letters, started = len(fleet.aws.letters), fleet.agenda.now
    runner = _Watched(fleet.aws, sleep=fleet.wait, started=iso(started), trigger=trigger, flow=flow.name)
    token = current_runner.set(runner)
    value, error = None, ("", "")
    try:
        value = plain(flow(**params))
    except NightshiftError as raised:
        error = (raised.error, raised.cause)
    except Exception as raised:
        error = (type(raised).__name__, str(raised))
    finally:
        current_runner.reset(token)
    return _result(fleet, value, error, runner.made, letters, started)


def _result(
    fleet: Fleet,
    value: Any,
    error: tuple[str, str],
    calls: list[PartCall],
    letters: int,
    started: float,
    not_run: str = "",
) -> RunResult:
    names = {i: item["tags"]["Name"] for i, item in fleet.inventory().items() if item["tags"].get("Name")}
    mails = tuple(fleet.aws.letters[letters:])
    return RunResult(value, *error, tuple(calls), mails, not_run, fleet.agenda.now - started, names)


def plain(value: Any) -> Any:
    """A value as JSON, dataclasses as objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    return json.loads(json.dumps(value, default=plain))
