"""The synthesized app: what is in it, what it may do, and what the linters say of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from lambdas.parts import all_parts, find_part
from stacks.settings import Settings
from stacks.shared.approval import approval
from stacks.shared.parts import part_id
from stacks.template.functions import Code
from tests.stacks.conftest import ROOT, Synthesized

UNTAGGED = {
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::KMS::Alias",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "Custom::FlowsEnded",
    "Custom::FlowsInUse",
    "Custom::InstanceAlarms",
    "Custom::StaticFiles",
}
"""Types CloudFormation takes no tags for; a nested stack has those of its parent."""

ALARMED = ("alarmed", "reboot_instance", "recover_instance", "replace_instance", "told", "watched")
"""Flows with an alarm topic of their own."""

ALL_RESOURCES = re.compile(
    r"[a-z0-9-]+:(Describe|Get|List|Validate)\w+|logs:\w+LogDelivery|logs:PutResourcePolicy|xray:Put\w+|ssm:CancelCommand"
)
"""Actions that may name all resources: they read, or IAM takes no resource for them ("Actions, resources, and condition
keys", Service Authorization Reference)."""


def template(app: Synthesized) -> Template:
    """The stack's template, for assertions."""
    return Template.from_string(json.dumps(app.template))


def statements(app: Synthesized) -> list[dict[str, Any]]:
    """Every statement of every role."""
    policies = [policy for role in app.resources("AWS::IAM::Role") for policy in role["Properties"]["Policies"]]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    """A list, or a list of the one value."""
    return value if isinstance(value, list) else [value]


def test_one_function_per_part(app: Synthesized) -> None:
    functions = {r["Properties"]["FunctionName"]: r["Properties"] for r in app.resources("AWS::Lambda::Function")}
    assert {f"nightshift-{name.replace('.', '-')}" for name in all_parts()} < functions.keys()
    for properties in functions.values():
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == ["arm64"]
        assert properties["TracingConfig"] == {"Mode": "Active"}
        own = [{"Ref": "DashboardLayer"}] if properties["FunctionName"] == "nightshift-dashboard" else []
        assert properties["Layers"] == [{"Ref": "Layer"}, *own]
        assert properties["Environment"]["Variables"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert len({r["Properties"]["Role"]["Fn::GetAtt"][0] for r in app.resources("AWS::Lambda::Function")}) == len(
        functions
    )


def test_a_part_has_its_settings(app: Synthesized) -> None:
    template(app).has_resource_properties(
        "AWS::Lambda::Function",
        {
            "FunctionName": "nightshift-ec2-stop_instances",
            "Handler": "lambdas.runtime.handler.handler",
            "Environment": {
                "Variables": Match.object_like(
                    {
                        "NIGHTSHIFT_PART": "ec2.stop_instances",
                        "NIGHTSHIFT_RESULTS_BUCKET": {"Ref": "ResultsBucket"},
                        "NIGHTSHIFT_MAIL_FROM": "nightshift@example.com",
                    }
                )
            },
        },
    )


def test_parts_share_one_archive(app: Synthesized) -> None:
    parts = [app.template["Resources"][part_id(name)]["Properties"]["Code"] for name in all_parts()]
    assert all(code == parts[0] for code in parts)
    with zipfile.ZipFile(app.folder / f"asset.{parts[0]['S3Key']}") as archive:
        names = archive.namelist()
    assert "lambdas/runtime/handler.py" in names
    assert "flow_defs/templates/snapshot_result.txt.mustache" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("nightshift/", "stacks/"))]


def test_a_part_may_do_what_it_declares_and_keep_its_results(app: Synthesized) -> None:
    for name in all_parts():
        role = app.template["Resources"][f"{part_id(name)}Role"]["Properties"]
        granted = {a for p in role["Policies"] for s in p["PolicyDocument"]["Statement"] for a in listed(s["Action"])}
        declared = {action for allow in find_part(name).allow for action in allow.actions if not allow.asked_by}
        assert granted == declared | {
            "s3:GetObject",
            "s3:PutObject",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        }


def test_nothing_reads_definitions_from_step_functions(app: Synthesized) -> None:
    """Which are one a second in most Regions ("Quotas for API actions"): functions have them in their code."""
    allowed = {action for statement in statements(app) for action in listed(statement["Action"])}
    assert "states:DescribeExecution" in allowed
    assert "states:DescribeStateMachineForExecution" not in allowed


def test_no_role_has_a_wildcard_it_does_not_need(app: Synthesized) -> None:
    for statement in statements(app):
        actions = listed(statement["Action"])
        assert not [action for action in actions if "*" in action]
        if "*" in listed(statement["Resource"]):
            assert not [action for action in actions if not ALL_RESOURCES.fullmatch(action)]


