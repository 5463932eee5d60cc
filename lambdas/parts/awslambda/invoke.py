"""awslambda.invoke: one invocation of a function, with what it answered and the end of its log.

It takes no stages: there is one invocation of one function.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import AnswerLost, InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Json, Pending, Result, part

FUNCTIONS = ("arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:*",)

# "Lambda quotas" (AWS Lambda Developer Guide).
_MOST_BYTES, _MOST_BYTES_ASYNCHRONOUS = 6 * 1024 * 1024, 1024 * 1024

_NOT_SENT = ("ConnectTimeoutError", "EndpointConnectionError")
_OPEN = ("", "InternalError", "InternalFailure", "ServiceException", "ServiceUnavailable")
"""Codes after which it is open whether the function ran; the others of Lambda with a status of 5xx say what kept it
from running. AWS Lambda API Reference, "Invoke"."""

_EXCERPT = 300


@dataclass
class InvokeResult(Result):
    """Result of awslambda.invoke.

    changed: the function, when it ended without an error; with wait=False, when Lambda has taken the event.
    payload: what it answered, as JSON text; "" with dry_run and wait=False.
    executed_version: the version that ran.
    log: the last 4 KB of its log.
    """

    payload: str = ""
    executed_version: str = ""
    log: str = ""


def _repeats(given: Mapping[str, Json]) -> bool:
    return given.get("idempotent") is True


@part(
    allow=(Allow(("lambda:InvokeFunction",), FUNCTIONS, named_by="function_name"),),
    cost="Lambda bills the invocation and its time; the part waits for the answer, which is billed, too.",
    hints={
        "ResourceNotFoundException": "Check the name of the function, its alias, the Region and the account.",
        "ResourceConflictException": "The function is being updated; run the flow again when that is done.",
    },
    timeout="15m",
    repeats=_repeats,
)
def invoke(
    call: Call,
    *,
    function_name: str,
    payload: dict[str, Json] | None = None,
    qualifier: str | None = None,
    wait: bool = True,
    idempotent: bool = False,
    **common: Unpack[Common],
) -> InvokeResult | Pending:
    """Invoke a Lambda function, and fail when it fails.

    It is invoked once. When the answer is lost, the function may have run, and the step fails with AnswerLost instead
    of invoking it again; with `idempotent` it is invoked again until it answers. Where Lambda has no room for it
    (throttling), it has not run, and is invoked later.

    An answer is waited for at most four minutes. A function that takes longer is started with wait=False, or is a task
    of a state machine (stepfunctions.start_execution).

    A dry run asks Lambda whether the function is there and may be invoked, and does not run it.

    Parameters:
    function_name: name or ARN of the function.
    payload: what the function gets as its event; default: {}.
    qualifier: version or alias; default: $LATEST.
    wait: False: hand the event over and go on; Lambda invokes the function later, up to three times if it fails.
    idempotent: a repetition with the same payload does no harm.

    Result: InvokeResult.

    Errors:
    PartFailed: the function raised an error (its type and message are given), ran out of time, or does not exist.
    AnswerLost: the answer is lost, and the function may have run.
    AccessDenied: the role, or the policy of the function, does not allow it.
    InvalidParameter: the payload is too large.

    Source: "Invoke" (AWS Lambda API Reference); "Lambda quotas" (AWS Lambda Developer Guide).

    Example:
        from lambdas.parts import awslambda, ebs
        from nightshift import cron, flow


        @flow(schedule=cron("0 3 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
        def backup_then_register():
            \"\"\"Snapshot the databases' volumes, and have a function enter them in the register.\"\"\"
            made = ebs.create_snapshot(volume_tag="Role=database", keep="14d")
            awslambda.invoke(
                function_name="register",
                payload={"snapshots": made.snapshot_ids},
                idempotent=True,
            )
    """
    body = json.dumps(payload or {}).encode()
    if len(body) > (most := _MOST_BYTES if wait else _MOST_BYTES_ASYNCHRONOUS):
        raise InvalidParameter(f"the payload has {len(body)} bytes; Lambda takes {most}")
    kind = "DryRun" if call.dry_run else "RequestResponse" if wait else "Event"
    request: dict[str, Any] = {"FunctionName": function_name, "InvocationType": kind, "Payload": body}
    if kind == "RequestResponse":
        request["LogType"] = "Tail"
    if qualifier:
        request["Qualifier"] = qualifier
    outcome = InvokeResult(matched=[function_name])
    try:
        answer = call.client("lambda").invoke(**request)
    except Exception as error:
        return _refused(outcome, error, repeatable=idempotent or call.dry_run)
    return _answered(outcome, answer, kind)


def _refused(outcome: InvokeResult, error: Exception, *, repeatable: bool) -> InvokeResult | Pending:
    """What becomes of an invocation that has no answer.

    Raises AnswerLost where a repetition could run the function twice, and what is no matter of this function.
    """
    name, code = outcome.matched[0], aws_errors.code(error)
    if aws_errors.is_throttling(error):
        # It has not run.
        return Pending({}, f"room for {name}: {code}")
    if aws_errors.is_unavailable(error) and code in _OPEN:
        if repeatable or type(error).__name__ in _NOT_SENT:
            return Pending({}, f"the answer of {name}: {code or type(error).__name__}")
        raise AnswerLost(
            f"lambda invoke of {name}: the answer is lost ({code or type(error).__name__}: "
            f"{aws_errors.message(error)}), so the function may have run. It is not invoked again: look at its log "
            f"group (/aws/lambda/{name.rpartition(':')[2]}, unless it has another), then redrive the run, or start it "
            "again from there."
        ) from error
    if not code or aws_errors.is_denied(error):
        raise error
    outcome.failed = [Failure(name, code, aws_errors.message(error))]
    outcome.summary = f"could not invoke {name}"
    return outcome


def _answered(outcome: InvokeResult, answer: dict[str, Any], kind: str) -> InvokeResult:
    name = outcome.matched[0]
    told = answer["Payload"].read().decode(errors="replace") if kind == "RequestResponse" else ""
    outcome.payload, outcome.executed_version = told, answer.get("ExecutedVersion", "")
    outcome.log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace").strip()
    outcome.responses = {"InvokeResponse": {"StatusCode": answer["StatusCode"], "Payload": told[:_EXCERPT]}}
    if "FunctionError" in answer:
        outcome.failed = [Failure(name, *_error_of(told))]
        outcome.summary = f"{name} failed"
        return outcome
    outcome.changed = [name]
    done = {"DryRun": "would invoke", "Event": "handed the event to", "RequestResponse": "invoked"}
    outcome.summary = f"{done[kind]} {name}"
    return outcome


def _error_of(payload: str) -> tuple[str, str]:
    """Type and message of the error that a function raised, as Lambda's runtimes write them."""
    try:
        told = json.loads(payload)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return "FunctionError", payload[:_EXCERPT] or "the function gave no reason"
    return str(told.get("errorType") or "FunctionError"), str(told.get("errorMessage") or payload[:_EXCERPT])
