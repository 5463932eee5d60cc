"""The alarm receiver on moto's Step Functions: which messages start which runs, once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from lambdas.alarms import receiver, suppression
from lambdas.store.table import table

REGION, ACCOUNT = "eu-west-1", "123456789012"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-recover_instance"
FOREIGN = f"arn:aws:sns:{REGION}:999999999999:monitoring"
CONTEXT = SimpleNamespace(invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nightshift-alarm_receiver")
MESSAGE: dict[str, Any] = {
    "AlarmName": "web 1: status check / failed",
    "AlarmDescription": None,
    "AWSAccountId": ACCOUNT,
    "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:web 1: status check / failed",
    "NewStateValue": "ALARM",
    "OldStateValue": "OK",
    "NewStateReason": "Threshold Crossed",
    "StateChangeTime": "2026-11-24T01:02:03.456+0000",
    "Region": "EU (Ireland)",
    "Trigger": {
        "MetricName": "StatusCheckFailed",
        "Namespace": "AWS/EC2",
        "StatisticType": "Statistic",
        "Dimensions": [{"value": "i-0123456789abcdef0", "name": "InstanceId"}],
        "Period": 60,
    },
}


def route(flow: str, *on: str, window: int | None = None, **parameters: str) -> dict[str, Any]:
    """An entry of the receiver's table."""
    return {
        "flow": flow,
        "state_machine": f"nightshift-{flow}",
        "parameters": parameters,
        "on": on or ("ALARM",),
        "at_most_one_per": window,
    }