def test_approval_may_mail_from_the_address_of_the_app_only(app: Synthesized) -> None:
    role = app.template["Resources"]["ApprovalRole"]["Properties"]
    send = role["Policies"][0]["PolicyDocument"]["Statement"][0]
    assert send["Action"] == "ses:SendEmail"
    assert send["Condition"] == {"StringEquals": {"ses:FromAddress": "nightshift@example.com"}}


def test_approval_is_invoked_every_few_minutes_only_where_a_flow_reminds(app: Synthesized) -> None:
    rule = app.template["Resources"]["ApprovalRule"]["Properties"]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert rule["Targets"] == [{"Id": "function", "Arn": {"Fn::GetAtt": ["Approval", "Arn"]}}]
    made = [approval(Settings(), Code("bucket", "key"), None, reminds=reminds) for reminds in (False, True)]
    assert set(made[1]) - set(made[0]) == {"ApprovalRule", "ApprovalPermission", "ApprovalErrors"}


def test_who_mails_may_use_the_identities_and_configuration_sets_that_ses_asks_about(app: Synthesized) -> None:
    # The default configuration set of the sender's identity, and in the sandbox the identities of the recipients.
    asked = {"identity/*", "configuration-set/*"}
    mailing = [s for s in statements(app) if "ses:SendEmail" in listed(s["Action"])]
    assert len(mailing) == 3
    for statement in mailing:
        assert {resource["Fn::Sub"].rpartition(":")[2] for resource in statement["Resource"]} == asked
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [resource for resource in asked if f"`{resource}`" not in page] == []


def test_everything_is_tagged(app: Synthesized) -> None:
    for name, source in {"nightshift": app.template, **app.nested}.items():
        for logical_id, resource in source["Resources"].items():
            if resource["Type"] not in UNTAGGED:
                properties = resource["Properties"]
                tags = properties.get("Tags", properties.get("UserPoolTags", []))
                if isinstance(tags, dict):
                    tags = [{"Key": key, "Value": value} for key, value in tags.items()]
                assert {"Key": "nightshift:app", "Value": "nightshift"} in tags, (name, logical_id)


def test_every_log_group_ends(app: Synthesized) -> None:
    groups = [r["Properties"] for r in app.resources("AWS::Logs::LogGroup")]
    assert "/aws/vendedlogs/states/nightshift" in {group["LogGroupName"] for group in groups}
    assert all(group["RetentionInDays"] == 90 for group in groups)
    functions = {f"/aws/lambda/{r['Properties']['FunctionName']}" for r in app.resources("AWS::Lambda::Function")}
    assert functions <= {group["LogGroupName"] for group in groups}


def test_the_results_bucket_is_closed(app: Synthesized) -> None:
    template(app).has_resource_properties(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": Match.any_value(),
            "PublicAccessBlockConfiguration": dict.fromkeys(
                ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True
            ),
            "LifecycleConfiguration": {"Rules": [Match.object_like({"Status": "Enabled", "ExpirationInDays": 180})]},
        },
    )
    template(app).has_resource(
        "AWS::S3::Bucket", {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    )
    template(app).has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
                ]
            }
        },
    )


def test_the_dead_letter_queue_is_watched(app: Synthesized) -> None:
    template(app).has_resource_properties("AWS::SQS::Queue", {"SqsManagedSseEnabled": True})
    template(app).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Threshold": 1,
            "AlarmActions": [{"Ref": "OperationsTopic"}],
        },
    )


@pytest.mark.parametrize(
    ("function", "metric"),
    [
        ("Gate", "Throttles"),
        ("AlarmReceiver", "Throttles"),
        ("Tracker", "Throttles"),
        ("Tracker", "Errors"),
        ("TrackerReconciler", "Errors"),
    ],
)
def test_operations_hear_of_functions_that_fail_or_find_no_room(app: Synthesized, function: str, metric: str) -> None:
    alarms = [alarm["Properties"] for alarm in app.resources("AWS::CloudWatch::Alarm")]
    (found,) = [
        alarm
        for alarm in alarms
        if (alarm["MetricName"], alarm["Dimensions"])
        == (metric, [{"Name": "FunctionName", "Value": {"Ref": function}}])
    ]
    assert (found["Namespace"], found["Threshold"]) == ("AWS/Lambda", 1)
    assert found["AlarmActions"] == [{"Ref": "OperationsTopic"}]


