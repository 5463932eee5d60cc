"""CloudFormation parts."""

from __future__ import annotations

import json
from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.unkind_cloudformation import UnkindCloudFormation

TEMPLATE = json.dumps({"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}})
ROLE = "arn:aws:iam::123456789012:role/nightshift-cloudformation"


def _template() -> str:
    s3 = client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="jobs.json", Body=TEMPLATE)
    return "s3://templates/jobs.json"


def _stack(name: str) -> None:
    client("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE)


def _create(aws: FaultyAws) -> dict[str, Any]:
    _stack("other")
    UnkindCloudFormation(aws, create=30)
    return {"stack_name": "jobs", "template_url": _template(), "cloudformation_role_arn": ROLE}


def _create_fails(aws: FaultyAws) -> dict[str, Any]:
    unkind = UnkindCloudFormation(aws, create=30)
    unkind.fails = [("Jobs", "AWS::SQS::Queue", "the quota is used up")]
    return {"stack_name": "jobs", "template_url": _template(), "cloudformation_role_arn": ROLE}


def _delete(aws: FaultyAws) -> dict[str, Any]:
    _stack("jobs")
    _stack("other")
    UnkindCloudFormation(aws, create=0, delete=30)
    return {"stack_name": "jobs", "cloudformation_role_arn": ROLE}


def _delete_fails(aws: FaultyAws) -> dict[str, Any]:
    _stack("jobs")
    unkind = UnkindCloudFormation(aws, create=0, delete=30)
    unkind.delete_fails = [("Jobs", "AWS::SQS::Queue", "it is in use")]
    return {"stack_name": "jobs"}


def _describe(aws: FaultyAws) -> dict[str, Any]:
    _stack("jobs")
    return {"stack_name": "jobs"}


SCENARIOS = [
    Scenario("from S3", "cloudformation.create_stack", _create),
    Scenario("a resource fails", "cloudformation.create_stack", _create_fails, fails="PartFailed"),
    Scenario("a stack", "cloudformation.delete_stack", _delete),
    Scenario("a resource fails", "cloudformation.delete_stack", _delete_fails, fails="PartFailed"),
    Scenario("by name", "cloudformation.describe_stacks", _describe),
]