@pytest.fixture
def step_functions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """moto's Step Functions with the state machines, and the routes of three flows."""
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "NIGHTSHIFT_TABLE": "nightshift",
    }.items():
        monkeypatch.setenv(name, value)
    routes = {
        "nightshift-alarm-recover_instance": [route("recover_instance", instance_id="InstanceId")],
        FOREIGN: [route("recover_instance", instance_id="InstanceId"), route("report")],
        "nightshift-alarm-missing": [route("missing")],
        "nightshift-alarm-calm": [
            route("recover_instance", window=900, instance_id="InstanceId", state="NewStateValue")
        ],
        "nightshift-alarm-calm_report": [route("report", "ALARM", "OK", window=900)],
        "nightshift-alarm-both": [route("report", "ALARM", "OK", state="NewStateValue"), route("recover_instance")],
    }
    (tmp_path / "alarm_routes.json").write_text(json.dumps(routes))
    monkeypatch.setattr(receiver, "__file__", str(tmp_path / "lambdas" / "alarms" / "receiver.py"))
    with mock_aws():
        receiver._step_functions.cache_clear()
        table.cache_clear()
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        boto3.client("dynamodb", REGION).create_table(
            TableName="nightshift",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        )
        client = boto3.client("stepfunctions", REGION)
        definition = json.dumps({"StartAt": "wait", "States": {"wait": {"Type": "Pass", "End": True}}})
        role = f"arn:aws:iam::{ACCOUNT}:role/flow"
        for flow in ("recover_instance", "report"):
            client.create_state_machine(name=f"nightshift-{flow}", definition=definition, roleArn=role)
        yield client
    receiver._step_functions.cache_clear()
    table.cache_clear()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the receiver logs."""
    written = io.StringIO()
    monkeypatch.setattr(receiver.logger.registered_handler, "stream", written)
    return written


def deliver(message: Any, topic: str = TOPIC) -> list[str]:
    """Deliver a message as SNS does; the runs it started."""
    text = message if isinstance(message, str) else json.dumps(message)
    notification = {"Type": "Notification", "MessageId": "m-1", "TopicArn": topic, "Subject": "ALARM", "Message": text}
    event = {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification}]}
    return receiver.handler(event, CONTEXT)["started"]


def runs(client: Any, flow: str = "recover_instance") -> list[dict[str, Any]]:
    """The runs of a flow."""
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:nightshift-{flow}"
    found: list[dict[str, Any]] = client.list_executions(stateMachineArn=machine)["executions"]
    return found


def test_alarm_starts_the_flow_with_its_parameters(step_functions: Any) -> None:
    (started,) = deliver(MESSAGE)
    (run,) = runs(step_functions)
    assert run["executionArn"] == started
    given_input = json.loads(step_functions.describe_execution(executionArn=started)["input"])
    assert given_input == {
        "instance_id": "i-0123456789abcdef0",
        "nightshift": {
            "trigger": {
                "type": "alarm",
                "alarm": MESSAGE["AlarmName"],
                "state": "ALARM",
                "time": MESSAGE["StateChangeTime"],
                "reason": "Threshold Crossed",
                "dimensions": {"InstanceId": "i-0123456789abcdef0"},
            }
        },
    }


def test_the_same_change_of_state_starts_one_run(step_functions: Any) -> None:
    first = deliver(MESSAGE)
    assert deliver(MESSAGE) == first
    assert len(runs(step_functions)) == 1


def test_a_run_that_has_ended_is_not_started_again(step_functions: Any) -> None:
    (started,) = deliver(MESSAGE)
    step_functions.stop_execution(executionArn=started)
    assert deliver(MESSAGE) == [started]
    assert len(runs(step_functions)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"StateChangeTime": "2026-11-24T01:02:03.457+0000"},
        {"StateChangeTime": "2026-11-24T01:02:03.456+0900"},
        {"AlarmArn": MESSAGE["AlarmArn"] + "2"},
    ],
    ids=["later change", "change in another zone", "alarm elsewhere"],
)
def test_another_change_of_state_starts_another_run(step_functions: Any, change: dict[str, str]) -> None:
    deliver(MESSAGE)
    deliver({**MESSAGE, **change})
    assert len(runs(step_functions)) == 2


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_other_states_start_nothing(step_functions: Any, state: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert deliver({**MESSAGE, "NewStateValue": state}) == []
    assert runs(step_functions) == []
    assert "AlarmMessagesRefused" not in capsys.readouterr().out


def test_a_topic_of_others_starts_all_flows_that_listen(step_functions: Any) -> None:
    assert len(deliver(MESSAGE, FOREIGN)) == 2
    assert len(runs(step_functions)) == len(runs(step_functions, "report")) == 1


def test_nothing_starts_when_one_of_the_flows_cannot(step_functions: Any) -> None:
    assert deliver({**MESSAGE, "Trigger": {}}, FOREIGN) == []
    assert runs(step_functions, "report") == []


def test_dimensions_of_metric_math(step_functions: Any) -> None:
    metric = {"Metric": {"Dimensions": [{"name": "InstanceId", "value": "i-1"}], "MetricName": "StatusCheckFailed"}}
    trigger = {"Metrics": [{"Id": "e1", "Expression": "m1"}, {"Id": "m1", "MetricStat": metric}]}
    (started,) = deliver({**MESSAGE, "Trigger": trigger})
    assert json.loads(step_functions.describe_execution(executionArn=started)["input"])["instance_id"] == "i-1"


MALFORMED = {
    "not JSON": "the disk is full",
    "empty": "",
    "a list": "[]",
    "no alarm": {"hello": "world"},
    "no time": {key: value for key, value in MESSAGE.items() if key != "StateChangeTime"},
    "a number as name": {**MESSAGE, "AlarmName": 1},
    "no such state": {**MESSAGE, "NewStateValue": "PANIC"},
    "no trigger": {key: value for key, value in MESSAGE.items() if key != "Trigger"},
    "a composite alarm": {**MESSAGE, "Trigger": None, "AlarmRule": "ALARM(a) OR ALARM(b)"},
    "another dimension": {**MESSAGE, "Trigger": {"Dimensions": [{"name": "VolumeId", "value": "vol-1"}]}},
    "strange dimensions": {**MESSAGE, "Trigger": {"Dimensions": "InstanceId", "Metrics": [None, {"MetricStat": 1}]}},
}


@pytest.mark.parametrize("message", MALFORMED.values(), ids=MALFORMED)
def test_a_message_that_can_start_nothing_is_refused(
    step_functions: Any, message: Any, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deliver(message) == []
    assert runs(step_functions) == []
    metric = json.loads(capsys.readouterr().out)
    assert metric["AlarmMessagesRefused"] == [1.0]
    assert metric["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    refusal = json.loads(log.getvalue())
    assert refusal["level"] == "ERROR"
    assert refusal["message"].startswith("message refused: ")
    assert refusal["topic"] == TOPIC


def test_a_topic_without_flow_is_refused(step_functions: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert deliver(MESSAGE, f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-gone") == []
    assert "AlarmMessagesRefused" in capsys.readouterr().out


def test_a_missing_state_machine_is_tried_again(step_functions: Any) -> None:
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        deliver(MESSAGE, f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-missing")


def test_a_state_starts_the_flows_that_ask_for_it(step_functions: Any) -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-both"
    (started,) = deliver({**MESSAGE, "NewStateValue": "OK"}, topic)
    run_input = json.loads(step_functions.describe_execution(executionArn=started)["input"])
    assert run_input["state"] == run_input["nightshift"]["trigger"]["state"] == "OK"
    assert len(deliver({**MESSAGE, "StateChangeTime": "2026-11-24T02:00:00.000+0000"}, topic)) == 2
    assert deliver({**MESSAGE, "NewStateValue": "INSUFFICIENT_DATA"}, topic) == []


CALM = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-calm"
CALM_REPORT = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-calm_report"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The receiver's clock: its only entry is the time."""
    now = [1_795_500_000.5]
    monkeypatch.setattr("lambdas.alarms.receiver.time.time", lambda: now[0])
    return now


