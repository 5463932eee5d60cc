"""Auto Scaling groups on moto."""

from __future__ import annotations

from typing import Any

from tests.parts.driver import client


def group(name: str, low: int = 1, desired: int = 2, high: int = 4, **tags: str) -> str:
    """A group of instances; its name."""
    scaling: Any = client("autoscaling")
    if not scaling.describe_launch_configurations()["LaunchConfigurations"]:
        scaling.create_launch_configuration(
            LaunchConfigurationName="small", ImageId="ami-12345678", InstanceType="t3.micro"
        )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName="small",
        MinSize=low,
        DesiredCapacity=desired,
        MaxSize=high,
        AvailabilityZones=["us-east-1a"],
        Tags=[
            {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": k, "Value": v} for k, v in tags.items()
        ],
    )
    return name


def described(name: str) -> dict[str, Any]:
    """A group as AWS describes it."""
    (found,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return dict(found)


def size(name: str) -> tuple[int, int, int, int]:
    """Its minimum, desired capacity and maximum, and how many instances it has."""
    found = described(name)
    return found["MinSize"], found["DesiredCapacity"], found["MaxSize"], len(found["Instances"])


def tags(name: str) -> dict[str, str]:
    """Its tags."""
    return {tag["Key"]: tag["Value"] for tag in described(name)["Tags"]}


def suspended(name: str) -> set[str]:
    """Its suspended processes."""
    return {process["ProcessName"] for process in described(name)["SuspendedProcesses"]}
