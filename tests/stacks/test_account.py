"""What a real account does that the local one does not: names beside each other, failed deployments, other regions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from lambdas.runs.app_names import AppNames
from nightshift import topic
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from stacks.app_stack import NightshiftStack
from stacks.dashboard.users import users
from stacks.flows.state_machine import state_machine
from stacks.settings import Settings
from stacks.shared.alarm_receiver import alarm_receiver, conditions
from stacks.shared.parts import part_functions
from stacks.shared.results import results_bucket
from stacks.shared.table import table
from stacks.template.functions import Code
from tests.stacks.compiled import compiled
from tests.stacks.conftest import ROOT, everything
from tests.stacks.release import flows
from tests.stacks.test_lint import findings

FOREIGN = "arn:aws:sns:eu-west-1:123456789012:monitoring"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012"}

KINDS = {
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:", "StateMachineName"),
    "AWS::Lambda::Function": ("lambda", "function:", "FunctionName"),
    "AWS::SNS::Topic": ("sns", "", "TopicName"),
    "AWS::SQS::Queue": ("sqs", "", "QueueName"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/", "TableName"),
    "AWS::Logs::LogGroup": ("logs", "log-group:", "LogGroupName"),
}
"""Type of a resource -> its service, what its ARN has before its name, and the property with its name."""


def resources(folder: Path, prefix: str, suffix: str = "") -> dict[str, dict[str, Any]]:
    """Logical id -> resource, of a whole app."""
    (folder / "index.html").write_text("page", encoding="utf-8")
    app = App(outdir=str(folder / prefix))
    settings = Settings(prefix=prefix, suffix=suffix, flow_defs=folder, page=folder)
    NightshiftStack(app, prefix, settings=settings, flows=flows())
    app.synth()
    templates = [json.loads(file.read_text()) for file in (folder / prefix).glob("*.template.json")]
    return {name: resource for template in templates for name, resource in template["Resources"].items()}


@pytest.fixture(scope="module")
def ops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The resources of the app "ops"."""
    return resources(tmp_path_factory.mktemp("ops"), "ops")


