"""CloudFormation stacks: reading them, and finding out which resource failed first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.errors import StateOutdated, Unavailable
from lambdas.contract.part import Call, Run
from lambdas.engine.selection import timestamp

Stack = dict[str, Any]

_VERSION = 1
"""Of the state of a creation, an update and a deletion."""

_DEPTH = 5
"""Nested stacks looked into for the resource that failed."""

_KEPT = (
    "StackName",
    "StackId",
    "StackStatus",
    "StackStatusReason",
    "Description",
    "CreationTime",
    "LastUpdatedTime",
    "DeletionTime",
    "Parameters",
    "Outputs",
    "Tags",
    "RoleARN",
    "ParentId",
    "EnableTerminationProtection",
)


@dataclass(frozen=True)
class StackRecord:
    """A stack as a result shows it.

    status: "CREATE_COMPLETE", "ROLLBACK_COMPLETE", ...
    status_reason: CloudFormation's reason for it, or "".
    creation_time, last_updated_time: UTC, ISO 8601, or "".
    parameters, outputs: by key.
    """

    stack_name: str
    stack_id: str
    status: str
    status_reason: str = ""
    creation_time: str = ""
    last_updated_time: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FailedResource:
    """The resource that failed first.

    logical_id: in the template; "Network/Subnet" for one in the nested stack Network.
    reason: CloudFormation's, which holds the message of the resource's service.
    """

    logical_id: str
    resource_type: str
    reason: str

    def __str__(self) -> str:
        return f"{self.resource_type} {self.logical_id}: {self.reason}"


def read_on(call: Call, act: str) -> None:
    """Give the state its version; the state of before there were versions had the same form.

    act: what the part does, "create".
    Raises StateOutdated for the state of newer code, which a deployment has taken back.
    """
    v = call.state.get("v", 0)
    if v not in (0, _VERSION):
        run = call.run
        raise StateOutdated(
            f"step {run.step} of {run.id} was planned by version {v} of the code that has to {act} the stack, and "
            f"version {_VERSION} cannot go on from there. Look at the stack, then start the flow again."
        )
    call.state["v"] = _VERSION


def describe(call: Call, name: str) -> Stack | None:
    """The stack of that name or id; one that was deleted is found by its id only, for 90 days."""
    try:
        return trim(call.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0])
    except Exception as error:
        if is_absent(error):
            return None
        raise


def all_stacks(call: Call) -> list[Stack]:
    """All stacks but the deleted ones."""
    pages = call.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [trim(stack) for page in pages for stack in page["Stacks"]]


def trim(stack: Stack) -> Stack:
    """What parts and mail templates need of a stack, as JSON."""
    kept = {name: stack[name] for name in _KEPT if stack.get(name) is not None}
    return {name: timestamp(value) if isinstance(value, datetime) else value for name, value in kept.items()}


def record(stack: Stack) -> StackRecord:
    """The record of a trimmed stack."""
    return StackRecord(
        stack_name=stack["StackName"],
        stack_id=stack["StackId"],
        status=stack["StackStatus"],
        status_reason=stack.get("StackStatusReason", ""),
        creation_time=stack.get("CreationTime", ""),
        last_updated_time=stack.get("LastUpdatedTime", ""),
        parameters={p["ParameterKey"]: p.get("ParameterValue", "") for p in stack.get("Parameters", [])},
        outputs={o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])},
    )


def request_token(run: Run, what: str) -> str:
    """The ClientRequestToken of a call: with it a repeated request is recognised, and its events are found."""
    digest = hashlib.sha256(f"{run.id}\n{run.key}".encode()).hexdigest()[:32]
    return f"nightshift-{what}-{digest}"


def first_failure(
    call: Call, stack_id: str, *status: str, token: str | None = None, depth: int = 0
) -> FailedResource | None:
    """The resource that was the first to get into one of `status`; None when none did.

    status: "CREATE_FAILED", "UPDATE_FAILED" or "DELETE_FAILED". What was cancelled because of another failure does not
        count, and of a nested stack it is the resource in it that counts.
    token: only events of the request with this ClientRequestToken.
    """
    own: FailedResource | None = None
    for event in reversed(_events(call, stack_id)):
        reason = event.get("ResourceStatusReason", "CloudFormation gives no reason")
        cancelled = "cancelled" in reason.lower()
        if event["ResourceStatus"] not in status or cancelled or token not in (None, event.get("ClientRequestToken")):
            continue
        name, kind, inner = event["LogicalResourceId"], event["ResourceType"], event.get("PhysicalResourceId", "")
        if inner == stack_id:
            own = own or FailedResource(name, kind, reason)
            continue
        nested = kind == "AWS::CloudFormation::Stack" and inner.startswith("arn:") and depth < _DEPTH
        cause = first_failure(call, inner, *status, depth=depth + 1) if nested else None
        if cause:
            return FailedResource(f"{name}/{cause.logical_id}", cause.resource_type, cause.reason)
        return FailedResource(name, kind, reason)
    return own


def _events(call: Call, stack_id: str) -> list[dict[str, Any]]:
    """The events of a stack, the newest first.

    Raises Unavailable while CloudFormation does not show the stack it has just described.
    """
    pages = call.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack_id)
    try:
        return [event for page in pages for event in page["StackEvents"]]
    except Exception as error:
        if is_absent(error):
            raise Unavailable(f"DescribeStackEvents: {aws_errors.message(error)}") from error
        raise


def is_absent(error: Exception) -> bool:
    """Whether CloudFormation says that there is no such stack."""
    return aws_errors.code(error) == "ValidationError" and "does not exist" in aws_errors.message(error)
