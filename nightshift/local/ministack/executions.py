"""StartExecution with a name that is taken: the same run while it is under way and the input is the same.

MiniStack refuses every name it knows. On AWS a call with the name and the input of a running execution "succeeds and
return[s] the same response as the original request" ("StartExecution", Step Functions API Reference).
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions  # type: ignore[import-untyped]


def patch() -> None:
    """Answer a second start with the run there is."""
    start = stepfunctions._start_execution

    def start_once(data: dict[str, Any]) -> Any:
        found = _under_way(data)
        if found is None:
            return start(data)
        answer = {"executionArn": found["executionArn"], "startDate": found["startDate"]}
        return stepfunctions.json_response(answer)

    stepfunctions._start_execution = start_once


def _under_way(data: dict[str, Any]) -> dict[str, Any] | None:
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:', 1)}:{data['name']}"
    found: dict[str, Any] | None = stepfunctions._executions.get(arn)
    if found is None or found["status"] != "RUNNING" or found["input"] != data.get("input", "{}"):
        return None
    return found
