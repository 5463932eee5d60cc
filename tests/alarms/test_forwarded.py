"""Alarms of member accounts: what EventBridge delivers starts the flows that name the alarm, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.alarms import receiver
from tests.alarms.messages import CONTEXT, runs

MEMBER = "222222222222"
NAME = "shop-web-status"
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": MEMBER,
    "time": "2026-11-24T01:02:03Z",
    "region": "ap-northeast-1",
    "resources": [f"arn:aws:cloudwatch:ap-northeast-1:{MEMBER}:alarm:{NAME}"],
    "detail": {
        "alarmName": NAME,
        "state": {"value": "ALARM", "reason": "Threshold Crossed", "timestamp": "2026-11-24T01:02:03.456+0000"},
        "previousState": {"value": "OK"},
        "configuration": {
            "metrics": [
                {
                    "id": "m1",
                    "returnData": True,
                    "metricStat": {
                        "metric": {
                            "namespace": "AWS/EC2",
                            "name": "StatusCheckFailed",
                            "dimensions": {"InstanceId": "i-0123456789abcdef0"},
                        },
                        "period": 60,
                        "stat": "Maximum",
                    },
                }
            ]
        },
    },
}


def deliver(**changed: Any) -> list[str]:
    event = {**EVENT, "detail": {**EVENT["detail"], **changed}}
    return receiver.handler(event, CONTEXT)["started"]


def test_the_flow_is_told_where_the_alarm_is(step_functions: Any) -> None:
    (started,) = deliver()
    given = json.loads(step_functions.describe_execution(executionArn=started)["input"])
    assert given.pop("nightshift")["trigger"]["alarm"] == NAME
    assert given == {"instance_id": "i-0123456789abcdef0", "account": MEMBER, "region": "ap-northeast-1"}


def test_a_second_delivery_starts_no_second_run(step_functions: Any) -> None:
    assert deliver() == deliver()
    assert len(runs(step_functions)) == 1


def test_other_alarms_and_states_start_nothing(step_functions: Any) -> None:
    assert deliver(alarmName="bank-status") == []
    assert deliver(state={**EVENT["detail"]["state"], "value": "OK"}) == []
    assert runs(step_functions) == []


@pytest.mark.parametrize("detail", [{"state": None}, {"alarmName": ""}, {"state": {"value": "WRONG"}}])
def test_what_is_no_alarm_is_refused_and_raises_nothing(step_functions: Any, detail: dict[str, Any]) -> None:
    assert deliver(**detail) == []
    assert runs(step_functions) == []


def test_an_alarm_without_metrics_has_no_dimension(step_functions: Any) -> None:
    assert deliver(configuration={"alarmRule": "ALARM(a)"}) == []
    assert runs(step_functions) == []
