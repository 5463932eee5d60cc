"""Each function may do what its deployed role allows, and nothing else: both servers refuse the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nightshift.local import LocalAws, sent_mail
from tests.e2e.runs import finished, instances, start

pytestmark = pytest.mark.e2e

Change = Callable[[dict[str, Any]], None]
FLOW = "permission_check"


@contextmanager
def changed_role(local: LocalAws, function: str, change: Change) -> Iterator[None]:
    """Within, the role of a function has changed statements. change: is given each of them."""
    session = local.session()
    iam: Any = session.client("iam")
    role = session.client("lambda").get_function(FunctionName=function)["Configuration"]["Role"].rpartition("/")[2]
    before = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in policies(iam, role)
    }
    try:
        for name, document in before.items():
            changed = json.loads(json.dumps(document))
            for statement in changed["Statement"]:
                change(statement)
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(changed))
        yield
    finally:
        for name, document in before.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def policies(iam: Any, role: str) -> list[str]:
    named: list[str] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return named


def without_action(action: str) -> Change:
    """Take an action out of each statement."""

    def change(statement: dict[str, Any]) -> None:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        statement["Action"] = [a for a in actions if a != action] or ["ec2:DescribeHosts"]

    return change


def on_another_resource(action: str) -> Change:
    """Allow an action on another instance only."""

    def change(statement: dict[str, Any]) -> None:
        if action in statement["Action"]:
            statement["Resource"] = "arn:aws:ec2:*:*:instance/i-0000000000000000f"

    return change


def on_another_tag(action: str) -> Change:
    """Allow an action on instances with a tag that they do not have."""

    def change(statement: dict[str, Any]) -> None:
        if action in statement["Action"]:
            statement["Condition"] = {"StringEquals": {"aws:ResourceTag/Backup": "never"}}

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(without_action("ec2:StopInstances"), id="action"),
        pytest.param(on_another_resource("ec2:StopInstances"), id="resource"),
        pytest.param(on_another_tag("ec2:StopInstances"), id="condition"),
    ],
)
def test_a_flow_tells_what_its_role_does_not_allow(local: LocalAws, change: Change) -> None:
    before = instances(local, Backup="nightly")
    with changed_role(local, "nightshift-ec2-stop_instances", change):
        arn = start(local, FLOW)
        ended = finished(local, arn)

    assert ended["status"] == "FAILED"
    assert ended["error"] == "AccessDenied"
    assert "ec2:StopInstances" in ended["cause"]
    assert instances(local, Backup="nightly") == before
    mail = sent_mail(local)[-1]
    assert mail.subject == "permission_check failed"
    assert "ec2:StopInstances" in mail.text


def test_a_tag_that_the_condition_asks_for_is_enough(local: LocalAws) -> None:
    def only_nightly(statement: dict[str, Any]) -> None:
        if "ec2:StopInstances" in statement["Action"]:
            statement["Condition"] = {"StringEquals": {"aws:ResourceTag/Backup": "nightly"}}

    with changed_role(local, "nightshift-ec2-stop_instances", only_nightly):
        ended = finished(local, start(local, FLOW))

    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))


def test_a_state_machine_invokes_only_functions_of_its_flow(local: LocalAws) -> None:
    states = local.session().client("stepfunctions")
    arn = start(local, FLOW)
    machine = states.describe_execution(executionArn=arn)["stateMachineArn"]
    described = states.describe_state_machine(stateMachineArn=machine)
    assert finished(local, arn)["status"] == "SUCCEEDED"
    other = json.loads(described["definition"])
    for state in other["States"].values():
        if state["Type"] == "Task":
            state["Arguments"]["FunctionName"] = state["Arguments"]["FunctionName"].replace(
                "ec2-stop_instances", "ec2-reboot_instances"
            )
    try:
        states.update_state_machine(stateMachineArn=machine, definition=json.dumps(other))
        ended = finished(local, start(local, FLOW))
    finally:
        states.update_state_machine(stateMachineArn=machine, definition=described["definition"])

    assert ended["status"] == "FAILED"
    assert "lambda:InvokeFunction" in ended["cause"]
    assert "nightshift-ec2-reboot_instances" in ended["cause"]


def test_the_control_plane_refuses_as_well(local: LocalAws) -> None:
    with changed_role(local, "nightshift-notify-email", without_action("ses:SendEmail")):
        ended = finished(local, start(local, FLOW))

    assert ended["status"] == "FAILED"
    assert ended["error"] == "AccessDenied"
    assert "ses:SendEmail" in ended["cause"]


@pytest.mark.parametrize("verb", ["Create", "Describe", "Execute"])
def test_a_stack_is_not_updated_without_a_right_to_its_change_set(local: LocalAws, verb: str) -> None:
    action, stack = f"cloudformation:{verb}ChangeSet", f"nightshift-not-{verb.lower()}d"
    cloudformation: Any = local.session().client("cloudformation")
    try:
        with changed_role(local, "nightshift-cloudformation-update_stack", without_action(action)):
            ended = finished(local, start(local, "every_cloudformation_part", stack_name=stack))
        (left,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    finally:
        cloudformation.delete_stack(StackName=stack)

    assert (ended["status"], ended["error"]) == ("FAILED", "AccessDenied")
    assert action in ended["cause"]
    assert f"the role may not call {action}" in ended["cause"]
    assert left["StackStatus"] == "CREATE_COMPLETE"


def test_a_role_is_assumed_only_by_whom_its_trust_names(local: LocalAws) -> None:
    iam: Any = local.session().client("iam")
    trusted = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{local.account}:root"},
    }
    trusted["Condition"] = {"StringEquals": {"sts:ExternalId": "audit", "aws:PrincipalOrgID": "o-nightshift"}}
    role = iam.create_role(RoleName="member", AssumeRolePolicyDocument=json.dumps({"Statement": [trusted]}))["Role"]
    sts: Any = local.session().client("sts")
    assert sts.assume_role(RoleArn=role["Arn"], RoleSessionName="auditor", ExternalId="audit")["Credentials"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName="auditor", ExternalId="other")
