"""Events of Step Functions about one run, as EventBridge delivers them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

PREFIX = "nightshift"
STARTED = datetime(2026, 11, 24, 12, 30, 0, 123000, tzinfo=UTC)
TRIGGER = {"type": "schedule", "schedule": "nightshift/backup", "scheduled_time": "2026-11-24T12:30:00Z"}


def arn(flow: str, name: str) -> str:
    """The ARN of an execution of a flow."""
    return f"arn:aws:states:ap-northeast-1:123456789012:execution:{PREFIX}-{flow}:{name}"


def event(
    status: str,
    *,
    flow: str = "backup",
    name: str = "night",
    redrives: int = 0,
    started: datetime = STARTED,
    took: float | None = None,
    output: Any = None,
    error: str | None = None,
    given: Any = None,
) -> dict[str, Any]:
    """An event "Step Functions Execution Status Change". took: seconds from the start to the end, for one that ended.

    Source: "Automating Step Functions event delivery with EventBridge" (Step Functions Developer Guide).
    """
    ended = None if status == "RUNNING" else started + timedelta(seconds=60 if took is None else took)
    given = {"tag": "Backup=nightly", "nightshift": {"dry_run": False, "trigger": TRIGGER}} if given is None else given
    return {
        "version": "0",
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {
            "executionArn": arn(flow, name),
            "stateMachineArn": f"arn:aws:states:ap-northeast-1:123456789012:stateMachine:{PREFIX}-{flow}",
            "name": name,
            "status": status,
            "startDate": _milliseconds(started),
            "stopDate": _milliseconds(ended) if ended else None,
            "input": json.dumps(given),
            "inputDetails": {"included": True},
            "output": json.dumps(output) if status == "SUCCEEDED" else None,
            "outputDetails": {"included": True} if status == "SUCCEEDED" else None,
            "redriveCount": redrives,
            "error": error,
            "cause": "because" if error else None,
        },
    }


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