@pytest.fixture(scope="module")
def ops_test(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The resources of the app "ops" with the suffix "test"."""
    return resources(tmp_path_factory.mktemp("ops-test"), "ops", "test")


def text(value: Any) -> str:
    """A resource of a policy as text; what another resource of the app is by itself cannot be another app's."""
    if isinstance(value, dict):
        value = value.get("Fn::Sub", "")
    return re.sub(r"\$\{([^}]+)\}", lambda found: PSEUDO.get(found[1], "own"), value)


def listed(value: Any) -> list[Any]:
    """A list, or a list of the one value."""
    return value if isinstance(value, list) else [value]


def reached(role: dict[str, Any], arn: str) -> Iterator[str]:
    """The actions that a role may do on another app's resource of an ARN, as IAM decides: a Deny wins.

    What is allowed on resources with the tag of the role's own app alone does not reach it.
    """
    statements = [s for policy in role["Properties"]["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    matching = [s for s in statements if any(r != "*" and fnmatchcase(arn, text(r)) for r in listed(s["Resource"]))]
    denied = {action for s in matching if s["Effect"] == "Deny" for action in listed(s["Action"])}
    allowing = [s for s in matching if s["Effect"] == "Allow" and not of_own_app(s)]
    yield from {action for s in allowing for action in listed(s["Action"])} - denied


def of_own_app(statement: dict[str, Any]) -> bool:
    """Whether a statement asks for resources that carry the app's own tag."""
    return "aws:ResourceTag/nightshift:app" in statement.get("Condition", {}).get("StringEquals", {})


def arns(made: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The ARNs of what an app makes, as far as its names decide them, and of its runs."""
    home = "us-east-1:123456789012"
    for resource in made.values():
        properties = resource["Properties"]
        if resource["Type"] in KINDS:
            service, kind, name = KINDS[resource["Type"]]
            yield f"arn:aws:{service}:{home}:{kind}{properties[name]}"


def roles_of(made: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The roles among resources."""
    return {name: resource for name, resource in made.items() if resource["Type"] == "AWS::IAM::Role"}


def targets_of(made: dict[str, dict[str, Any]], app: str) -> list[str]:
    """The ARNs of what an app makes, of its runs, and of the alarm of an instance."""
    found = list(arns(made))
    found += [f"{a.replace(':stateMachine:', ':execution:')}:backup-manual-1" for a in found if ":states:" in a]
    assert len(found) > 30
    return [*found, f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{app}/watched/i-1"]


@pytest.mark.parametrize(("prefix", "suffix"), [("ops-test", ""), ("ops", "test"), ("ops-test", "test")])
def test_an_app_does_not_reach_another_whose_name_begins_with_its_own(
    ops: dict[str, dict[str, Any]], tmp_path: Path, prefix: str, suffix: str
) -> None:
    theirs = targets_of(resources(tmp_path, prefix, suffix), AppNames(prefix, suffix).app)
    roles = roles_of(ops)
    found = [(name, arn, action) for name, role in roles.items() for arn in theirs for action in reached(role, arn)]
    assert found == []
    # They do reach their own, by the same reckoning.
    own = "arn:aws:states:us-east-1:123456789012:execution:ops-backup:backup-manual-1"
    assert "states:StopExecution" in set(reached(roles["DashboardRole"], own))


@pytest.mark.parametrize(("prefix", "suffix"), [("ops", ""), ("ops", "prod"), ("ops-x", "test"), ("ops-x", "")])
def test_an_app_with_a_suffix_does_not_reach_others(
    ops_test: dict[str, dict[str, Any]], tmp_path: Path, prefix: str, suffix: str
) -> None:
    theirs = targets_of(resources(tmp_path, prefix, suffix), AppNames(prefix, suffix).app)
    roles = roles_of(ops_test)
    found = [(name, arn, action) for name, role in roles.items() for arn in theirs for action in reached(role, arn)]
    assert found == []
    own = "arn:aws:states:us-east-1:123456789012:execution:ops-backup-test:backup-manual-1"
    assert "states:StopExecution" in set(reached(roles["DashboardRole"], own))


def test_every_name_ends_with_the_suffix(ops_test: dict[str, dict[str, Any]]) -> None:
    names = [name for resource in ops_test.values() for name in names_of(resource)]
    # The last two are named within the app's API.
    assert {name for name in names if not name.endswith("-test")} == {"users", "$default"}
    assert len(names) > 60
    (pattern,) = [r["Properties"]["EventPattern"] for n, r in ops_test.items() if n == "TrackerRule"]
    (wanted,) = pattern["detail"]["stateMachineArn"]
    assert wanted["wildcard"]["Fn::Sub"].endswith(":stateMachine:ops-*-test")


def test_cfn_lint_finds_nothing_in_names_with_a_suffix(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "out"))
    everything(app, tmp_path, suffix="test")
    app.synth()
    assert findings((tmp_path / "out").glob("*.template.json"), ["us-east-1", "eu-central-2"]) == ""


def names_of(resource: dict[str, Any]) -> Iterator[str]:
    """The names that a resource gets from its template; what it is called only within something else is left out."""
    kind, properties = resource["Type"], resource.get("Properties", {})
    if kind in ("AWS::Scheduler::Schedule", "AWS::Cognito::UserPoolGroup", "AWS::Cognito::UserPoolClient"):
        return
    last = kind.rpartition("::")[2]
    for name in ("Name", f"{last}Name", "StateMachineName", "FunctionName", "LogGroupName", "AliasName", "Domain"):
        value = properties.get(name)
        if value is not None and (name != "FunctionName" or kind == "AWS::Lambda::Function"):
            yield text(value)


def test_two_regions_of_an_account_have_names_of_their_own_where_aws_knows_no_regions(
    ops: dict[str, dict[str, Any]],
) -> None:
    configurations = {
        "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig",
        "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
    }
    names = [
        resource["Properties"][configurations[resource["Type"]]]["Name"]
        for resource in ops.values()
        if resource["Type"] in configurations
    ]
    assert len(names) == 3
    assert all("${AWS::Region}" in name["Fn::Sub"] for name in names)
    # 64 characters for an origin access control, with the longest prefix and region.
    assert all(len(name["Fn::Sub"].replace("${AWS::Region}", "ap-southeast-99")) + 17 <= 64 for name in names)


@pytest.mark.parametrize(
    ("suffix", "reason"),
    [
        ("-prod", "without a hyphen first or last"),
        ("prod-", "without a hyphen first or last"),
        ("Prod", "write lower-case letters"),
        ("of-the-whole-company", "'ops-of-the-whole-company' of 24 characters; write shorter ones, at most 20"),
        ("aws", "context suffix is 'aws', and Cognito takes no sign-in address with 'aws' in it"),
    ],
)
def test_a_suffix_that_aws_would_refuse_is_refused_with_the_reason(suffix: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        Settings(prefix="ops", suffix=suffix)


@pytest.mark.parametrize(
    ("prefix", "reason"),
    [
        ("ops-", "no hyphen last"),
        ("op", "write 3 to 20"),
        ("o" * 21, "write 3 to 20"),
        ("my-aws-jobs", "Cognito takes no sign-in address with 'aws' in it"),
        ("amazonas", "'amazon'"),
        ("incognito", "'cognito'"),
    ],
)
def test_a_prefix_that_aws_would_refuse_is_refused_with_the_reason(prefix: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Settings(prefix=prefix)


def test_without_a_dashboard_there_is_no_sign_in_to_mind() -> None:
    assert Settings(prefix="my-aws-jobs", dashboard=False).table == "my-aws-jobs"


def test_a_function_with_a_name_too_long_is_refused() -> None:
    long = Settings(prefix="p" * 20)
    part_functions(long, [compiled("f", "cloudformation.describe_stacks")], Code("bucket", "key"))
    with pytest.raises(ValueError, match=r"would be '.*' of 71 characters, Lambda takes 64"):
        part_functions(Settings(prefix="p" * 20), [compiled("f", f"{'s' * 25}.{'p' * 24}")], Code("bucket", "key"))


def test_the_queue_of_a_topic_in_another_region_is_left_out() -> None:
    listening = [compiled("f", on_alarm=topic(FOREIGN))]
    made = alarm_receiver(Settings(), listening, Code("bucket", "key"))
    (heard,) = [r["Properties"] for r in made.values() if r["Type"] == "AWS::SNS::Subscription"]
    condition, queue, otherwise = heard["RedrivePolicy"]["Fn::If"]
    assert conditions(listening) == {condition: {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    assert "deadLetterTargetArn" in queue
    assert otherwise == {"Ref": "AWS::NoValue"}


def test_a_topic_of_the_app_keeps_its_queue(ops: dict[str, dict[str, Any]]) -> None:
    kept = [r["Properties"] for r in ops.values() if r["Type"] == "AWS::SNS::Subscription"]
    assert sum("deadLetterTargetArn" in one["RedrivePolicy"] for one in kept) == 3


def test_what_stays_is_in_the_way_of_no_second_attempt(ops: dict[str, dict[str, Any]]) -> None:
    kept = {name: r["DeletionPolicy"] for name, r in ops.items() if r.get("DeletionPolicy", "Delete") != "Delete"}
    assert kept == dict.fromkeys(["Table", "ResultsBucket", "UserPool"], "RetainExceptOnCreate")
    assert {ops[name]["UpdateReplacePolicy"] for name in kept} == {"Retain"}


@pytest.mark.parametrize("protected", [True, False])
def test_the_table_and_the_users_can_be_protected(protected: bool) -> None:
    settings = Settings(deletion_protection=protected)
    assert table(settings)["Table"]["Properties"]["DeletionProtectionEnabled"] is protected
    pool = users(settings, [], "https://x/", Code("bucket", "key"))["UserPool"]["Properties"]
    assert pool["DeletionProtection"] == ("ACTIVE" if protected else "INACTIVE")


def test_results_have_versions_that_end() -> None:
    properties = results_bucket(Settings())["ResultsBucket"]["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


def test_what_the_state_machines_log_is_an_option() -> None:
    settings = Settings(log_level="ERROR", log_execution_data=False)
    (machine,) = [
        r["Properties"]
        for r in state_machine(settings, compiled("f")).values()
        if r["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    assert (machine["LoggingConfiguration"]["Level"], machine["LoggingConfiguration"]["IncludeExecutionData"]) == (
        "ERROR",
        False,
    )
    with pytest.raises(ValueError, match="context log_level is 'DEBUG'; write ALL, ERROR, FATAL, OFF"):
        Settings(log_level="DEBUG")


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_the_dashboard_is_refused_where_its_services_are_not(
    region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.html").write_text("page", encoding="utf-8")
    settings = Settings(flow_defs=tmp_path, page=tmp_path)
    with pytest.raises(SystemExit, match=f"cannot be deployed to {region}: .* -c dashboard=false"):
        NightshiftStack(App(), "ops", settings=settings, flows=[], env={"region": region})
    # Without a region of its own the stack goes to that of the credentials.
    monkeypatch.setenv("CDK_DEFAULT_REGION", region)
    with pytest.raises(SystemExit, match=f"cannot be deployed to {region}"):
        NightshiftStack(App(), "ops", settings=settings, flows=[])
    NightshiftStack(App(), "ops", settings=Settings(flow_defs=tmp_path, dashboard=False), flows=[])
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-west-1")
    NightshiftStack(App(), "ops", settings=settings, flows=[])


def test_mails_are_refused_where_there_is_no_ses(tmp_path: Path) -> None:
    def stack(region: str, *flows: CompiledFlow, **settings: Any) -> None:
        own = Settings(flow_defs=tmp_path, dashboard=False, **settings)
        NightshiftStack(App(), "ops", settings=own, flows=flows, env={"region": region})

    mailing = compiled("told", notify=["ops@example.com"])
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:ops"
    with pytest.raises(SystemExit, match=r"NS008 'told' needs Amazon SES, which is not in cn-north-1"):
        stack("cn-north-1", mailing)
    with pytest.raises(SystemExit, match="context notify names a mail address, and Amazon SES is not in cn-north-1"):
        stack("cn-north-1", notify=("ops@example.com",))
    stack("cn-north-1", compiled("told", notify=[topic]), notify=(topic,))
    stack("us-gov-west-1", mailing, notify=("ops@example.com",))


def test_the_rest_can_be_deployed_to_other_partitions(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "out"))
    settings = Settings(flow_defs=tmp_path, dashboard=False)
    listening = compiled("listens", on_alarm=topic(FOREIGN))
    NightshiftStack(app, "ops", settings=settings, flows=[*load_flows(ROOT / "flow_defs"), listening])
    app.synth()
    files = [str(file) for file in (tmp_path / "out").glob("*.template.json")]
    lint = str(Path(sys.executable).parent / "cfn-lint")
    command = [lint, "--regions", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1", "--", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    # Only what is a flow's own to name has a partition in it.
    named = [part for file in files for part in re.findall(r"arn:aws[a-z-]*:[^\"]*", Path(file).read_text())]
    assert set(named) == {FOREIGN}


def test_options_of_the_context_are_read_as_the_command_line_gives_them() -> None:
    context = {"log_level": "FATAL", "log_execution_data": "false", "deletion_protection": "true"}
    settings = Settings.of(App(context=context).node)
    assert (settings.log_level, settings.log_execution_data, settings.deletion_protection) == ("FATAL", False, True)
