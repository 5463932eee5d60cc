"""Automation of the local Systems Manager: every runbook is there, takes its time and ends well.

What a runbook would do is not done. Faults of the fleet refuse its requests, or make its first step fail ("error" of
the action "RunbookStep").
"""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random

from nightshift.local.fleet.ssm.commands import Agents, SsmError

Json = dict[str, Any]

_SECONDS = 30
"""How long a runbook takes."""

_STEP = "RunbookStep"


def describe_document(agents: Agents, request: Json) -> Json:
    """A document; those of commands are the ones that the agents know."""
    name = request["Name"]
    return {"Document": {"Name": name, "DocumentType": "Command" if name.startswith("AWS-Run") else "Automation"}}


def start(agents: Agents, request: Json) -> Json:
    """Start an automation; the same token gives the same one."""
    token = request.get("ClientToken", "")
    known = _executions(agents)
    for id_, (given, _) in known.items():
        if token and given.get("ClientToken") == token:
            return {"AutomationExecutionId": id_}
    id_ = str(mock_random.uuid4())
    known[id_] = (request, agents.world.now())
    return {"AutomationExecutionId": id_}


def get(agents: Agents, request: Json) -> Json:
    """An automation as it is now. Raises SsmError."""
    id_ = request["AutomationExecutionId"]
    if id_ not in _executions(agents):
        raise SsmError("AutomationExecutionNotFoundException", f"Automation execution {id_} does not exist.")
    given, began = _executions(agents)[id_]
    over = agents.world.now() - began >= _SECONDS
    fault = next((f for f in agents.world.faults if f.kind == "error" and f.action == _STEP), None)
    status = "InProgress" if not over else "Failed" if fault else "Success"
    step = {"StepName": "run", "StepStatus": status}
    if status == "Failed" and fault:
        step["FailureMessage"] = fault.message or "injected"
    execution = {
        "AutomationExecutionId": id_,
        "DocumentName": given["DocumentName"],
        "AutomationExecutionStatus": status,
        "CurrentStepName": "" if over else "run",
        "StepExecutions": [step],
        "Outputs": {"run.Output": ["done"]} if status == "Success" else {},
    }
    return {"AutomationExecution": execution}


def _executions(agents: Agents) -> dict[str, tuple[Json, float]]:
    found: dict[str, tuple[Json, float]] = agents.world.notes.setdefault(
        ("automations", agents.account, agents.region), {}
    )
    return found
