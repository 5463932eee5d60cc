"""The first states of a flow that triggers start, in every engine: what the gate is asked, and what its answers do."""

from __future__ import annotations

from typing import Any

import pytest
from engines import sfnx_engine
from engines.world import Outcome, World

from lambdas.contract.errors import InvalidParameter, NightshiftError
from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow

SOURCE = """
import fake
from nightshift import cron, flow, topic

@flow(schedule=cron("0 22 * * ? *", timezone="Asia/Tokyo"))
def nightly(name: str = "a"):
    return fake.act(name=name).name

@flow(schedule=cron("0 22 * * ? *"), overlap="allow")
def side_by_side():
    return "ran"

@flow(on_alarm=topic(parameters={"instance_id": "InstanceId"}))
def recover(instance_id: str):
    return fake.act(name=instance_id).name

@flow(overlap="queue")
def one_by_one():
    return "ran"

@flow
def by_hand():
    return "ran"
"""
SCHEDULE = {"type": "schedule", "schedule": "arn:...", "scheduled_time": "2026-11-24T13:00:00Z"}
ALARM = {"type": "alarm", "alarm": "status check", "time": "2026-11-24T13:00:00Z", "reason": "r", "dimensions": {}}
MANUAL = {"type": "manual", "by": "alice"}
GO_ON = {"done": True, "result": {"run": True, "reason": ""}}
HELD = {"done": True, "result": {"run": False, "reason": "held by alice: the database moves", "kind": "hold"}}
SKIPPED = '{"nightshift": {"kind": "hold", "skipped": "held by alice: the database moves"}}'
ENGINES = ("sfnx", "moto", "ministack")

every_engine = pytest.mark.parametrize("engine", ENGINES)


class Gate:
    """Answers one request after the other, the last answer again and again."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CompiledFlow]:
    """The flows of the source above."""
    path = tmp_path_factory.mktemp("gate") / "gated.py"
    path.write_text(SOURCE, encoding="utf-8")
    return {flow.name: flow for flow in compile_file(path)}


class Runner:
    """Runs the flows in one engine."""

    def __init__(self, flows: dict[str, CompiledFlow], engine: Any) -> None:
        self.machines = {name: flow.definition for name, flow in flows.items()}
        self.engine = engine

    def __call__(self, flow: str, gate: Gate | None, trigger: Any = None, *, dry_run: bool = False) -> Outcome:
        """How a run ends. gate: None if it must not be asked. trigger: None for an input without one."""
        world = World()
        world.gate = gate
        given = {"nightshift": {"dry_run": dry_run, **({"trigger": trigger} if trigger else {})}}
        outcome: Outcome = self.engine.run(self.machines, flow, given, world)
        return outcome


@pytest.fixture
def run(flows: dict[str, CompiledFlow], engine: str, request: pytest.FixtureRequest) -> Runner:
    """Runs a flow in the engine of the test."""
    return Runner(flows, sfnx_engine if engine == "sfnx" else request.getfixturevalue(engine))


@every_engine
def test_a_run_that_the_gate_lets_through_is_the_flow(run: Runner) -> None:
    gate = Gate(GO_ON)
    found = run("nightly", gate, SCHEDULE)
    assert (found.result, found.calls, found.waits) == ('"a"', ("act a",), ())
    (request,) = gate.requests
    assert (request["trigger"], request["state"]) == (SCHEDULE, None)
    assert (request["run"]["flow"], request["run"]["step"], request["run"]["dry_run"]) == ("nightly", "gate", False)


@every_engine
def test_a_run_that_is_kept_back_does_nothing_and_says_why(run: Runner) -> None:
    found = run("nightly", Gate(HELD), SCHEDULE)
    assert found.result == SKIPPED
    assert (found.error, found.calls) == (None, ())


@every_engine
def test_a_run_that_waits_brings_along_what_it_was_told(run: Runner) -> None:
    states = [{"since": 1, "waiting_for": "the run x to end"}, {"since": 1, "waiting_for": "the run y to end"}]
    waits = [{"done": False, "state": state, "wait": wait} for state, wait in zip(states, (5, 30), strict=True)]
    gate = Gate(*waits, GO_ON)
    found = run("nightly", gate, SCHEDULE)
    assert (found.result, found.waits) == ('"a"', (5, 30))
    assert [request["state"] for request in gate.requests] == [None, *states]
    assert len({(request["run"]["id"], request["run"]["call"]) for request in gate.requests}) == 1


@every_engine
def test_a_gate_that_cannot_be_asked_is_passed(run: Runner) -> None:
    gate = Gate(InvalidParameter("the gate knows no flow nightly"))
    assert run("nightly", gate, SCHEDULE).result == '"a"'
    assert len(gate.requests) == 1


# In virtual time: the others would really pause.
@pytest.mark.parametrize("engine", ["sfnx"])
def test_a_gate_without_concurrency_is_waited_for_and_not_passed(run: Runner) -> None:
    """Lambda throttles the busy account of a flow that is on hold: it stays on hold."""
    throttled = type("Lambda.TooManyRequestsException", (NightshiftError,), {})("Rate exceeded")
    gate = Gate(*[throttled] * 20, HELD)
    assert run("nightly", gate, SCHEDULE).result == SKIPPED
    assert len(gate.requests) == 21


@every_engine
def test_without_a_trigger_and_in_a_dry_run_the_gate_is_not_asked(run: Runner) -> None:
    assert run("nightly", None).result == '"a"'
    dry = run("nightly", None, SCHEDULE, dry_run=True)
    assert (dry.result, dry.dry) == ('"a"', (True,))


@every_engine
def test_runs_by_hand_ask_only_where_they_count_for_others(run: Runner) -> None:
    counted = Gate(GO_ON)
    assert run("nightly", counted, MANUAL).result == '"a"'
    assert run("one_by_one", counted, MANUAL).result == '"ran"'
    assert [request["trigger"] for request in counted.requests] == [MANUAL, MANUAL]
    assert run("side_by_side", None, MANUAL).result == '"ran"'
    assert run("side_by_side", Gate(HELD), SCHEDULE).calls == ()


@every_engine
def test_a_gate_of_an_older_deployment_keeps_runs_back_too(run: Runner) -> None:
    older = {"done": True, "result": {"run": False, "reason": "held by alice"}}
    assert run("nightly", Gate(older), SCHEDULE).result == '{"nightshift": {"kind": "", "skipped": "held by alice"}}'


@every_engine
def test_the_gate_comes_before_the_parameters_are_looked_at(run: Runner) -> None:
    """An alarm that brings no instance is still held."""
    held = run("recover", Gate(HELD), ALARM)
    assert held.result == SKIPPED
    assert run("recover", Gate(GO_ON), ALARM).error is not None


def test_only_what_something_starts_or_minds_its_runs_has_a_gate(flows: dict[str, CompiledFlow]) -> None:
    gated = {name for name, flow in flows.items() if "gate" in flow.definition["States"]}
    assert gated == {"nightly", "side_by_side", "recover", "one_by_one"}
