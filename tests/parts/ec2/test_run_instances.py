"""ec2.run_instances: replacements from the last images of instances."""

from __future__ import annotations

import base64
from typing import Any

import boto3
import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import Fault, Killed, TestAws, drive
from tests.parts.ec2.images import old_image

REGION = "us-east-1"
IMAGE = "nightshift:instance"


@pytest.fixture
def web(ec2: Any) -> str:
    """An instance with all that a replacement is to have."""
    iam = boto3.client("iam", REGION)
    profile = iam.create_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    key = ec2.create_key_pair(KeyName="ops")["KeyName"]
    made = ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        InstanceType="m5.large",
        SubnetId=ec2.describe_subnets()["Subnets"][1]["SubnetId"],
        SecurityGroupIds=[group],
        IamInstanceProfile={"Arn": profile["Arn"]},
        KeyName=key,
        UserData="#!/bin/sh\necho web",
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        Monitoring={"Enabled": True},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Role", "Value": "web"}]}],
    )
    instance: str = made["Instances"][0]["InstanceId"]
    return instance


def image(ec2: Any, instance: str, name: str) -> str:
    """An image as ec2.create_image makes them."""
    tags = [{"Key": IMAGE, "Value": instance}]
    made = ec2.create_image(InstanceId=instance, Name=name, TagSpecifications=[{"ResourceType": "image", "Tags": tags}])
    return str(made["ImageId"])


def described(ec2: Any, instance: str) -> dict[str, Any]:
    """An instance."""
    found: dict[str, Any] = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return found


def replacements(ec2: Any) -> list[str]:
    """The replacements there are."""
    found = ec2.describe_instances(Filters=[{"Name": "tag-key", "Values": [IMAGE]}])["Reservations"]
    return [i["InstanceId"] for r in found for i in r["Instances"]]


@pytest.fixture
def dated(aws: TestAws) -> dict[str, str]:
    """Dates of images, by id; moto makes all at the same moment."""
    dates: dict[str, str] = {}

    def date(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeImages":
            for found in answer["Images"]:
                found["CreationDate"] = dates.get(found["ImageId"], found["CreationDate"])

    aws.hooks.append(date)
    return dates


def test_the_replacement_is_like_the_instance_but_for_its_image(
    aws: TestAws, ec2: Any, web: str, dated: dict[str, str]
) -> None:
    new, old = image(ec2, web, "new"), image(ec2, web, "old")
    dated |= {new: "2026-11-23T00:00:00.000Z", old: "2026-11-16T00:00:00.000Z"}

    result = drive(parts.run_instances, aws, {"instance_id": web, "status_check": True}).result

    assert (result["matched"], result["changed"], result["failed"]) == ([web], [web], [])
    (replacement,) = result["instance_ids"]
    assert [i["instance_id"] for i in result["instances"]] == [replacement]
    before, after = described(ec2, web), described(ec2, replacement)
    assert after["ImageId"] == new
    for same in ("InstanceType", "SubnetId", "SecurityGroups", "KeyName", "Monitoring"):
        assert after[same] == before[same], same
    assert after["IamInstanceProfile"]["Arn"] == before["IamInstanceProfile"]["Arn"]
    assert after["MetadataOptions"]["HttpTokens"] == "required"
    assert after["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    data = ec2.describe_instance_attribute(InstanceId=replacement, Attribute="userData")["UserData"]["Value"]
    assert base64.b64decode(data) == b"#!/bin/sh\necho web"
    tags = {t["Key"]: t["Value"] for t in after["Tags"]}
    assert (tags["Role"], tags[IMAGE]) == ("web", web)
    assert before["State"]["Name"] == "running"
    assert result["summary"] == "1 instance replaced"


def test_an_instance_without_an_image_fails_and_stops_no_other(aws: TestAws, ec2: Any, web: str, launch: Any) -> None:
    image(ec2, web, "web")
    (bare,) = launch()
    result = drive(parts.run_instances, aws, {"instance_id": [web, bare], "on_failure": "continue"}).result
    assert result["changed"] == [web]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(bare, "InvalidAMIID.NotFound")]
    assert "make one with ec2.create_image" in result["failed"][0]["message"]
    with pytest.raises(PartFailed, match=bare):
        drive(parts.run_instances, aws, {"instance_id": bare})


def test_a_lost_answer_is_asked_again_with_the_same_token_while_nothing_is_shown(
    aws: TestAws, ec2: Any, web: str
) -> None:
    image(ec2, web, "web")
    tokens: list[str] = []
    shown = [False]

    def lost(params: dict[str, Any], answer: dict[str, Any]) -> None:
        tokens.append(params["ClientToken"])
        if len(tokens) == 1:
            raise Killed

    def hide(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """The first one is described only later."""
        by_call = [f for f in params.get("Filters", []) if f["Name"].startswith("tag:nightshift:run")]
        if operation == "DescribeInstances" and by_call and not shown[0]:
            shown[0] = len(tokens) > 0
            answer["Reservations"] = []

    aws.faults["RunInstances"] = Fault(after=lost)
    aws.hooks.append(hide)
    result = drive(parts.run_instances, aws, {"instance_id": web}).result
    assert result["changed"] == [web]
    assert len(set(tokens)) == 1


def test_a_lack_of_capacity_is_waited_for(aws: TestAws, ec2: Any, web: str) -> None:
    image(ec2, web, "web")
    refused: list[int] = []

    def full(params: dict[str, Any]) -> tuple[int, str, str] | None:
        refused.append(1)
        return (500, "InsufficientInstanceCapacity", "none left") if len(refused) < 4 else None

    aws.faults["RunInstances"] = Fault(do=full)
    before = aws.clock
    assert drive(parts.run_instances, aws, {"instance_id": web}).result["changed"] == [web]
    assert aws.clock - before >= 180
    assert len(replacements(ec2)) == 1


def test_a_replacement_that_ends_is_reported_with_the_reason(aws: TestAws, ec2: Any, web: str) -> None:
    image(ec2, web, "web")

    def ends(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeInstances":
            for found in (i for r in answer["Reservations"] for i in r["Instances"]):
                if any(t["Key"] == IMAGE for t in found.get("Tags", [])):
                    found["State"] = {"Name": "terminated", "Code": 48}
                    found["StateReason"] = {"Code": "Client.InternalError", "Message": "the key is disabled"}

    aws.hooks.append(ends)
    with pytest.raises(PartFailed, match=r"Client\.InternalError the key is disabled"):
        drive(parts.run_instances, aws, {"instance_id": web})
    assert len(replacements(ec2)) == 1


def test_a_dry_run_launches_nothing_and_says_what_would_be(aws: TestAws, ec2: Any, web: str) -> None:
    image(ec2, web, "web")
    result = drive(parts.run_instances, aws, {"instance_id": web, "dry_run": True}).result
    assert (result["changed"], result["summary"]) == ([web], "would run a replacement of 1 instance")
    assert replacements(ec2) == []


def from_last_images(aws: FaultyAws) -> dict[str, Any]:
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


SCENARIOS = [Scenario("two, from their last images", "ec2.run_instances", from_last_images)]