def change(minute: int, instance: str = "i-0123456789abcdef0", **more: str) -> dict[str, Any]:
    """A change of state of an instance's alarm."""
    trigger = {**MESSAGE["Trigger"], "Dimensions": [{"name": "InstanceId", "value": instance}]}
    changed = {"StateChangeTime": f"2026-11-24T01:{minute:02}:00.000+0000", "Trigger": trigger}
    return {**MESSAGE, "AlarmArn": f"{MESSAGE['AlarmArn']} {instance}", **changed, **more}


def test_a_storm_starts_one_run_in_the_window_for_each_instance(
    step_functions: Any, clock: list[float], log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    for minute in range(10):
        for instance in ("i-0123456789abcdef0", "i-0123456789abcdef1"):
            deliver(change(minute, instance), CALM)
    assert len(runs(step_functions)) == 2
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum("AlarmMessagesHeldBack" in metric for metric in counted) == 18
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    held = [line for line in lines if line["message"].startswith("held back: ")]
    assert len(held) == 18
    assert "at most one run of recover_instance per 900 s for instance_id=i-0123456789abcdef0" in held[0]["message"]
    assert held[0]["last_run"] in {run["name"] for run in runs(step_functions)}
    clock[0] += 900
    deliver(change(59), CALM)
    assert len(runs(step_functions)) == 3


def test_a_message_that_was_let_through_is_let_through_again(step_functions: Any, clock: list[float]) -> None:
    first = deliver(change(0), CALM)
    assert deliver(change(1), CALM) == []
    assert deliver(change(0), CALM) == first
    clock[0] += 901
    second = deliver(change(2), CALM)
    assert len(second) == 1
    assert deliver(change(0), CALM) == first
    assert len(runs(step_functions)) == 2


def test_a_message_that_was_held_back_stays_held_back(
    step_functions: Any, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(change(0), CALM)
    assert deliver(change(1), CALM) == []
    clock[0] += 901
    assert deliver(change(1), CALM) == []
    assert capsys.readouterr().out.count('"AlarmMessagesHeldBack":[1.0]') == 1
    assert len(runs(step_functions)) == 1


def test_a_crash_before_the_start_loses_no_run(
    step_functions: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> str:
        """The worker dies after the decision."""
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(receiver, "_start", crash)
        with pytest.raises(SystemExit):
            deliver(change(0), CALM)
    assert runs(step_functions) == []
    assert deliver(change(1), CALM) == []
    assert len(deliver(change(0), CALM)) == 1
    assert len(runs(step_functions)) == 1


def test_without_parameters_the_window_is_the_alarms_own_and_that_of_each_state(
    step_functions: Any, clock: list[float]
) -> None:
    assert len(deliver(change(0), CALM_REPORT)) == 1
    assert deliver(change(1), CALM_REPORT) == []
    assert len(deliver(change(2, NewStateValue="OK"), CALM_REPORT)) == 1
    assert len(deliver(change(3, AlarmArn=MESSAGE["AlarmArn"] + "2"), CALM_REPORT)) == 1


def test_what_is_remembered_of_a_storm_goes_by_itself(step_functions: Any, clock: list[float]) -> None:
    deliver(change(0), CALM)
    deliver(change(1), CALM)
    items = boto3.resource("dynamodb", REGION).Table("nightshift").scan()["Items"]
    assert {item["pk"] for item in items} == {"STORM#recover_instance"}
    kept = {item["sk"].partition("#")[0]: int(item["expires"]) - int(clock[0]) for item in items}
    assert kept == {"LAST": 900, "MESSAGE": 30 * 86400}


@pytest.mark.parametrize(("other", "start"), [("run-2", False), ("run-1", True)], ids=["another", "the same"])
def test_of_two_messages_at_the_same_moment_one_decides(
    step_functions: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch, other: str, start: bool
) -> None:
    take, waiting = suppression._take, [other]

    def overtaken(*request: Any) -> bool:
        """Another delivery is decided between our look and our write."""
        if waiting:
            suppression.decide("recover_instance", "i-1", waiting.pop(), 900, clock[0])
        return take(*request)

    monkeypatch.setattr(suppression, "_take", overtaken)
    decision = suppression.decide("recover_instance", "i-1", "run-1", 900, clock[0])
    assert decision.start is start
    assert decision.last_run == ("" if start else "run-2")


@given(name=st.text(min_size=1, max_size=255), time=st.text(min_size=1, max_size=40))
def test_execution_names_are_what_step_functions_takes(name: str, time: str) -> None:
    alarm = receiver.read_message(json.dumps({**MESSAGE, "AlarmName": name, "StateChangeTime": time}))
    assert 1 <= len(alarm.execution_name) <= 80
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in alarm.execution_name)
