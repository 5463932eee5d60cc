"""Load balancers for the fault scenarios."""

from __future__ import annotations

from tests.faults.world import client


def group_in_use() -> str:
    """A target group that a load balancer uses."""
    elb, ec2 = client("elbv2"), client("ec2")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    balancer = elb.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    made = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    forward = [{"Type": "forward", "TargetGroupArn": made["TargetGroupArn"]}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    return str(made["TargetGroupArn"])


def classic_balancer() -> str:
    listeners = [{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}]
    client("elb").create_load_balancer(LoadBalancerName="old", Listeners=listeners, AvailabilityZones=["us-east-1a"])
    return "old"


def into_group(arn: str, ids: list[str]) -> None:
    client("elbv2").register_targets(TargetGroupArn=arn, Targets=[{"Id": i} for i in ids])


def into_classic(name: str, ids: list[str]) -> None:
    members = [{"InstanceId": i} for i in ids]
    client("elb").register_instances_with_load_balancer(LoadBalancerName=name, Instances=members)
