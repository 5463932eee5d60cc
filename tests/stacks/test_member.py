"""The role of member accounts: whom it trusts, that it may do what the flows need there alone, and its version."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk.cloudformation_include import CfnInclude
from cdk_nag import AwsSolutionsChecks
from cfnlint.helpers import REGIONS

from lambdas.parts import find_part
from nightshift.cli.stages.changes import member_changes
from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow
from nightshift.views.iam import assumed_roles
from stacks.app_stack import NightshiftStack
from stacks.company.company import Company
from stacks.flows.alarm import alarm, routes
from stacks.settings import Settings
from stacks.shared.alarm_receiver import alarm_receiver
from stacks.shared.member import member_template, version
from stacks.shared.member_events import member_instances
from stacks.template.functions import Code
from tests.stacks.policies import faults, grants
from tests.stacks.test_lint import findings

ORGANIZATION = "o-a1b2c3d4e5"
HEAD = """from lambdas.parts import aws, ebs, ec2, notify, ssm
from nightshift import accounts, flow, for_each, member_alarm


"""
STOP = """@flow
def evening():
    for_each(accounts(regions="eu-west-1"), lambda target: ec2.stop_instances(tag="A=b", target=target).summary)
    notify.email(to="ops@example.com", subject="stopped", body="all")
"""
MORE = """

@flow
def addresses():
    for target in accounts(regions="eu-west-1"):
        aws.call("rds", "describe_db_snapshots", target=target)
        ssm.run_command(tag="A=b", command="uptime", target=target)
