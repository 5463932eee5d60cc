"""cloudwatch.describe_alarms."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import cloudwatch
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, client, drive

ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:too slow"


def put_alarm(cloudwatch_client: Any, name: str, state: str) -> None:
    cloudwatch_client.put_metric_alarm(
        AlarmName=name,
        Namespace="Shop",
        MetricName="Latency",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch_client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def test_which_are_in_alarm(aws: TestAws) -> None:
    put_alarm(client("cloudwatch"), "slow", "ALARM")
    put_alarm(client("cloudwatch"), "full", "OK")
    result = drive(cloudwatch.describe_alarms, aws, {"alarm_arn": "slow;full"}).result
    assert result["in_alarm"] == ["slow"]
    assert result["states"] == {"slow": "ALARM", "full": "OK"}


def test_a_name_has_blanks_and_commas(aws: TestAws) -> None:
    put_alarm(client("cloudwatch"), "High CPU, web", "ALARM")
    put_alarm(client("cloudwatch"), "full", "ALARM")
    result = drive(cloudwatch.describe_alarms, aws, {"alarm_arn": "High CPU, web; full"}).result
    assert result["in_alarm"] == ["High CPU, web", "full"]


def test_the_region_is_that_of_the_arn(aws: TestAws) -> None:
    put_alarm(aws.client("cloudwatch", region="eu-west-1"), "slow", "ALARM")
    arn = ARN.replace("too slow", "slow")
    assert drive(cloudwatch.describe_alarms, aws, {"alarm_arn": arn}).result["in_alarm"] == ["slow"]


def test_one_that_does_not_exist_guards_nothing(aws: TestAws) -> None:
    with pytest.raises(PartFailed, match="there is no alarm 'gone'"):
        drive(cloudwatch.describe_alarms, aws, {"alarm_arn": "gone"})
    with pytest.raises(InvalidParameter, match="not the ARN of a CloudWatch alarm"):
        drive(cloudwatch.describe_alarms, aws, {"alarm_arn": "arn:aws:sns:eu-west-1:123456789012:topic"})


def _described(aws: FaultyAws) -> dict[str, Any]:
    cloudwatch = client("cloudwatch")
    put_alarm(cloudwatch, "slow", "ALARM")
    return {"alarm_arn": f"arn:aws:cloudwatch:{cloudwatch.meta.region_name}:123456789012:alarm:slow"}


SCENARIOS = [Scenario("by ARN", "cloudwatch.describe_alarms", _described)]
