"""RedriveExecution, which MiniStack does not have: a run that did not succeed goes on from the state that failed.

A Map or Parallel that failed begins anew as a whole; on AWS only those of its items and branches do that failed.
Sources: "Restarting state machine executions with redrive in Step Functions" (Step Functions Developer Guide),
"RedriveExecution", "DescribeExecution" (Step Functions API Reference).
"""

from __future__ import annotations

import contextvars
import json
import threading
from typing import Any

from ministack.services import eventbridge, stepfunctions  # type: ignore[import-untyped]

_REDRIVABLE = ("FAILED", "ABORTED", "TIMED_OUT")
_HISTORY_LIMIT = 24_999
"""Events a history may have, for one more to fit ("RedriveExecution", Step Functions API Reference)."""

_variables: dict[str, dict[str, Any]] = {}
"""The variables of each execution, as its states have assigned them."""


def patch() -> None:
    """Answer RedriveExecution, and tell of redrives in descriptions and events."""
    handle, describe = stepfunctions.handle_request, stepfunctions._describe_execution
    assign, put_events = stepfunctions._apply_state_assign, eventbridge._put_events

    async def handle_request(method: str, path: str, headers: Any, body: Any, query: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return stepfunctions._finalize_response(_redrive(json.loads(body)))
        return await handle(method, path, headers, body, query)

    def described(data: dict[str, Any]) -> Any:
        status, headers, body = describe(data)
        found = stepfunctions._executions.get(data.get("executionArn"))
        return (
            (status, headers, body) if found is None else stepfunctions.json_response(json.loads(body) | _told(found))
        )

    def remember(state: Any, given: Any, context: Any, **more: Any) -> None:
        assign(state, given, context, **more)
        # An item of a Map has a copy of the variables, which ends with it.
        if context and "Map" not in context and "Execution" in context:
            _variables[context["Execution"]["Id"]] = context["variables"]

    def tell(data: dict[str, Any], **more: Any) -> Any:
        for entry in data["Entries"] if more.get("allow_aws_source") else ():
            detail = json.loads(entry["Detail"])
            found = stepfunctions._executions.get(detail.get("executionArn"))
            entry["Detail"] = json.dumps(detail | (_told(found) if found else {}))
        return put_events(data, **more)

    stepfunctions.handle_request, stepfunctions._describe_execution = handle_request, described
    stepfunctions._apply_state_assign, eventbridge._put_events = remember, tell
    stepfunctions._TIMESTAMP_RESPONSE_FIELDS.add("redriveDate")


def _told(execution: dict[str, Any]) -> dict[str, Any]:
    """What DescribeExecution and the status event say of redrives."""
    status, redrivable = execution["status"], execution["status"] in _REDRIVABLE
    told = {
        "redriveCount": execution.get("redriveCount", 0),
        "redriveStatus": "REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
    }
    if not redrivable:
        told["redriveStatusReason"] = f"Execution is {status} and cannot be redriven"
    return told | ({"redriveDate": execution["redriveDate"]} if "redriveDate" in execution else {})


def _redrive(data: dict[str, Any]) -> Any:
    found = stepfunctions._executions.get(data.get("executionArn"))
    if found is None:
        text = f"Execution Does Not Exist: '{data.get('executionArn')}'"
        return stepfunctions.error_response_json("ExecutionDoesNotExist", text, 400)
    if found["status"] not in _REDRIVABLE or len(found["events"]) > _HISTORY_LIMIT:
        text = f"Execution is {found['status']} and cannot be redriven"
        return stepfunctions.error_response_json("ExecutionNotRedrivable", text, 400)
    now = stepfunctions.now_iso()
    # The thread of a run that was stopped ends when it sees the state of its own dictionary.
    execution = found | {
        "status": "RUNNING",
        "stopDate": None,
        "output": None,
        "error": None,
        "cause": None,
        "redriveCount": found.get("redriveCount", 0) + 1,
        "redriveDate": now,
    }
    entered = next(e for e in reversed(found["events"]) if e["type"].endswith("StateEntered"))[
        "stateEnteredEventDetails"
    ]
    stepfunctions._executions[found["executionArn"]] = execution
    details = {"redriveCount": execution["redriveCount"]}
    stepfunctions._add_event(execution, "ExecutionRedriven", {"executionRedrivenEventDetails": details})
    stepfunctions._emit_execution_status_event(execution)
    carried = contextvars.copy_context()
    threading.Thread(
        target=carried.run, args=(_go_on, execution, entered["name"], json.loads(entered["input"])), daemon=True
    ).start()
    return stepfunctions.json_response({"redriveDate": now})


def _go_on(execution: dict[str, Any], name: str, given: Any) -> None:
    """Walk from a state to the end, as MiniStack does from the first one."""
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    definition = json.loads(machine["definition"])
    arn = execution["executionArn"]
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": arn,
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "StartTime": execution["startDate"],
            "RedriveCount": execution["redriveCount"],
            "RedriveTime": execution["redriveDate"],
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": _variables.get(arn, {}),
    }
    try:
        output = _walk(execution, definition["States"], name, given, context)
    except stepfunctions._ExecutionError as error:
        stepfunctions._fail_execution(execution, error.error, error.cause)
    except Exception as error:
        stepfunctions._fail_execution(execution, "States.Runtime", str(error))
    else:
        if execution["status"] == "RUNNING":
            text = json.dumps(output)
            execution.update(status="SUCCEEDED", output=text, stopDate=stepfunctions.now_iso())
            details = {"executionSucceededEventDetails": {"output": text}}
            stepfunctions._add_event(execution, "ExecutionSucceeded", details)
            stepfunctions._emit_execution_status_event(execution)


def _walk(execution: dict[str, Any], states: dict[str, Any], name: str, given: Any, context: dict[str, Any]) -> Any:
    following: str | None = name
    while following and execution["status"] == "RUNNING":
        name, state = following, states[following]
        kind = state["Type"]
        context["State"] = {"Name": name, "EnteredTime": stepfunctions.now_iso(), "RetryCount": 0}
        # A task that is scheduled again was never left; it is not entered a second time.
        if kind != "Task" or execution["events"][-1]["type"] != "ExecutionRedriven":
            _tell_state(execution, f"{kind}StateEntered", name, "input", given)
        given, following = _executed(state, given, execution, context)
        _tell_state(execution, f"{kind}StateExited", name, "output", given)
    return given


def _executed(state: dict[str, Any], given: Any, execution: dict[str, Any], context: dict[str, Any]) -> Any:
    """The output of a state and the name of the next one, None at the end."""
    kind = state["Type"]
    if kind == "Fail":
        raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, given, context))
    if kind == "Succeed":
        taken = stepfunctions._apply_input_path(state, given, context)
        return stepfunctions._apply_output_path(state, taken, context), None
    execute = getattr(stepfunctions, f"_execute_{kind.lower()}")
    return execute(state, given, *((execution,) if kind in ("Task", "Parallel", "Map") else ()), context)


def _tell_state(execution: dict[str, Any], event: str, name: str, field: str, value: Any) -> None:
    details = "stateEnteredEventDetails" if field == "input" else "stateExitedEventDetails"
    stepfunctions._add_event(execution, event, {details: {"name": name, field: json.dumps(value)}})
