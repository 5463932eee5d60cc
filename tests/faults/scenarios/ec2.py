"""EC2 parts."""

from __future__ import annotations

from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.fleet import launch
from tests.parts.unkind import Unkind


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


def _reboot(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(3, Patch="weekly")
    _stopped(ids[2])
    Unkind(aws, checks=0)
    return {"tag": "Patch=weekly", "status_check": True}


def _resize(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(2)
    _stopped(ids[1])
    Unkind(aws, power=15, checks=30)
    return {"instance_id": ids, "instance_type": "m5.large", "restart": True, "status_check": True}


def _resize_falls_back(aws: FaultyAws) -> dict[str, Any]:
    (instance,) = launch(1)
    unkind = Unkind(aws, power=15)

    def no_capacity(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """There is none for the first type."""
        if operation == "ModifyInstanceAttribute":
            refused = params["InstanceType"]["Value"] == "p5.48xlarge"
            text = "Server.InsufficientInstanceCapacity: none"
            unkind.fall_back = {instance: ("Server.InsufficientInstanceCapacity", text)} if refused else {}

    aws.hooks.append(no_capacity)
    return {
        "instance_id": instance,
        "instance_type": "p5.48xlarge",
        "restart": True,
        "fallback_types": ["m5.large"],
    }


def _tags(aws: FaultyAws) -> dict[str, Any]:
    return {"resource_id": launch(2, Env="test"), "tags": {"Env": "prod", "Owner": "ops"}}


def _untagged(aws: FaultyAws) -> dict[str, Any]:
    launch(1, AutoOff="yes")
    launch(2)
    return {"required": "AutoOff"}


SCENARIOS = [
    Scenario("by tag, with status checks", "ec2.start_instances", _start),
    Scenario("by tag", "ec2.stop_instances", _stop),
    Scenario("one does not exist", "ec2.stop_instances", _stop_one_absent),
    Scenario("by tag", "ec2.describe_instances", _describe),
    Scenario("by tag, with status checks", "ec2.reboot_instances", _reboot),
    Scenario("one running, one stopped", "ec2.modify_instance_attribute", _resize),
    Scenario("no capacity for the first type", "ec2.modify_instance_attribute", _resize_falls_back),
    Scenario("two tags", "ec2.create_tags", _tags),
    Scenario("one tag", "ec2.find_untagged", _untagged),
]
