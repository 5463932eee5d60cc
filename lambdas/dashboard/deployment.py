"""Where the app is: its names, ARNs, and the AWS clients that reach it."""

from __future__ import annotations

import os
import time
from functools import cache, lru_cache
from typing import Any

from lambdas.contract import places
from lambdas.runs.app_names import AppNames
from lambdas.runs.names import Names

MEMBER_EVENTS = "NIGHTSHIFT_MEMBER_EVENTS"
"""The environment variable that is there where member accounts forward what becomes of their instances."""

_NAMES_SECONDS = 300
"""For how long a name is known that was read; a page asks for those of a run at each poll."""


def member_events() -> bool:
    """Whether members' instances are known."""
    return MEMBER_EVENTS in os.environ


def names() -> AppNames:
    """What the resources of the app are called."""
    return AppNames.of_environment()


def region() -> str:
    """The region of the app."""
    return os.environ["AWS_REGION"]


def account() -> str:
    """The account of the app."""
    return os.environ["NIGHTSHIFT_ACCOUNT"]


def state_machine_arn(flow: str) -> str:
    """The ARN of the state machine of a flow."""
    return f"arn:{_partition()}:states:{region()}:{account()}:stateMachine:{names().state_machine(flow)}"


def execution_arn(flow: str, name: str) -> str:
    """The ARN of a run."""
    return f"arn:{_partition()}:states:{region()}:{account()}:execution:{names().state_machine(flow)}:{name}"


def log_group(part: str) -> str:
    """The log group of the function of a part."""
    return f"/aws/lambda/{names().function(part)}"


def console_url(execution: str) -> str | None:
    """Where the AWS console shows an execution; None on the local AWS, which has no console."""
    if "AWS_ENDPOINT_URL" in os.environ:
        return None
    return places.console_url(execution)


@cache
def step_functions() -> Any:
    """A client of Step Functions."""
    return _client("stepfunctions")


@cache
def ec2() -> Any:
    """A client of Amazon EC2."""
    return _client("ec2")


def resource_names() -> Names:
    """What people call instances, volumes, snapshots and images."""
    return _resource_names(int(time.time()) // _NAMES_SECONDS)


@lru_cache(maxsize=1)
def _resource_names(period: int) -> Names:
    return Names(ec2())


@cache
def logs() -> Any:
    """A client of CloudWatch Logs."""
    return _client("logs")


def _partition() -> str:
    return os.environ.get("NIGHTSHIFT_PARTITION", "aws")


def _client(service: str) -> Any:
    import boto3

    return boto3.client(service)  # type: ignore[call-overload]
