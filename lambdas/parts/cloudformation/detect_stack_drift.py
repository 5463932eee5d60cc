"""cloudformation.detect_stack_drift: what of a stack was changed by hand.

It takes no stages: CloudFormation itself goes through the resources of the stack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.part import Allow, Call, Common, Failure, Pending, Result, part
from lambdas.parts.cloudformation._permissions import STACKS
from lambdas.parts.cloudformation._stacks import describe

_SHOWN = 100
_ENDS = ("DETECTION_COMPLETE", "DETECTION_FAILED")


@dataclass(frozen=True)
class DriftRecord:
    """A resource that is not as its template says.

    status: "MODIFIED" or "DELETED".
    differences: what differs, "/VisibilityTimeout: 30, now 60", without values that are long.
    """

    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    differences: list[str]


@dataclass
class DetectStackDriftResult(Result):
    """Result of cloudformation.detect_stack_drift.

    status: "IN_SYNC" or "DRIFTED".
    drifted: how many resources have drifted.
    drifts: the first 100 of them.
    """

    status: str = ""
    drifted: int = 0
    drifts: list[DriftRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(
            (
                "cloudformation:DescribeStackResourceDrifts",
                "cloudformation:DescribeStacks",
                "cloudformation:DetectStackDrift",
            ),
            STACKS,
        ),
        Allow(("cloudformation:DescribeStackDriftDetectionStatus",)),
    ),
    cost="Nothing.",
    hints={"DETECTION_FAILED": "CloudFormation reads the resources with the role of this step: let it describe them."},
    timeout="1h",
)
def detect_stack_drift(call: Call, *, stack_name: str, **common: Unpack[Common]) -> DetectStackDriftResult | Pending:
    """Find out what of a CloudFormation stack is no more as its template says, and wait for the answer.

    It changes nothing, so a dry run does it, too. CloudFormation reads the resources of the stack with the rights of
    who asks: give `role_arn` a role that may describe them.

    Parameters:
    stack_name: name or ARN of the stack.

    Result: DetectStackDriftResult.

    Errors:
    PartFailed: there is no such stack, or CloudFormation could not look at all of it.
    PartTimeout: it was not done when `timeout` ended.
    AccessDenied: the role may not detect drift.

    Source: "DetectStackDrift" (AWS CloudFormation API Reference); "Detect unmanaged configuration changes to stacks and
    resources with drift detection" (AWS CloudFormation User Guide).

    Example:
        from lambdas.parts import cloudformation, notify
        from nightshift import cron, flow


        @flow(schedule=cron("0 6 ? * MON *", timezone="Asia/Tokyo"), timeout="2h")
        def weekly_drift(stack_name: str = "network"):
            \"\"\"Mail what was changed by hand in the network's stack.\"\"\"
            found = cloudformation.detect_stack_drift(stack_name=stack_name)
            if found.status == "DRIFTED":
                notify.email(to="ops@example.com", subject=f"{found.drifted} changes by hand", result=found)
    """
    client = call.client("cloudformation")
    outcome = DetectStackDriftResult(matched=[stack_name])
    if "detection" not in call.state:
        stack = describe(call, stack_name)
        if stack is None:
            outcome.failed = [Failure(stack_name, "StackNotFound", f"there is no stack '{stack_name}'")]
            outcome.summary = f"no stack {stack_name}"
            return outcome
        try:
            call.state["detection"] = client.detect_stack_drift(StackName=stack["StackId"])["StackDriftDetectionId"]
        except Exception as error:
            if "already in progress" not in aws_errors.message(error).lower():
                raise
            # A detection whose answer was lost, or somebody else's: its end is awaited, then one of our own begins.
            return Pending(call.state, f"an earlier look at {stack_name} to end")
        call.state["stack"] = stack["StackId"]
        return Pending(call.state, f"CloudFormation to look at {stack_name}", wait=5)
    told = client.describe_stack_drift_detection_status(StackDriftDetectionId=call.state["detection"])
    if told["DetectionStatus"] not in _ENDS:
        return Pending(call.state, f"CloudFormation to look at {stack_name}")
    outcome.status = told.get("StackDriftStatus", "")
    if told["DetectionStatus"] == "DETECTION_FAILED":
        reason = told.get("DetectionStatusReason", "CloudFormation gives no reason")
        outcome.failed = [Failure(stack_name, "DETECTION_FAILED", reason)]
    outcome.drifted = told.get("DriftedStackResourceCount", 0)
    if outcome.drifted:
        outcome.drifts = [_record(drift) for drift in _drifts(client, call.state["stack"])]
    outcome.summary = f"stack {stack_name}: {outcome.status}, {outcome.drifted} of its resources drifted"
    return outcome


def _drifts(client: Any, stack: str) -> list[dict[str, Any]]:
    given = {"StackName": stack, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while len(found) < _SHOWN:
        page = client.describe_stack_resource_drifts(**given, **token)
        found += page["StackResourceDrifts"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    return found[:_SHOWN]


def _record(drift: dict[str, Any]) -> DriftRecord:
    return DriftRecord(
        drift["LogicalResourceId"],
        drift.get("PhysicalResourceId", ""),
        drift["ResourceType"],
        drift["StackResourceDriftStatus"],
        [
            f"{d['PropertyPath']}: {_short(d['ExpectedValue'])}, now {_short(d['ActualValue'])}"
            for d in drift.get("PropertyDifferences", [])
        ],
    )


def _short(value: str) -> str:
    return value if len(value) <= 100 else f"{value[:97]}..."
