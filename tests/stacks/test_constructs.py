"""The constructs: what a user's own app says for all of its tree reaches everything that nightshift makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsii
import pytest
from aws_cdk import App, Aspects, CfnOutput, CfnResource, IAspect, Stack, Tags
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from constructs import IConstruct

from stacks.app_stack import NightshiftStack
from stacks.flow import Flow
from stacks.settings import Settings
from tests.stacks.compiled import compiled
from tests.stacks.conftest import everything

BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


@jsii.implements(IAspect)
class Boundary:
    """Sets a permissions boundary, as a user would."""

    def visit(self, node: IConstruct) -> None:
        """Change a role."""
        if isinstance(node, CfnResource) and node.cfn_resource_type == "AWS::IAM::Role":
            node.add_property_override("PermissionsBoundary", BOUNDARY)


def resources(folder: Path) -> list[dict[str, Any]]:
    """All resources of an assembly."""
    templates = [json.loads(file.read_text()) for file in folder.glob("*.template.json")]
    return [resource for template in templates for resource in template["Resources"].values()]


def taggable(kind: str) -> bool:
    """Whether CloudFormation takes tags for a type of resource, as its schema says."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return bool(schema.get("tagging", {}).get("taggable"))


def tags(resource: dict[str, Any]) -> dict[str, str]:
    """The tags of a resource, however its type writes them."""
    names = ("Tags", "UserPoolTags", "BackupPlanTags", "BackupVaultTags")
    found: Any = next((resource["Properties"][name] for name in names if name in resource["Properties"]), {})
    return found if isinstance(found, dict) else {tag["Key"]: tag["Value"] for tag in found}


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The resources of the whole app, which has an Aspect and a tag."""
    folder = tmp_path_factory.mktemp("governed")
    app = App(outdir=str(folder))
    everything(app, tmp_path_factory.mktemp("page"))
    Aspects.of(app).add(Boundary())
    Tags.of(app).add("team", "operations")
    app.synth()
    return resources(folder)


def test_an_aspect_reaches_every_role(governed: list[dict[str, Any]]) -> None:
    roles = [resource for resource in governed if resource["Type"] == "AWS::IAM::Role"]
    assert len(roles) > 40
    assert [role for role in roles if role["Properties"].get("PermissionsBoundary") != BOUNDARY] == []


def test_a_tag_reaches_everything_that_takes_tags(governed: list[dict[str, Any]]) -> None:
    tagged = [resource for resource in governed if taggable(resource["Type"])]
    assert {"AWS::StepFunctions::StateMachine", "AWS::CloudFormation::Stack", "AWS::Cognito::UserPool"} <= {
        resource["Type"] for resource in tagged
    }
    assert [resource for resource in tagged if tags(resource).get("team") != "operations"] == []
    # Those of nightshift stay beside it.
    assert [resource for resource in tagged if tags(resource).get("nightshift:app") != "nightshift"] == []


def test_the_boundary_of_cdk_json_reaches_every_role(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), context={"@aws-cdk/core:permissionsBoundary": {"name": "boundary"}})
    settings = Settings(flow_defs=tmp_path, dashboard=False)
    NightshiftStack(app, "nightshift", settings=settings, flows=[compiled("f", "ec2.stop_instances")])
    app.synth()
    roles = [resource["Properties"] for resource in resources(tmp_path) if resource["Type"] == "AWS::IAM::Role"]
    assert len(roles) == 5, "of the flow, its part, the tracker, the reconciler, and the check of a deployment"
    assert all(str(role["PermissionsBoundary"]).count(":policy/boundary") == 1 for role in roles)


def test_a_flow_can_be_put_into_a_stack_of_ones_own(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    settings = Settings(flow_defs=tmp_path, dashboard=False)
    flows = [compiled("f", "ec2.stop_instances"), compiled("g", "ebs.create_snapshot")]
    nightshift = NightshiftStack(app, "operations", settings=settings, flows=flows, elsewhere=["g"])
    own = Stack(app, "database", stack_name="database")
    own.add_stack_dependency(nightshift)
    flow = Flow(own, "backup", flow=nightshift.compiled["g"], settings=nightshift.settings)
    CfnOutput(own, "Machine", value=flow.state_machine.attr_arn)
    Tags.of(flow).add("team", "database")
    app.synth()
    made = json.loads((tmp_path / "database.template.json").read_text())
    assert sorted(resource["Type"] for resource in made["Resources"].values()) == [
        "AWS::IAM::Role",
        "AWS::StepFunctions::StateMachine",
    ]
    assert all(tags(resource)["team"] == "database" for resource in made["Resources"].values())
    ((machine, _),) = [item for item in made["Resources"].items() if item[1]["Type"].endswith("StateMachine")]
    assert made["Outputs"]["Machine"]["Value"] == {"Fn::GetAtt": [machine, "Arn"]}
    assert list(nightshift.flows) == ["f"]
    # Its functions are with the others.
    made = [resource for resource in resources(tmp_path) if resource["Type"] == "AWS::Lambda::Function"]
    names = {function["Properties"]["FunctionName"] for function in made}
    assert {"nightshift-ec2-stop_instances", "nightshift-ebs-create_snapshot"} <= names


def test_a_flow_of_the_app_has_typed_constructs(tmp_path: Path) -> None:
    from aws_cdk.aws_iam import CfnRole
    from aws_cdk.aws_stepfunctions import CfnStateMachine

    settings = Settings(flow_defs=tmp_path, dashboard=False)
    nightshift = NightshiftStack(App(), "nightshift", settings=settings, flows=[compiled("f")])
    assert isinstance(nightshift.flows["f"].state_machine, CfnStateMachine)
    assert nightshift.flows["f"].state_machine.state_machine_name == "nightshift-f"
    assert isinstance(nightshift.flows["f"].role, CfnRole)
