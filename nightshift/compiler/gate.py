"""The gate: the first states of a flow that triggers start, or whose runs mind each other.

gate: needed? -> gate (Task) -> gate: done? -> the flow, the end of a skipped run, or gate: wait -> gate. They come
before anything of the flow, also before its parameters are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.runs.step_table import StepRow
from nightshift.compiler.jsonata import constant
from nightshift.compiler.scope import Names
from nightshift.compiler.tasks import INVOKE, RunContext, retriers, run
from nightshift.model import FlowOptions

GATE = "gate"
"""The state that asks."""

FUNCTION = "nightshift.gate"
"""The function it asks, named like a part in the placeholder of a FunctionName."""

_NEEDED, _DONE, _WAIT, _SKIPPED = (f"{GATE}: {name}" for name in ("needed?", "done?", "wait", "skipped"))
_HELD = "gate_state"
_GIVEN = "$states.context.Execution.Input.nightshift"


def reserve(names: Names) -> None:
    """Take the names of the gate, so that nothing of a flow has them."""
    for name in (GATE, _NEEDED, _DONE, _WAIT, _SKIPPED):
        names.state(name)
    names.variable(_HELD)


_KIND = "{% $exists($states.input.result.kind) ? $states.input.result.kind : '' %}"
"""What skips the run; while a deployment is under way the gate may be older and not say it."""


def with_gate(
    definition: dict[str, Any], options: FlowOptions, context: RunContext, entering: Mapping[str, Any]
) -> dict[str, Any]:
    """The definition with the gate in front.

    context: what the flow's own states know of the run. entering: what to assign on each way into the flow.

    A gate that cannot be asked is passed: a backup that is missing because the gate is broken would be worse than one
    that was on hold. docs/operations.md, "When the gate fails", says what else is done about it.
    """
    begin, given = definition["StartAt"], {"Assign": dict(entering)} if entering else {}
    states = {
        _NEEDED: {
            "Type": "Choice",
            "Choices": [{"Condition": _expression(_needed(options)), "Assign": {_HELD: None}, "Next": GATE}],
            **given,
            "Default": begin,
        },
        GATE: {
            "Type": "Task",
            "Resource": INVOKE,
            "Arguments": {
                "FunctionName": f"${{{FUNCTION}}}",
                "Payload": {
                    "trigger": _expression(f"{_GIVEN}.trigger"),
                    "state": _expression(f"${_HELD}"),
                    "run": run(replace(context, dry_run=constant(False)), GATE),
                },
            },
            "Retry": retriers(0),
            "Output": "{% $states.result.Payload %}",
            "Catch": [{"ErrorEquals": ["States.ALL"], **given, "Next": begin}],
            "Next": _DONE,
        },
        _DONE: {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.done = false %}", "Next": _WAIT},
                {"Condition": "{% $states.input.result.run %}", **given, "Next": begin},
            ],
            "Default": _SKIPPED,
        },
        _WAIT: {
            "Type": "Wait",
            "Seconds": "{% $states.input.wait %}",
            "Assign": {_HELD: "{% $states.input.state %}"},
            "Next": GATE,
        },
        _SKIPPED: {
            "Type": "Pass",
            "Output": {"nightshift": {"skipped": "{% $states.input.result.reason %}", "kind": _KIND}},
            "End": True,
        },
    }
    return {**definition, "StartAt": _NEEDED, "States": {**states, **definition["States"]}}


def rows() -> dict[str, StepRow]:
    """The rows of the step table for the states of the gate."""
    return {
        _NEEDED: StepRow("choice", "was the run started by a trigger, or do runs of the flow mind each other?"),
        GATE: StepRow("gate", "ask the gate whether the run may begin", calls=FUNCTION, loop=(_DONE, _WAIT)),
        _DONE: StepRow("poll", "may the run begin?"),
        _WAIT: StepRow("poll", "wait, then ask the gate again"),
        _SKIPPED: StepRow("gate", "end: the run is skipped"),
    }


def _needed(options: FlowOptions) -> str:
    """Whether the gate has anything to say to a run: not without a trigger, and not to a dry run."""
    test = f"$exists({_GIVEN}.trigger) and $not({_GIVEN}.dry_run = true)"
    if options.at_overlap == "allow":
        # Of runs that are never held back the gate keeps count only where they matter to others.
        test += f' and {_GIVEN}.trigger.type in ["schedule", "alarm"]'
    return test


def _expression(code: str) -> str:
    return f"{{% {code} %}}"