def test_cloudwatch_may_use_the_key_of_the_topics(app: Synthesized) -> None:
    (key,) = app.resources("AWS::KMS::Key")
    use = key["Properties"]["KeyPolicy"]["Statement"][1]
    assert use["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert "kms:Decrypt" in use["Action"]


def test_outputs(app: Synthesized) -> None:
    assert app.template["Outputs"].keys() == {
        "AlarmTopicAlarmedArn",
        "AlarmTopicRebootInstanceArn",
        "AlarmTopicRecoverInstanceArn",
        "AlarmTopicReplaceInstanceArn",
        "AlarmTopicToldArn",
        "AlarmTopicWatchedArn",
        "DashboardUrl",
        "DeadLetterQueueUrl",
        "OperationsTopicArn",
        "ResultsBucketName",
        "TableName",
        "UserPoolId",
    }
    assert not [output for output in app.template["Outputs"].values() if "Export" in output]


def test_flows_are_deployed_after_what_they_use(app: Synthesized) -> None:
    for name, resource in app.template["Resources"].items():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            nested = app.nested[resource["Metadata"]["aws:asset:path"]]
            text = json.dumps(nested)
            used = {part_id(part) for part in all_parts() if f"function:nightshift-{part.replace('.', '-')}" in text}
            assert used <= set(resource["DependsOn"]), name
            assert {"KeyAlias", "ScheduleGroup", "StateMachineLogs"} <= set(resource["DependsOn"])


def test_what_keeps_a_deployment_from_ending_runs_is_updated_before_the_flows_and_deleted_before_them(
    app: Synthesized,
) -> None:
    """CloudFormation updates after, and deletes before, what a resource depends on ("DependsOn attribute", AWS
    CloudFormation User Guide)."""
    resources = app.template["Resources"]
    nested = {name for name, resource in resources.items() if resource["Type"] == "AWS::CloudFormation::Stack"}
    assert nested
    assert [name for name in nested if "FlowsInUse" not in resources[name]["DependsOn"]] == []
    assert nested <= set(resources["FlowsEnded"]["DependsOn"])
    used = resources["FlowsInUse"]["Properties"]["Flows"]
    assert set(resources["FlowsEnded"]["Properties"]["Flows"]) == set(used)
    assert "ebs.create_snapshot" in used["nightly_backup"]


def test_what_tells_of_runs_knows_the_steps_of_the_flows(app: Synthesized) -> None:
    for name in ("Tracker", "TrackerReconciler", "Dashboard"):
        code = app.template["Resources"][name]["Properties"]["Code"]
        with zipfile.ZipFile(app.folder / f"asset.{code['S3Key']}") as archive:
            assert json.loads(archive.read("flows.json")), name


def test_the_receiver_has_the_routes_of_all_alarms(app: Synthesized) -> None:
    code = app.template["Resources"]["AlarmReceiver"]["Properties"]["Code"]
    with zipfile.ZipFile(app.folder / f"asset.{code['S3Key']}") as archive:
        routes = json.loads(archive.read("alarm_routes.json"))
        assert "lambdas/alarms/receiver.py" in archive.namelist()
    topics = {f"nightshift-alarm-{flow}" for flow in ALARMED}
    assert routes.keys() == topics | {"arn:aws:sns:us-east-1:123456789012:monitoring"}


def test_app_py_synthesizes_from_its_context(tmp_path: Path) -> None:
    (tmp_path / "flow_defs").mkdir()
    (tmp_path / "flow_defs" / "idle.py").write_text("from nightshift import flow\n\n\n@flow()\ndef idle():\n    pass\n")
    context = {"flow_defs": str(tmp_path / "flow_defs"), "prefix": "ops", "mail_from": "ops@example.com"}
    done = run_app(tmp_path, {**context, "dashboard": "false"})
    assert done.returncode == 0, done.stderr
    stack = json.loads((tmp_path / "out" / "ops.template.json").read_text())
    assert not [name for name in stack["Resources"] if name.startswith(("Dashboard", "UserPool"))]
    (nested,) = (tmp_path / "out").glob("ops*.nested.template.json")
    machines = [r["Properties"] for r in json.loads(nested.read_text())["Resources"].values() if "Machine" in r["Type"]]
    assert [machine["StateMachineName"] for machine in machines] == ["ops-idle"]


def test_app_py_says_how_to_build_a_page_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "flow_defs").mkdir()
    done = run_app(tmp_path, {"flow_defs": str(tmp_path / "flow_defs"), "page": str(tmp_path / "dist")})
    assert done.returncode == 1
    assert "run `make dashboard`" in done.stderr
    assert "-c dashboard=false" in done.stderr
    assert "Traceback" not in done.stderr


def test_app_py_shows_what_does_not_compile(tmp_path: Path) -> None:
    (tmp_path / "flow_defs").mkdir()
    source = "from nightshift import flow\n\n\n@flow()\ndef bad():\n    with open('x'):\n        pass\n"
    (tmp_path / "flow_defs" / "bad.py").write_text(source)
    done = run_app(tmp_path, {"flow_defs": str(tmp_path / "flow_defs")})
    assert done.returncode == 1
    assert "bad.py:6:5: NS" in done.stderr
    assert "Traceback" not in done.stderr


def run_app(folder: Path, context: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run app.py as the CDK CLI does."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CDK_OUTDIR": str(folder / "out"),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    command = [sys.executable, str(ROOT / "app.py")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
