"""MiniStack as the local AWS runs it: schedules in their zone, errors of functions by name, mail that can be read."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nightshift.local import LocalAws, down, sent_mail, up
from tests.waiting import until

HANDLER = """
import os

class PartFailed(Exception):
    pass

def handler(event, context):
    if event["do"] == "fail":
        raise PartFailed("i-1 is stuck")
    if event["do"] == "die once" and not os.path.exists(event["marker"]):
        open(event["marker"], "w").close()
        os._exit(9)
    return event["do"]
"""
ROLE = "arn:aws:iam::123456789012:role/any"
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    project = tmp_path_factory.mktemp("control-plane")
    try:
        # Its roles are made up.
        yield up(project, deploy=False, iam=False)
    finally:
        down(project)


@pytest.fixture(scope="module")
def machine(local: LocalAws) -> str:
    """A machine that hands its input to a function, retries a dead worker and catches PartFailed."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", HANDLER)
    session = local.session()
    session.client("lambda").create_function(
        FunctionName="part", Runtime="python3.13", Handler="app.handler", Role=ROLE, Code={"ZipFile": code.getvalue()}
    )
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "part", "Payload": "{% $states.input %}"},
        "Output": "{% $states.result.Payload %}",
        "Retry": [{"ErrorEquals": ["Runtime.ExitError"], "IntervalSeconds": 5, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["PartFailed"], "Output": "{% $states.errorOutput %}", "Next": "Caught"}],
        "End": True,
    }
    states = {"Part": task, "Caught": {"Type": "Pass", "End": True}}
    definition = {"QueryLanguage": "JSONata", "StartAt": "Part", "States": states}
    answer = session.client("stepfunctions").create_state_machine(
        name="machine", roleArn=ROLE, definition=json.dumps(definition)
    )
    return str(answer["stateMachineArn"])


def run(local: LocalAws, machine: str, **event: str) -> Any:
    states = local.session().client("stepfunctions")
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(event))["executionArn"]

    def ended() -> Any:
        described = states.describe_execution(executionArn=arn)
        return described if described["status"] != "RUNNING" else None

    described = until(ended, f"the end of {arn}")
    assert described["status"] == "SUCCEEDED", described
    return json.loads(described["output"])


def test_an_exception_keeps_its_name(local: LocalAws, machine: str) -> None:
    caught = run(local, machine, do="fail")
    assert caught["Error"] == "PartFailed"
    assert json.loads(caught["Cause"])["errorMessage"] == "i-1 is stuck"


def test_a_worker_that_dies_is_replaced(local: LocalAws, machine: str, tmp_path: Any) -> None:
    marker = tmp_path / "died"
    assert run(local, machine, do="die once", marker=str(marker)) == "die once"
    assert marker.exists()


def schedule(local: LocalAws, name: str, **target: Any) -> None:
    local.session().client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="cron(0 22 * * ? *)",
        ScheduleExpressionTimezone="Asia/Tokyo",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"RoleArn": ROLE, **target},
    )


def test_a_schedule_fires_in_its_zone_and_names_the_execution(local: LocalAws, machine: str) -> None:
    request = {
        "StateMachineArn": machine,
        "Name": "<aws.scheduler.execution-id>",
        "Input": '{"do": "<aws.scheduler.scheduled-time>"}',
    }
    states = local.session().client("stepfunctions")
    before = {e["name"] for e in states.list_executions(stateMachineArn=machine)["executions"]}
    schedule(local, "universal", Arn="arn:aws:scheduler:::aws-sdk:sfn:startExecution", Input=json.dumps(request))

    local.set_deliveries(2)
    local.set_scheduler_clock(datetime(2026, 12, 1, 12, 59, 59, tzinfo=UTC))
    assert local.next_fire_times()["default/universal"] == datetime(2026, 12, 1, 22, 0, tzinfo=TOKYO)

    def fired() -> Any:
        executions = states.list_executions(stateMachineArn=machine)["executions"]
        found = [e for e in executions if e["name"] not in before]
        return found if len(found) == 2 else []

    execution, again = until(fired, "the schedule to fire twice, each time with an id of its own")
    assert execution["name"] != again["name"]
    described = states.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"]) == {"do": "2026-12-01T13:00:00Z"}
    assert local.next_fire_times()["default/universal"] == datetime(2026, 12, 2, 22, 0, tzinfo=TOKYO)
    local.session().client("scheduler").delete_schedule(Name="universal")


def test_what_the_target_refuses_goes_to_the_dead_letter_queue(local: LocalAws, machine: str) -> None:
    sqs = local.session().client("sqs")
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    schedule(local, "refused", Arn=f"{machine}-gone", Input="{}", DeadLetterConfig={"Arn": queue})

    local.set_scheduler_clock(datetime(2026, 12, 5, 21, 59, 59, tzinfo=TOKYO))

    def received() -> Any:
        return sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages")

    [letter] = until(received, "the dead letter")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "StateMachineDoesNotExist"
    local.session().client("scheduler").delete_schedule(Name="refused")


