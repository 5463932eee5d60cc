"""Load balancer parts."""

from __future__ import annotations

from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.fleet import launch
from tests.parts.unkind_elb import UnkindElb


def _group() -> str:
    """A target group that a load balancer uses."""
    elb, ec2 = client("elbv2"), client("ec2")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    balancer = elb.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    made = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    forward = [{"Type": "forward", "TargetGroupArn": made["TargetGroupArn"]}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    return str(made["TargetGroupArn"])


def _classic() -> str:
    listeners = [{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}]
    client("elb").create_load_balancer(LoadBalancerName="old", Listeners=listeners, AvailabilityZones=["us-east-1a"])
    return "old"


def _in_group(arn: str, ids: list[str]) -> None:
    client("elbv2").register_targets(TargetGroupArn=arn, Targets=[{"Id": i} for i in ids])


def _in_classic(name: str, ids: list[str]) -> None:
    members = [{"InstanceId": i} for i in ids]
    client("elb").register_instances_with_load_balancer(LoadBalancerName=name, Instances=members)


def _attach(aws: FaultyAws) -> dict[str, Any]:
    group, ids = _group(), launch(3, Role="web")
    _in_group(group, ids[:1])
    UnkindElb(aws, checks=15)
    return {"target_group_arn": group, "tag": "Role=web"}


def _attach_classic(aws: FaultyAws) -> dict[str, Any]:
    balancer, ids = _classic(), launch(2, Role="web")
    _in_classic(balancer, ids[:1])
    UnkindElb(aws, checks=15)
    return {"load_balancer_name": balancer, "tag": "Role=web"}


def _detach(aws: FaultyAws) -> dict[str, Any]:
    group, ids = _group(), launch(3, Role="web")
    _in_group(group, [*ids[:2], *launch(1)])
    UnkindElb(aws, drain=40)
    return {"target_group_arn": group, "tag": "Role=web"}


def _detach_classic(aws: FaultyAws) -> dict[str, Any]:
    balancer, ids = _classic(), launch(2, Role="web")
    _in_classic(balancer, [*ids, *launch(1)])
    UnkindElb(aws, drain=40)
    return {"load_balancer_name": balancer, "tag": "Role=web"}


SCENARIOS = [
    Scenario("target group", "elb.attach", _attach),
    Scenario("classic", "elb.attach", _attach_classic),
    Scenario("target group", "elb.detach", _detach),
    Scenario("classic", "elb.detach", _detach_classic),
]
