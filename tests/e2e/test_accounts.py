"""One flow acts in six account-Regions of an organization: the hub and two members, whose roles trust the hub alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.tracker.observation import history
from lambdas.tracker.steps import place_data
from nightshift.cli.project.starting import init
from nightshift.local import LocalAws, down, sent_mail, up
from nightshift.local.cdk import Cdk
from nightshift.local.node import ensure_node_modules
from nightshift.local.seed import MAIL_FROM
from nightshift.local.sessions import LocalSession
from tests.cli.conftest import command
from tests.e2e.runs import finished
from tests.waiting import until

pytestmark = pytest.mark.e2e

HOME, AWAY, THIRD = "ap-northeast-1", "eu-west-1", "us-west-2"
STAGES = f"""
[stages.hub]
account = "123456789012"
region = "{HOME}"
schedules = false

[stages.hub.settings]
organization = "o-nightshift"
external_id = "audit-2026"
dashboard = false
"""
CARE = f'''
from lambdas.parts import ebs, ec2, notify
from nightshift import Target, accounts, flow, for_each


@flow(timeout="1h")
def care_everywhere() -> dict[str, object]:
    """Stop what is tagged for it in the whole organization, snapshot it, and copy that to a third Region."""
    places = accounts(regions=["{HOME}", "{AWAY}"])
    fleet = for_each(places, care, at_most=3, max_failures=2)
    notify.email(to="ops@example.com", result=fleet)
    return {{"done": fleet.results, "failed": [one.cause for one in fleet.failed], "report": fleet.report}}


def care(target: Target) -> str:
    stopped = ec2.stop_instances(tag="Env=dev", interval=1, timeout="30s", target=target)
    made = ebs.create_snapshot(instance_tag="Env=dev", interval=1, generation=1, target=target)
    copied = ebs.copy_snapshot(snapshot_id=made.snapshot_ids, to_region="{THIRD}", interval=1, target=target)
    return f"{{stopped.summary}}, {{len(made.snapshot_ids)}} snapshots, {{len(copied.changed)}} copies"
'''
MORE = """

@flow
def reboot_everywhere():
    for place in accounts(regions="eu-west-1"):
        ec2.reboot_instances(tag="Env=dev", target=place)
