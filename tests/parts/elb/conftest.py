"""A target group and a classic load balancer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from tests.parts.driver import TestAws


@dataclass
class Group:
    """A target group, and whether a load balancer uses it."""

    arn: str
    client: Any

    def targets(self) -> list[tuple[str, int]]:
        listed = self.client.describe_target_health(TargetGroupArn=self.arn)["TargetHealthDescriptions"]
        return sorted((t["Target"]["Id"], t["Target"]["Port"]) for t in listed)

    def ids(self) -> list[str]:
        return [i for i, _ in self.targets()]

    def register(self, ids: list[str]) -> None:
        self.client.register_targets(TargetGroupArn=self.arn, Targets=[{"Id": i} for i in ids])


@pytest.fixture
def group(ec2: Any) -> Group:
    """A target group that a load balancer uses."""
    client = boto3.client("elbv2")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    balancer = client.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    arn = client.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0][
        "TargetGroupArn"
    ]
    client.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    return Group(arn, client)


@pytest.fixture
def classic(aws: TestAws) -> Any:
    """A classic load balancer called "old"."""
    client = boto3.client("elb")
    client.create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}],
        AvailabilityZones=["us-east-1a"],
    )
    return client


def in_classic(client: Any) -> list[str]:
    described = client.describe_load_balancers(LoadBalancerNames=["old"])["LoadBalancerDescriptions"][0]
    return sorted(i["InstanceId"] for i in described["Instances"])