def test_cloudformation_keeps_the_zone_of_a_schedule(local: LocalAws, machine: str) -> None:
    properties = {
        "Name": "stacked",
        "ScheduleExpression": "cron(30 6 ? * MON-FRI *)",
        "ScheduleExpressionTimezone": "Asia/Tokyo",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": machine, "RoleArn": ROLE},
    }
    resource = {"Type": "AWS::Scheduler::Schedule", "Properties": properties}
    cloudformation = local.session().client("cloudformation")
    cloudformation.create_stack(StackName="stacked", TemplateBody=json.dumps({"Resources": {"S": resource}}))
    fires = until(lambda: local.next_fire_times().get("default/stacked"), "the schedule")
    assert (fires.hour, fires.minute, fires.utcoffset()) == (6, 30, TOKYO.utcoffset(fires))
    properties["ScheduleExpressionTimezone"] = "Europe/Berlin"
    cloudformation.update_stack(StackName="stacked", TemplateBody=json.dumps({"Resources": {"S": resource}}))

    def in_berlin() -> bool:
        fires = local.next_fire_times()["default/stacked"]
        return fires.utcoffset() == fires.astimezone(ZoneInfo("Europe/Berlin")).utcoffset()

    until(in_berlin, "the schedule in Berlin's time")


def test_sent_mail_can_be_read(local: LocalAws) -> None:
    local.session().client("ses").send_email(
        Source="nightshift@example.com",
        Destination={"ToAddresses": ["ops@example.com"]},
        Message={
            "Subject": {"Data": "Nightly backup"},
            "Body": {"Text": {"Data": "9 volumes"}, "Html": {"Data": "<b>9</b>"}},
        },
    )
    [mail] = sent_mail(local)
    assert (mail.subject, mail.to, mail.text, mail.html) == (
        "Nightly backup",
        ("ops@example.com",),
        "9 volumes",
        "<b>9</b>",
    )


def test_the_environment_leads_an_sdk_there(local: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    for name, value in local.environment().items():
        monkeypatch.setenv(name, value)
    session = boto3.Session()
    assert session.client("sts").get_caller_identity()["Account"] == local.account
    assert session.client("ec2").describe_instances()["Reservations"]
    assert f"export AWS_ENDPOINT_URL_EC2={local.fleet.url}" in local.exports()


def test_systems_manager_is_the_fleets_for_instances_and_else_the_control_planes(local: LocalAws) -> None:
    ssm = local.session().client("ssm")
    ssm.put_parameter(Name="/x", Value="1", Type="String")
    assert ssm.get_parameter(Name="/x")["Parameter"]["Value"] == "1"
    assert len(ssm.describe_instance_information()["InstanceInformationList"]) == 16


def test_eventbridge_is_told_of_instances_though_nobody_asks_for_them(local: LocalAws) -> None:
    session: Any = local.session()
    ec2, events, sqs = (session.client(name) for name in ("ec2", "events", "sqs"))
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    kinds = ["EC2 Instance State-change Notification", "Tag Change on Resource"]
    events.put_rule(Name="told", EventPattern=json.dumps({"detail-type": kinds}))
    events.put_targets(Rule="told", Targets=[{"Id": "told", "Arn": queue}])

    def told() -> dict[str, Any] | None:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            event: dict[str, Any] = json.loads(message["Body"])
            return event
        return None

    made = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    for state in ("pending", "running"):
        event = until(told, "the event")
        assert event["source"] == "aws.ec2"
        assert event["detail"] == {"instance-id": made, "state": state}
        assert event["resources"] == [f"arn:aws:ec2:{local.region}:{local.account}:instance/{made}"]
    ec2.create_tags(Resources=[made], Tags=[{"Key": "Role", "Value": "web"}])
    event = until(told, "the event")
    assert (event["source"], event["region"], event["account"]) == ("aws.tag", local.region, local.account)
    assert event["detail"]["changed-tag-keys"] == ["Role"]
    assert event["detail"]["tags"] == {"Role": "web"}


def test_the_runs_of_a_machine_that_is_deleted_end_at_their_next_state(local: LocalAws) -> None:
    states, sqs = (local.session().client(name) for name in ("stepfunctions", "sqs"))
    url = sqs.create_queue(QueueName="passed")["QueueUrl"]
    tell = {"QueueUrl": url, "MessageBody.$": "$$.StateMachine.Name"}
    definition = {
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "Seconds": 300, "Next": "Tell"},
            "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": tell, "End": True},
        },
    }
    deleted, kept = (
        states.create_state_machine(name=name, roleArn=ROLE, definition=json.dumps(definition))["stateMachineArn"]
        for name in ("deleted", "kept")
    )
    arn = states.start_execution(stateMachineArn=deleted)["executionArn"]

    def entered() -> bool:
        events = states.get_execution_history(executionArn=arn)["events"]
        return any(event["type"] == "WaitStateEntered" for event in events)

    until(entered, "the run to wait")
    states.delete_state_machine(stateMachineArn=deleted)
    run(local, kept)
    told = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in told] == ["kept"]


def test_no_page_in_a_browser_drives_it(local: LocalAws) -> None:
    """A site whose name somebody points at this machine, a form, and an image of another site."""
    stop = b"Action=StopInstances&Version=2016-11-15&InstanceId.1=i-0123456789abcdef0"
    for server, form in ((local.ministack, b'{"speed": 1}'), (local.fleet, stop)):
        for path in ("/_nightshift/quotas", "/"):
            for headers in (
                {"Host": "evil.example"},
                {"Origin": "http://evil.example"},
                {"Origin": "null"},
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
            ):
                request = urllib.request.Request(f"{server.url}{path}", form, headers, method="POST")
                with pytest.raises(urllib.error.HTTPError, match="421"):
                    urllib.request.urlopen(request, timeout=30)
    local.set_deliveries(1)
    assert local.session().client("ec2").describe_instances()["Reservations"]
