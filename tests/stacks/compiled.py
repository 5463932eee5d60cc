"""Compiled flows made by hand: what the compiler gives the stacks, without the compiler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lambdas.runs.step_table import StepRow
from nightshift.model import CompiledFlow, FlowOptions, placeholders


def compiled(
    name: str,
    *parts: str,
    calls: tuple[str, ...] = (),
    approval: bool = False,
    reminds: bool = False,
    states: dict[str, Any] | None = None,
    **options: Any,
) -> CompiledFlow:
    """A flow that calls parts, then other flows, then asks for approval; options as `FlowOptions` takes them.

    reminds: whether it reminds of what it asks.
    """
    steps: list[tuple[str, dict[str, Any]]] = [(part, _part_task(part, name)) for part in parts]
    steps += [(f"call {flow}", _flow_task(flow)) for flow in calls]
    if approval:
        given = {"Payload": {"remind": 3600}} if reminds else {}
        task = _task("lambda:invoke.waitForTaskToken", FunctionName="${nightshift.approval}", **given)
        steps.append(("approval", task))
    chained: dict[str, Any] = dict(states or {})
    for index, (state, task) in enumerate(steps):
        chained[state] = task | ({"Next": steps[index + 1][0]} if index + 1 < len(steps) else {"End": True})
    chained = chained or {"nothing": {"Type": "Pass", "End": True}}
    rows = {state: StepRow("set") for state in chained}
    rows |= {part: StepRow("part", calls=part) for part in parts}
    rows |= {f"call {flow}": StepRow("flow", calls=flow) for flow in calls}
    rows |= {"approval": StepRow("approval", calls="nightshift.approval")} if approval else {}
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(chained)), "States": chained}
    return CompiledFlow(
        name=name,
        file=Path(f"flow_defs/{name}.py"),
        line=1,
        doc="",
        definition=definition,
        parts=tuple(sorted(set(parts))),
        flows=tuple(sorted(calls)),
        steps=rows,
        placeholders=placeholders(definition, rows),
        distributed=any("DISTRIBUTED" in str(state.get("ItemProcessor")) for state in chained.values()),
        options=FlowOptions(**options),
    )


def _task(resource: str, **arguments: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": arguments}


def _part_task(part: str, flow: str) -> dict[str, Any]:
    payload = {"part": part, "params": {"tag": "Backup=nightly"}, "state": None, "run": {"flow": flow}}
    return _task("lambda:invoke", FunctionName=f"${{{part}}}", Payload=payload)


def _flow_task(flow: str) -> dict[str, Any]:
    return _task("states:startExecution.sync:2", StateMachineArn=f"${{flow:{flow}}}", Input={})
