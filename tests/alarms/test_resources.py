"""Which resource the message of an alarm on several metrics or time series is about."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.alarms.messages import ACCOUNT, MESSAGE, REGION, deliver, runs


def test_dimensions_of_metric_math(step_functions: Any) -> None:
    metric = {"Metric": {"Dimensions": [{"name": "InstanceId", "value": "i-1"}], "MetricName": "StatusCheckFailed"}}
    trigger = {"Metrics": [{"Id": "e1", "Expression": "m1"}, {"Id": "m1", "MetricStat": metric}]}
    (started,) = deliver({**MESSAGE, "Trigger": trigger})
    assert json.loads(step_functions.describe_execution(executionArn=started)["input"])["instance_id"] == "i-1"


def math(*instances: str, **more: Any) -> dict[str, Any]:
    """The message of an alarm on the sum of a metric of several instances."""
    stats = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Dimensions": [{"name": "InstanceId", "value": instance}, {"name": "Role", "value": "web"}],
                    "MetricName": "CPUUtilization",
                    "Namespace": "AWS/EC2",
                },
                "Period": 60,
                "Stat": "Average",
            },
            "ReturnData": False,
        }
        for number, instance in enumerate(instances)
    ]
    trigger = {"Period": 60, "Metrics": [{"Id": "e1", "Expression": "SUM(METRICS())", "ReturnData": True}, *stats]}
    return {**MESSAGE, "Trigger": trigger, **more}


def test_metric_math_over_several_instances_does_not_pick_one(
    step_functions: Any, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deliver(math("i-1", "i-2", "i-1")) == []
    assert runs(step_functions) == []
    assert json.loads(capsys.readouterr().out)["AlarmMessagesRefused"] == [1.0]
    assert "is about several resources" in (refusal := json.loads(log.getvalue())["message"])
    assert "InstanceId is i-1, i-2; make an alarm for each" in refusal


def test_metric_math_starts_a_flow_that_takes_what_all_its_metrics_share(step_functions: Any) -> None:
    (started,) = deliver(math("i-1", "i-1"))
    assert json.loads(step_functions.describe_execution(executionArn=started)["input"])["instance_id"] == "i-1"
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-calm_report"
    (started,) = deliver(math("i-1", "i-2"), topic)
    given_input = json.loads(step_functions.describe_execution(executionArn=started)["input"])
    assert given_input["nightshift"]["trigger"]["dimensions"] == {"Role": "web"}


def test_anomaly_detection_starts_the_flow_for_its_metric(step_functions: Any) -> None:
    metric = {"Dimensions": [{"name": "InstanceId", "value": "i-1"}], "MetricName": "CPUUtilization"}
    measured = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}, "ReturnData": True}
    band = {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True}
    trigger = {"ThresholdMetricId": "ad1", "Metrics": [measured, band]}
    (started,) = deliver({**MESSAGE, "Trigger": trigger})
    assert json.loads(step_functions.describe_execution(executionArn=started)["input"])["instance_id"] == "i-1"


def contributor(instance: str, **more: Any) -> dict[str, Any]:
    """The message about one time series of a Metrics Insights alarm."""
    query = 'SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId'
    about = {"AlarmContributorId": f"id-{instance}", "AlarmContributorAttributes": {"InstanceId": instance}}
    return {**MESSAGE, "Trigger": {"Metrics": [{"Id": "q1", "Expression": query}]}, **about, **more}


@pytest.mark.parametrize("missing", [{}, {"AlarmContributorId": None}], ids=["with id", "without id"])
def test_contributors_start_one_run_each(step_functions: Any, missing: dict[str, None]) -> None:
    started = [deliver(contributor(instance, **missing))[0] for instance in ("i-1", "i-2", "i-2")]
    given_input = [json.loads(step_functions.describe_execution(executionArn=run)["input"]) for run in started]
    assert [run_input["instance_id"] for run_input in given_input] == ["i-1", "i-2", "i-2"]
    assert started[1] == started[2]
    assert len(runs(step_functions)) == 2


def test_a_metrics_insights_alarm_as_a_whole_is_about_no_instance(step_functions: Any, log: io.StringIO) -> None:
    whole = contributor("i-1", AlarmContributorId=None, AlarmContributorAttributes="InstanceId")
    assert deliver(whole) == []
    assert "has no dimension InstanceId" in json.loads(log.getvalue())["message"]
