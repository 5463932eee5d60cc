"""cloudformation.delete_stack."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, NoMatch, PartFailed, PartTimeout, StateOutdated
from lambdas.parts import cloudformation as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.cloudformation.stacks import PARAMS, ROLE, create, names, plain_stack
from tests.parts.cloudformation.unkind import UnkindCloudFormation
from tests.parts.driver import RUN, THROTTLED, Fault, Killed, TestAws, client, drive, noted, times

LOGS = {"Resources": {"Logs": {"Type": "AWS::SQS::Queue"}}}
NOT_EMPTY = ("Logs", "AWS::S3::Bucket", "The bucket you tried to delete is not empty")
RETAIN = {"retain_resources": ["Logs"]}


def test_throttling_and_internal_errors_pass(aws: TestAws, cloud: Any) -> None:
    aws.faults["CreateStack"] = times(3, THROTTLED)
    aws.faults["DescribeStacks"] = times(7, (500, "InternalFailure", "try again"))
    assert drive(parts.create_stack, aws, PARAMS).result["changed"] == ["demo"]
    aws.faults["DeleteStack"] = times(3, THROTTLED)
    assert drive(parts.delete_stack, aws, {"stack_name": "demo"}).result["changed"] == ["demo"]
    assert names(cloud) == []


def test_delete_is_done_only_when_gone(aws: TestAws, cloud: Any) -> None:
    UnkindCloudFormation(aws, create=0, delete=90)
    stack_id = create(cloud)
    outcome = drive(parts.delete_stack, aws, {"stack_name": "demo", "cloudformation_role_arn": ROLE})
    result = outcome.result
    assert (result["changed"], result["stack_id"]) == (["demo"], stack_id)
    assert sum(outcome.waits) >= 90
    assert names(cloud) == []
    assert aws.made("DeleteStack")[0]["RoleARN"] == ROLE
    assert aws.made("DeleteStack")[0]["StackName"] == stack_id
    assert result["responses"]["DescribeStacksResponse"]["Stacks"][0]["StackName"] == "demo"


def test_a_waiting_deletion_has_a_version_and_one_of_newer_code_is_refused(aws: TestAws, cloud: Any) -> None:
    create(cloud)
    waiting = parts.delete_stack.invoke(aws, RUN, {"stack_name": "demo"}, None)["state"]
    assert waiting["part"].pop("v") == 1
    assert drive(parts.delete_stack, aws, {"stack_name": "demo"}, state=waiting).result["changed"] == ["demo"]
    newer = noted(aws, {**waiting["part"], "v": 2})
    with pytest.raises(StateOutdated, match=r"step_1 of arn:.* version 2 of the code that has to delete the stack"):
        drive(parts.delete_stack, aws, {"stack_name": "demo"}, state=newer)


def test_a_stack_that_is_not_there_is_skipped(aws: TestAws) -> None:
    result = drive(parts.delete_stack, aws, {"stack_name": "demo"}).result
    assert result["skipped"] == [{"id": "demo", "reason": "does not exist"}]
    assert result["warnings"]
    with pytest.raises(NoMatch):
        drive(parts.delete_stack, aws, {"stack_name": "demo", "require_match": True})


def test_the_resource_that_cannot_be_deleted_is_named(aws: TestAws, cloud: Any) -> None:
    unkind = UnkindCloudFormation(aws, create=0)
    create(cloud)
    unkind.delete_fails = [("Logs", "AWS::S3::Bucket", "The bucket you tried to delete is not empty")]
    with pytest.raises(PartFailed, match=r"DELETE_FAILED: AWS::S3::Bucket Logs: The bucket .* not empty"):
        drive(parts.delete_stack, aws, {"stack_name": "demo"})
    assert aws.count()["DeleteStack"] == 1


def test_a_deletion_that_failed_earlier_is_requested_again(aws: TestAws, cloud: Any) -> None:
    create(cloud)

    def failed(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeStacks" and not aws.count()["DeleteStack"]:
            answer["Stacks"][0]["StackStatus"] = "DELETE_FAILED"

    aws.hooks.append(failed)
    assert drive(parts.delete_stack, aws, {"stack_name": "demo"}).result["changed"] == ["demo"]


def test_a_stack_already_being_deleted_is_awaited_and_skipped(aws: TestAws, cloud: Any) -> None:
    unkind = UnkindCloudFormation(aws, create=0, delete=80)
    stack_id = create(cloud)
    unkind.deleted[stack_id] = (aws.now(), "")

    def before(invocation: int) -> None:
        if invocation == 1:
            cloud.delete_stack(StackName=stack_id)

    outcome = drive(parts.delete_stack, aws, {"stack_name": "demo"}, before=before)
    assert outcome.result["skipped"] == [{"id": "demo", "reason": "already being deleted"}]
    assert sum(outcome.waits) >= 80
    assert aws.count()["DeleteStack"] == 0


def test_a_lost_response_of_a_deletion_is_found_out(aws: TestAws, cloud: Any) -> None:
    create(cloud)
    left = [1]

    def die(params: dict[str, Any], answer: dict[str, Any]) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise Killed

    aws.faults["DeleteStack"] = Fault(after=die)
    outcome = drive(parts.delete_stack, aws, {"stack_name": "demo"})
    assert outcome.result["changed"] == ["demo"]
    assert aws.count()["DeleteStack"] == 1


def test_a_new_stack_of_that_name_is_not_deleted(aws: TestAws, cloud: Any) -> None:
    old = create(cloud)

    def before(invocation: int) -> None:
        if invocation == 1:
            cloud.delete_stack(StackName=old)
            create(cloud)

    result = drive(parts.delete_stack, aws, {"stack_name": "demo"}, before=before).result
    assert result["stack_id"] == old
    assert names(cloud) == ["demo"]


def test_termination_protection_is_told(aws: TestAws, cloud: Any) -> None:
    create(cloud, EnableTerminationProtection=True)

    def protected(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeStacks":
            answer["Stacks"][0]["EnableTerminationProtection"] = True

    aws.hooks.append(protected)
    with pytest.raises(PartFailed, match="has termination protection"):
        drive(parts.delete_stack, aws, {"stack_name": "demo"})
    assert aws.count()["DeleteStack"] == 0


def test_delete_reports_what_cloudformation_refuses_and_gives_up(aws: TestAws, cloud: Any) -> None:
    UnkindCloudFormation(aws, create=0, delete=100_000)
    create(cloud)
    text = "Export Vpc cannot be deleted as it is in use by web"
    aws.faults["DeleteStack"] = times(1, (400, "ValidationError", text))
    with pytest.raises(PartFailed, match=text):
        drive(parts.delete_stack, aws, {"stack_name": "demo"})
    with pytest.raises(PartTimeout, match="not deleted in time"):
        drive(parts.delete_stack, aws, {"stack_name": "demo", "timeout": "10m"})


def test_dry_run_of_delete_changes_nothing(aws: TestAws, cloud: Any) -> None:
    create(cloud)
    result = drive(parts.delete_stack, aws, {"stack_name": "demo", "dry_run": True}).result
    assert (result["changed"], result["summary"]) == (["demo"], "would delete stack demo")
    assert names(cloud) == ["demo"]


@pytest.fixture
def stuck(aws: TestAws) -> UnkindCloudFormation:
    """The stack "demo", which can be deleted only without its bucket."""
    unkind = UnkindCloudFormation(aws, create=0)
    client("cloudformation").create_stack(StackName="demo", TemplateBody=json.dumps(LOGS))
    unkind.delete_fails = [NOT_EMPTY]
    return unkind


def gives_way(aws: TestAws, stuck: UnkindCloudFormation, key: str) -> None:
    """Let the deletion succeed that is requested so, of the stack that has failed."""

    def hook(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DeleteStack" and key in params:
            stuck.delete_fails.clear()

    aws.hooks.append(hook)


@pytest.mark.parametrize(
    ("params", "second"),
    [
        (RETAIN, {"RetainResources": ["Logs"]}),
        ({"force": True}, {"DeletionMode": "FORCE_DELETE_STACK"}),
    ],
)
def test_a_stack_whose_deletion_fails_goes_without_a_resource(
    aws: TestAws, stuck: UnkindCloudFormation, params: dict[str, Any], second: dict[str, Any]
) -> None:
    gives_way(aws, stuck, *second)
    result = drive(parts.delete_stack, aws, {"stack_name": "demo", **params}).result
    assert result["changed"] == ["demo"]
    assert result["warnings"] == [
        "stack demo is deleted, but not all of its resources are: AWS::S3::Bucket Logs: "
        "The bucket you tried to delete is not empty"
    ]
    first, again = aws.made("DeleteStack")
    assert not {"RetainResources", "DeletionMode"} & set(first)
    assert again.items() >= second.items()
    assert again["ClientRequestToken"] != first["ClientRequestToken"]


def test_a_stack_that_can_be_deleted_keeps_nothing(aws: TestAws, stuck: UnkindCloudFormation) -> None:
    stuck.delete_fails.clear()
    result = drive(parts.delete_stack, aws, {"stack_name": "demo", **RETAIN}).result
    assert (result["changed"], result["warnings"]) == (["demo"], [])
    assert aws.count()["DeleteStack"] == 1


def test_a_second_failure_is_the_last(aws: TestAws, stuck: UnkindCloudFormation) -> None:
    with pytest.raises(PartFailed, match=r"DELETE_FAILED: AWS::S3::Bucket Logs: The bucket .* not empty"):
        drive(parts.delete_stack, aws, {"stack_name": "demo", "force": True})
    assert aws.count()["DeleteStack"] == 2


def test_to_retain_and_to_force_exclude_each_other(aws: TestAws, stuck: UnkindCloudFormation) -> None:
    with pytest.raises(InvalidParameter, match="exclude each other"):
        drive(parts.delete_stack, aws, {"stack_name": "demo", "force": True, **RETAIN})
    assert not aws.made("DeleteStack")


def _delete(aws: FaultyAws) -> dict[str, Any]:
    plain_stack("jobs")
    plain_stack("other")
    UnkindCloudFormation(aws, create=0, delete=30)
    return {"stack_name": "jobs", "cloudformation_role_arn": ROLE}


def _delete_fails(aws: FaultyAws) -> dict[str, Any]:
    plain_stack("jobs")
    unkind = UnkindCloudFormation(aws, create=0, delete=30)
    unkind.delete_fails = [("Jobs", "AWS::SQS::Queue", "it is in use")]
    return {"stack_name": "jobs"}


SCENARIOS = [
    Scenario("a stack", "cloudformation.delete_stack", _delete),
    Scenario("a resource fails", "cloudformation.delete_stack", _delete_fails, fails="PartFailed"),
]
