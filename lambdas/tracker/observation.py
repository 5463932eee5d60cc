"""What Step Functions says about a run: the event of a change of its state, its description, its history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.contract.causes import read_cause
from lambdas.runs.history import History, events_of
from lambdas.runs.step_table import StepTable
from lambdas.tracker.record import Record, view
from lambdas.tracker.steps import bounded, failure_data, place_data, step_data


def from_event(detail: Mapping[str, Any], flow: str) -> Record:
    """The view in the detail of the event "Step Functions Execution Status Change"."""
    return view(
        flow,
        detail["executionArn"],
        detail["status"],
        started=_moment(detail["startDate"]),
        ended=_moment(detail["stopDate"]) if detail.get("stopDate") else None,
        given=detail.get("input"),
        output=detail.get("output"),
        error=detail.get("error"),
        redrives=detail.get("redriveCount"),
    )


def from_description(described: Mapping[str, Any], flow: str) -> Record:
    """The view in an answer of DescribeExecution."""
    return view(
        flow,
        described["executionArn"],
        described["status"],
        started=described["startDate"],
        ended=described.get("stopDate"),
        given=described.get("input"),
        output=described.get("output"),
        error=described.get("error"),
        redrives=described.get("redriveCount"),
    )


def describe(step_functions: Any, execution: str) -> dict[str, Any] | None:
    """DescribeExecution; None for an execution that Step Functions no longer, or not yet, has."""
    try:
        answer: dict[str, Any] = step_functions.describe_execution(executionArn=execution)
    except step_functions.exceptions.ExecutionDoesNotExist:
        return None
    return answer


def history(step_functions: Any, execution: str, flow: str, table: StepTable) -> History:
    """The history of an execution up to now. table: of its flow; what it leaves open is told by the events alone."""
    told = History(flow, table)
    for event in events_of(step_functions, execution):
        told.feed(event)
    return told


def steps_so_far(step_functions: Any, record: Record) -> list[dict[str, Any]]:
    """The steps of a run that has not ended, as its history tells them now; none when there is no history."""
    try:
        told = history(step_functions, record.execution, record.flow, {})
    except step_functions.exceptions.ExecutionDoesNotExist:
        return []
    return [step_data(step) for step in told.steps]


def detail_of(described: Mapping[str, Any], told: History) -> dict[str, Any]:
    """What is kept of a run that has ended, beside its record."""
    given = _json(described.get("input"))
    cause = read_cause(described.get("cause") or "")
    parameters = {k: v for k, v in given.items() if k != "nightshift"} if isinstance(given, dict) else given
    return bounded(
        {
            "parameters": parameters,
            "steps": [step_data(step) for step in told.steps],
            "places": place_data(told.places, ended=told.status != "RUNNING"),
            # Of one that failed there is none; the local AWS has a copy of the error there.
            "output": _json(described.get("output")) if described["status"] == "SUCCEEDED" else None,
            "cause": cause.message[:4000] or None,
            "failures": failure_data(cause.failures),
        }
    )


def raised_itself(step_functions: Any, execution: str) -> bool:
    """Whether the flow ended a run that failed, by a Fail state: its `except` and `finally` have been through.

    A redrive of such a run enters the Fail state again, and nothing else ("Restarting state machine executions with
    redrive in Step Functions", Step Functions Developer Guide).
    """
    answer = step_functions.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=2)
    return any(event["type"] == "FailStateEntered" for event in answer["events"])


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text
