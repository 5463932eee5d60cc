"""The resources of an app: as synthesized, and as deployed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Resources = dict[str, dict[str, Any]]
"""By logical id, of the stack and its nested stacks; the id of a flow's resource has the name of the flow in it."""

_VERSION = "MemberTemplateVersion"
"""The output of the stack with the version of the template for member accounts."""

NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Synthesized:
    """A stack that `cdk synth` wrote. region: where it is deployed to, "" when the app leaves that open."""

    stack: str
    region: str
    resources: Resources


def synthesized(out: Path) -> list[Synthesized]:
    """The stacks of an app that `cdk synth` wrote, those of its stages (cdk.Stage) too. out: the folder."""
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    found = []
    for name, artifact in manifest.items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            found += synthesized(out / properties["directoryName"])
        elif artifact["type"] == "aws:cloudformation:stack":
            region = artifact.get("environment", "").rpartition("/")[2]
            resources = _with_nested(out, properties["templateFile"])
            stack = properties.get("stackName", name)
            found.append(Synthesized(stack, "" if region == "unknown-region" else region, resources))
    return found


def _with_nested(out: Path, file: str) -> Resources:
    found: Resources = {}
    for name, resource in _resources((out / file).read_text(encoding="utf-8")).items():
        asset = resource.get("Metadata", {}).get("aws:asset:path") if resource["Type"] == NESTED else None
        found |= _with_nested(out, asset) if asset else {name: resource}
    return found


def deployed(cloudformation: Any, stack: str) -> Resources | None:
    """The resources of a deployed stack; None when there is none. cloudformation: a boto3 client."""
    try:
        body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None
    found: Resources = {}
    resources = _resources(body)
    nested = [name for name, resource in resources.items() if resource["Type"] == NESTED]
    ids = _physical_ids(cloudformation, stack) if nested else {}
    for name, resource in resources.items():
        found |= (deployed(cloudformation, ids[name]) or {}) if name in ids and name in nested else {name: resource}
    return found


def member_template(out: Path) -> dict[str, Any]:
    """The template for member accounts that `cdk synth` wrote; {} when no flow acts in other accounts."""
    for file in out.glob("*-member.template.json"):
        made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return made
    return {}


def member_version(template: dict[str, Any]) -> str:
    """The version of a template for member accounts; "" of none."""
    return str(template["Outputs"]["Version"]["Value"]) if template else ""


def deployed_member_version(cloudformation: Any, stack: str) -> str:
    """The version that the deployed stack asks its members for; "" when it has none. cloudformation: a boto3 client."""
    try:
        (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        return ""
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    return str(outputs.get(_VERSION, ""))


def _physical_ids(cloudformation: Any, stack: str) -> dict[str, str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        summary["LogicalResourceId"]: summary["PhysicalResourceId"]
        for page in pages
        for summary in page["StackResourceSummaries"]
        if summary.get("PhysicalResourceId")
    }


def _resources(body: Any) -> Resources:
    # boto3 gives a template of JSON as a dict, and any other as the text it is.
    template = json.loads(body) if isinstance(body, str) else body
    found: Resources = dict(template.get("Resources", {}))
    return found
