"""The alarms of instances: kept in step with the instances and with the flows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambdas.alarms import keeper as alarm_keeper
from lambdas.alarms.keeper import Keeper
from tests.alarms.messages import ACCOUNT, REGION

TOPICS = f"arn:aws:sns:{REGION}:{ACCOUNT}:"
SETTINGS = {
    "AlarmDescription": "Starts the flow recover",
    "Namespace": "AWS/EC2",
    "MetricName": "StatusCheckFailed",
    "Dimensions": [],
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}
RECOVER = {
    "tags": ["Role=web"],
    "topic": "ops-alarm-recover",
    "states": ["AlarmActions", "OKActions"],
    "settings": SETTINGS,
}
BUSY = {
    "tags": ["Role=*", "Env=prod"],
    "topic": "ops-alarm-busy",
    "states": ["AlarmActions"],
    "settings": {**SETTINGS, "MetricName": "CPUUtilization", "Threshold": 90},
}

Launch = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def cloud() -> Iterator[None]:
    """An AWS without instances."""
    for client in (alarm_keeper.ec2, alarm_keeper.cloudwatch):
        client.cache_clear()
    with mock_aws():
        yield
    for client in (alarm_keeper.ec2, alarm_keeper.cloudwatch):
        client.cache_clear()


@pytest.fixture
def launch() -> Launch:
    """launch(2, Role="web") -> ids of new instances."""

    def launch(count: int = 1, **tags: str) -> list[str]:
        spec = [{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]
        ec2: Any = boto3.client("ec2", REGION)
        answer = ec2.run_instances(
            ImageId="ami-12345678", MinCount=count, MaxCount=count, TagSpecifications=spec if tags else []
        )
        return [i["InstanceId"] for i in answer["Instances"]]

    return launch


def keeper(remaining: Callable[[], float] = lambda: 100, **flows: Any) -> Keeper:
    """A keeper for these flows of the app `ops`."""
    return Keeper("ops", flows, TOPICS, remaining)


def alarms() -> dict[str, dict[str, Any]]:
    """All alarms of the account."""
    pages = boto3.client("cloudwatch", REGION).get_paginator("describe_alarms").paginate()
    return {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}


def other_alarm(name: str) -> None:
    """An alarm of somebody else."""
    given = {key: value for key, value in SETTINGS.items() if key != "AlarmDescription"}
    boto3.client("cloudwatch", REGION).put_metric_alarm(AlarmName=name, **given)


def test_each_tagged_instance_gets_its_alarm_with_its_own_dimension(launch: Launch) -> None:
    web, other = launch(2, Role="web"), launch(1, Role="db") + launch(1)
    kept = keeper(recover=RECOVER).keep()
    assert sorted(kept.created) == sorted(alarms()) == sorted(f"ops/recover/{i}" for i in web)
    assert not set(other) & {name.rpartition("/")[2] for name in alarms()}
    alarm = alarms()[f"ops/recover/{web[0]}"]
    assert alarm["Dimensions"] == [{"Name": "InstanceId", "Value": web[0]}]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [f"{TOPICS}ops-alarm-recover"]
    assert alarm["InsufficientDataActions"] == []
    tags = boto3.client("cloudwatch", REGION).list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert {t["Key"]: t["Value"] for t in tags} == {"nightshift:app": "ops", "nightshift:flow": "recover"}


def test_a_second_look_changes_nothing(launch: Launch) -> None:
    launch(3, Role="web", Env="prod")
    first = keeper(recover=RECOVER, busy=BUSY).keep()
    assert len(first.created) == 6
    second = keeper(recover=RECOVER, busy=BUSY).keep()
    assert (second.created, second.updated, second.deleted) == ([], [], [])


def banded(width: int) -> dict[str, Any]:
    """A flow's alarm by anomaly detection."""
    metric = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": []}
    queries = [
        {
            "Id": "m1",
            "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Average"},
            "ReturnData": True,
        },
        {"Id": "ad1", "Expression": f"ANOMALY_DETECTION_BAND(m1, {width})", "ReturnData": True},
    ]
    settings = {
        "AlarmDescription": "Starts the flow recover",
        "Metrics": queries,
        "ThresholdMetricId": "ad1",
        "EvaluationPeriods": 2,
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    }
    return {**RECOVER, "settings": settings}


