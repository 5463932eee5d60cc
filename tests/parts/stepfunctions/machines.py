"""State machines on moto, whose executions end on the clock of a test."""

from __future__ import annotations

import json
from typing import Any

from moto.backends import get_backend

from tests.parts.driver import TestAws, client

ROLE = "arn:aws:iam::123456789012:role/books"


def machine(name: str = "books", kind: str = "STANDARD", region: str = "us-east-1") -> str:
    """A state machine; its ARN."""
    definition = {"StartAt": "Close", "States": {"Close": {"Type": "Pass", "End": True}}}
    sfn: Any = client("stepfunctions", region)
    made = sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind)
    return str(made["stateMachineArn"])


def ends(aws: TestAws, after: float = 90, **how: str) -> None:
    """Let executions end so many seconds after their start, as `how` says."""
    began: dict[str, float] = {}

    def tell(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "StartExecution":
            began.setdefault(answer["executionArn"], aws.now())
        arn = params.get("executionArn")
        if operation == "DescribeExecution" and arn in began and aws.now() - began[arn] > after:
            answer.update({"status": "SUCCEEDED", "output": '{"closed": true}', **how})

    aws.hooks.append(tell)


def executions(region: str = "us-east-1") -> list[Any]:
    """The executions of all state machines."""
    backend: Any = get_backend("stepfunctions")["123456789012"][region]
    return [execution for machine in backend.state_machines for execution in machine.executions]
