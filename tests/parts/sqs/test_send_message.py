"""sqs.send_message: what a queue gets, and when it gets it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, Throttled
from lambdas.parts import sqs as parts
from lambdas.parts.notify._memory import forget
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, times


@pytest.fixture(autouse=True)
def new_worker() -> None:
    forget()


class Queue:
    """A queue in another region, as a flow may name it."""

    def __init__(self, name: str, **attributes: str) -> None:
        self.sqs = boto3.client("sqs", region_name="eu-west-1")
        self.url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        got = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = got["Attributes"]["QueueArn"]

    def messages(self) -> list[Any]:
        got = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
        )
        return list(got.get("Messages", []))


@pytest.fixture
def queue(aws: TestAws) -> Queue:
    return Queue("orders")


def test_a_message_is_sent_with_its_attributes(aws: TestAws, queue: Queue) -> None:
    params = {"queue_arn": queue.arn, "message": '{"ok": true}', "attributes": {"kind": "backup"}}
    result = drive(parts.send_message, aws, params).result
    (got,) = queue.messages()
    texts = {name: value["StringValue"] for name, value in got["MessageAttributes"].items()}
    assert (got["Body"], got["MessageId"]) == ('{"ok": true}', result["message_id"])
    assert texts == {"kind": "backup", "nightshift_call": f"{RUN.id}/step_1/1"}
    assert result["changed"] == result["matched"] == [queue.arn]
    assert result["summary"] == f"sent a message to {queue.arn}"


def test_it_is_hidden_for_the_delay(aws: TestAws, queue: Queue) -> None:
    drive(parts.send_message, aws, {"queue_arn": queue.arn, "message": "m", "delay": "5m"})
    assert aws.made("SendMessage")[0]["DelaySeconds"] == 300
    assert queue.messages() == []


def test_a_repeated_call_sends_once_while_the_worker_lives(aws: TestAws, queue: Queue) -> None:
    for _ in range(2):
        drive(parts.send_message, aws, {"queue_arn": queue.arn, "message": "m"})
    assert len(queue.messages()) == 1
    drive(parts.send_message, aws, {"queue_arn": queue.arn, "message": "m"}, run=replace(RUN, call=2))
    assert aws.count()["SendMessage"] == 2


def test_a_fifo_queue_drops_the_repetition(aws: TestAws) -> None:
    queue = Queue("orders.fifo", FifoQueue="true")
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["SendMessage"] = Fault(after=die)
    assert drive(parts.send_message, aws, {"queue_arn": queue.arn, "message": "m"}).deaths == 1
    assert aws.count()["SendMessage"] == 2
    assert len(queue.messages()) == 1
    assert aws.made("SendMessage")[0]["MessageGroupId"] == "night"


def test_an_absent_queue_fails(aws: TestAws) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:nowhere"
    with pytest.raises(PartFailed, match="QueueDoesNotExist"):
        drive(parts.send_message, aws, {"queue_arn": arn, "message": "m"})


def test_a_dry_run_finds_the_queue_and_sends_nothing(aws: TestAws, queue: Queue) -> None:
    result = drive(parts.send_message, aws, {"queue_arn": queue.arn, "message": "m", "dry_run": True}).result
    assert (result["changed"], result["summary"]) == ([queue.arn], f"would send a message to {queue.arn}")
    assert queue.messages() == []
    arn = "arn:aws:sqs:eu-west-1:123456789012:nowhere"
    with pytest.raises(PartFailed, match="QueueDoesNotExist"):
        drive(parts.send_message, aws, {"queue_arn": arn, "message": "m", "dry_run": True})


def test_a_missing_permission_is_named(aws: TestAws, queue: Queue) -> None:
    aws.faults["SendMessage"] = Fault(lambda p: (403, "AccessDenied", "not authorized"))
    with pytest.raises(AccessDenied):
        drive(parts.send_message, aws, {"queue_arn": queue.arn, "message": "m"})


def test_throttling_is_left_to_the_state_machine(aws: TestAws, queue: Queue) -> None:
    aws.faults["SendMessage"] = times(9, (400, "RequestThrottled", "Rate exceeded"))
    with pytest.raises(Throttled):
        drive(parts.send_message, aws, {"queue_arn": queue.arn, "message": "m"})


@pytest.mark.parametrize(
    "params",
    [
        {"queue_arn": "orders"},
        {"queue_arn": "arn:aws:sns:us-east-1:123456789012:orders"},
        {"message": ""},
        {"message": "é" * 524289},
        {"delay": "16m"},
        {"attributes": {f"a{n}": "v" for n in range(10)}},
        {"queue_arn": "arn:aws:sqs:us-east-1:123456789012:orders.fifo", "delay": 10},
    ],
)
def test_what_sqs_would_not_take_is_refused(aws: TestAws, params: dict[str, Any]) -> None:
    given = {"queue_arn": "arn:aws:sqs:us-east-1:123456789012:orders", "message": "m", **params}
    with pytest.raises(InvalidParameter):
        drive(parts.send_message, aws, given)
    assert not aws.calls


def _send(aws: FaultyAws) -> dict[str, Any]:
    client("sqs").create_queue(QueueName="night")
    return {"queue_arn": "arn:aws:sqs:us-east-1:123456789012:night", "message": "All is well."}


SCENARIOS = [Scenario("a text", "sqs.send_message", _send)]