"""


def flows(tmp_path: Path, source: str) -> list[CompiledFlow]:
    (tmp_path / "flows.py").write_text(HEAD + source)
    return list(compile_file(tmp_path / "flows.py"))


def settings(**company: Any) -> Settings:
    given = {"organization": ORGANIZATION, "external_id": "audit-2026", **company}
    return Settings(prefix="ops", company=Company.of({name: value for name, value in given.items() if value}))


def allowed(template: dict[str, Any]) -> list[dict[str, Any]]:
    (document,) = template["Resources"]["MemberRole"]["Properties"]["Policies"]
    statements: list[dict[str, Any]] = document["PolicyDocument"]["Statement"]
    return statements


def actions(template: dict[str, Any]) -> set[str]:
    return {action for s in allowed(template) for action in s["Action"]}


def test_it_may_do_what_the_parts_need_there_and_no_more(tmp_path: Path) -> None:
    one = member_template(settings(), flows(tmp_path, STOP))
    assert actions(one) == {"ec2:DescribeInstances", "ec2:StopInstances"}
    both = member_template(settings(), flows(tmp_path, STOP + MORE))
    assert actions(both) - actions(one) == {"rds:DescribeDBSnapshots"} | {
        action for allow in find_part("ssm.run_command").allow for action in allow.actions if action not in actions(one)
    }


def test_only_the_parts_of_the_hub_may_assume_it(tmp_path: Path) -> None:
    role = member_template(settings(), flows(tmp_path, STOP))["Resources"]["MemberRole"]["Properties"]
    assert role["RoleName"] == {"Fn::Sub": "ops-member-${HubAccount}-${HubRegion}"}
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    hub = "arn:${AWS::Partition}:iam::${HubAccount}"
    assert trust == {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": f"{hub}:root"}},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "sts:ExternalId": "audit-2026"},
            "ArnLike": {"aws:PrincipalArn": {"Fn::Sub": f"{hub}:role/ops-part-${{HubRegion}}-*"}},
        },
    }


def test_two_hubs_and_two_regions_each_have_roles_of_their_own_in_a_member(tmp_path: Path) -> None:
    hubs = [
        (prefix, suffix, account, region)
        for prefix, suffix in (("ops", ""), ("ops", "test"), ("ops-test", ""))
        for account in ("111111111111", "222222222222")
        for region in ("eu-west-1", "us-gov-west-1")
    ]
    made = flows(tmp_path, RECOVER)
    names: list[str] = []
    for prefix, suffix, account, region in hubs:
        of_hub = replace(settings(), prefix=prefix, suffix=suffix)
        resources = member_template(of_hub, made)["Resources"]
        hub = {"HubAccount": account, "HubRegion": region}
        there = [
            filled(resources[role]["Properties"]["RoleName"]["Fn::Sub"], hub) for role in ("MemberRole", "ForwardRole")
        ]
        # What the parts of the hub assume, and whom its event bus lets in.
        here = {"AWS::AccountId": account, "AWS::Region": region}
        assumed = assumed_roles(made, of_hub.names)["ec2.reboot_instances"]
        assert {filled(arn, here).rpartition("/")[2] for arn in assumed} == {there[0]}
        policy = alarm_receiver(of_hub, made, Code("bucket", "key"))["MemberAlarmsPolicy"]["Properties"]["Statement"]
        assert filled(json.dumps(policy["Condition"]["ArnLike"]), here).count(f'role/{there[1]}"') == 1
        names += there
    assert len(set(names)) == len(names) == 2 * len(hubs)


def test_the_longest_names_of_member_roles_fit(tmp_path: Path) -> None:
    resources = member_template(replace(settings(), prefix="p" * 20), flows(tmp_path, RECOVER))["Resources"]
    hub = {"HubAccount": "1" * 12, "HubRegion": "r" * 16}
    for role in ("MemberRole", "ForwardRole"):
        assert len(filled(resources[role]["Properties"]["RoleName"]["Fn::Sub"], hub)) <= 64


def filled(text: str, values: dict[str, str]) -> str:
    """What CloudFormation makes of a text with these parameters."""
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def test_what_the_company_narrows_is_narrow_there_too(tmp_path: Path) -> None:
    made = member_template(settings(command_tag="Commands=yes"), flows(tmp_path, STOP + MORE))
    sends = [s for s in allowed(made) if "ssm:SendCommand" in s["Action"]]
    assert any(s.get("Condition") == {"StringEquals": {"ssm:resourceTag/Commands": "yes"}} for s in sends)


def test_a_change_of_the_flows_asks_for_an_update(tmp_path: Path) -> None:
    before = version(member_template(settings(), flows(tmp_path, STOP)))
    assert version(member_template(settings(), flows(tmp_path, STOP.replace("evening", "night")))) == before
    after = version(member_template(settings(), flows(tmp_path, STOP + MORE)))
    (change,) = member_changes(before, after, "prod")
    assert change.words == f"needs an update first, {before} -> {after}: `nightshift member-template prod` prints it"
    assert member_changes(after, after, "prod") == []
    assert [member_changes(*pair, "prod")[0].sign for pair in (("", after), (after, ""))] == ["+", "-"]


def test_flows_that_stay_at_home_need_no_member(tmp_path: Path) -> None:
    made = flows(tmp_path, '@flow\ndef f():\n    ec2.stop_instances(tag="A=b")\n')
    assert member_template(settings(organization=""), made) == {}


def test_there_is_none_without_an_organization(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="context organization"):
        member_template(settings(organization=""), flows(tmp_path, STOP))


def test_cfn_lint_and_the_reference_of_iam_find_nothing(tmp_path: Path) -> None:
    made = member_template(settings(), flows(tmp_path, STOP + MORE))
    (tmp_path / "member.template.json").write_text(json.dumps(made))
    assert findings([tmp_path / "member.template.json"], REGIONS) == ""
    assert list(faults(grants({"MemberRole": allowed(made)}))) == []


def test_cdk_nag_finds_resources_with_wildcards_alone(tmp_path: Path) -> None:
    """Which ones stand, and why, is in wildcards.py: they are those of the parts."""
    file = tmp_path / "member.json"
    file.write_text(json.dumps(member_template(settings(member_events=True), flows(tmp_path, STOP + MORE + RECOVER))))
    nag = App(outdir=str(tmp_path / "out"))
    CfnInclude(Stack(nag, "member"), "Member", template_file=str(file))
    Validations.of(nag).add_plugins(AwsSolutionsChecks(nag))
    with pytest.raises(RuntimeError, match="AwsSolutions"):
        nag.synth()
    reports = json.loads((tmp_path / "out" / "validation-report.json").read_text())["pluginReports"]
    (report,) = [report for report in reports if report["pluginName"] == "AwsSolutions"]
    assert {violation["ruleName"].partition("[")[0] for violation in report["violations"]} == {"AwsSolutions-IAM5"}


RECOVER = """