def test_a_band_is_that_of_the_instance_and_stays_until_it_is_defined_otherwise(launch: Launch) -> None:
    one, two = launch(2, Role="web")
    assert len(keeper(recover=banded(2)).keep().created) == 2
    for instance in (one, two):
        (measured,) = (q["MetricStat"] for q in alarms()[f"ops/recover/{instance}"]["Metrics"] if "MetricStat" in q)
        assert measured["Metric"]["Dimensions"] == [{"Name": "InstanceId", "Value": instance}]
    again = keeper(recover=banded(2)).keep()
    assert (again.created, again.updated, again.deleted) == ([], [], [])
    assert len(keeper(recover=banded(3)).keep().updated) == 2
    assert len(keeper(recover=RECOVER).keep().updated) == 2


def test_alarms_come_and_go_with_their_instances_and_tags(launch: Launch) -> None:
    ec2 = boto3.client("ec2", REGION)
    gone, untagged, stopped = launch(3, Role="web")
    keeper(recover=RECOVER).keep()
    ec2.terminate_instances(InstanceIds=[gone])
    ec2.delete_tags(Resources=[untagged], Tags=[{"Key": "Role"}])
    ec2.stop_instances(InstanceIds=[stopped])
    (new,) = launch(1, Role="web")
    kept = keeper(recover=RECOVER).keep()
    assert kept.created == [f"ops/recover/{new}"]
    assert kept.deleted == sorted([f"ops/recover/{gone}", f"ops/recover/{untagged}"])
    assert set(alarms()) == {f"ops/recover/{new}", f"ops/recover/{stopped}"}


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {**SETTINGS, "Threshold": 2}},
        {"settings": {**SETTINGS, "Period": 300}},
        {"settings": {key: v for key, v in SETTINGS.items() if key != "Statistic"} | {"ExtendedStatistic": "p99"}},
        {"settings": {**SETTINGS, "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "web"}]}},
        {"states": ["AlarmActions"]},
        {"topic": "ops-alarm-other"},
    ],
    ids=["threshold", "period", "percentile", "dimension", "states", "topic"],
)
def test_a_changed_definition_changes_the_alarm(launch: Launch, change: dict[str, Any]) -> None:
    (web,) = launch(1, Role="web")
    keeper(recover=RECOVER).keep()
    changed = {**RECOVER, **change}
    assert keeper(recover=changed).keep().updated == [f"ops/recover/{web}"]
    assert keeper(recover=changed).keep().updated == []


def test_an_alarm_that_somebody_silenced_stays_silent(launch: Launch) -> None:
    (web,) = launch(1, Role="web")
    keeper(recover=RECOVER).keep()
    boto3.client("cloudwatch", REGION).disable_alarm_actions(AlarmNames=[f"ops/recover/{web}"])
    keeper(recover={**RECOVER, "settings": {**SETTINGS, "Threshold": 2}}).keep()
    alarm = alarms()[f"ops/recover/{web}"]
    assert (alarm["Threshold"], alarm["ActionsEnabled"]) == (2, False)


def test_the_alarms_of_a_flow_that_is_gone_go_and_those_of_others_stay(launch: Launch) -> None:
    (web,) = launch(1, Role="web", Env="prod")
    for name in ("ops-dead-letters", "opsy/recover/i-1", "cpu"):
        other_alarm(name)
    keeper(recover=RECOVER, busy=BUSY).keep()
    assert keeper(busy=BUSY).keep().deleted == [f"ops/recover/{web}"]
    assert set(alarms()) == {f"ops/busy/{web}", "ops-dead-letters", "opsy/recover/i-1", "cpu"}


def test_many_are_deleted_in_batches(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_keeper, "_PAGE", 10)
    launch(23, Role="web")
    keeper(recover=RECOVER).keep()
    sizes = []
    delete = alarm_keeper.cloudwatch().delete_alarms

    def counted(**given: Any) -> Any:
        """Note how many are deleted at once."""
        sizes.append(len(given["AlarmNames"]))
        return delete(**given)

    monkeypatch.setattr(alarm_keeper.cloudwatch(), "delete_alarms", counted)
    assert len(keeper().keep().deleted) == 23
    assert sizes == [10, 10, 3]
    assert alarms() == {}


