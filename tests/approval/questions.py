"""Questions for tests, as state machines ask them, and the tasks of Step Functions that wait for the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lambdas.approval import waiting
from lambdas.approval.question import Question, question_of

NOW = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
EXECUTION = "arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-evening_stop:tonight"


def request(**changed: Any) -> dict[str, Any]:
    """What a state machine hands over."""
    run = {"id": EXECUTION, "flow": "evening_stop", "step": "approval", "call": 0, "item": None}
    run |= {"started": "2026-11-24T20:59:00Z", "dry_run": False}
    asked = {"token": "token-1", "message": "Stop 12 instances?", "to": None, "timeout": 7200}
    return {**asked, "approvers": ["leads"], "at_least": 1, "allow_starter": False, "run": run, **changed}


def ask(table: Any, *, starter: str | None = None, now: datetime | None = None, **changed: Any) -> Question:
    """Keep a question, as the function behind `approval(...)` does; by default it is asked now."""
    event = request(**changed)
    question = question_of(event, to=[], starter=starter, now=now or datetime.now(UTC) - timedelta(minutes=1))
    waiting.ask(table, question, event["token"])
    return question


class Tasks:
    """Step Functions, as far as its tasks wait: a token is good once, and one that it does not know is refused."""

    def __init__(self, *tokens: str) -> None:
        self.waiting = set(tokens)
        self.outputs: list[Any] = []
        self.refuses: Iterator[str] = iter(())
        self.exceptions = boto3.client("stepfunctions", region_name="ap-northeast-1").exceptions

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - the API's names
        """End a task."""
        code = next(self.refuses, "" if taskToken in self.waiting else "TaskTimedOut")
        if code:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "SendTaskSuccess")
        self.waiting.discard(taskToken)
        self.outputs.append(json.loads(output))
