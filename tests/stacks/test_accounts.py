"""What lets a part act in another account: exactly the roles and secrets that flows name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdas.parts import all_parts
from lambdas.runs.app_names import AppNames
from nightshift.compiler import compile_file
from nightshift.views.iam import assumed_roles, read_secrets, role_name, statements_of_parts
from stacks.company.company import Company
from stacks.settings import Settings
from stacks.shared.parts import part_functions, part_id
from stacks.template.functions import Code
from stacks.template.permissions import substituted
from tests.stacks.compiled import compiled as flow

SOURCE = """
from lambdas.parts import ec2
from nightshift import accounts, flow, for_each

ROLE = "arn:aws:iam::210987654321:role/operations"


@flow
def named():
    ec2.stop_instances(tag="A=b", role_arn=ROLE)
    ec2.stop_instances(tag="A=b", credentials_secret="china/keys", region="cn-north-1")


@flow
def everywhere():
    for_each(accounts(regions=["eu-west-1"]), lambda target: ec2.reboot_instances(tag="A=b", target=target).summary)


@flow
def known_later(role: str, secret: str):
    ec2.start_instances(tag="A=b", role_arn=role, credentials_secret=secret, region="cn-north-1")
"""
SECRETS = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"


def compiled(tmp_path: Path) -> Any:
    (tmp_path / "flows.py").write_text(SOURCE)
    return compile_file(tmp_path / "flows.py")


def test_a_part_may_take_on_the_roles_that_flows_name(tmp_path: Path) -> None:
    assert assumed_roles(compiled(tmp_path)) == {
        "ec2.stop_instances": {"arn:aws:iam::210987654321:role/operations"},
        "ec2.start_instances": {"arn:${AWS::Partition}:iam::*:role/nightshift-*"},
        "ec2.reboot_instances": {
            "arn:${AWS::Partition}:iam::*:role/nightshift-member-${AWS::AccountId}-${AWS::Region}"
        },
    }
    made = statements_of_parts(compiled(tmp_path), AppNames("ops"))["ec2.reboot_instances"]
    assert made[-1]["Resource"] == ["arn:${AWS::Partition}:iam::*:role/ops-member-${AWS::AccountId}-${AWS::Region}"]


def test_a_part_may_read_the_secrets_that_flows_name(tmp_path: Path) -> None:
    found = read_secrets(compiled(tmp_path))
    assert found == {
        "ec2.stop_instances": {f"{SECRETS}china/keys-??????"},
        "ec2.start_instances": {f"{SECRETS}nightshift/*"},
    }
    made = statements_of_parts(compiled(tmp_path))["ec2.stop_instances"]
    assert substituted(made[-1]) == {
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": [{"Fn::Sub": f"{SECRETS}china/keys-??????"}],
    }


def test_a_part_that_stays_at_home_may_do_neither(tmp_path: Path) -> None:
    (made,) = statements_of_parts([flow("stays", "ec2.stop_instances")]).values()
    actions = [statement["Action"] for statement in made]
    assert "sts:AssumeRole" not in actions
    assert "secretsmanager:GetSecretValue" not in actions


def test_the_role_of_a_part_has_a_name_that_another_account_can_trust() -> None:
    flows = [flow("stops", "ec2.stop_instances")]
    made = part_functions(Settings(prefix="ops"), flows, Code("bucket", "key"))[f"{part_id('ec2.stop_instances')}Role"]
    assert made["Properties"]["RoleName"] == {"Fn::Sub": "ops-part-${AWS::Region}-ec2-stop_instances"}


def test_the_functions_of_parts_know_the_external_id() -> None:
    for company, known in ((Company.of({"external_id": "audit-2026"}), "audit-2026"), (Company(), None)):
        flows = [flow("stops", "ec2.stop_instances")]
        made = part_functions(Settings(company=company), flows, Code("bucket", "key"))[part_id("ec2.stop_instances")]
        assert made["Properties"]["Environment"]["Variables"].get("NIGHTSHIFT_EXTERNAL_ID") == known


@pytest.mark.parametrize("prefix", ["ops", "nightshift", "twenty-letters-is-20"])
def test_the_names_of_roles_fit_and_differ(prefix: str) -> None:
    regions = ["us-east-1", "us-isof-south-1"]
    parts = [*all_parts(), "aws.rds.evening_stop_of_all_the_databases", "aws.rds.evening_stop_of_all_the_database"]
    names = [
        role_name(AppNames(prefix), part).replace("${AWS::Region}", region) for part in parts for region in regions
    ]
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) <= 64
    assert {name[: len(prefix) + 6] for name in names} == {f"{prefix}-part-"}


TOPIC = "arn:aws:sns:eu-central-1:123456789012:operators"
PUBLISHING = f"""
from lambdas.parts import notify
from nightshift import flow


@flow
def named():
    notify.publish(topic_arn="{TOPIC}", message="done")


@flow
def known_later(topic: str):
    notify.publish(topic_arn=topic, message="done")


@flow
def many():
{"".join(f'    notify.publish(topic_arn="{TOPIC}{n}", message="done")' + chr(10) for n in range(150))}
"""


def test_a_part_may_publish_to_the_topics_that_flows_write_out(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(PUBLISHING)
    flows = {flow.name: flow for flow in compile_file(tmp_path / "flows.py")}
    named, known_later = flows["named"], flows["known_later"]
    any_topic = ["arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*"]
    for together, resources in (
        ([named], [TOPIC]),
        ([known_later], any_topic),
        ([named, known_later], any_topic),
        # More than a policy holds.
        ([flows["many"]], any_topic),
    ):
        publish, *_ = statements_of_parts(together)["notify.publish"]
        assert publish == {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": resources}
