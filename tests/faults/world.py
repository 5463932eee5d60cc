"""What there is in AWS: set up for a scenario, looked at before and after, and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import boto3
from moto import mock_aws
from moto.backends import get_backend
from moto.moto_api._internal import mock_random

SERVICES = ("ec2", "elb", "elbv2", "cloudformation", "s3", "ses", "sns", "sqs")


class Item(NamedTuple):
    """Something that is so.

    owner: id or name of the resource a report has to name.
    what: what there is, or the resource's state; without the ids of what is new.
    thing: whether it exists on its own, so that there may be one too many of it.
    """

    owner: str
    what: str
    thing: bool


World = Counter[Item]


class Look:
    """Reads the world by plain clients; `old` are ids of before the run."""

    def __init__(self) -> None:
        self.old: set[str] = set()

    def world(self) -> World:
        """All that is compared."""
        return Counter([*self._instances(), *self._snapshots(), *self._targets(), *self._stacks()])

    def begin(self) -> World:
        """The world before the run."""
        self.old = {s["SnapshotId"] for s in client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]}
        self.old |= {s["StackId"] for s in client("cloudformation").describe_stacks()["Stacks"]}
        return self.world()

    def _instances(self) -> Iterator[Item]:
        for page in client("ec2").get_paginator("describe_instances").paginate():
            for instance in (i for r in page["Reservations"] for i in r["Instances"]):
                tags = _tags(instance)
                what = f"{instance['State']['Name']} {instance['InstanceType']} {tags}"
                yield Item(instance["InstanceId"], what, False)

    def _snapshots(self) -> Iterator[Item]:
        for snapshot in client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            old = snapshot["SnapshotId"] in self.old
            what = snapshot["SnapshotId"] if old else f"new snapshot {snapshot['Description']}"
            yield Item(snapshot["VolumeId"], f"{what} {_tags(snapshot)}", True)

    def _targets(self) -> Iterator[Item]:
        for group in client("elbv2").describe_target_groups()["TargetGroups"]:
            arn = group["TargetGroupArn"]
            for target in client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]:
                yield Item(target["Target"]["Id"], f"in {arn} on {target['Target']['Port']}", True)
        for balancer in client("elb").describe_load_balancers()["LoadBalancerDescriptions"]:
            for instance in {i["InstanceId"] for i in balancer["Instances"]}:
                yield Item(instance, f"in {balancer['LoadBalancerName']}", True)

    def _stacks(self) -> Iterator[Item]:
        for stack in client("cloudformation").describe_stacks()["Stacks"]:
            which = stack["StackId"] if stack["StackId"] in self.old else "new stack"
            yield Item(stack["StackName"], f"{which} {stack['StackStatus']} {_tags(stack)}", True)


def _tags(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((t["Key"], t["Value"]) for t in resource.get("Tags", []))


@cache
def client(service: str) -> Any:
    """A client whose calls are not counted."""
    return boto3.client(service)


@contextmanager
def moto() -> Iterator[None]:
    """moto's AWS in this process."""
    with mock_aws():
        client.cache_clear()
        yield


def reset() -> None:
    """An empty AWS, in which the same requests get the same ids."""
    for service in SERVICES:
        get_backend(service).reset()
    mock_random.seed(7)
