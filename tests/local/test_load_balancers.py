"""Targets become healthy after a while and drain before they are gone."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def group(fleet: Any, ec2: Any) -> tuple[Any, str]:
    """elbv2, and a target group behind an Application Load Balancer."""
    elbv2 = fleet.client("elbv2")
    network = ec2.describe_subnets()["Subnets"]
    subnets = [subnet["SubnetId"] for subnet in network[:2]]
    made = elbv2.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=network[0]["VpcId"])
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    balancer = elbv2.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    return elbv2, arn


def _health(elbv2: Any, arn: str) -> dict[str, str]:
    described = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return {target["Target"]["Id"]: target["TargetHealth"]["State"] for target in described}


def test_a_target_is_initial_healthy_draining_gone(fleet: Any, launch: Any, group: tuple[Any, str]) -> None:
    elbv2, arn = group
    [id_] = launch()
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": id_}])
    assert _health(elbv2, arn) == {id_: "initial"}
    fleet.advance(300)
    assert _health(elbv2, arn) == {id_: "healthy"}
    elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": id_}])
    assert _health(elbv2, arn) == {id_: "draining"}
    fleet.advance(301)
    assert _health(elbv2, arn) == {}


def test_an_unhealthy_target(fleet: Any, launch: Any, group: tuple[Any, str]) -> None:
    elbv2, arn = group
    [id_] = launch()
    fleet.add_fault("unhealthy", resource=id_)
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": id_}])
    fleet.advance(3600)
    assert _health(elbv2, arn) == {id_: "unhealthy"}


def test_a_group_without_load_balancer_is_unused(fleet: Any, ec2: Any, launch: Any) -> None:
    elbv2 = fleet.client("elbv2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = elbv2.create_target_group(Name="idle", Protocol="HTTP", Port=80, VpcId=vpc)
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    [id_] = launch()
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": id_}])
    fleet.advance(300)
    assert _health(elbv2, arn) == {id_: "unused"}


def test_a_classic_load_balancer(fleet: Any, launch: Any) -> None:
    elb = fleet.client("elb")
    listeners = [{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}]
    elb.create_load_balancer(LoadBalancerName="old", Listeners=listeners, AvailabilityZones=["ap-northeast-1a"])
    elb.modify_load_balancer_attributes(
        LoadBalancerName="old", LoadBalancerAttributes={"ConnectionDraining": {"Enabled": True, "Timeout": 60}}
    )
    [id_] = launch()
    instances = [{"InstanceId": id_}]

    def state() -> tuple[str, str]:
        [found] = elb.describe_instance_health(LoadBalancerName="old", Instances=instances)["InstanceStates"]
        return found["State"], found["Description"]

    elb.register_instances_with_load_balancer(LoadBalancerName="old", Instances=instances)
    assert state() == ("OutOfService", "Instance registration is still in progress.")
    fleet.advance(301)
    assert state() == ("InService", "N/A")
    elb.deregister_instances_from_load_balancer(LoadBalancerName="old", Instances=instances)
    assert state() == ("InService", "Instance deregistration currently in progress.")
    fleet.advance(61)
    assert state()[1] == "Instance is not currently registered with the LoadBalancer."
