"""Templates and stacks for the tests of the parts for CloudFormation."""

from __future__ import annotations

import json
from typing import Any

from tests.faults.world import client

TEMPLATE = {
    "Parameters": {"Stage": {"Type": "String"}, "Size": {"Type": "String", "Default": "small"}},
    "Resources": {
        "Jobs": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Ref": "Stage"}, "Tags": [{"Key": "Size", "Value": {"Ref": "Size"}}]},
        }
    },
    "Outputs": {"Url": {"Value": {"Ref": "Jobs"}}},
}
PLAIN = json.dumps({"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}})
"""A template that takes no parameters."""
PARAMS = {"stack_name": "demo", "template": "jobs.json", "parameters": {"Stage": "test"}}
ROLE = "arn:aws:iam::123456789012:role/nightshift-cloudformation"


def names(cloud: Any) -> list[str]:
    return [s["StackName"] for s in cloud.describe_stacks()["Stacks"]]


def create(cloud: Any, name: str = "demo", **more: Any) -> str:
    parameters = [{"ParameterKey": "Stage", "ParameterValue": name}]
    made = cloud.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE), Parameters=parameters, **more)
    return str(made["StackId"])


def plain_stack(name: str) -> None:
    """A stack in the world of the sweep."""
    client("cloudformation").create_stack(StackName=name, TemplateBody=PLAIN)
