"""EC2 parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import ACCOUNT, REGION, client
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


def old_image(instance: str, day: int, **tags: str) -> str:
    """An image of an earlier night, and its snapshots, with these tags."""
    spec = [{"Key": key, "Value": value} for key, value in tags.items()]
    made = client("ec2").create_image(
        InstanceId=instance,
        Name=f"{instance} night {day}",
        TagSpecifications=[{"ResourceType": kind, "Tags": spec} for kind in ("image", "snapshot")] if spec else [],
    )
    image = get_backend("ec2")[ACCOUNT][REGION].amis[made["ImageId"]]
    image.creation_date = datetime(2026, 1, day, tzinfo=UTC)
    return str(made["ImageId"])


def _create_image(aws: FaultyAws) -> dict[str, Any]:
    ids = launch(2, Backup="weekly")
    for instance in ids:
        for day in (2, 3):
            old_image(instance, day, **{"nightshift:flow": "swept", "nightshift:instance": instance})
    old_image(ids[0], 1)
    return {"tag": "Backup=weekly", "generation": 2}


def _replace(aws: FaultyAws) -> dict[str, Any]:
    iam = client("iam")
    profile = iam.create_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Arn"]
    made = client("ec2").run_instances(
        ImageId="ami-12345678",
        MinCount=2,
        MaxCount=2,
        InstanceType="m5.large",
        UserData="#!/bin/sh",
        IamInstanceProfile={"Arn": profile},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Role", "Value": "web"}]}],
    )
    ids = [i["InstanceId"] for i in made["Instances"]]
    for instance in ids:
        for day in (2, 3):
            old_image(instance, day, **{"nightshift:flow": "weekly", "nightshift:instance": instance})
    return {"instance_id": ids, "status_check": True}


def _deregister(aws: FaultyAws) -> dict[str, Any]:
    (instance,) = launch(1)
    doomed = old_image(instance, 1, Purpose="test")
    old_image(instance, 2)
    return {"image_id": doomed}


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
    Scenario("two generations", "ec2.create_image", _create_image),
    Scenario("two, from their last images", "ec2.run_instances", _replace),
    Scenario("by id", "ec2.deregister_image", _deregister),
    Scenario("two tags", "ec2.create_tags", _tags),
    Scenario("one tag", "ec2.find_untagged", _untagged),
]
