"""ec2.create_tags."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, TestAws, drive
from tests.parts.fleet import launch as launched


def tags_of(ec2: Any, resource: str) -> dict[str, str]:
    found = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [resource]}])["Tags"]
    return {t["Key"]: t["Value"] for t in found}


def test_tags_on_resources_of_several_kinds(aws: TestAws, ec2: Any, launch: Any) -> None:
    instance = launch(1, Owner="dev")[0]
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    params = {"resource_id": [instance, volume], "tags": {"Owner": "ops", "Env": ""}}
    result = drive(parts.create_tags, aws, params).result
    assert result["changed"] == sorted([instance, volume])
    assert tags_of(ec2, instance) == tags_of(ec2, volume) == {"Owner": "ops", "Env": ""}
    assert aws.count()["CreateTags"] == 1


def test_tags_are_done_when_they_are_shown(aws: TestAws, launch: Any) -> None:
    ids = launch(1)
    lag = [2]

    def hide(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeTags" and lag[0]:
            lag[0] -= 1
            answer["Tags"] = []

    aws.hooks.append(hide)
    outcome = drive(parts.create_tags, aws, {"resource_id": ids, "tags": {"A": "b"}})
    assert outcome.result["changed"] == ids
    assert len(outcome.waits) == 2
    assert aws.count()["CreateTags"] == 1


def test_tags_that_are_never_shown_are_no_success(aws: TestAws, launch: Any) -> None:
    ids = launch(1)

    def hide(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeTags":
            answer["Tags"] = []

    aws.hooks.append(hide)
    with pytest.raises(PartTimeout, match="did not show the tags"):
        drive(parts.create_tags, aws, {"resource_id": ids, "tags": {"A": "b"}, "timeout": "5m"})


def test_a_resource_that_is_gone_does_not_keep_the_others_from_their_tags(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(2)
    bad = "i-0aaaaaaaaaaaaaaa1"
    refused = (400, "InvalidInstanceID.NotFound", f"The instance ID '{bad}' does not exist")
    aws.faults["CreateTags"] = Fault(lambda p: refused if bad in p["Resources"] else None)
    params = {"resource_id": [*ids, bad], "tags": {"A": "b"}, "on_failure": "continue"}
    result = drive(parts.create_tags, aws, params).result
    assert result["changed"] == sorted(ids)
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(bad, "InvalidInstanceID.NotFound")]


def test_dry_run_of_create_tags(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(1)
    dry = drive(parts.create_tags, aws, {"resource_id": ids, "tags": {"A": "b"}, "dry_run": True}).result
    assert dry["changed"] == ids
    assert dry["summary"] == "would tag 1 resource"
    assert tags_of(ec2, ids[0]) == {}


@pytest.mark.parametrize("tags", [{}, {"aws:x": "y"}, {"": "y"}, {"k" * 129: "v"}, {"k": "v" * 257}])
def test_tags_that_cannot_be_set_are_refused(aws: TestAws, tags: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter):
        drive(parts.create_tags, aws, {"resource_id": "i-1", "tags": tags})


def test_a_missing_permission_to_tag_fails_with_its_code(aws: TestAws, launch: Any) -> None:
    ids = launch(2)
    aws.faults["CreateTags"] = Fault(lambda p: (403, "UnauthorizedOperation", "not authorized"))
    with pytest.raises((PartFailed, AccessDenied), match="UnauthorizedOperation"):
        drive(parts.create_tags, aws, {"resource_id": ids, "tags": {"A": "b"}})


def _tags(aws: FaultyAws) -> dict[str, Any]:
    return {"resource_id": launched(2, Env="test"), "tags": {"Env": "prod", "Owner": "ops"}}


SCENARIOS = [
    Scenario("two tags", "ec2.create_tags", _tags),
]
