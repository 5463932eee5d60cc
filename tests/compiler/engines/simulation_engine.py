"""The compiled machine in the simulation's own runner, in which time passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from engines.world import ASK, INVOKE, START, Outcome, PartRaised, Unanswered, World, answer, invoke
from nightshift.simulation.agenda import Agenda, Event, Steps, until
from nightshift.simulation.expressions import Expressions
from nightshift.simulation.machine import Execution, Failure, Machines


def run(machines: Mapping[str, Any], name: str, given: Mapping[str, Any], world: World) -> Outcome:
    """Run the machine `name`; `machines` also holds those it calls."""
    engine = _Engine({machine: _impatient(definition) for machine, definition in machines.items()}, world)
    ended: list[Execution] = []
    engine.machines.start(engine.execution(name, dict(given)), ended.append)
    engine.agenda.run()
    (execution,) = ended
    if execution.status != "SUCCEEDED":
        return world.outcome(error=execution.error, cause=execution.cause)
    return world.outcome(result=execution.output)


def _impatient(node: Any) -> Any:
    """A definition whose retries follow at once, as in the engines without time."""
    if isinstance(node, dict):
        return {k: 0 if k in ("IntervalSeconds", "MaxDelaySeconds") else _impatient(v) for k, v in node.items()}
    return [_impatient(item) for item in node] if isinstance(node, list) else node


class _Agenda(Agenda):
    """An agenda whose time is the world's: where it jumps, the world waits."""

    def __init__(self, world: World) -> None:
        super().__init__(world.now())
        self.world = world

    def at(self, moment: float, happen: Callable[[], None]) -> Event:
        def happen_later() -> None:
            self.world.sleep(self.now - self.world.now())
            happen()

        return super().at(moment, happen_later)


class _Engine:
    def __init__(self, machines: Mapping[str, Any], world: World) -> None:
        self.world = world
        self.agenda = _Agenda(world)
        self.machines = Machines(machines, self.agenda, Expressions(lambda: self.agenda.now, Random(1)), self)
        self.count = 0

    def execution(self, name: str, given: dict[str, Any]) -> Execution:
        self.count += 1
        arn = f"arn:aws:states:us-east-1:123456789012:execution:{name}:{self.count}"
        return Execution(name, arn, given, self.agenda.now)

    def task(self, execution: Execution, state: str, resource: str, arguments: Any) -> Steps:
        """Carry out a Task."""
        if resource == START:
            name = arguments["StateMachineArn"].removeprefix("${flow:").removesuffix("}")
            child = self.execution(name, json.loads(json.dumps(arguments["Input"])))
            return (yield from self.machines.call(child))
        if resource == ASK:
            try:
                return answer(self.world, arguments)
            except Unanswered:
                yield until(float("inf"))
        assert resource == INVOKE, resource
        try:
            return {"StatusCode": 200, "Payload": invoke(self.world, arguments)}
        except PartRaised as raised:
            raise Failure(raised.error, json.dumps(raised.payload)) from None
