"""events.put_events: what a bus takes, and what is sent again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed
from lambdas.parts import events as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import RUN, Fault, TestAws, drive


@pytest.fixture
def bus(aws: TestAws) -> Any:
    """A bus whose events come to a queue; the events in it."""
    return queue_behind("default")


def queue_behind(bus: str) -> Any:
    sqs, events = client("sqs"), client("events")
    if bus != "default":
        events.create_event_bus(Name=bus)
    url = sqs.create_queue(QueueName=bus)["QueueUrl"]
    events.put_rule(Name="all", EventPattern='{"source": [{"prefix": ""}]}', EventBusName=bus)
    target = {"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:123456789012:{bus}"}
    events.put_targets(Rule="all", EventBusName=bus, Targets=[target])

    def taken() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found += [json.loads(message["Body"]) for message in messages]
        return found

    return taken


def refused_once(*refused: int, code: str) -> Fault:
    """Entries that the first answer refuses; the others it takes."""
    left = [1]

    def after(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if left:
            left.pop()
            for index in refused:
                answer["Entries"][index] = {"ErrorCode": code, "ErrorMessage": "not this one"}
            answer["FailedEntryCount"] = len(refused)

    return Fault(after=after)


def test_an_event_is_put_with_who_tells_and_which_call(aws: TestAws, bus: Any) -> None:
    params = {"detail_type": "Backup done", "detail": {"snapshots": ["snap-1"]}, "resources": ["arn:aws:x"]}
    result = drive(parts.put_events, aws, params).result
    (event,) = bus()
    assert (event["source"], event["detail-type"], event["resources"]) == (
        "nightshift.night",
        "Backup done",
        ["arn:aws:x"],
    )
    assert event["detail"] == {"snapshots": ["snap-1"], "nightshift_call": f"{RUN.id}/step_1/1/1"}
    assert result["changed"] == result["matched"] == ["default#1"]
    assert result["event_ids"] == [event["id"]]


def test_many_are_put_ten_at_a_time(aws: TestAws, bus: Any) -> None:
    drive(parts.put_events, aws, {"detail_type": "x", "detail": [{"n": n} for n in range(23)]})
    assert [len(call["Entries"]) for call in aws.made("PutEvents")] == [10, 10, 3]
    assert sorted(event["detail"]["n"] for event in bus()) == list(range(23))


def test_a_request_is_no_larger_than_eventbridge_takes(aws: TestAws, bus: Any) -> None:
    drive(parts.put_events, aws, {"detail_type": "x", "detail": [{"n": "é" * 50_000} for _ in range(5)]})
    assert [len(call["Entries"]) for call in aws.made("PutEvents")] == [2, 2, 1]


def test_only_what_was_not_taken_is_sent_again(aws: TestAws, bus: Any) -> None:
    aws.faults["PutEvents"] = refused_once(1, code="ThrottlingException")
    result = drive(parts.put_events, aws, {"detail_type": "x", "detail": [{"n": n} for n in range(3)]}).result
    first, second = aws.made("PutEvents")
    assert second["Entries"] == [first["Entries"][1]]
    assert result["changed"] == ["default#1", "default#2", "default#3"]
    assert len(result["event_ids"]) == 3


def test_one_that_is_refused_fails_and_the_others_go_on(aws: TestAws, bus: Any) -> None:
    aws.faults["PutEvents"] = refused_once(0, code="NotAuthorizedForSourceException")
    params = {"detail_type": "x", "detail": [{"n": 0}, {"n": 1}], "on_failure": "continue"}
    result = drive(parts.put_events, aws, params).result
    assert result["changed"] == ["default#2"]
    assert [failure["error"] for failure in result["failed"]] == ["NotAuthorizedForSourceException"]
    aws.faults["PutEvents"] = refused_once(0, code="MalformedDetail")
    with pytest.raises(PartFailed, match="MalformedDetail"):
        drive(parts.put_events, aws, {"detail_type": "x", "detail": {}})


def test_another_bus(aws: TestAws) -> None:
    taken = queue_behind("orders")
    arn = "arn:aws:events:us-east-1:123456789012:event-bus/orders"
    for bus in ("orders", arn):
        result = drive(parts.put_events, aws, {"detail_type": "x", "detail": {}, "event_bus": bus, "source": "me"})
        assert result.result["changed"] == ["orders#1"]
    assert [event["source"] for event in taken()] == ["me", "me"]


def test_a_dry_run_puts_nothing(aws: TestAws, bus: Any) -> None:
    result = drive(parts.put_events, aws, {"detail_type": "x", "detail": {}, "dry_run": True}).result
    assert (result["changed"], result["event_ids"]) == (["default#1"], [])
    assert not aws.calls


def test_a_missing_permission_is_named(aws: TestAws) -> None:
    aws.faults["PutEvents"] = Fault(lambda params: (400, "AccessDeniedException", "not authorized"))
    with pytest.raises(AccessDenied):
        drive(parts.put_events, aws, {"detail_type": "x", "detail": {}})


@pytest.mark.parametrize("detail", [[], {"text": "x" * 262_144}])
def test_what_eventbridge_would_not_take_is_refused(aws: TestAws, detail: Any) -> None:
    with pytest.raises(InvalidParameter):
        drive(parts.put_events, aws, {"detail_type": "x", "detail": detail})
    assert not aws.calls


def _two(aws: FaultyAws) -> dict[str, Any]:
    queue_behind("night")
    return {"detail_type": "Backup done", "detail": [{"n": 1}, {"n": 2}], "event_bus": "night"}


SCENARIOS = [Scenario("two events", "events.put_events", _two)]
