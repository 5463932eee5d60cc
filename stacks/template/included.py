"""Turns CloudFormation resources, which are plain JSON, into L1 constructs of the tree.

CDK's own reader of templates makes the typed construct of each resource (`CfnRole`, `CfnStateMachine`, ...). So what
is made for an app is what a person would have written with L1 constructs: Aspects, tags, permissions boundaries and
cdk-nag reach it. It is one call from Python into jsii for all the resources of a flow, where a constructor each would
be several calls for every single one, and would import the Python modules of a dozen services.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Tags
from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

from stacks.settings import Settings
from stacks.template.cloudformation import Json, Resources


def include(
    scope: Construct, name: str, resources: Resources, conditions: Mapping[str, Json] | None = None
) -> CfnInclude:
    """L1 constructs of `resources` below the construct `name`, with the logical ids they have there.

    conditions: logical id -> condition, which the resources name.

    A resource can refer to those made with it; to any other in the stack by what `include` does not have to resolve:
    a name or an ARN. `get_resource` of what is returned gives the construct of a logical id.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "template.json")
        file.write_text(json.dumps({"Conditions": dict(conditions or {}), "Resources": resources}), encoding="utf-8")
        return CfnInclude(scope, name, template_file=str(file))


def set_tags(scope: Construct, settings: Settings) -> None:
    """Give everything below a construct that takes tags those of the company."""
    for key, value in settings.company.tags.items():
        Tags.of(scope).add(key, value)
