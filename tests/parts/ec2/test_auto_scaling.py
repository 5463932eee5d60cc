"""Members of Auto Scaling groups, which their group terminates when they stop."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.autoscaling.groups import described, group
from tests.parts.driver import Fault, TestAws, client, drive, times
from tests.parts.unkind import Unkind

REASON = "is in the Auto Scaling group web, which would terminate it"


@pytest.fixture
def member(aws: TestAws, launch: Any) -> str:
    """An instance that is shown as one of the group "web"; moto lets nobody set such a tag."""
    instance: str = launch(1)[0]

    def show(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for reservation in answer.get("Reservations", []) if operation == "DescribeInstances" else []:
            for found in reservation["Instances"]:
                if found["InstanceId"] == instance:
                    found["Tags"] = [{"Key": "aws:autoscaling:groupName", "Value": "web"}]

    aws.hooks.append(show)
    return instance


def test_a_member_is_not_stopped(aws: TestAws, member: str, launch: Any, states: Any) -> None:
    (other,) = launch(1)
    result = drive(parts.stop_instances, aws, {"instance_id": [member, other]}).result
    assert (result["changed"], result["skipped"]) == ([other], [{"id": member, "reason": REASON}])
    assert states()[member] == "running"


def test_a_member_is_stopped_when_its_group_is_seen_to(aws: TestAws, member: str) -> None:
    result = drive(parts.stop_instances, aws, {"instance_id": member, "auto_scaling": "include"}).result
    assert result["changed"] == [member]
    # And it is no matter of the group that it is stopped.
    again = drive(parts.stop_instances, aws, {"instance_id": member}).result
    assert again["skipped"] == [{"id": member, "reason": "already stopped"}]


def test_a_member_keeps_its_type(aws: TestAws, member: str, states: Any) -> None:
    params = {"instance_id": member, "instance_type": "m5.large", "restart": True}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert (result["changed"], result["skipped"]) == ([], [{"id": member, "reason": REASON}])
    assert states()[member] == "running"
    assert not aws.made("StopInstances")


@pytest.mark.usefixtures("made_like_ec2")
def test_a_member_is_not_shut_down_for_an_image(aws: TestAws, member: str) -> None:
    result = drive(parts.create_image, aws, {"instance_id": member}).result
    assert result["skipped"] == [{"id": member, "reason": f"{REASON} when it shuts down; write no_reboot=True"}]
    assert result["changed"] == aws.made("CreateImage") == []
    assert drive(parts.create_image, aws, {"instance_id": member, "no_reboot": True}).result["changed"] == [member]


def lifecycle(name: str) -> dict[str, str]:
    return {i["InstanceId"]: i["LifecycleState"] for i in described(name)["Instances"]}


def marks() -> dict[str, str]:
    found = client("ec2").describe_tags(Filters=[{"Name": "key", "Values": ["nightshift:standby"]}])["Tags"]
    return {tag["ResourceId"]: tag["Value"] for tag in found}


def at_night(aws: TestAws, ids: list[str], **params: Any) -> dict[str, Any]:
    given = {"instance_id": ids, "auto_scaling": "standby", **params}
    return drive(parts.stop_instances, aws, given).result


def test_members_sleep_in_standby_and_come_back(aws: TestAws, launch: Any, states: Any) -> None:
    group("web", 1, 3, 3)
    (lone,) = launch(1)
    ids = sorted(lifecycle("web"))[:2]
    assert at_night(aws, [*ids, lone])["changed"] == sorted([*ids, lone])
    assert {states()[i] for i in (*ids, lone)} == {"stopped"}
    assert ([lifecycle("web")[i] for i in ids], described("web")["DesiredCapacity"]) == (["Standby"] * 2, 1)
    assert marks() == dict.fromkeys(ids, "night")
    stops = aws.made("StopInstances")
    assert stops[0]["InstanceIds"] == [lone], "the others are in service still"
    assert sorted(i for stop in stops[1:] for i in stop["InstanceIds"]) == ids
    morning = {"instance_id": [*ids, lone], "auto_scaling": "standby"}
    assert drive(parts.start_instances, aws, morning).result["changed"] == sorted([*ids, lone])
    assert {states()[i] for i in (*ids, lone)} == {"running"}
    assert (set(lifecycle("web").values()), described("web")["DesiredCapacity"], marks()) == ({"InService"}, 3, {})


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_group_at_its_minimum_keeps_its_members(aws: TestAws, states: Any, dry_run: bool) -> None:
    group("web", 2, 3, 3)
    ids = sorted(lifecycle("web"))
    result = at_night(aws, ids, dry_run=dry_run, on_failure="continue")
    assert len(result["changed"]) == 1
    assert [failed["id"] for failed in result["failed"]] == sorted(set(ids) - set(result["changed"]))
    assert "cannot leave web, which is at its minimum: lower that before" in result["failed"][0]["message"]
    assert sum(state == "stopped" for state in states().values()) == (0 if dry_run else 1)
    assert len(aws.made("EnterStandby")) == len(marks()) == (0 if dry_run else 1)


def test_one_whose_stop_is_refused_tells_that_it_is_in_standby(aws: TestAws) -> None:
    group("web", 0, 1, 1)
    (one,) = lifecycle("web")
    aws.faults["StopInstances"] = Fault(lambda params: (400, "OperationNotPermitted", "It may not be stopped."))
    with pytest.raises(PartFailed, match="is in Standby of web"):
        at_night(aws, [one])
    # As it runs, it only has to be taken out.
    params = {"instance_id": one, "auto_scaling": "standby", "status_check": True}
    assert drive(parts.start_instances, aws, params).result["changed"] == [one]
    assert (lifecycle("web"), marks(), aws.made("StartInstances")) == ({one: "InService"}, {}, [])


def test_what_somebody_else_put_into_standby_stays_there(aws: TestAws, states: Any) -> None:
    group("web", 0, 2, 2)
    ours, theirs = sorted(lifecycle("web"))
    scaling: Any = client("autoscaling")
    scaling.enter_standby(AutoScalingGroupName="web", InstanceIds=[theirs], ShouldDecrementDesiredCapacity=True)
    assert at_night(aws, [ours, theirs])["changed"] == [ours, theirs]
    drive(parts.start_instances, aws, {"instance_id": [ours, theirs], "auto_scaling": "standby"})
    assert lifecycle("web") == {ours: "InService", theirs: "Standby"}
    assert set(states().values()) == {"running"}


def test_one_that_is_started_alone_is_told_of(aws: TestAws) -> None:
    group("web", 0, 1, 1)
    (one,) = lifecycle("web")
    at_night(aws, [one])
    result = drive(parts.start_instances, aws, {"instance_id": one}).result
    assert result["warnings"] == [f'1 still in Standby ({one}); auto_scaling="standby" takes them back into service']
    assert not aws.made("ExitStandby")


def test_a_group_that_has_no_room_again_says_so(aws: TestAws) -> None:
    group("web", 0, 1, 1)
    (one,) = lifecycle("web")
    at_night(aws, [one])
    text = "AutoScalingGroup web has min-size=0, max-size=1, and desired-size=1."
    aws.faults["ExitStandby"] = Fault(lambda params: (400, "ValidationError", text))
    with pytest.raises(PartFailed, match="runs, in Standby: AutoScalingGroup web has"):
        drive(parts.start_instances, aws, {"instance_id": one, "auto_scaling": "standby"})


def test_another_word_is_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match='write "skip", "include" or "standby"'):
        drive(parts.stop_instances, aws, {"instance_id": "i-1", "auto_scaling": "stand-by"})


def test_members_change_their_type_by_way_of_standby(aws: TestAws, states: Any) -> None:
    group("web", 0, 2, 2)
    ids = sorted(lifecycle("web"))
    params = {"instance_id": ids, "instance_type": "m5.large", "restart": True, "auto_scaling": "standby"}
    result = drive(parts.modify_instance_attribute, aws, params).result
    assert result["changed"] == ids
    assert (set(states().values()), set(lifecycle("web").values()), marks()) == ({"running"}, {"InService"}, {})
    assert {i["instance_type"] for i in result["instances"]} == {"m5.large"}
    order = [
        call for call, _ in aws.calls if call in ("EnterStandby", "StopInstances", "StartInstances", "ExitStandby")
    ]
    assert order == ["EnterStandby"] * 2 + ["StopInstances", "StartInstances"] + ["ExitStandby"] * 2


def test_one_that_gets_its_old_type_back_is_in_service_again(aws: TestAws) -> None:
    group("web", 0, 1, 1)
    (one,) = lifecycle("web")
    aws.faults["ModifyInstanceAttribute"] = times(1, (400, "Unsupported", "No m5.large here."))
    params = {"instance_id": one, "instance_type": "m5.large", "restart": True, "auto_scaling": "standby"}
    with pytest.raises(PartFailed, match=r"stays t3.micro: No m5.large here"):
        drive(parts.modify_instance_attribute, aws, params)
    assert (lifecycle("web"), marks()) == ({one: "InService"}, {})


def _resize(aws: FaultyAws) -> dict[str, Any]:
    return {**_night(aws), "instance_type": "m5.large", "restart": True}


def _night(aws: FaultyAws) -> dict[str, Any]:
    group("web", 0, 2, 2)
    Unkind(aws, power=15)
    return {"instance_id": sorted(lifecycle("web")), "auto_scaling": "standby"}


def _morning(aws: FaultyAws) -> dict[str, Any]:
    given = _night(aws)
    ids, tags = given["instance_id"], [{"Key": "nightshift:standby", "Value": "night"}]
    client("autoscaling").enter_standby(
        AutoScalingGroupName="web", InstanceIds=ids, ShouldDecrementDesiredCapacity=True
    )
    client("ec2").stop_instances(InstanceIds=ids)
    client("ec2").create_tags(Resources=ids, Tags=tags)
    return given


SCENARIOS = [
    Scenario("by way of standby", "ec2.stop_instances", _night),
    Scenario("out of standby", "ec2.start_instances", _morning),
    Scenario("by way of standby", "ec2.modify_instance_attribute", _resize),
]
