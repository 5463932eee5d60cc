"""The JSON of the Task states: calls of parts and flows, questions to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nightshift.compiler import ir
from nightshift.compiler.jsonata import TERNARY, Expr, constant, text
from nightshift.compiler.types import ANY
from nightshift.model import api_function

INVOKE = "arn:aws:states:::lambda:invoke"
START_EXECUTION = "arn:aws:states:::states:startExecution.sync:2"

APPROVAL = "nightshift.approval"
"""The function that asks a person, named like a part in the placeholder of a FunctionName."""

_LAMBDA_ERRORS = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
]
"""Step Functions Developer Guide, "Handle transient Lambda service exceptions", and what a function that died gives."""


_THROTTLED: dict[str, Any] = {
    "ErrorEquals": ["Lambda.TooManyRequestsException"],
    "IntervalSeconds": 2,
    "BackoffRate": 2,
    "MaxAttempts": 30,
    "MaxDelaySeconds": 60,
    "JitterStrategy": "FULL",
}
"""Waits out an account whose concurrency is used up, for a quarter of an hour on average: a new account runs ten
functions at once ("Lambda quotas", AWS Lambda Developer Guide). The gate is not passed meanwhile, so that a busy
account runs nothing that is on hold, and no part fails because others were faster."""


@dataclass(frozen=True)
class RunContext:
    """What the states of a scope know of the run: expressions that hold anywhere in the scope.

    call: how many calls in loops were made before; item: the Map index, of nested Maps all of them.
    """

    flow: str
    run_id: Expr
    started: Expr
    dry_run: Expr
    call: Expr
    item: Expr
    retry: int


def part_arguments(call: ir.PartCall, context: RunContext, state: Expr) -> dict[str, Any]:
    """Arguments of the Task that invokes a part: the request of the part contract."""
    payload = {
        "part": call.part,
        "params": {name: value.asl() for name, value in call.params.items()},
        "state": state.asl(),
        "run": run(context, call.name),
    }
    if call.read_fields:
        payload["reads"] = sorted(call.read_fields)
    function = api_function(context.flow, call.api.service) if call.api else call.part
    return {"FunctionName": f"${{{function}}}", "Payload": payload}


def polled(step: str) -> dict[str, Any]:
    """What the wait of a wait loop gives the Task it leads to, whose input is something else the first time."""
    return {"nightshift": {"polled": step, "state": "{% $states.input.state %}"}}


def polled_state(step: str) -> Expr:
    """The state that the last reply of a part gave; null at the first invocation."""
    given = "$states.input.nightshift"
    return Expr(f"{given}.polled = {text(step)} ? {given}.state : null", ANY, TERNARY)


def run(context: RunContext, step: str) -> dict[str, Any]:
    """The `run` of a request."""
    return {
        "id": context.run_id.asl(),
        "flow": context.flow,
        "step": step,
        "call": context.call.asl(),
        "item": context.item.asl(),
        "started": context.started.asl(),
        "dry_run": context.dry_run.asl(),
    }


def retriers(attempts: int, *, repeatable: bool = True) -> list[dict[str, Any]]:
    """Retry of a part's Task. A part is idempotent, so trying again is safe.

    attempts: how often to try again when the part itself failed. repeatable: whether it may be tried again when it is
        open how far it came; else only what surely has not begun is.
    """
    if not repeatable:
        return [_THROTTLED]
    again: list[dict[str, Any]] = [
        _THROTTLED,
        {
            "ErrorEquals": _LAMBDA_ERRORS,
            "IntervalSeconds": 2,
            "BackoffRate": 2,
            "MaxAttempts": 6,
            "MaxDelaySeconds": 60,
            "JitterStrategy": "FULL",
        },
        {
            "ErrorEquals": ["Throttled", "Unavailable"],
            "IntervalSeconds": 5,
            "BackoffRate": 2,
            "MaxAttempts": 10,
            "MaxDelaySeconds": 120,
            "JitterStrategy": "FULL",
        },
    ]
    if attempts:
        failed = {"ErrorEquals": ["PartFailed", "ServiceError"], "IntervalSeconds": 30, "BackoffRate": 2}
        again.append({**failed, "MaxAttempts": attempts, "MaxDelaySeconds": 600, "JitterStrategy": "FULL"})
    return again


def flow_arguments(call: ir.FlowCall, context: RunContext) -> dict[str, Any]:
    """Arguments of the Task that starts another flow; the child is told who started it."""
    trigger = {"type": "flow", "flow": context.flow, "execution": context.run_id.asl()}
    given = {name: value.asl() for name, value in call.params.items()}
    return {
        "StateMachineArn": f"${{flow:{call.flow}}}",
        "Input": {
            **given,
            "nightshift": {"dry_run": context.dry_run.asl(), "trigger": trigger},
            "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": context.run_id.asl(),
        },
    }


def approval_arguments(approve: ir.Approve, context: RunContext) -> dict[str, Any]:
    """Arguments of the Task that asks people."""
    payload = {
        "token": "{% $states.context.Task.Token %}",
        "message": approve.message.asl(),
        "to": approve.to.asl() if approve.to else None,
        "approvers": list(approve.approvers),
        "at_least": approve.at_least,
        "allow_starter": approve.allow_starter,
        "timeout": approve.timeout,
        "run": run(context, approve.name),
    }
    if approve.remind is not None:
        payload["remind"] = approve.remind
    if approve.escalate_to is not None:
        payload |= {"escalate_to": approve.escalate_to.asl(), "escalate_after": approve.escalate_after}
    return {"FunctionName": f"${{{APPROVAL}}}", "Payload": payload}


NULL = constant(None)
