"""The deletion of a state machine, after which MiniStack's running executions go on to their end.

On AWS "running executions will end at their next transition" ("DeleteStateMachine", AWS Step Functions API Reference).
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]


def patch() -> None:
    """End what runs, whether the API or CloudFormation deletes."""
    delete = stepfunctions._delete_state_machine
    handlers = provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]
    delete_resource = handlers["delete"]

    def delete_with_runs(data: dict[str, Any]) -> Any:
        _end_runs(data.get("stateMachineArn"))
        return delete(data)

    def delete_resource_with_runs(physical_id: str, properties: dict[str, Any]) -> Any:
        _end_runs(physical_id)
        return delete_resource(physical_id, properties)

    stepfunctions._delete_state_machine = delete_with_runs
    handlers["delete"] = delete_resource_with_runs


def _end_runs(machine: str | None) -> None:
    for execution in list(stepfunctions._executions.values()):
        if execution["stateMachineArn"] == machine and execution["status"] == "RUNNING":
            # The thread of a run looks at it before each state.
            execution["status"] = "ABORTED"
