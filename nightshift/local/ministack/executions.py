"""StartExecution with a name that is taken, and the events of runs that other runs start.

A name that is taken is the same run while it is under way and the input is the same.

MiniStack refuses every name it knows. On AWS a call with the name and the input of a running execution "succeeds and
return[s] the same response as the original request" ("StartExecution", Step Functions API Reference).

MiniStack runs what `startExecution.sync` starts as it runs an Express workflow, which tells EventBridge nothing. On AWS
it is a Standard workflow like any other, and each change of its state is an event ("Automating Step Functions event
delivery with EventBridge", Step Functions Developer Guide).
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions  # type: ignore[import-untyped]


def patch() -> None:
    """Answer a second start with the run there is, and tell of runs that runs start."""
    start, run = stepfunctions._start_execution, stepfunctions._run_execution

    def start_once(data: dict[str, Any]) -> Any:
        found = _under_way(data)
        if found is None:
            return start(data)
        answer = {"executionArn": found["executionArn"], "startDate": found["startDate"]}
        return stepfunctions.json_response(answer)

    def run_and_tell(execution_arn: str) -> Any:
        execution = stepfunctions._executions[execution_arn]
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
        if execution.get("sync") and machine.get("type", "STANDARD") == "STANDARD":
            del execution["sync"]
            stepfunctions._emit_execution_status_event(execution)
        return run(execution_arn)

    stepfunctions._start_execution, stepfunctions._run_execution = start_once, run_and_tell


def _under_way(data: dict[str, Any]) -> dict[str, Any] | None:
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:', 1)}:{data['name']}"
    found: dict[str, Any] | None = stepfunctions._executions.get(arn)
    if found is None or found["status"] != "RUNNING" or found["input"] != data.get("input", "{}"):
        return None
    return found
