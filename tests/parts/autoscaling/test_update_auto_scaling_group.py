"""autoscaling.update_auto_scaling_group."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import autoscaling as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.autoscaling.groups import described, group, size, tags
from tests.parts.driver import Fault, Killed, TestAws, client, drive, times

OFF: dict[str, Any] = {"tag": "AutoOff=yes", "min_size": 0, "desired_capacity": 0}
ON: dict[str, Any] = {"tag": "AutoOff=yes", "restore": True}


def test_to_zero_for_the_night_and_back(aws: TestAws) -> None:
    group("web", 1, 2, 4, AutoOff="yes")
    group("workers", 0, 0, 3, AutoOff="yes")
    group("other")
    off = drive(parts.update_auto_scaling_group, aws, OFF)
    assert off.result["changed"] == ["web"]
    assert {s["id"]: s["reason"] for s in off.result["skipped"]} == {"workers": "already so"}
    assert off.result["summary"] == "1 Auto Scaling group updated, 1 skipped"
    assert (size("web"), size("other")) == ((0, 0, 4, 0), (1, 2, 4, 2))
    assert tags("web") == {"AutoOff": "yes", "nightshift:capacity": "min=1 desired=2 max=4"}
    shown = {g["auto_scaling_group_name"]: g for g in off.result["groups"]}
    assert (shown["web"]["previous_capacity"], shown["web"]["capacity"]) == ([1, 2, 4], [0, 0, 4])
    on = drive(parts.update_auto_scaling_group, aws, ON)
    assert on.result["changed"] == ["web"]
    assert {s["id"]: s["reason"] for s in on.result["skipped"]} == {"workers": "remembers no capacity"}
    assert size("web") == (1, 2, 4, 2)
    assert tags("web") == {"AutoOff": "yes"}


def test_what_it_remembers_is_the_first_capacity(aws: TestAws) -> None:
    group("web", 1, 2, 4)
    for desired in (1, 0):
        params = {"auto_scaling_group_name": "web", "min_size": 0, "desired_capacity": desired}
        drive(parts.update_auto_scaling_group, aws, params)
    assert tags("web")["nightshift:capacity"] == "min=1 desired=2 max=4"


def test_the_desired_capacity_follows_the_limits(aws: TestAws) -> None:
    group("web", 1, 2, 4)
    drive(parts.update_auto_scaling_group, aws, {"auto_scaling_group_name": "web", "min_size": 3})
    assert size("web") == (3, 3, 4, 3)
    drive(parts.update_auto_scaling_group, aws, {"auto_scaling_group_name": "web", "min_size": 0, "max_size": 1})
    assert size("web") == (0, 1, 1, 1)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"desired_capacity": 5}, "a desired capacity of 5 is not from 1 to 4 of 'web'"),
        ({"min_size": 5}, "'web' would have a minimum of 5 and a maximum of 4"),
    ],
)
def test_what_aws_would_refuse_is_told_before(aws: TestAws, given: dict[str, int], why: str) -> None:
    group("web", 1, 2, 4)
    for dry_run in (True, False):
        params = {"auto_scaling_group_name": "web", "dry_run": dry_run, **given}
        with pytest.raises(PartFailed, match=why):
            drive(parts.update_auto_scaling_group, aws, params)
    assert not aws.made("UpdateAutoScalingGroup")


def test_it_waits_while_the_group_is_busy(aws: TestAws) -> None:
    group("web")
    busy = (400, "ScalingActivityInProgress", "Scaling activity is in progress.")
    aws.faults["UpdateAutoScalingGroup"] = times(2, busy)
    params = {"auto_scaling_group_name": "web", "desired_capacity": 3}
    assert drive(parts.update_auto_scaling_group, aws, params).result["changed"] == ["web"]
    assert len(aws.made("UpdateAutoScalingGroup")) == 3


def test_a_lost_answer_keeps_what_was(aws: TestAws) -> None:
    group("web", 1, 2, 4)
    left = [1, 1]

    def lose(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if left:
            left.pop()
            raise Killed

    aws.faults["CreateOrUpdateTags"] = aws.faults["UpdateAutoScalingGroup"] = Fault(after=lose)
    outcome = drive(parts.update_auto_scaling_group, aws, {"auto_scaling_group_name": "web", "desired_capacity": 1})
    assert (outcome.deaths, size("web")) == (2, (1, 1, 4, 1))
    assert tags("web")["nightshift:capacity"] == "min=1 desired=2 max=4"


def test_what_holds_it_up_is_in_the_error(aws: TestAws) -> None:
    group("web", 1, 2, 4)

    def waiting(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for found in answer.get("AutoScalingGroups", []):
            found["Instances"] = found["Instances"][:1]
        if "Activities" in answer:
            answer["Activities"] = [{"StatusCode": "Failed", "StatusMessage": "no t3.micro capacity in the zone"}]

    aws.hooks.append(waiting)
    params = {"auto_scaling_group_name": "web", "desired_capacity": 3, "timeout": "5m"}
    with pytest.raises((PartFailed, PartTimeout), match=r"has not the instances in service: no t3\.micro"):
        drive(parts.update_auto_scaling_group, aws, params)


def test_a_tag_that_is_no_capacity_fails(aws: TestAws) -> None:
    marks: dict[str, Any] = {"AutoOff": "yes", "nightshift:capacity": "two"}
    group("web", **marks)
    with pytest.raises(PartFailed, match="says 'two', and no capacity"):
        drive(parts.update_auto_scaling_group, aws, ON)


def test_what_is_asked_for_is_clear(aws: TestAws) -> None:
    for given in ({}, {"restore": True, "min_size": 1}):
        with pytest.raises(InvalidParameter, match="and not both"):
            drive(parts.update_auto_scaling_group, aws, {"auto_scaling_group_name": "web", **given})
    with pytest.raises(PartFailed, match="The Auto Scaling group 'webb' does not exist"):
        drive(parts.update_auto_scaling_group, aws, {"auto_scaling_group_name": "webb", "min_size": 0})
    assert client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []


def _off(aws: FaultyAws) -> dict[str, Any]:
    group("web", 1, 2, 4, AutoOff="yes")
    group("workers", 0, 0, 3, AutoOff="yes")
    _slow(aws)
    return OFF


def _on(aws: FaultyAws) -> dict[str, Any]:
    marks: dict[str, Any] = {"AutoOff": "yes", "nightshift:capacity": "min=1 desired=2 max=4"}
    group("web", 0, 0, 4, **marks)
    group("workers", 0, 0, 3, AutoOff="yes")
    _slow(aws)
    return ON


def _slow(aws: FaultyAws) -> None:
    """Let the instances change a moment after the capacity."""
    before = len(described("web")["Instances"])
    left = [1]

    def late(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for found in answer.get("AutoScalingGroups", []):
            if found["AutoScalingGroupName"] == "web" and len(found["Instances"]) != before and left:
                left.pop()
                found["Instances"] = [{"InstanceId": "i-1", "LifecycleState": "Pending"}]

    aws.hooks.append(late)


SCENARIOS = [
    Scenario("to zero", "autoscaling.update_auto_scaling_group", _off),
    Scenario("restored", "autoscaling.update_auto_scaling_group", _on),
]
