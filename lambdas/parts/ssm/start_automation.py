"""ssm.start_automation: any runbook of Systems Manager, waited for.

It takes no stages: there is one automation, and Systems Manager itself takes it through its steps.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import AnswerLost, InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Pending, Result, part

_ROLE = "AutomationAssumeRole"
"""The parameter by which a runbook takes a role ("Assume role for automations", AWS Systems Manager User Guide)."""

_ABSENT = (
    "AutomationDefinitionNotFoundException",
    "AutomationDefinitionVersionNotFoundException",
    "InvalidDocument",
    "InvalidDocumentVersion",
)
_REFUSED = (*_ABSENT, "InvalidAutomationExecutionParametersException", "InvalidTarget")
_FULL = "AutomationExecutionLimitExceededException"
_WELL = ("Success", "CompletedWithSuccess")
_ILL = (
    "Failed",
    "TimedOut",
    "Cancelled",
    "Rejected",
    "CompletedWithFailure",
    "Exited",
    "ChangeCalendarOverrideRejected",
)
_UNSEEN = 60
"""Seconds for which an automation that has just begun may not be described yet."""


@dataclass
class StartAutomationResult(Result):
    """Result of ssm.start_automation.

    changed: the runbook, when it ended well.
    automation_execution_id: id of its execution, or "" when none was started.
    status: its status, "Success" when all went well.
    outputs: its outputs by name ("describe.State"), each a list.
    failed_step: name and reason of the step that failed first, or "".
    """

    automation_execution_id: str = ""
    status: str = ""
    outputs: dict[str, list[str]] = field(default_factory=dict)
    failed_step: str = ""


@part(
    allow=(
        Allow(
            ("ssm:DescribeDocument", "ssm:StartAutomationExecution"),
            ("arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:document/*", "arn:${AWS::Partition}:ssm:*::document/*"),
            named_by="document_name",
        ),
        Allow(
            ("ssm:GetAutomationExecution", "ssm:StartAutomationExecution"),
            ("arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:automation-execution/*",),
        ),
        Allow(
            ("iam:PassRole",),
            ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/nightshift-*",),
            {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
            named_by="automation_role_arn",
        ),
    ),
    cost="Systems Manager bills by the step and by the second of scripts; what the runbook does costs what it costs.",
    hints={
        "InvalidAutomationExecutionParametersException": "Look at the parameters of the runbook in the console.",
    },
    timeout="2h",
    interval=10,
)
def start_automation(
    call: Call,
    *,
    document_name: str,
    automation_role_arn: str,
    parameters: dict[str, str | list[str]] | None = None,
    document_version: str | None = None,
    **common: Unpack[Common],
) -> StartAutomationResult | Pending:
    """Start a runbook of Systems Manager Automation and wait until it has ended.

    Any runbook of AWS (AWS-RestartEC2Instance, AWSSupport-...), or one of your own. This part may start it and do
    nothing of what it does: that is what `automation_role_arn` is for, a role that trusts ssm.amazonaws.com. Its name
    has to start with "nightshift-", unless the flow writes its ARN out.

    A repetition carries the same token, so that Systems Manager starts one automation. At the end of `timeout` it goes
    on; a runbook that waits for an approval waits as long.

    Parameters:
    document_name: name of the runbook, or the ARN of one that is shared.
    automation_role_arn: role with which the runbook acts; the runbook has to have the parameter AutomationAssumeRole.
    parameters: its parameters by name, each a text or a list of texts.
    document_version: "1", "$LATEST" or "$DEFAULT"; default: its default version.

    Result: StartAutomationResult.

    Errors:
    PartFailed: the runbook does not exist, refuses its parameters, or a step of it failed (its reason is given).
    PartTimeout: it had not ended when `timeout` ended.
    AccessDenied: the role may not start it, or not hand over automation_role_arn.
    AnswerLost: it is open whether it was started.
    InvalidParameter: the document is no runbook, or has no such parameter.

    Source: "StartAutomationExecution", "GetAutomationExecution" (AWS Systems Manager API Reference).

    Example:
        from lambdas.parts import ssm
        from nightshift import flow


        @flow(timeout="3h")
        def resize_the_report_server(instance_id: str):
            \"\"\"Give the report server a larger type for the closing, by AWS's own runbook.\"\"\"
            done = ssm.start_automation(
                document_name="AWS-ResizeInstance",
                automation_role_arn="arn:aws:iam::123456789012:role/nightshift-automation",
                parameters={"InstanceId": instance_id, "InstanceType": "m6i.xlarge"},
            )
            return done.automation_execution_id
    """
    given = {name: [value] if isinstance(value, str) else list(value) for name, value in (parameters or {}).items()}
    request: dict[str, Any] = {"DocumentName": document_name, "Parameters": {**given, _ROLE: [automation_role_arn]}}
    if document_version:
        request["DocumentVersion"] = document_version
    return _Automation(call, request).run()


class _Automation:
    """One call; `id` in the state is the execution it started, `asked` that it was asked for."""

    def __init__(self, call: Call, request: dict[str, Any]) -> None:
        self.call, self.request = call, request
        self.client = call.client("ssm")
        self.name: str = request["DocumentName"]

    def run(self) -> StartAutomationResult | Pending:
        """One invocation."""
        if "id" in self.call.state:
            return self._poll()
        if not self.call.state.get("checked"):
            if failure := self._unfit():
                return self._ended(failure=failure)
            if self.call.dry_run:
                return self._ended()
            # The state machine has it before anything begins.
            return Pending({"checked": True}, f"the runbook {self.name} to be started", wait=1)
        return self._start()

    def _unfit(self) -> Failure | None:
        """Why the runbook cannot be started. Raises InvalidParameter for what is none, or has no such parameter."""
        version = {key: self.request[key] for key in ("DocumentVersion",) if key in self.request}
        try:
            document = self.client.describe_document(Name=self.name, **version)["Document"]
        except Exception as error:
            if aws_errors.code(error) in _ABSENT:
                return Failure(self.name, aws_errors.code(error), aws_errors.message(error) or "it does not exist")
            raise
        if document.get("DocumentType") != "Automation":
            raise InvalidParameter(f"{self.name} is a document of type {document.get('DocumentType')}, and no runbook")
        known = {p["Name"]: "DefaultValue" in p for p in document.get("Parameters", [])}
        unknown = sorted(set(self.request["Parameters"]) - set(known)) if known else []
        missing = sorted(
            name for name, default in known.items() if not default and name not in self.request["Parameters"]
        )
        if unknown or missing:
            said = [f"has no parameter {', '.join(unknown)}"] * bool(unknown)
            said += [f"needs {', '.join(missing)}"] * bool(missing)
            raise InvalidParameter(f"{self.name} {' and '.join(said)}; it takes {', '.join(known)}")
        return None

    def _start(self) -> StartAutomationResult | Pending:
        token = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.call.run.id}/{self.call.run.key}"))
        try:
            started = self.client.start_automation_execution(**self.request, ClientToken=token)["AutomationExecutionId"]
        except Exception as error:
            return self._refused(error)
        self.call.state.update(id=started, at=self.call.now())
        return self._pending("Pending")

    def _refused(self, error: Exception) -> StartAutomationResult | Pending:
        code = aws_errors.code(error)
        if code == _FULL:
            return Pending(self.call.state, f"room for another automation, to start {self.name}")
        if code == "IdempotentParameterMismatch":
            raise AnswerLost(
                f"{self.name} was started before by this call, and Systems Manager does not tell as what: look at the "
                "executions in Automation, then start the flow again from there."
            ) from error
        if code in _REFUSED:
            return self._ended(failure=Failure(self.name, code, aws_errors.message(error)))
        raise error

    def _poll(self) -> StartAutomationResult | Pending:
        try:
            found = self.client.get_automation_execution(AutomationExecutionId=self.call.state["id"])
        except Exception as error:
            young = self.call.now() - self.call.state["at"] < _UNSEEN
            if aws_errors.code(error) == "AutomationExecutionNotFoundException" and young:
                return self._pending("not described yet")
            raise
        execution = found["AutomationExecution"]
        status = execution["AutomationExecutionStatus"]
        if status in _WELL:
            return self._ended(execution)
        if status in _ILL:
            step = _failed_step(execution)
            reason = step or execution.get("FailureMessage") or "Systems Manager gives no reason"
            result = self._ended(execution, Failure(self.name, status, f"{reason} ({self.call.state['id']})"))
            return replace(result, failed_step=step)
        return self._pending(status, execution.get("CurrentStepName", ""))

    def _pending(self, status: str, step: str = "") -> Pending:
        said = f"{status}, at {step}" if step else status
        text = f"the automation {self.call.state['id']} of {self.name} to end ({said})"
        return Pending(self.call.state, text, give_up=lambda: self._given_up(status))

    def _given_up(self, status: str) -> StartAutomationResult:
        text = f"{self.call.state['id']} was {status} at the end; it goes on"
        return self._ended(failure=Failure(self.name, "Timeout", text))

    def _ended(self, execution: dict[str, Any] | None = None, failure: Failure | None = None) -> StartAutomationResult:
        result = StartAutomationResult(matched=[self.name], automation_execution_id=self.call.state.get("id", ""))
        if execution is not None:
            result.status = execution["AutomationExecutionStatus"]
            result.outputs = {name: list(values) for name, values in execution.get("Outputs", {}).items()}
        if failure is not None:
            result.failed = [failure]
            result.summary = f"runbook {self.name}: {failure.error}"
        else:
            result.changed = [self.name]
            result.summary = f"would start {self.name}" if self.call.dry_run else f"runbook {self.name} done"
        return result


def _failed_step(execution: dict[str, Any]) -> str:
    """Name and reason of the first step that failed, "" when none did."""
    for step in execution.get("StepExecutions", []):
        if step.get("StepStatus") in ("Failed", "TimedOut"):
            return f"{step['StepName']}: {step.get('FailureMessage', 'no reason is given')}"
    return ""
