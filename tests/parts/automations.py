"""Runbooks, for ManagedFleet: one of AWS and one of a command."""

from __future__ import annotations

import uuid
from typing import Any

RUNBOOK = "AWS-RestartEC2Instance"
ROLE = "arn:aws:iam::123456789012:role/nightshift-automation"


class Automations:
    """What Systems Manager answers about runbooks.

    ends: how often one is described as under way, and how it ends then. executions: id -> request.
    """

    clock: float

    def __init__(self) -> None:
        self.executions: dict[str, dict[str, Any]] = {}
        self.looks: dict[str, int] = {}
        self.ends: tuple[int, str] = (2, "Success")

    def DescribeDocument(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        if params["Name"] == "AWS-RunShellScript":
            return 200, {"Document": {"Name": params["Name"], "DocumentType": "Command"}}
        if params["Name"] != RUNBOOK:
            return 400, {"__type": "InvalidDocument", "message": f"Document {params['Name']} does not exist"}
        known = [{"Name": "InstanceId"}, {"Name": "AutomationAssumeRole", "DefaultValue": ""}]
        return 200, {"Document": {"Name": RUNBOOK, "DocumentType": "Automation", "Parameters": known}}

    def StartAutomationExecution(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        for id_, known in self.executions.items():
            if known["ClientToken"] == params["ClientToken"]:
                return 200, {"AutomationExecutionId": id_}
        id_ = str(uuid.UUID(int=len(self.executions)))
        self.executions[id_] = params
        return 200, {"AutomationExecutionId": id_}

    def GetAutomationExecution(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        id_ = params["AutomationExecutionId"]
        if id_ not in self.executions:
            return 400, {"__type": "AutomationExecutionNotFoundException", "message": f"{id_} does not exist"}
        self.looks[id_] = self.looks.get(id_, 0) + 1
        passes, end = self.ends
        status = end if self.looks[id_] > passes else "InProgress"
        step = {"StepName": "restart", "StepStatus": status, "FailureMessage": "Step fails when it is Execute"}
        shown = {"AutomationExecutionId": id_, "AutomationExecutionStatus": status, "CurrentStepName": "restart"}
        outputs = {"restart.InstanceStates": ["running"]} if status == "Success" else {}
        return 200, {"AutomationExecution": {**shown, "StepExecutions": [step], "Outputs": outputs}}
