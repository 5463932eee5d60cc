"""Each action, resource and condition key of a role is one that AWS documents, and each wildcard is a listed one."""

from __future__ import annotations

import re

import pytest

from nightshift.views.iam import statements_of_parts
from stacks.flows.state_machine import role_statements
from stacks.settings import Settings
from tests.stacks.conftest import Synthesized
from tests.stacks.policies import Grant, faults, grants, of_app, wildcards
from tests.stacks.test_permissions import flows
from tests.stacks.wildcards import HELD, WILDCARDS

ACCOUNT = "${AWS::AccountId}"
ARN = "arn:${AWS::Partition}"
SNAPSHOTS = f"{ARN}:ec2:*::snapshot/*"
LISTED = {
    (action, resource): reason
    for reason, resources in WILDCARDS.items()
    for resource, actions in resources.items()
    for action in actions
}
INSTANCES = f"{ARN}:ec2:*:{ACCOUNT}:instance/*"


def named(grant: Grant) -> tuple[str, str]:
    """Action and resource of a wildcard, as they are listed."""
    resource = re.sub(r":/aws/lambda/nightshift-\w+(-\w+)*:", ":/aws/lambda/FUNCTION:", grant.resource)
    return grant.action, re.sub(r":execution:nightshift-\w+:", ":execution:FLOW:", resource)


def test_the_reference_knows_all_that_the_app_may_do(app: Synthesized) -> None:
    granted = of_app(app)
    assert len({grant.role for grant in granted}) > 50
    assert list(faults(granted)) == []


def test_the_reference_knows_all_that_the_flows_of_the_tests_may_do() -> None:
    roles = {}
    for flow in flows():
        roles[flow.name] = role_statements(Settings(), flow)
        roles |= {f"{flow.name} {part}": statements for part, statements in statements_of_parts([flow]).items()}
    assert list(faults(grants(roles))) == []


@pytest.mark.parametrize(
    ("grant", "fault"),
    [
        (Grant("R", "Allow", "ses:SendEmails", "*"), "R: ses:SendEmails on *: no such action"),
        (Grant("R", "Allow", "ec2:StopInstances", "*"), "it can be restricted to a instance"),
        (Grant("R", "Allow", "ec2:DescribeImages", SNAPSHOTS), "it takes all resources alone"),
        (Grant("R", "Allow", "ec2:StopInstances", SNAPSHOTS), "it takes instance"),
        (Grant("R", "Allow", "ec2:DeleteSnapshot", f"{ARN}:ec2:*:{ACCOUNT}:snapshot/*"), "it takes snapshot"),
        (
            Grant("R", "Allow", "ec2:DeleteSnapshot", SNAPSHOTS, frozenset(["ec2:CreateAction"])),
            "no condition key ec2:CreateAction",
        ),
        (Grant("R", "Allow", "ssm:SendCommand", INSTANCES), "R: ssm:SendCommand needs a document, too"),
    ],
)
def test_the_reference_finds(grant: Grant, fault: str) -> None:
    assert fault in " / ".join(faults([grant]))


def test_each_wildcard_is_listed_with_its_reason(app: Synthesized) -> None:
    found = {named(grant) for grant in wildcards(app)}
    assert found - LISTED.keys() == set()
    assert LISTED.keys() - found == set()


def test_a_wildcard_that_stands_for_its_condition_has_it(app: Synthesized) -> None:
    held = [(grant, HELD.get(LISTED.get(named(grant), ""))) for grant in wildcards(app)]
    assert [grant for grant, keys in held if keys and not keys & grant.keys] == []
    assert len([grant for grant, keys in held if keys]) > 20
