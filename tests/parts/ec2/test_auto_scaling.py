"""Members of Auto Scaling groups, which their group terminates when they stop."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.parts import ec2 as parts
from tests.parts.driver import TestAws, drive

REASON = "is in the Auto Scaling group web, which would terminate it"


@pytest.fixture
def member(aws: TestAws, launch: Any) -> str:
    """An instance that is shown as one of the group "web"; moto lets nobody set such a tag."""
    instance: str = launch(1)[0]

    def show(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for reservation in answer.get("Reservations", []) if operation == "DescribeInstances" else []:
            for described in reservation["Instances"]:
                if described["InstanceId"] == instance:
                    described["Tags"] = [{"Key": "aws:autoscaling:groupName", "Value": "web"}]

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