"""


def client(local: LocalAws, service: str, account: str, region: str = HOME) -> Any:
    """A client as the account itself, which may do everything in it."""
    session: Any = boto3.Session(botocore_session=LocalSession(local.endpoints, account, region))
    return session.client(service)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[tuple[Path, LocalAws]]:
    """A project with the flow, beside an empty local AWS that is bootstrapped."""
    init(tmp_path, None)
    shutil.rmtree(tmp_path / "flow_defs")
    (tmp_path / "flow_defs").mkdir()
    (tmp_path / "flow_defs/care.py").write_text(CARE)
    (tmp_path / "nightshift.toml").write_text(STAGES)
    try:
        local = up(tmp_path, deploy=False, fleet=False)
        Cdk(local, tmp_path, ensure_node_modules(tmp_path), {}).bootstrap()
        yield tmp_path, local
    finally:
        down(tmp_path)


def organization(local: LocalAws) -> list[str]:
    """Make an organization with the hub and two members; their ids."""
    organizations = client(local, "organizations", local.account)
    organizations.create_organization(FeatureSet="ALL")
    made = [organizations.create_account(AccountName=name, Email=f"{name}@example.com") for name in ("web", "lab")]
    return [local.account, *(answer["CreateAccountStatus"]["AccountId"] for answer in made)]


def launched(local: LocalAws, account: str, region: str) -> str:
    ec2 = client(local, "ec2", account, region)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Env", "Value": "dev"}]}]
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags)
    instance: str = made["Instances"][0]["InstanceId"]
    until(lambda: state(local, account, region, instance) == "running", f"{instance} runs")
    return instance


def state(local: LocalAws, account: str, region: str, instance: str) -> str:
    # By a filter: whoever names an instance that was just launched may be told that there is none.
    named = [{"Name": "instance-id", "Values": [instance]}]
    answer = client(local, "ec2", account, region).describe_instances(Filters=named)
    states = [i["State"]["Name"] for found in answer["Reservations"] for i in found["Instances"]]
    return str(states[0]) if states else "not seen yet"


def deploy_member(local: LocalAws, account: str, template: str) -> None:
    """What a stack set does in one account."""
    cloudformation = client(local, "cloudformation", account)
    cloudformation.create_stack(
        StackName="nightshift-member", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="nightshift-member", WaiterConfig={"Delay": 1})


def update_member(local: LocalAws, accounts: Iterable[str], template: str) -> None:
    """What an update of the stack set does."""
    for account in accounts:
        cloudformation = client(local, "cloudformation", account)
        cloudformation.update_stack(
            StackName="nightshift-member", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        cloudformation.get_waiter("stack_update_complete").wait(
            StackName="nightshift-member", WaiterConfig={"Delay": 1}
        )


def member_role(local: LocalAws) -> str:
    """The role of the members carries the hub: its account and its Region."""
    return f"nightshift-member-{local.account}-{HOME}"


def deny(local: LocalAws, account: str, region: str) -> None:
    """Let the role of a member stop nothing in a Region."""
    denied = {
        "Effect": "Deny",
        "Action": "ec2:StopInstances",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
    }
    client(local, "iam", account).put_role_policy(
        RoleName=member_role(local), PolicyName="frozen", PolicyDocument=json.dumps({"Statement": [denied]})
    )


def copies(local: LocalAws, account: str) -> int:
    """How many copies of snapshots an account has in the third Region."""
    found = client(local, "ec2", account, THIRD).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return sum(any(tag["Key"] == "nightshift:source" for tag in snapshot.get("Tags", [])) for snapshot in found)


def snapshots(local: LocalAws, account: str, region: str) -> list[str]:
    """The states of the snapshots that flows made in an account and Region."""
    filters = [{"Name": "tag:nightshift:flow", "Values": ["care_everywhere"]}]
    found = client(local, "ec2", account, region).describe_snapshots(OwnerIds=["self"], Filters=filters)
    return [snapshot["State"] for snapshot in found["Snapshots"]]


def test_six_account_regions_of_which_one_denies_and_one_is_throttled(project: tuple[Path, LocalAws]) -> None:
    folder, local = project
    accounts = organization(local)
    hub, web, lab = accounts
    places = {(account, region): launched(local, account, region) for account in accounts for region in (HOME, AWAY)}
    first = command("diff", "hub", "--target", "local", cwd=folder).out
    assert "Member accounts\n  + the role in each member account: is needed first" in first
    template = command("member-template", "hub", cwd=folder).out
    for account in (web, lab):
        deploy_member(local, account, template)
    deny(local, lab, AWAY)
    local.control().add_fault("throttle", resource=places[web, HOME], action="StopInstances")
    for address in (MAIL_FROM, "ops@example.com"):
        local.session().client("ses").verify_email_identity(EmailAddress=address)
    done = command("deploy", "hub", "--target", "local", "--yes", cwd=folder)
    assert done.code == 0, done.err

    states = local.session().client("stepfunctions")
    machine = f"arn:aws:states:{HOME}:{hub}:stateMachine:nightshift-care_everywhere"
    ended = finished(local, states.start_execution(stateMachineArn=machine, name="tonight")["executionArn"])

    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    output = json.loads(ended["output"])
    failed = {(lab, AWAY), (web, HOME)}
    assert f"web ({web}), {AWAY}: 1 instance stopped, 1 snapshots, 1 copies" in output["done"]
    by_place = {cause.partition(": ")[0]: cause for cause in output["failed"]}
    assert len(by_place) == 2, output
    assert "ec2:StopInstances" in by_place[f"lab ({lab}), {AWAY}"]
    assert "RequestLimitExceeded" in by_place[f"web ({web}), {HOME}"]
    (mail,) = sent_mail(local)
    assert mail.subject == "[nightshift] care_everywhere: FAILED: 4 of 6 done, 2 failed, 0 not started"
    assert f"  lab ({lab}): {AWAY}\n    why:  AccessDenied: " in mail.text
    there = mail.text.partition("WENT WELL THERE: ")[2]
    assert f"web ({web}), {AWAY}" in there
    assert f"lab ({lab}), {HOME}" in there
    stopped = {place for place, instance in places.items() if state(local, *place, instance) == "stopped"}
    assert places.keys() - stopped == failed
    assert {place for place in places if snapshots(local, *place) == ["completed"]} == places.keys() - failed
    assert {account: copies(local, account) for account in accounts} == {hub: 2, web: 1, lab: 1}
    check_trail(folder, member_role(local), {web, lab}, (lab, AWAY))
    told = place_data(history(states, ended["executionArn"], "care_everywhere", {}).places, ended=True)
    assert {(place["account"], place["region"]) for place in told[:2]} == failed
    assert [place["state"] for place in told] == ["failed"] * 2 + ["done"] * 4
    assert {place["name"] for place in told} == {"master", "web", "lab"}

    (folder / "flow_defs/care.py").write_text(CARE + MORE)
    changed = command("diff", "hub", "--target", "local", cwd=folder).out
    assert "~ the role in each member account: needs an update first" in changed
    update_member(local, (web, lab), command("member-template", "hub", cwd=folder).out)
    assert command("deploy", "hub", "--target", "local", "--yes", cwd=folder).code == 0
    assert "Member accounts" not in command("diff", "hub", "--target", "local", cwd=folder).out


def check_trail(folder: Path, role: str, members: set[str], denied: tuple[str, str]) -> None:
    """What was called in the members was called by the role there, in a session named after flow and run."""
    trail = json.loads(command("local", "calls", "--json", cwd=folder).out)
    there = [made for made in trail if made["recipientAccountId"] in members]
    assert {made["userIdentity"]["arn"] for made in there} == {
        f"arn:aws:sts::{account}:assumed-role/{role}/care_everywhere@tonight" for account in members
    }
    assert {made["eventName"] for made in there} >= {"StopInstances", "CreateSnapshot", "CopySnapshot"}
    refused = {
        (made["recipientAccountId"], made["awsRegion"])
        for made in there
        if made["eventName"] == "StopInstances" and made.get("errorCode") == "UnauthorizedOperation"
    }
    assert refused == {denied}
    shown = command("local", "calls", cwd=folder).out
    assert "ec2:CopySnapshot" in shown
    assert f"{role}/care_everywhere@tonight" in shown


def test_a_member_trusts_nobody_else(project: tuple[Path, LocalAws]) -> None:
    folder, local = project
    deploy_member(local, "222222222222", command("member-template", "hub", cwd=folder).out)
    arn = f"arn:aws:iam::222222222222:role/{member_role(local)}"
    sts = client(local, "sts", local.account)
    for external_id in ("audit-2026", "other"):
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=arn, RoleSessionName="somebody", ExternalId=external_id)
