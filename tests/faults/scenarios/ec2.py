"""EC2 parts."""

from __future__ import annotations

from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.unkind import Unkind


def launch(count: int, **tags: str) -> list[str]:
    """New, running instances."""
    spec = [{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
    made = client("ec2").run_instances(ImageId="ami-12345678", MinCount=count, MaxCount=count, TagSpecifications=spec)
    return [i["InstanceId"] for i in made["Instances"]]


def _stopped(*ids: str) -> None:
    client("ec2").stop_instances(InstanceIds=list(ids))


def _start(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(3, AutoOn="yes")
    _stopped(*ids[:2])
    launch(1)
    Unkind(aws, power=15, checks=30)
    return {"tag": "AutoOn=yes", "status_check": True}


def _stop(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(3, AutoOff="yes")
    _stopped(ids[2])
    launch(1)
    Unkind(aws, power=15)
    return {"tag": "AutoOff=yes"}


def _stop_one_absent(aws: FaultyAws) -> dict[str, Any]:
    Unkind(aws, power=15)
    return {"instance_id": [*launch(2), "i-0123456789abcdef0"], "on_failure": "continue"}


def _describe(aws: FaultyAws) -> dict[str, Any]:
    launch(2, Env="prod")
    return {"tag": "Env=prod"}


SCENARIOS = [
    Scenario("by tag, with status checks", "ec2.start_instances", _start),
    Scenario("by tag", "ec2.stop_instances", _stop),
    Scenario("one does not exist", "ec2.stop_instances", _stop_one_absent),
    Scenario("by tag", "ec2.describe_instances", _describe),
]