@flow(on_alarm=member_alarm("shop-*", parameters={"instance_id": "InstanceId", "account": "AWSAccountId"}))
def recover(instance_id: str, account: str):
    ec2.reboot_instances(instance_id=instance_id, accounts=[account], regions="eu-west-1")
"""


def test_it_forwards_the_alarms_that_start_flows(tmp_path: Path) -> None:
    made = member_template(settings(), flows(tmp_path, RECOVER))
    assert set(made["Resources"]) == {"MemberRole", "ForwardRole", "ForwardRule"}
    rule = made["Resources"]["ForwardRule"]["Properties"]
    assert rule["EventPattern"]["detail"] == {"alarmName": [{"wildcard": "shop-*"}]}
    (target,) = rule["Targets"]
    bus = {"Fn::Sub": "arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/default"}
    assert target["Arn"] == bus
    (document,) = made["Resources"]["ForwardRole"]["Properties"]["Policies"]
    assert document["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}
    ]
    # One stack in each Region: the roles are made in that of the hub.
    assert {name for name, one in made["Resources"].items() if "Condition" in one} == {"MemberRole", "ForwardRole"}
    (tmp_path / "member.template.json").write_text(json.dumps(made))
    assert findings([tmp_path / "member.template.json"], REGIONS) == ""
    without = member_template(settings(), flows(tmp_path, STOP))
    assert set(without["Resources"]) == {"MemberRole"}
    assert "Conditions" not in without


def test_it_forwards_what_becomes_of_instances_when_the_company_wants_it(tmp_path: Path) -> None:
    made = member_template(settings(member_events=True), flows(tmp_path, STOP))
    assert set(made["Resources"]) == {"MemberRole", "ForwardRole", "ForwardInstancesRule"}
    rule = made["Resources"]["ForwardInstancesRule"]["Properties"]
    assert rule["EventPattern"] == {"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}
    (target,) = rule["Targets"]
    bus = {"Fn::Sub": "arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/default"}
    assert target["Arn"] == bus
    (document,) = made["Resources"]["ForwardRole"]["Properties"]["Policies"]
    allowed = document["PolicyDocument"]["Statement"]
    assert allowed == [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}]
    assert list(faults(grants({"ForwardRole": allowed}))) == []
    assert {name for name, one in made["Resources"].items() if "Condition" in one} == {"MemberRole", "ForwardRole"}
    both = member_template(settings(member_events=True), flows(tmp_path, RECOVER))
    assert set(both["Resources"]) - set(made["Resources"]) == {"ForwardRule"}
    assert version(made) != version(member_template(settings(), flows(tmp_path, STOP)))
    for template in (made, both):
        (tmp_path / "member.template.json").write_text(json.dumps(template))
        assert findings([tmp_path / "member.template.json"], REGIONS) == ""


def test_flows_that_stay_at_home_have_their_members_forward_all_the_same(tmp_path: Path) -> None:
    made = member_template(settings(member_events=True), flows(tmp_path, "@flow\ndef f():\n    pass\n"))
    assert set(made["Resources"]) == {"ForwardRole", "ForwardInstancesRule"}


def test_the_hub_keeps_what_becomes_of_instances(tmp_path: Path) -> None:
    resources = member_instances(settings(member_events=True), Code("bucket", "key"))
    pattern = resources["MemberInstancesRule"]["Properties"]["EventPattern"]
    assert pattern["account"] == [{"anything-but": [{"Ref": "AWS::AccountId"}]}]
    policy = resources["MemberAlarmsPolicy"]["Properties"]["Statement"]
    assert "role/ops-forward" in json.dumps(policy["Condition"]["ArnLike"])
    alarms = alarm_receiver(settings(), flows(tmp_path, RECOVER), Code("bucket", "key"))
    assert alarms["MemberAlarmsPolicy"] == resources["MemberAlarmsPolicy"], "the bus has one policy for both"
    assert member_instances(settings(), Code("bucket", "key")) == {}
    with pytest.raises(ValueError, match="context organization"):
        Company.of({"member_events": True})


def test_the_hub_lets_forwarded_alarms_in_and_starts_the_flows(tmp_path: Path) -> None:
    made = flows(tmp_path, RECOVER)
    resources = alarm_receiver(settings(), made, Code("bucket", "key"))
    statement = resources["MemberAlarmsPolicy"]["Properties"]["Statement"]
    assert (statement["Action"], statement["Condition"]["StringEquals"]) == (
        "events:PutEvents",
        {"aws:PrincipalOrgID": ORGANIZATION},
    )
    assert "role/ops-forward-${AWS::AccountId}-${AWS::Region}" in json.dumps(statement["Condition"]["ArnLike"])
    pattern = resources["MemberAlarmsRule"]["Properties"]["EventPattern"]
    assert pattern["detail"] == {"alarmName": [{"wildcard": "shop-*"}]}
    assert pattern["account"] == [{"anything-but": [{"Ref": "AWS::AccountId"}]}]
    (route,) = routes(settings(), made)["members:shop-*"]
    assert (route["flow"], route["on"]) == ("recover", ["ALARM"])
    assert alarm(settings(), made[0]) == {}
    with pytest.raises(ValueError, match="context organization"):
        alarm_receiver(settings(organization=""), made, Code("bucket", "key"))
    alone = {name: one for name, one in resources.items() if name.startswith("MemberAlarms")}
    alone["AlarmReceiver"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"S3Bucket": "bucket", "S3Key": "key"},
            "Handler": "handler",
            "Role": "arn:aws:iam::123456789012:role/receiver",
            "Runtime": "python3.13",
        },
    }
    (tmp_path / "hub.template.json").write_text(
        json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": alone})
    )
    assert findings([tmp_path / "hub.template.json"], ["eu-west-1"]) == ""


def test_more_than_a_role_holds_goes_into_policies_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stacks.shared.member._INLINE", 500)
    monkeypatch.setattr("stacks.shared.member._MANAGED", 700)
    made = member_template(settings(), flows(tmp_path, STOP + MORE))
    documents = [r["Properties"] for r in made["Resources"].values() if r["Type"] == "AWS::IAM::ManagedPolicy"]
    assert len(documents) > 1
    assert all(document["Roles"] == [{"Ref": "MemberRole"}] for document in documents)
    (tmp_path / "member.template.json").write_text(json.dumps(made))
    assert findings([tmp_path / "member.template.json"], ["eu-west-1"]) == ""


def test_the_assembly_has_it_and_the_stack_its_version(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "out"))
    (tmp_path / "flow_defs").mkdir()
    chosen = Settings(prefix="ops", dashboard=False, flow_defs=tmp_path / "flow_defs", company=settings().company)
    NightshiftStack(app, "ops", settings=chosen, flows=flows(tmp_path, STOP))
    app.synth()
    written = json.loads((tmp_path / "out" / "ops-member.template.json").read_text())
    deployed = json.loads((tmp_path / "out" / "ops.template.json").read_text())
    assert deployed["Outputs"]["MemberTemplateVersion"]["Value"] == version(written)
