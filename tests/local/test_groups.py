"""Auto Scaling groups launch and terminate over time, are refused as Auto Scaling does, and lack capacity."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config


@pytest.fixture
def scaling(fleet: Any) -> Any:
    """A client that does not try again by itself, and a group, web, of two instances."""
    client = fleet.client("autoscaling", config=Config(retries={"total_max_attempts": 1}))
    client.create_launch_configuration(LaunchConfigurationName="small", ImageId="ami-12345678", InstanceType="t3.micro")
    client.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="small",
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=[f"{client.meta.region_name}a"],
        Tags=[{"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": "Env", "Value": "test"}],
    )
    return client


def _group(scaling: Any) -> dict[str, Any]:
    (found,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return dict(found)


def _states(scaling: Any) -> list[str]:
    return sorted(instance["LifecycleState"] for instance in _group(scaling)["Instances"])


def _desire(scaling: Any, desired: int) -> None:
    scaling.update_auto_scaling_group(AutoScalingGroupName="web", DesiredCapacity=desired)


def test_instances_come_and_go_over_time(fleet: Any, scaling: Any) -> None:
    assert _states(scaling) == ["Pending", "Pending"]
    fleet.advance(120)
    assert _states(scaling) == ["InService", "InService"]
    _desire(scaling, 3)
    assert _states(scaling) == ["InService", "InService", "Pending"]
    _desire(scaling, 3)
    assert len(_states(scaling)) == 3
    fleet.advance(120)
    _desire(scaling, 0)
    assert _states(scaling) == ["Terminating"] * 3
    fleet.advance(120)
    assert _states(scaling) == []
    activities = scaling.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
    assert {a["StatusCode"] for a in activities} == {"Successful"}
    assert activities[0]["Description"].startswith("Terminating EC2 instance: i-")


def test_the_limits_hold(scaling: Any, refused: Any) -> None:
    code, message = refused(scaling.update_auto_scaling_group, AutoScalingGroupName="web", DesiredCapacity=5)
    assert (code, "must be between" in message) == ("ValidationError", True)
    assert refused(scaling.update_auto_scaling_group, AutoScalingGroupName="web", MinSize=5)[0] == "ValidationError"
    assert refused(scaling.update_auto_scaling_group, AutoScalingGroupName="webb", MinSize=1)[0] == "ValidationError"
    scaling.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=3)
    assert _group(scaling)["DesiredCapacity"] == 3


def test_what_is_suspended_does_not_happen(fleet: Any, scaling: Any) -> None:
    fleet.advance(120)
    scaling.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["Launch", "Terminate"])
    for desired in (4, 0):
        _desire(scaling, desired)
        fleet.advance(120)
        assert _states(scaling) == ["InService", "InService"]
    scaling.resume_processes(AutoScalingGroupName="web")


def test_without_capacity_it_tries_again(fleet: Any, scaling: Any) -> None:
    fleet.advance(120)
    fleet.add_fault("capacity", tag="Env=test", times=1)
    _desire(scaling, 3)
    (last, *_) = scaling.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
    assert (last["StatusCode"], "sufficient t3.micro capacity" in last["StatusMessage"]) == ("Failed", True)
    assert len(_states(scaling)) == 2
    fleet.advance(300)
    assert _states(scaling) == ["InService"] * 3


def test_faults_hit_groups_by_name(fleet: Any, scaling: Any, refused: Any) -> None:
    fleet.add_fault("error", resource="web", action="UpdateAutoScalingGroup", code="ResourceContention", message="busy")
    update = {"AutoScalingGroupName": "web", "MinSize": 1}
    assert refused(scaling.update_auto_scaling_group, **update) == ("ResourceContention", "busy")
    fleet.add_fault("throttle", action="SuspendProcesses", times=1)
    assert refused(scaling.suspend_processes, AutoScalingGroupName="web")[0] == "Throttling"


def test_a_member_that_stops_is_replaced_unless_it_is_in_standby(fleet: Any, scaling: Any) -> None:
    fleet.advance(120)
    ec2 = fleet.client("ec2")
    served, standing = (instance["InstanceId"] for instance in _group(scaling)["Instances"])
    scaling.enter_standby(AutoScalingGroupName="web", InstanceIds=[standing], ShouldDecrementDesiredCapacity=True)
    fleet.advance(60)
    ec2.stop_instances(InstanceIds=[served, standing])
    fleet.advance(600)
    members = {i["InstanceId"]: i["LifecycleState"] for i in _group(scaling)["Instances"]}
    assert members.pop(standing) == "Standby"
    assert (list(members.values()), served in members) == (["InService"], False)


def test_a_group_that_may_not_replace_keeps_a_member_that_stops(fleet: Any, scaling: Any) -> None:
    fleet.advance(120)
    scaling.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["ReplaceUnhealthy"])
    before = _group(scaling)["Instances"]
    fleet.client("ec2").stop_instances(InstanceIds=[before[0]["InstanceId"]])
    fleet.advance(600)
    assert _group(scaling)["Instances"] == before
