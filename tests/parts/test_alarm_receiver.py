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

from lambdas import alarm_receiver

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


@pytest.fixture
def step_functions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """moto's Step Functions with the state machines, and the routes of three flows."""
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    routes = {
        "nightshift-alarm-recover_instance": [
            {"state_machine": "nightshift-recover_instance", "parameters": {"instance_id": "InstanceId"}}
        ],
        FOREIGN: [
            {"state_machine": "nightshift-recover_instance", "parameters": {"instance_id": "InstanceId"}},
            {"state_machine": "nightshift-report", "parameters": {}},
        ],
        "nightshift-alarm-missing": [{"state_machine": "nightshift-missing", "parameters": {}}],
    }
    (tmp_path / "alarm_routes.json").write_text(json.dumps(routes))
    monkeypatch.setattr(alarm_receiver, "__file__", str(tmp_path / "lambdas" / "alarm_receiver.py"))
    with mock_aws():
        alarm_receiver._step_functions.cache_clear()
        client = boto3.client("stepfunctions", REGION)
        definition = json.dumps({"StartAt": "wait", "States": {"wait": {"Type": "Pass", "End": True}}})
        role = f"arn:aws:iam::{ACCOUNT}:role/flow"
        for flow in ("recover_instance", "report"):
            client.create_state_machine(name=f"nightshift-{flow}", definition=definition, roleArn=role)
        yield client
    alarm_receiver._step_functions.cache_clear()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the receiver logs."""
    written = io.StringIO()
    monkeypatch.setattr(alarm_receiver.logger.registered_handler, "stream", written)
    return written


def deliver(message: Any, topic: str = TOPIC) -> list[str]:
    """Deliver a message as SNS does; the runs it started."""
    text = message if isinstance(message, str) else json.dumps(message)
    notification = {"Type": "Notification", "MessageId": "m-1", "TopicArn": topic, "Subject": "ALARM", "Message": text}
    event = {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification}]}
    return alarm_receiver.handler(event, CONTEXT)["started"]


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


@given(name=st.text(min_size=1, max_size=255), time=st.text(min_size=1, max_size=40))
def test_execution_names_are_what_step_functions_takes(name: str, time: str) -> None:
    alarm = alarm_receiver.read_message(json.dumps({**MESSAGE, "AlarmName": name, "StateChangeTime": time}))
    assert 1 <= len(alarm.execution_name) <= 80
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in alarm.execution_name)
