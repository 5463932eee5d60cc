"""An instance: which flows select it, and what was done to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from lambdas.dashboard.deployment import MEMBER_EVENTS
from lambdas.store import member_instances
from lambdas.store.member_instances import MemberInstance
from tests.dashboard.api import Api
from tests.dashboard.runs import STEP, record, step


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


def of_a_member(aws: Any, id_: str, state: str = "stopped") -> None:
    """An event of a member account has told of an instance."""
    since = datetime(2026, 11, 27, 20, tzinfo=UTC)
    member_instances.note(aws, MemberInstance(id_, "222222222222", "eu-west-1", state, since))


def test_administrators_see_instances_of_member_accounts(
    admin: Api, desk: Api, aws: Any, instance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMBER_EVENTS, "true")
    there = "i-0aaaaaaaaaaaaaaaa"
    of_a_member(aws, there)
    record(aws, "evening_stop", "a", detail={"steps": [step("ec2.stop_instances", there, account="222222222222")]})
    found = admin.get("/fleet").json
    (here,) = [one for one in found["instances"] if one["id"] == instance]
    assert (here["account"], here["since"]) == ("123456789012", None)
    (member,) = found["members"]
    assert (member["id"], member["account"], member["region"]) == (there, "222222222222", "eu-west-1")
    assert (member["state"], member["since"], member["tags"]) == ("stopped", "2026-11-27T20:00:00.000Z", {})
    assert not found["more_members"]
    # Their tags are not known: neither a filter by tags nor a flow that selects by them finds one.
    assert admin.get("/fleet", tag="AutoOff=yes").json["members"] == []
    assert desk.get("/fleet").json["members"] == []
    detail = admin.get(f"/fleet/{there}").json
    assert (detail["account"], detail["region"], detail["selecting"]) == ("222222222222", "eu-west-1", [])
    assert [run["flow"] for run in detail["touched"]] == ["evening_stop"]
    assert desk.get(f"/fleet/{there}").status == 404


def test_without_their_events_nothing_is_read_of_members(admin: Api, aws: Any) -> None:
    of_a_member(aws, "i-0aaaaaaaaaaaaaaaa")
    assert admin.get("/fleet").json["members"] == []
    assert admin.get("/fleet/i-0aaaaaaaaaaaaaaaa").status == 404


def test_of_very_many_members_the_first_are_shown(admin: Api, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMBER_EVENTS, "true")
    monkeypatch.setattr(member_instances, "MOST", 2)
    for number in range(3):
        of_a_member(aws, f"i-{number:017x}")
    found = admin.get("/fleet").json
    assert (len(found["members"]), found["more_members"]) == (2, True)


def test_an_instance_that_is_not_there_or_not_theirs(admin: Api, desk: Api, aws: Any) -> None:
    other = launched({"Name": "db"})
    assert admin.get(f"/fleet/{other}").json["selecting"] == []
    assert desk.get(f"/fleet/{other}").status == 404
    assert admin.get("/fleet/i-0123456789abcdef0").status == 404
    assert admin.get("/fleet/x").fields.keys() == {"path.instance"}


def test_a_run_names_what_its_steps_tell_of(admin: Api, aws: Any, instance: str) -> None:
    (volume,) = boto3.resource("ec2").Instance(instance).volumes.all()
    told = {"result": {"matched": [instance, volume.id, "i-0123456789abcdef0"], "changed": [instance]}}
    record(aws, "evening_stop", "a", detail={"steps": [{**STEP, **told}]})
    names = admin.get("/runs/evening_stop/a").json["names"]
    assert names == {instance: "web-1", volume.id: "web-1 /dev/sda1"}
