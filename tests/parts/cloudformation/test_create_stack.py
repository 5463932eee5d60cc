"""cloudformation.create_stack."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, PartTimeout, ServiceError, StateOutdated
from lambdas.parts import cloudformation as parts
from lambdas.parts.cloudformation.create_stack import template_location
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.cloudformation.stacks import PARAMS, PLAIN, ROLE, TEMPLATE, create, names, plain_stack
from tests.parts.cloudformation.unkind import UnkindCloudFormation
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, noted, times

BUCKET_EXISTS = ("Logs", "AWS::S3::Bucket", "logs already exists")
CANCELLED = ("Jobs", "AWS::SQS::Queue", "Resource creation cancelled")


def test_create_is_done_only_when_created(aws: TestAws, cloud: Any) -> None:
    UnkindCloudFormation(aws, create=120)
    outcome = drive(parts.create_stack, aws, {**PARAMS, "tags": {"Team": "ops"}, "cloudformation_role_arn": ROLE})
    result = outcome.result
    assert sum(outcome.waits) >= 120
    assert (result["changed"], result["status"], result["summary"]) == (
        ["demo"],
        "CREATE_COMPLETE",
        "stack demo created",
    )
    assert result["outputs"]["Url"].endswith("/test")
    stack = cloud.describe_stacks(StackName="demo")["Stacks"][0]
    assert result["stack_id"] == stack["StackId"]
    assert stack["RoleARN"] == ROLE
    assert {t["Key"]: t["Value"] for t in stack["Tags"]} == {
        "Team": "ops",
        "nightshift:flow": "night",
        "nightshift:run": RUN.id,
        "nightshift:call": "step_1/1",
    }
    sent = aws.made("CreateStack")[0]
    assert sent["OnFailure"] == "ROLLBACK"
    assert sent["ClientRequestToken"].startswith("nightshift-create-")
    assert result["responses"]["DescribeStacksResponse"]["Stacks"][0]["StackName"] == "demo"


def test_a_waiting_creation_has_a_version_and_one_of_newer_code_is_refused(aws: TestAws, cloud: Any) -> None:
    waiting = parts.create_stack.invoke(aws, RUN, PARAMS, None)["state"]
    assert waiting["part"].pop("v") == 1
    assert drive(parts.create_stack, aws, PARAMS, state=waiting).result["changed"] == ["demo"]
    newer = noted(aws, {**waiting["part"], "v": 2})
    with pytest.raises(StateOutdated, match=r"step_1 of arn:.* version 2 of the code that has to create the stack"):
        drive(parts.create_stack, aws, PARAMS, state=newer)


def test_the_first_failed_resource_is_named_when_it_is_rolled_back(aws: TestAws, cloud: Any) -> None:
    unkind = UnkindCloudFormation(aws)
    unkind.fails = [CANCELLED, BUCKET_EXISTS, ("Late", "AWS::SNS::Topic", "another failure")]
    with pytest.raises(PartFailed) as raised:
        drive(parts.create_stack, aws, PARAMS)
    assert "CREATE_FAILED: AWS::S3::Bucket Logs: logs already exists. ROLLBACK_COMPLETE: it was" in raised.value.cause
    assert "another failure" not in raised.value.cause
    result = drive(parts.create_stack, aws, {**PARAMS, "on_failure": "continue"}).result
    assert result["failed_resource"] == "AWS::S3::Bucket Logs: logs already exists"
    assert result["status"] == "ROLLBACK_COMPLETE"
    assert aws.count()["CreateStack"] == 1


def test_the_failed_resource_of_a_nested_stack_is_named(aws: TestAws, cloud: Any) -> None:
    unkind = UnkindCloudFormation(aws)
    inner = create(cloud, "demo-Network")
    unkind.fails = [("Network", "AWS::CloudFormation::Stack", f"Embedded stack {inner} was not successfully created")]
    unkind.physical["Network"] = inner
    unkind.nested[inner] = [CANCELLED, ("Subnet", "AWS::EC2::Subnet", "The CIDR '10.0.0.0/8' is invalid.")]
    with pytest.raises(
        PartFailed, match=r"AWS::EC2::Subnet Network/Subnet: The CIDR .* is invalid\. ROLLBACK_COMPLETE"
    ):
        drive(parts.create_stack, aws, PARAMS)


def test_a_missing_role_is_suggested(aws: TestAws) -> None:
    unkind = UnkindCloudFormation(aws)
    text = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: sqs:CreateQueue"
    unkind.fails = [("Jobs", "AWS::SQS::Queue", text)]
    with pytest.raises(PartFailed, match="Give cloudformation_role_arn"):
        drive(parts.create_stack, aws, PARAMS)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("CREATE_FAILED", "what was created before stays"),
        ("ROLLBACK_FAILED", "some resources remain"),
        ("DELETE_COMPLETE", "was deleted again"),
    ],
)
def test_how_a_failure_ended_is_told(aws: TestAws, status: str, text: str) -> None:
    unkind = UnkindCloudFormation(aws)
    unkind.fails, unkind.after = [BUCKET_EXISTS], status
    with pytest.raises(PartFailed, match=f"{status}: .*{text}"):
        drive(parts.create_stack, aws, {**PARAMS, "on_stack_failure": "DELETE"})


def test_a_stack_of_something_else_is_an_error(aws: TestAws, cloud: Any) -> None:
    create(cloud)
    with pytest.raises(PartFailed, match=r"AlreadyExistsException: 'demo' exists already \(CREATE_COMPLETE\), .* else"):
        drive(parts.create_stack, aws, PARAMS)
    drive(parts.create_stack, aws, {**PARAMS, "stack_name": "other", "parameters": {"Stage": "other"}})
    with pytest.raises(PartFailed, match=r"created by the run arn:aws:states:.*:run-1"):
        drive(parts.create_stack, aws, {**PARAMS, "stack_name": "other"}, run=replace(RUN, id="run-2"))
    assert len(names(cloud)) == 2


def test_a_stack_that_is_being_deleted_is_awaited(aws: TestAws, cloud: Any) -> None:
    unkind = UnkindCloudFormation(aws, create=0, delete=100)
    old = create(cloud)
    unkind.deleted[old] = (aws.now(), "")

    def before(invocation: int) -> None:
        if invocation == 4:
            cloud.delete_stack(StackName=old)

    outcome = drive(parts.create_stack, aws, PARAMS, before=before)
    assert outcome.result["changed"] == ["demo"]
    assert outcome.result["stack_id"] != old


def test_a_lost_response_creates_nothing_twice(aws: TestAws, cloud: Any) -> None:
    left = [1]

    def die(params: dict[str, Any], answer: dict[str, Any]) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise Killed

    aws.faults["CreateStack"] = Fault(after=die)
    outcome = drive(parts.create_stack, aws, PARAMS)
    assert outcome.deaths == 1
    assert outcome.result["changed"] == ["demo"]
    assert aws.count()["CreateStack"] == 1


def test_a_new_stack_that_is_not_described_yet_is_awaited(aws: TestAws) -> None:
    aws.faults["DescribeStacks"] = times(4, (400, "ValidationError", "Stack with id demo does not exist"))
    left = [1]

    def die(params: dict[str, Any], answer: dict[str, Any]) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise Killed

    aws.faults["CreateStack"] = Fault(after=die)
    outcome = drive(parts.create_stack, aws, PARAMS)
    assert outcome.result["changed"] == ["demo"]
    assert len({p["ClientRequestToken"] for p in aws.made("CreateStack")}) == 1


def test_create_gives_up_and_says_where_it_was(aws: TestAws) -> None:
    UnkindCloudFormation(aws, create=100_000)
    with pytest.raises(PartTimeout, match="'demo' was CREATE_IN_PROGRESS at the end"):
        drive(parts.create_stack, aws, {**PARAMS, "timeout": "20m"})


def test_a_template_in_s3(aws: TestAws, cloud: Any) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="a/jobs.json", Body=json.dumps(TEMPLATE))
    params = {"stack_name": "demo", "template_url": "s3://templates/a/jobs.json", "parameters": {"Stage": "x"}}
    assert drive(parts.create_stack, aws, params).result["changed"] == ["demo"]
    assert aws.made("CreateStack")[0]["TemplateURL"] == "https://templates.s3.us-east-1.amazonaws.com/a/jobs.json"


@pytest.mark.parametrize(
    ("url", "region", "partition", "location"),
    [
        ("s3://b/a b+c.json", "ap-east-1", "aws", "https://b.s3.ap-east-1.amazonaws.com/a%20b%2Bc.json"),
        ("s3://b/a.json", "cn-north-1", "aws-cn", "https://b.s3.cn-north-1.amazonaws.com.cn/a.json"),
        ("s3://b/a.json", "us-gov-west-1", "aws-us-gov", "https://b.s3.us-gov-west-1.amazonaws.com/a.json"),
        (
            "https://b.s3.eu-west-1.amazonaws.com/a.json",
            "us-east-1",
            "aws",
            "https://b.s3.eu-west-1.amazonaws.com/a.json",
        ),
    ],
)
def test_a_template_is_at_the_address_of_its_region(url: str, region: str, partition: str, location: str) -> None:
    assert template_location(url, region, partition) == location


def test_parameters_become_texts(aws: TestAws) -> None:
    drive(
        parts.create_stack,
        aws,
        {**PARAMS, "parameters": {"Stage": "x", "Size": ["a", "b"]}, "capabilities": "CAPABILITY_IAM"},
    )
    sent = aws.made("CreateStack")[0]
    assert {"ParameterKey": "Size", "ParameterValue": "a,b"} in sent["Parameters"]
    assert sent["Capabilities"] == ["CAPABILITY_IAM"]


def test_templates_that_cannot_be_used_are_refused(aws: TestAws, templates: Path) -> None:
    (templates / "large.json").write_text(" " * 60_000)
    for params, text in (
        ({}, "one of them"),
        ({"template": "jobs.json", "template_url": "s3://a/b.json"}, "one of them"),
        ({"template": "absent.json"}, "no template 'absent.json'"),
        ({"template": "../secret.json"}, "no template"),
        ({"template": "large.json"}, "60000 bytes.*put it into S3"),
        ({"template_url": "http://example.com/x.json"}, "no URL in S3"),
    ):
        with pytest.raises(InvalidParameter, match=text):
            drive(parts.create_stack, aws, {"stack_name": "demo", **params})
    assert aws.count() == {}


def test_what_cloudformation_refuses_is_a_failure(aws: TestAws) -> None:
    text = "Requires capabilities : [CAPABILITY_IAM]"
    aws.faults["CreateStack"] = Fault(lambda p: (400, "InsufficientCapabilitiesException", text))
    with pytest.raises(PartFailed, match=r"InsufficientCapabilitiesException: .*CAPABILITY_IAM"):
        drive(parts.create_stack, aws, PARAMS)
    aws.faults["CreateStack"] = Fault(lambda p: (400, "TokenAlreadyExistsException", "exists"))
    with pytest.raises(ServiceError, match="was deleted since"):
        drive(parts.create_stack, aws, PARAMS)
    aws.faults["CreateStack"] = Fault(lambda p: (403, "AccessDenied", "not authorized"))
    with pytest.raises(AccessDenied, match="may not call CreateStack"):
        drive(parts.create_stack, aws, PARAMS)


def test_dry_run_of_create_checks_the_template(aws: TestAws, cloud: Any) -> None:
    def declared(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ValidateTemplate":
            answer["Parameters"] = [{"ParameterKey": "Stage"}, {"ParameterKey": "Size", "DefaultValue": "small"}]
            answer["Capabilities"] = ["CAPABILITY_IAM"]

    aws.hooks.append(declared)
    params = {**PARAMS, "dry_run": True, "on_failure": "continue"}
    result = drive(parts.create_stack, aws, {**params, "parameters": {"Staeg": "x"}}).result
    assert result["failed"][0]["message"] == (
        "the template needs the parameters Stage; the template has no parameters Staeg; "
        "the template needs capabilities CAPABILITY_IAM"
    )
    result = drive(parts.create_stack, aws, {**params, "capabilities": ["CAPABILITY_NAMED_IAM"]}).result
    assert (result["changed"], result["summary"]) == (["demo"], "would create stack demo")
    assert names(cloud) == []
    create(cloud)
    result = drive(parts.create_stack, aws, params).result
    assert result["failed"][0]["error"] == "AlreadyExistsException"


def test_dry_run_tells_of_parameters_that_a_template_without_any_does_not_take(
    aws: TestAws, cloud: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_TEMPLATES", str(tmp_path))
    (tmp_path / "plain.json").write_text(json.dumps({"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}}))
    params = {"stack_name": "plain", "template": "plain.json", "parameters": {"Size": "1"}, "dry_run": True}
    with pytest.raises(PartFailed, match="the template has no parameters Size"):
        drive(parts.create_stack, aws, params)


def _template() -> str:
    s3 = client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="jobs.json", Body=PLAIN)
    return "s3://templates/jobs.json"


def _create(aws: FaultyAws) -> dict[str, Any]:
    plain_stack("other")
    UnkindCloudFormation(aws, create=30)
    return {"stack_name": "jobs", "template_url": _template(), "cloudformation_role_arn": ROLE}


def _create_fails(aws: FaultyAws) -> dict[str, Any]:
    unkind = UnkindCloudFormation(aws, create=30)
    unkind.fails = [("Jobs", "AWS::SQS::Queue", "the quota is used up")]
    return {"stack_name": "jobs", "template_url": _template(), "cloudformation_role_arn": ROLE}


SCENARIOS = [
    Scenario("from S3", "cloudformation.create_stack", _create),
    Scenario("a resource fails", "cloudformation.create_stack", _create_fails, fails="PartFailed"),
]
