"""The compiled machine in `sfnx.testing`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from sfnx import testing
from sfnx.testing import Call, Failure
from sfnx.testing import run as run_machine

from engines.world import ASK, INVOKE, START, Outcome, PartRaised, Unanswered, World, answer, invoke


def run(machines: Mapping[str, Any], name: str, given: Mapping[str, Any], world: World) -> Outcome:
    """Run the machine `name`; `machines` also holds those it calls."""
    execution = _execute(machines, name, given, world)
    if execution.error is not None:
        return world.outcome(error=execution.error, cause=execution.cause)
    return world.outcome(result=execution.output)


def _execute(machines: Mapping[str, Any], name: str, given: Any, world: World) -> Any:
    with patch.object(testing, "check_expressions", _check_expressions):
        return run_machine(
            machines[name],
            given,
            lambda call: _task(machines, call, world),
            functions={"millis": lambda: round(world.now() * 1000), "now": lambda: _iso(world.now())},
            on_wait=lambda wait: world.sleep(wait.seconds or 0),
            start_time=_iso(world.now()),
        )


_check_all = testing.check_expressions


@lru_cache(20_000)
def _check_once(code: str, allowed: frozenset[str]) -> None:
    _check_all("an expression", code, allowed)


def _check_expressions(where: str, template: Any, allowed: frozenset[str]) -> None:
    """sfnx reads every expression of a definition before it runs it; most are those of other definitions too."""
    if isinstance(template, str):
        _check_once(template, allowed)
        return
    for value in template.values() if isinstance(template, dict) else template if isinstance(template, list) else ():
        _check_expressions(where, value, allowed)


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _task(machines: Mapping[str, Any], call: Call, world: World) -> Any:
    arguments: Any = call.arguments
    if call.resource == INVOKE:
        try:
            return {"StatusCode": 200, "Payload": invoke(world, arguments)}
        except PartRaised as raised:
            raise Failure(raised.error, json.dumps(raised.payload)) from None
    if call.resource == ASK:
        try:
            return answer(world, arguments)
        except Unanswered:
            raise Failure("States.Timeout") from None
    assert call.resource == START, call
    return _start(machines, arguments, world)


def _start(machines: Mapping[str, Any], arguments: Mapping[str, Any], world: World) -> dict[str, Any]:
    name = arguments["StateMachineArn"].removeprefix("${flow:").removesuffix("}")
    outer, world.execution = world.execution, f"{world.execution}{name}-{len(world.keys)}/"
    child = _execute(machines, name, json.loads(json.dumps(arguments["Input"])), world)
    world.execution = outer
    # What DescribeExecution says, spelled as the integration spells it.
    described = {"ExecutionArn": "arn", "Name": "child", "Input": json.dumps(arguments["Input"])}
    if child.error is not None:
        described |= {"Status": "FAILED", "Error": child.error, "Cause": child.cause}
        raise Failure("States.TaskFailed", json.dumps(described))
    return {**described, "Status": "SUCCEEDED", "Output": child.output}
