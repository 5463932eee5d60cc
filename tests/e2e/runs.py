"""A local AWS with the app: starting and following executions there, and looking at its fleet."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from nightshift.local import LocalAws, down, up
from nightshift.local.fleet.client import FleetControl
from tests.waiting import until

ROOT = Path(__file__).parents[2]
TOKYO = ZoneInfo("Asia/Tokyo")


@contextmanager
def deployed(project: Path, flow_defs: Path | None = None) -> Iterator[LocalAws]:
    """This app, deployed by the cdk CLI to a local AWS of its own.

    It is noon in Tokyo for the schedules: hours from any moment at which one would start a flow by itself. They deliver
    once, until a test says otherwise.
    """
    try:
        local = up(project, app=ROOT, flow_defs=flow_defs)
        local.set_scheduler_clock(datetime.now(TOKYO).replace(hour=12, minute=0))
        local.set_deliveries(1)
        yield local
    finally:
        down(project)


def machine_arn(local: LocalAws, flow: str) -> str:
    """The state machine of a flow."""
    return f"arn:aws:states:{local.region}:{local.account}:stateMachine:nightshift-{flow}"


def executions(local: LocalAws, flow: str) -> list[dict[str, Any]]:
    """The executions of a flow."""
    states = local.session().client("stepfunctions")
    found: list[dict[str, Any]] = states.list_executions(stateMachineArn=machine_arn(local, flow))["executions"]
    return found


def start(local: LocalAws, flow: str, **parameters: Any) -> str:
    """Start a flow; the ARN of the execution."""
    states = local.session().client("stepfunctions")
    answer = states.start_execution(
        stateMachineArn=machine_arn(local, flow), name=f"test-{uuid.uuid4()}", input=json.dumps(parameters)
    )
    arn: str = answer["executionArn"]
    return arn


def finished(local: LocalAws, arn: str) -> dict[str, Any]:
    """Wait for the end of an execution; its description."""
    states = local.session().client("stepfunctions")

    def ended() -> dict[str, Any] | None:
        described: dict[str, Any] = states.describe_execution(executionArn=arn)
        return described if described["status"] != "RUNNING" else None

    return until(ended, f"the end of {arn}")


def snapshots(local: LocalAws, **tags: str) -> dict[str, list[dict[str, Any]]]:
    """The snapshots by volume, those with these tags (`__` in a name stands for `:`)."""
    filters = [{"Name": f"tag:{name.replace('__', ':')}", "Values": [value]} for name, value in tags.items()]
    ec2: Any = local.session().client("ec2")
    found: dict[str, list[dict[str, Any]]] = {}
    for page in ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=filters):
        for snapshot in page["Snapshots"]:
            found.setdefault(snapshot["VolumeId"], []).append(snapshot)
    return found


def instances(local: LocalAws, **tags: str) -> dict[str, str]:
    """The state of each instance with these tags, by its Name."""
    filters = [{"Name": f"tag:{name}", "Values": [value]} for name, value in tags.items()]
    ec2: Any = local.session().client("ec2")
    pages = ec2.get_paginator("describe_instances").paginate(Filters=filters)
    found = [i for page in pages for r in page["Reservations"] for i in r["Instances"]]
    names = [{t["Key"]: t["Value"] for t in i.get("Tags", [])}.get("Name", i["InstanceId"]) for i in found]
    return {name: i["State"]["Name"] for name, i in zip(names, found, strict=True)}


def calls(local: LocalAws, action: str) -> int:
    """How many calls of an API action the fleet has received."""
    return [made for _, made, _ in FleetControl(local.fleet.url).calls()].count(action)


def worker(local: LocalAws, function: str) -> psutil.Process | None:
    """The process that runs a Lambda function, if there is one."""
    for process in psutil.Process(local.ministack.pid).children(recursive=True):
        try:
            if process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == function:
                return process
        except psutil.Error:
            continue
    return None
