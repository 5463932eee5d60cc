"""What there is in AWS: set up for a scenario, looked at before and after, and compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.moto_api._internal import mock_random

from tests.faults.injection import FaultyAws

SERVICES = ("ec2", "elb", "elbv2", "iam", "cloudformation", "s3", "ses", "sns", "sqs")
ACCOUNT, REGION, OTHER_REGION = "123456789012", "us-east-1", "us-west-2"


class Item(NamedTuple):
    """Something that is so.

    owner: id or name of the resource a report has to name; several, of which one suffices, are separated by "|".
    what: what there is, or the resource's state; without the ids of what is new.
    thing: whether it exists on its own, so that there may be one too many of it.
    """

    owner: str
    what: str
    thing: bool


World = Counter[Item]


class Inventory:
    """Reads the world by plain clients; `old` are ids of before the run."""

    def __init__(self, aws: FaultyAws, services: set[str]) -> None:
        self.aws = aws
        self.services = services
        self.old: set[str] = set()

    def world(self) -> World:
        """All that is compared: what the services have."""
        readers = {
            "ec2": (self._instances, self._snapshots, self._images),
            "elastic-load-balancing": (self._classic,),
            "elastic-load-balancing-v2": (self._targets,),
            "cloudformation": (self._stacks,),
            "s3": (self._objects,),
            "sesv2": (self._mails,),
            "sns": (self._messages,),
            "ssm": (self._commands,),
        }
        return Counter(item for service in self.services for read in readers[service] for item in read())

    def begin(self) -> World:
        """The world before the run."""
        for region in (REGION, OTHER_REGION):
            ec2 = client("ec2", region)
            self.old |= {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
            self.old |= {i["ImageId"] for i in ec2.describe_images(Owners=["self"])["Images"]}
        self.old |= {s["StackId"] for s in client("cloudformation").describe_stacks()["Stacks"]}
        return self.world()

    def _instances(self) -> Iterator[Item]:
        for page in client("ec2").get_paginator("describe_instances").paginate():
            for instance in (i for r in page["Reservations"] for i in r["Instances"]):
                tags = _tags(instance)
                what = f"{instance['State']['Name']} {instance['InstanceType']} {tags}"
                owner = dict(tags).get("nightshift:instance")
                if owner:
                    yield Item(owner, f"replacement from {instance['ImageId']} {what}", True)
                else:
                    yield Item(instance["InstanceId"], what, False)

    def _snapshots(self) -> Iterator[Item]:
        for region in (REGION, OTHER_REGION):
            for snapshot in client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
                name, tags = snapshot["SnapshotId"], _tags(snapshot)
                marked = [value for key, value in tags if key in ("nightshift:source", "nightshift:instance")]
                owner = marked[0] if marked else snapshot["VolumeId"]
                if name in self.old:
                    yield Item(f"{owner}|{name}", f"{region} {name} {tags}", True)
                else:
                    text = re.sub(r"\bami-\w+", "an image", snapshot["Description"])
                    yield Item(owner, f"{region} new snapshot {text} {tags}", True)

    def _images(self) -> Iterator[Item]:
        for image in client("ec2").describe_images(Owners=["self"])["Images"]:
            name, tags = image["ImageId"], _tags(image)
            owner = dict(tags).get("nightshift:instance", image["Name"])
            if name in self.old:
                yield Item(f"{owner}|{name}", f"{name} {tags}", True)
            else:
                yield Item(owner, f"new image {image['Name']} {tags}", True)

    def _targets(self) -> Iterator[Item]:
        for group in client("elbv2").describe_target_groups()["TargetGroups"]:
            arn = group["TargetGroupArn"]
            for target in client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]:
                yield Item(target["Target"]["Id"], f"in {arn} on {target['Target']['Port']}", True)

    def _classic(self) -> Iterator[Item]:
        for balancer in client("elb").describe_load_balancers()["LoadBalancerDescriptions"]:
            for instance in {i["InstanceId"] for i in balancer["Instances"]}:
                yield Item(instance, f"in {balancer['LoadBalancerName']}", True)

    def _stacks(self) -> Iterator[Item]:
        for stack in client("cloudformation").describe_stacks()["Stacks"]:
            which = stack["StackId"] if stack["StackId"] in self.old else "new stack"
            yield Item(stack["StackName"], f"{which} {stack['StackStatus']} {_tags(stack)}", True)

    def _objects(self) -> Iterator[Item]:
        for bucket in client("s3").list_buckets()["Buckets"]:
            if bucket["Name"] == "results":
                continue
            listed = client("s3").list_object_versions(Bucket=bucket["Name"])
            for version in listed.get("Versions", []):
                owner = f"s3://{bucket['Name']}/{version['Key']}"
                yield Item(f"{owner}|{bucket['Name']}", f"{version['ETag']} {version['Size']}", True)
            for marker in listed.get("DeleteMarkers", []):
                yield Item(f"s3://{bucket['Name']}/{marker['Key']}|{bucket['Name']}", "delete marker", True)
            for upload in client("s3").list_multipart_uploads(Bucket=bucket["Name"]).get("Uploads", []):
                yield Item(f"{upload['Key']}|{bucket['Name']}", "unfinished upload", True)

    def _mails(self) -> Iterator[Item]:
        """Each once for its subject: SES takes a mail at least once, and a mail system drops the second by its mark."""
        yield from {
            Item(address, mail.subject, True)
            for mail in get_backend("ses")[ACCOUNT][REGION].sent_messages
            for address in mail.destinations["ToAddresses"]
        }

    def _messages(self) -> Iterator[Item]:
        """Each once, as mails."""
        for topic in get_backend("sns")[ACCOUNT][REGION].topics.values():
            yield from {Item(topic.arn, str(message[1]), True) for message in topic.sent_notifications}

    def _commands(self) -> Iterator[Item]:
        """Batches that ran, each once for the call in its comment: on the instance, the second one ends at once."""
        yield from {
            Item(i, f"command {command.comment}", True) for command in self.aws.commands for i in command.invocations
        }


def _tags(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((t["Key"], t["Value"]) for t in resource.get("Tags", []))


@cache
def client(service: str, region: str = REGION) -> Any:
    """A client whose calls are not counted."""
    make: Any = boto3.client
    return make(service, region_name=region)


@contextmanager
def moto() -> Iterator[None]:
    """moto's AWS in this process."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(EC2Backend, "create_image", _create_image)
        client.cache_clear()
        yield


_moto_create_image = EC2Backend.create_image


def _create_image(backend: Any, instance_id: str, name: str, description: str, tag_specifications: Any) -> Any:
    """With what moto leaves out: tags on the snapshots, and one image of a name."""
    if any(image.name == name for image in backend.amis.values()):
        raise EC2ClientError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use")
    tags = {spec["ResourceType"]: spec for spec in tag_specifications}
    kept = [tags["image"]] if "image" in tags else []
    image = _moto_create_image(backend, instance_id, name, description, kept)
    if "snapshot" in tags:
        backend.create_tags([image.ebs_snapshot.id], {t["Key"]: t["Value"] for t in tags["snapshot"]["Tags"]})
    return image


def reset() -> None:
    """An empty AWS, in which the same requests get the same ids."""
    backend: Any = get_backend
    for service in SERVICES:
        backend(service).reset()
    mock_random.seed(7)