def test_an_event_is_about_one_instance_and_costs_a_look_at_that_one(launch: Launch) -> None:
    first, second = launch(2, Role="web")
    assert keeper(recover=RECOVER).keep([first]).created == [f"ops/recover/{first}"]
    keeper(recover=RECOVER).keep([second])
    boto3.client("ec2", REGION).terminate_instances(InstanceIds=[first, second])
    assert keeper(recover=RECOVER).keep([first]).deleted == [f"ops/recover/{first}"]
    assert set(alarms()) == {f"ops/recover/{second}"}


def test_what_there_is_no_time_for_is_left_to_the_next_look(launch: Launch) -> None:
    launch(5, Role="web")
    left = iter([1.0, 1.0, -1.0])
    kept = keeper(lambda: next(left), recover=RECOVER).keep()
    assert (len(kept.created), kept.left) == (2, 3)
    assert len(keeper(recover=RECOVER).keep().created) == 3


def test_one_alarm_that_is_refused_keeps_no_other_from_its_place(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = sorted(launch(2, Role="web"))
    put = alarm_keeper.cloudwatch().put_metric_alarm

    def refusing(**given: Any) -> Any:
        """The account has too many."""
        if given["AlarmName"].endswith(bad):
            answer: Any = {"Error": {"Code": "LimitExceeded", "Message": "the quota of alarms is used up"}}
            raise ClientError(answer, "PutMetricAlarm")
        return put(**given)

    monkeypatch.setattr(alarm_keeper.cloudwatch(), "put_metric_alarm", refusing)
    kept = keeper(recover=RECOVER).keep()
    assert kept.created == [f"ops/recover/{good}"]
    assert kept.failed == {f"ops/recover/{bad}": "LimitExceeded: the quota of alarms is used up"}


class Context:
    """What Lambda tells a function about itself."""

    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ops-alarm_keeper"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """As at the beginning."""
        return 300_000


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The code asset with the alarms of one flow."""
    given = {"app": "ops", "flows": {"recover": RECOVER}}
    (tmp_path / alarm_keeper.ALARMS_FILE).write_text(json.dumps(given))
    monkeypatch.setattr(alarm_keeper, "__file__", str(tmp_path / "lambdas" / "alarms" / "keeper.py"))


@pytest.mark.usefixtures("deployed")
def test_events_of_instances_and_of_tags_name_the_instance(launch: Launch) -> None:
    first, second, third = launch(3, Role="web")
    state = {"source": "aws.ec2", "detail": {"instance-id": first, "state": "running"}}
    tags = {"source": "aws.tag", "resources": [f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{second}"], "detail": {}}
    alarm_keeper.handler(state, Context)
    alarm_keeper.handler(tags, Context)
    assert set(alarms()) == {f"ops/recover/{first}", f"ops/recover/{second}"}
    alarm_keeper.handler({"source": "aws.events", "detail-type": "Scheduled Event"}, Context)
    assert f"ops/recover/{third}" in alarms()


@pytest.mark.usefixtures("deployed")
def test_a_look_that_failed_fails_so_that_its_alarm_goes_off(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    (web,) = launch(1, Role="web")

    def refused(**_: Any) -> Any:
        """The account has too many."""
        raise ClientError({"Error": {"Code": "LimitExceeded", "Message": "too many"}}, "PutMetricAlarm")

    monkeypatch.setattr(alarm_keeper.cloudwatch(), "put_metric_alarm", refused)
    with pytest.raises(alarm_keeper.NotKept, match=f"ops/recover/{web}: LimitExceeded: too many"):
        alarm_keeper.handler({"source": "aws.events"}, Context)


@pytest.mark.usefixtures("deployed")
def test_a_deployment_makes_the_alarms_and_the_end_of_the_app_takes_them_away(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    (web,) = launch(1, Role="web")
    answers = []

    class Sent:
        """CloudFormation's answer to the answer."""

        def __init__(self, request: Any, timeout: int) -> None:
            answers.append(json.loads(request.data))

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("lambdas.custom_resources.response.urllib.request.urlopen", Sent)
    about = {"ResponseURL": "https://example.com/", "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    alarm_keeper.handler({"RequestType": "Create", "ResourceProperties": {}, **about}, Context)
    assert set(alarms()) == {f"ops/recover/{web}"}
    alarm_keeper.handler({"RequestType": "Delete", "PhysicalResourceId": "p", **about}, Context)
    assert alarms() == {}
    assert [(a["Status"], a["PhysicalResourceId"]) for a in answers] == [
        ("SUCCESS", "instance-alarms"),
        ("SUCCESS", "p"),
    ]
