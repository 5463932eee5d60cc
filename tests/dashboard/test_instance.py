"""An instance: which flows select it, and what was done to it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from tests.dashboard.api import Api
from tests.dashboard.runs import record, step


@pytest.fixture
def instance(aws: Any) -> str:
    """An instance that evening_stop and morning_start select."""
    return launched({"Name": "web-1", "AutoOff": "yes"})


def launched(tags: dict[str, str]) -> str:
    """The id of a new instance."""
    ec2: Any = boto3.client("ec2")
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    made = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, TagSpecifications=[{"ResourceType": "instance", "Tags": listed}]
    )
    return str(made["Instances"][0]["InstanceId"])


def test_what_comes_next_and_what_was_last(admin: Api, desk: Api, aws: Any, instance: str) -> None:
    record(aws, "evening_stop", "a", detail={"steps": [step("ec2.stop_instances", instance)]})
    record(aws, "nightly_backup", "b", detail={"steps": [step("ec2.start_instances", failed=(instance,))]})
    found = admin.get(f"/fleet/{instance}").json
    assert (found["instance"]["name"], found["account"]) == ("web-1", "123456789012")
    (stop,) = [each for each in found["selecting"] if each["flow"] == "evening_stop"]
    assert "ec2.stop_instances" in stop["changes"]
    assert stop["next"]
    times = [each["next"] for each in found["selecting"] if each["next"]]
    assert times == sorted(times)
    last = [(run["flow"], run["parts"], run["failed"]) for run in found["touched"]]
    assert sorted(last) == [
        ("evening_stop", ["ec2.stop_instances"], False),
        ("nightly_backup", ["ec2.start_instances"], True),
    ]
    assert [run["flow"] for run in desk.get(f"/fleet/{instance}").json["touched"]] == ["evening_stop"]


def test_a_held_flow_comes_when_the_hold_is_over(admin: Api, instance: str) -> None:
    admin.put("/holds", {"flows": ["evening_stop"], "why": "moving"})
    found = {each["flow"]: each["next"] for each in admin.get(f"/fleet/{instance}").json["selecting"]}
    assert found["evening_stop"] is None


def test_an_instance_that_is_not_there_or_not_theirs(admin: Api, desk: Api, aws: Any) -> None:
    other = launched({"Name": "db"})
    assert admin.get(f"/fleet/{other}").json["selecting"] == []
    assert desk.get(f"/fleet/{other}").status == 404
    assert admin.get("/fleet/i-0123456789abcdef0").status == 404
    assert admin.get("/fleet/x").fields.keys() == {"path.instance"}
