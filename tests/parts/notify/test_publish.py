"""notify.publish: what SNS gets, and when it gets it again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, Throttled
from lambdas.contract.part import Failure, Result
from lambdas.parts import notify
from lambdas.parts.notify._memory import forget
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, times


@pytest.fixture(autouse=True)
def new_worker() -> None:
    forget()


@pytest.fixture
def topic(aws: TestAws) -> str:
    """A topic in another region, as a flow may name it."""
    return str(boto3.client("sns", region_name="eu-west-1").create_topic(Name="ops")["TopicArn"])


@pytest.fixture
def inbox(topic: str) -> Any:
    """inbox() -> the messages that a queue subscribed to the topic has got."""
    sqs = boto3.client("sqs", region_name="eu-west-1")
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    boto3.client("sns", region_name="eu-west-1").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def inbox() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        return [json.loads(m["Body"]) for m in found]

    return inbox


def test_a_message_is_published_as_it_is(aws: TestAws, topic: str, inbox: Any) -> None:
    text = '{"state": "ALARM"}\n'
    result = drive(notify.publish, aws, {"topic_arn": topic, "subject": "Nightly", "message": text}).result
    (got,) = inbox()
    assert (got["Subject"], got["Message"], got["MessageId"]) == ("Nightly", text, result["message_id"])
    assert got["MessageAttributes"]["nightshift_call"]["Value"] == f"{RUN.id}/step_1/1"
    assert result["changed"] == result["matched"] == [topic]
    assert result["summary"] == f"published to {topic}: Nightly"
    assert aws.count() == {"Publish": 1}


def test_a_result_is_shown_as_in_a_mail(aws: TestAws, topic: str, inbox: Any) -> None:
    failed = Result(
        part="ec2.stop_instances",
        matched=["i-1"],
        failed=[Failure("i-1", "OperationNotPermitted", "may not be stopped")],
        summary="0 instances stopped, 1 failed",
    )
    drive(notify.publish, aws, {"topic_arn": topic, "message": "Look at this.", "result": failed.to_json()})
    (got,) = inbox()
    assert got["Subject"] == "[nightshift] night: FAILED: 0 instances stopped, 1 failed"
    assert got["Message"].startswith("Look at this.")
    assert "OperationNotPermitted: may not be stopped" in got["Message"]


def test_a_template_of_the_user(aws: TestAws, topic: str, inbox: Any, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("NIGHTSHIFT_TEMPLATES", str(tmp_path))
    (tmp_path / "short.txt.mustache").write_text("Subject: {{flow}}\n\n{{#results}}{{summary}}{{/results}}")
    params = {"topic_arn": topic, "template": "short", "result": {"summary": "done", "part": "x"}}
    drive(notify.publish, aws, params)
    (got,) = inbox()
    assert (got["Subject"], got["Message"]) == ("night", "done")


def test_a_subject_is_made_what_sns_takes(aws: TestAws, topic: str, inbox: Any) -> None:
    drive(notify.publish, aws, {"topic_arn": topic, "subject": "夜\n" + "x" * 200, "message": "m"})
    (got,) = inbox()
    assert got["Subject"] == "? " + "x" * 97


def test_a_repetition_in_the_same_worker_is_not_published_again(aws: TestAws, topic: str, inbox: Any) -> None:
    params = {"topic_arn": topic, "message": "m"}
    first = notify.publish.invoke(aws, RUN, params, None)
    assert notify.publish.invoke(aws, RUN, params, None) == first
    assert len(inbox()) == 1
    notify.publish.invoke(aws, replace(RUN, call=2), params, None)
    assert len(inbox()) == 2


def test_a_fifo_topic_drops_the_repetition_of_another_worker(aws: TestAws) -> None:
    arn = boto3.client("sns").create_topic(Name="ops.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    deaths = [1]

    def die(*_: Any) -> None:
        forget()
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["Publish"] = Fault(after=die)
    assert drive(notify.publish, aws, {"topic_arn": arn, "message": "m"}).deaths == 1
    first, second = aws.made("Publish")
    assert first["MessageDeduplicationId"] == second["MessageDeduplicationId"]
    assert first["MessageGroupId"] == "night"


def test_dry_run_publishes_nothing(aws: TestAws, topic: str, inbox: Any) -> None:
    dry = drive(notify.publish, aws, {"topic_arn": topic, "message": "m", "dry_run": True}).result
    assert inbox() == []
    real = drive(notify.publish, aws, {"topic_arn": topic, "message": "m"}).result
    assert dry["changed"] == real["changed"] == [topic]
    assert (dry["text"], dry["subject"]) == (real["text"], real["subject"])
    assert dry.keys() == real.keys()


def test_a_topic_that_does_not_exist_is_told(aws: TestAws) -> None:
    arn = "arn:aws:sns:us-east-1:123456789012:none"
    with pytest.raises(PartFailed, match=f"{arn}  NotFound"):
        drive(notify.publish, aws, {"topic_arn": arn, "message": "m"})
    result = drive(notify.publish, aws, {"topic_arn": arn, "message": "m", "on_failure": "continue"}).result
    assert (result["changed"], result["failed"][0]["id"]) == ([], arn)


def test_a_missing_permission_is_named(aws: TestAws, topic: str) -> None:
    aws.faults["Publish"] = times(9, (403, "AuthorizationError", "not authorized to perform: SNS:Publish"))
    with pytest.raises(AccessDenied):
        drive(notify.publish, aws, {"topic_arn": topic, "message": "m"})


def test_throttling_is_left_to_the_state_machine(aws: TestAws, topic: str) -> None:
    aws.faults["Publish"] = times(9, (400, "Throttled", "Rate exceeded"))
    with pytest.raises(Throttled):
        drive(notify.publish, aws, {"topic_arn": topic, "message": "m"})


@pytest.mark.parametrize(
    "params",
    [
        {"topic_arn": "ops"},
        {"topic_arn": "arn:aws:sqs:us-east-1:123456789012:ops"},
        {"message": ""},
        {"message": "é" * 131073},
    ],
)
def test_what_sns_would_not_take_is_refused(aws: TestAws, topic: str, params: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        drive(notify.publish, aws, {"topic_arn": topic, "message": "m", **params})
    assert not aws.calls


def _publish(aws: FaultyAws) -> dict[str, Any]:
    return {"topic_arn": client("sns").create_topic(Name="night")["TopicArn"], "message": "All is well."}


SCENARIOS = [Scenario("a text", "notify.publish", _publish)]
