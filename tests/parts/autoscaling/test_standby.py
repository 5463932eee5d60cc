"""autoscaling.enter_standby and autoscaling.exit_standby."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import autoscaling as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.autoscaling.groups import described, group
from tests.parts.driver import TestAws, client, drive, times


def _members(name: str) -> dict[str, str]:
    return {i["InstanceId"]: i["LifecycleState"] for i in described(name)["Instances"]}


def _in_standby(name: str, count: int) -> list[str]:
    ids = sorted(_members(name))[:count]
    client("autoscaling").enter_standby(AutoScalingGroupName=name, InstanceIds=ids, ShouldDecrementDesiredCapacity=True)
    return ids


def test_into_standby_and_back(aws: TestAws, launch: Any) -> None:
    group("web", 1, 3, 4)
    (lone,) = launch(1)
    ids = sorted(_members("web"))[:2]
    entered = drive(parts.enter_standby, aws, {"instance_id": [*ids, lone]})
    assert entered.result["changed"] == ids
    assert {s["id"]: s["reason"] for s in entered.result["skipped"]} == {lone: "is in no Auto Scaling group"}
    assert entered.result["summary"] == "2 instances in standby, 1 skipped"
    assert [_members("web")[i] for i in ids] == ["Standby", "Standby"]
    assert described("web")["DesiredCapacity"] == 1
    again = drive(parts.enter_standby, aws, {"instance_id": ids})
    assert {s["reason"] for s in again.result["skipped"]} == {"already Standby"}
    left = drive(parts.exit_standby, aws, {"instance_id": ids})
    assert left.result["changed"] == ids
    assert [(m["previous_state"], m["state"]) for m in left.result["instances"]] == [("Standby", "InService")] * 2
    assert (described("web")["DesiredCapacity"], set(_members("web").values())) == (3, {"InService"})


def test_a_group_keeps_its_limits(aws: TestAws) -> None:
    group("web", 1, 2, 2)
    ids = sorted(_members("web"))
    for dry_run in (True, False):
        params = {"instance_id": ids, "on_failure": "continue", "dry_run": dry_run}
        result = drive(parts.enter_standby, aws, params).result
        assert (result["changed"], [f["id"] for f in result["failed"]]) == (ids[:1], ids[1:])
        assert "cannot leave web, which is at its minimum" in result["failed"][0]["message"]
    assert len(aws.made("EnterStandby")) == 1


def test_others_are_launched_in_their_place(aws: TestAws) -> None:
    group("web", 2, 2, 3)
    ids = sorted(_members("web"))[:1]
    drive(parts.enter_standby, aws, {"instance_id": ids, "should_decrement_desired_capacity": False})
    assert sorted(_members("web").values()) == ["InService", "InService", "Standby"]


def test_it_waits_for_states_and_a_busy_group(aws: TestAws) -> None:
    group("web", 0, 1, 2)
    (one,) = _members("web")
    aws.faults["EnterStandby"] = times(1, (400, "ResourceContention", "You already have a pending update."))
    left = ["InService", "InService", "InService", "EnteringStandby"]

    def slow(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for member in answer.get("AutoScalingInstances", []):
            if left:
                member["LifecycleState"] = left.pop(0)

    aws.hooks.append(slow)
    outcome = drive(parts.enter_standby, aws, {"instance_id": one})
    assert outcome.result["changed"] == [one]
    assert len(aws.made("EnterStandby")) == 2


def test_one_that_is_being_terminated_fails(aws: TestAws) -> None:
    group("web", 0, 1, 2)
    (one,) = _members("web")

    def ending(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for member in answer.get("AutoScalingInstances", []):
            member["LifecycleState"] = "Terminating:Wait"

    aws.hooks.append(ending)
    with pytest.raises(PartFailed, match="is Terminating:Wait"):
        drive(parts.exit_standby, aws, {"instance_id": one})


def _enter(aws: FaultyAws) -> dict[str, Any]:
    group("web", 0, 2, 4)
    ids = sorted(_members("web"))
    _slow(aws, "EnteringStandby", "Standby")
    return {"instance_id": ids}


def _exit(aws: FaultyAws) -> dict[str, Any]:
    group("web", 0, 3, 4)
    ids = _in_standby("web", 2)
    _slow(aws, "Pending", "InService")
    return {"instance_id": ids}


def _slow(aws: FaultyAws, through: str, to: str) -> None:
    """Let instances be on their way for a moment."""
    left = [1]

    def late(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for member in answer.get("AutoScalingInstances", []):
            if member["LifecycleState"] == to and left:
                left.pop()
                member["LifecycleState"] = through

    aws.hooks.append(late)


SCENARIOS = [
    Scenario("into standby", "autoscaling.enter_standby", _enter),
    Scenario("out of standby", "autoscaling.exit_standby", _exit),
]
