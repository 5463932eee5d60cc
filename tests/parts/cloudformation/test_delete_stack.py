"""cloudformation.delete_stack: what is kept of a stack whose deletion fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import cloudformation as parts
from tests.parts.driver import TestAws, client, drive
from tests.parts.unkind_cloudformation import UnkindCloudFormation

TEMPLATE = {"Resources": {"Logs": {"Type": "AWS::SQS::Queue"}}}
NOT_EMPTY = ("Logs", "AWS::S3::Bucket", "The bucket you tried to delete is not empty")
RETAIN = {"retain_resources": ["Logs"]}


@pytest.fixture
def stuck(aws: TestAws) -> UnkindCloudFormation:
    """The stack "demo", which can be deleted only without its bucket."""
    unkind = UnkindCloudFormation(aws, create=0)
    client("cloudformation").create_stack(StackName="demo", TemplateBody=json.dumps(TEMPLATE))
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
