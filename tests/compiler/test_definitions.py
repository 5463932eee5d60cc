"""What holds of every definition: asl-validator takes it, its expressions are JSONata's, and it keeps to the limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from assigned import unassigned
from corpus_files import FILES, Entry, compiled, entries
from engines import sfnx_engine
from engines.world import PARTS, World, canonical
from node_judges import EVALUATE, VALIDATE, Judge, ask
from sfnx import testing

from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow

FLOWS = [flow for path in FILES for flow in compiled(path).values()]
every_flow = pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: f"{flow.file.stem}-{flow.name}")


def states(scope: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of a definition, those of branches and processors included."""
    for name, state in scope["States"].items():
        yield name, state
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield from states(inner)


def test_asl_validator_takes_all() -> None:
    """One Node process for all of them."""
    wrong = {"StartAt": "a", "States": {"a": {"Type": "Pass", "Output": 1, "End": True}}}
    *said, of_the_wrong_one = ask(VALIDATE, [*(flow.definition for flow in FLOWS), wrong])
    assert of_the_wrong_one
    assert {flow.name: answer for flow, answer in zip(FLOWS, said, strict=True) if answer} == {}


@pytest.fixture(scope="module")
def evaluated() -> list[tuple[str, dict[str, Any], float, str]]:
    """Every expression the corpus evaluates in sfnx, with the variables it saw and its value; each once."""
    seen: dict[str, tuple[str, dict[str, Any], float, str]] = {}
    original = testing.evaluate
    world = World()

    def evaluate(code: str, variables: Any, states: Any) -> Any:
        value = original(code, variables, states)
        given = json.loads(json.dumps({**variables, "states": states}))
        seen.setdefault(json.dumps([code, given], sort_keys=True), (code, given, world.now() * 1000, canonical(value)))
        return value

    with patch.object(testing, "evaluate", evaluate):
        for entry in entries():
            world = World(approve=entry.case.approve)
            _run(entry, world)
    return list(seen.values())


def _run(entry: Entry, world: World) -> None:
    machines = {name: flow.definition for name, flow in compiled(entry.path).items()}
    sfnx_engine.run(machines, entry.flow.name, dict(entry.case.given), world)


def test_the_reference_implementation_of_jsonata_agrees(
    evaluated: list[tuple[str, dict[str, Any], float, str]],
) -> None:
    """The engines evaluate with a port to Python; JSONata's own implementation gives the same values."""
    assert len(evaluated) > 1000
    given = [{"code": code, "variables": variables, "millis": millis} for code, variables, millis, _ in evaluated]
    differ = []
    for (code, variables, _, wanted), said in zip(evaluated, ask(EVALUATE, given), strict=True):
        if "value" not in said or canonical(said["value"]) != wanted:
            differ.append(f"{code}\n  with {variables}\n  gives {said}, not {wanted}")
    assert not differ, f"{len(differ)} of {len(given)}:\n" + "\n".join(differ[:20])


def test_a_value_that_differs_is_told() -> None:
    """`Judge`, which bench/random_flows.py asks: each expression once, with failures and what is null as None."""
    judge = Judge()
    for code, value in (
        ("1 + 1", 2),
        ("1 + 1", 2),
        ("$millis()", 7),
        ("$error('x')", None),
        ("null", None),
        ("[1]", 1),
    ):
        judge.heard(code, 7, value)
    judge.decide()
    assert judge.judged == 5
    assert [said.partition("\n")[0] for said in judge.differ] == ["[1]"]


@every_flow
def test_names_and_size(flow: CompiledFlow) -> None:
    """State names are unique in the whole machine and at most 80 characters; the definition is below 1 MB."""
    names = [name for name, _ in states(flow.definition)]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 80
    assert len(json.dumps(flow.definition)) < 1_000_000


@every_flow
def test_variables_are_assigned_before_they_are_read(flow: CompiledFlow) -> None:
    """Engines read a variable that was never assigned as nothing; Step Functions fails."""
    has_finally = '"leaving' in json.dumps(flow.definition)
    assert unassigned(flow.definition, every_way=not has_finally) == []


@every_flow
def test_what_the_machine_uses(flow: CompiledFlow) -> None:
    """The step table and the placeholders say what the definition does, and there are no other placeholders."""
    assert list(flow.steps) == [name for name, _ in states(flow.definition)]
    tasks = {name: state["Arguments"] for name, state in states(flow.definition) if state["Type"] == "Task"}
    steps = {name: a["Payload"]["part"] for name, a in tasks.items() if a.get("Payload", {}).get("part")}
    assert {name: row.part for name, row in flow.steps.items() if row.part} == steps
    loops = [name for row in flow.steps.values() for name in row.loop]
    assert sorted(loops) == sorted(name for name, row in flow.steps.items() if row.kind == "poll")
    assert flow.parts == tuple(sorted(set(steps.values())))
    called = {a["StateMachineArn"] for a in tasks.values() if "StateMachineArn" in a}
    assert {f"${{flow:{name}}}" for name in flow.flows} == called
    known = {f"${{{part}}}" for part in PARTS} | called | {"${nightshift.approval}", "${nightshift.gate}"}
    assert set(re.findall(r"\$\{[^}]*}", json.dumps(flow.definition))) <= known
    filled = flow.filled(lambda place: f"flow {place.name}" if place.flow else f"function {place.name}")
    assert "${" not in json.dumps(filled)
    assert json.dumps(filled).count('"FunctionName": "function ') + json.dumps(filled).count('"flow ') == len(tasks)


@every_flow
def test_each_call_of_a_part_is_tried_again(flow: CompiledFlow) -> None:
    """Throttling and errors of the Lambda service, with full jitter and a cap."""
    for _, state in states(flow.definition):
        if state["Type"] == "Task" and state["Arguments"].get("Payload", {}).get("part"):
            retried = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}
            assert {"Throttled", "Lambda.TooManyRequestsException", "Lambda.ServiceException"} <= retried
            assert all(r["JitterStrategy"] == "FULL" and r["MaxDelaySeconds"] > 0 for r in state["Retry"])
            # An account with ten functions at once is busy for minutes when many flows start.
            throttled = next(r for r in state["Retry"] if "Lambda.TooManyRequestsException" in r["ErrorEquals"])
            assert throttled["MaxAttempts"] * throttled["MaxDelaySeconds"] >= 1800


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_compiling_is_deterministic(path: Path) -> None:
    """The same source gives the same definitions, key by key."""
    again = compile_file(path)
    assert [json.dumps(f.definition) for f in again] == [json.dumps(f.definition) for f in compiled(path).values()]
