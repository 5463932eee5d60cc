"""What a company and the flows write out narrows what the roles of parts may reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from nightshift.project import load_flows
from nightshift.views.iam import statements_of_parts
from stacks.company.company import Company
from stacks.settings import Settings

COMMAND_TAG = {"StringEquals": {"ssm:resourceTag/Commands": "nightshift"}}
FLOW = """
from lambdas.parts import ec2, s3, ssm
from nightshift import flow


@flow
def everything(name: str):
    \"\"\"Reach for everything.\"\"\"
    ssm.run_command(instance_id="i-0123456789abcdef0", command="true")
    s3.put_object(bucket="books", key="a", body="b")
    s3.get_object(bucket={bucket}, key="a")
    ec2.run_instances(instance_id="i-0123456789abcdef0")
    ec2.describe_instances(tag="A=b", role_arn="arn:aws:iam::210987654321:role/nightshift-there")
"""


def reach(folder: Path, bucket: str = '"books"', **context: Any) -> dict[str, list[dict[str, Any]]]:
    """What the part functions of the flow may do under these settings."""
    (folder / "everything.py").write_text(FLOW.replace("{bucket}", bucket), encoding="utf-8")
    company: Company = Settings.of(App(context=context).node).company
    return {name: company.narrowed(made) for name, made in statements_of_parts(load_flows(folder)).items()}


def of(statements: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    """The statements that allow an action."""
    return [
        one for one in statements if action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    ]


def test_commands_reach_only_instances_with_the_tag(tmp_path: Path) -> None:
    documents, instances = of(reach(tmp_path, command_tag="Commands=nightshift")["ssm.run_command"], "ssm:SendCommand")
    assert {resource.rpartition("/")[2] for resource in documents["Resource"]} == {
        "AWS-RunPowerShellScript",
        "AWS-RunShellScript",
    }
    assert "Condition" not in documents
    assert all("/*" in resource for resource in instances["Resource"])
    assert instances["Condition"] == COMMAND_TAG
    sent = of(reach(tmp_path, command_tag="Commands=nightshift")["s3.put_object"], "ssm:SendCommand")
    assert [one.get("Condition") for one in sent] == [None, COMMAND_TAG]


def test_roles_are_assumed_within_the_organization_and_passed_by_name(tmp_path: Path) -> None:
    made = reach(tmp_path, organization="o-a1b2c3d4e5", instance_roles=["web", "service/batch"])
    (assumed,) = of(made["ec2.describe_instances"], "sts:AssumeRole")
    assert assumed["Condition"] == {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    (passed,) = of(made["ec2.run_instances"], "iam:PassRole")
    here = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
    assert passed["Resource"] == [here + "web", here + "service/batch"]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}


def test_a_bucket_that_each_call_writes_out_is_the_only_one(tmp_path: Path) -> None:
    made = reach(tmp_path)
    put, results = of(made["s3.put_object"], "s3:PutObject")
    assert results["Resource"] == "${ResultsBucket.Arn}/*"
    assert put["Resource"] == ["arn:${AWS::Partition}:s3:::books/*"]
    got, _ = of(made["s3.get_object"], "s3:GetObject")
    assert got["Resource"] == ["arn:${AWS::Partition}:s3:::books/*"]
    assert of(made["s3.get_object"], "s3:ListBucket")[0]["Resource"] == ["arn:${AWS::Partition}:s3:::books"]


def test_a_bucket_that_only_the_run_knows_may_be_any_of_the_account(tmp_path: Path) -> None:
    (got, _) = of(reach(tmp_path, bucket="name")["s3.get_object"], "s3:GetObject")
    assert got["Resource"] == ["arn:${AWS::Partition}:s3:::*/*"]
    assert got["Condition"] == {"StringEquals": {"s3:ResourceAccount": "${AWS::AccountId}"}}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("command_tag", "Commands"),
        ("command_tag", "=x"),
        ("organization", "123456789012"),
        ("instance_roles", ["a b"]),
        ("external_id", "a b"),
    ],
)
def test_what_cannot_be_is_refused(setting: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"context {setting} is .*; write "):
        Settings.of(App(context={setting: value}).node)


def test_functions_and_state_machines_that_each_call_writes_out_are_the_only_ones(tmp_path: Path) -> None:
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:books"
    (tmp_path / "calls.py").write_text(
        "from lambdas.parts import awslambda, stepfunctions\nfrom nightshift import flow\n\n\n"
        "@flow\ndef calls():\n"
        '    awslambda.invoke(function_name="register", qualifier="live")\n'
        f'    stepfunctions.start_execution(state_machine_arn="{machine}:2")\n',
        encoding="utf-8",
    )
    made = statements_of_parts(load_flows(tmp_path))
    (invoke,) = of(made["awslambda.invoke"], "lambda:InvokeFunction")
    function = "arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:register"
    assert invoke["Resource"] == [function, f"{function}:*"]
    (start,) = of(made["stepfunctions.start_execution"], "states:StartExecution")
    assert start["Resource"] == [machine, f"{machine}:*"]


NIGHT = """
from typing import Literal

from lambdas.parts import ec2
from nightshift import flow


@flow
def night(way: Literal["skip", "include", "standby"] = "skip"):
    \"\"\"Stop.\"\"\"
    ec2.stop_instances(tag="A=b", auto_scaling={given})
"""


@pytest.mark.parametrize("given", ['"skip"', '"include"', '"standby"', "way"])
def test_standby_is_granted_only_where_a_flow_may_ask_for_it(tmp_path: Path, given: str) -> None:
    (tmp_path / "night.py").write_text(NIGHT.replace("{given}", given), encoding="utf-8")
    made = statements_of_parts(load_flows(tmp_path))["ec2.stop_instances"]
    marked = of(made, "ec2:CreateTags")
    assert bool(of(made, "autoscaling:EnterStandby")) is bool(marked) is (given in ('"standby"', "way"))
    for one in marked:
        keys = {"aws:TagKeys": ["nightshift:standby"]}
        assert one["Condition"] == {"ForAllValues:StringEquals": keys, "Null": {"aws:TagKeys": "false"}}
