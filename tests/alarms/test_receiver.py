"""The alarm receiver on moto's Step Functions: which messages start which runs, once."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lambdas.alarms import receiver
from tests.alarms.messages import ACCOUNT, FOREIGN, MESSAGE, REGION, TOPIC, deliver, runs


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


@given(name=st.text(min_size=1, max_size=255), time=st.text(min_size=1, max_size=40))
def test_execution_names_are_what_step_functions_takes(name: str, time: str) -> None:
    alarm = receiver.read_message(json.dumps({**MESSAGE, "AlarmName": name, "StateChangeTime": time}))
    assert 1 <= len(alarm.execution_name) <= 80
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in alarm.execution_name)
