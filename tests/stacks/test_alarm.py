"""Alarms: what is made for `on_alarm=`, and which messages start which flow."""

from __future__ import annotations

import pytest

from nightshift import Alarm, topic
from stacks.flows.alarm import alarm, routes
from stacks.settings import Settings
from stacks.shared.alarm_keeper import alarm_keeper, definitions, per_instance
from stacks.shared.alarm_receiver import alarm_receiver
from stacks.template.cloudformation import logical_id
from stacks.template.functions import Code
from tests.stacks.compiled import compiled
from tests.stacks.test_state_machine import short

SETTINGS = Settings()
FOREIGN = "arn:aws:sns:eu-west-1:123456789012:monitoring"
STATUS_CHECK = Alarm(
    "AWS/EC2:StatusCheckFailed",
    1,
    dimensions={"InstanceId": "i-1"},
    parameters={"instance_id": "InstanceId"},
)
RECOVER = compiled("recover", on_alarm=STATUS_CHECK)


def types(resources: dict[str, dict[str, object]]) -> list[str]:
    """The types of some resources, sorted."""
    return sorted(str(resource["Type"]) for resource in resources.values())


def test_an_alarm_has_a_topic_that_the_receiver_hears() -> None:
    made = alarm(SETTINGS, RECOVER)
    assert types(made) == [
        "AWS::CloudWatch::Alarm",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
    ]
    metric = made[logical_id("recover", "alarm")]["Properties"]
    assert (metric["Namespace"], metric["MetricName"], metric["Statistic"]) == (
        "AWS/EC2",
        "StatusCheckFailed",
        "Maximum",
    )
    assert metric["Dimensions"] == [{"Name": "InstanceId", "Value": "i-1"}]
    assert (metric["Period"], metric["EvaluationPeriods"], metric["Threshold"]) == (60, 2, 1)
    heard = made[logical_id("recover", "alarm", "subscription")]["Properties"]
    assert short(heard["Endpoint"]) == "lambda:function:nightshift-alarm_receiver"
    assert short(heard["RedrivePolicy"]["deadLetterTargetArn"]) == "sqs:nightshift-dead-letters"


def test_a_percentile_is_an_extended_statistic() -> None:
    slow = Alarm("AWS/ApplicationELB:TargetResponseTime", 2.5, statistic="p99")
    metric = alarm(SETTINGS, compiled("f", on_alarm=slow))[logical_id("f", "alarm")]["Properties"]
    assert metric["ExtendedStatistic"] == "p99"
    assert "Statistic" not in metric


def test_a_band_of_anomaly_detection_takes_the_place_of_the_threshold() -> None:
    odd = Alarm(
        "AWS/EC2:CPUUtilization",
        2.5,
        dimensions={"InstanceId": "i-1"},
        comparison="LessThanLowerOrGreaterThanUpperThreshold",
        statistic="tm99",
        period=300,
    )
    metric = alarm(SETTINGS, compiled("f", on_alarm=odd))[logical_id("f", "alarm")]["Properties"]
    measured, band = metric["Metrics"]
    assert measured["MetricStat"] == {
        "Metric": {
            "Namespace": "AWS/EC2",
            "MetricName": "CPUUtilization",
            "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}],
        },
        "Period": 300,
        "Stat": "tm99",
    }
    assert band["Expression"] == f"ANOMALY_DETECTION_BAND({measured['Id']}, 2.5)"
    assert (metric["ThresholdMetricId"], measured["ReturnData"], band["ReturnData"]) == (band["Id"], True, True)
    assert metric["ComparisonOperator"] == "LessThanLowerOrGreaterThanUpperThreshold"
    excluded = {"Namespace", "MetricName", "Dimensions", "Period", "Statistic", "ExtendedStatistic", "Threshold"}
    assert not excluded & metric.keys()


def test_the_topic_is_encrypted_and_heard_by_alarms_of_this_account_over_tls() -> None:
    made = alarm(SETTINGS, RECOVER)
    assert made[logical_id("recover", "alarm", "topic")]["Properties"]["KmsMasterKeyId"] == "alias/nightshift"
    policy = made[logical_id("recover", "alarm", "topic", "policy")]["Properties"]["PolicyDocument"]
    publish, plain = policy["Statement"]
    assert publish["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert publish["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_topic_alone_makes_no_alarm() -> None:
    assert "AWS::CloudWatch::Alarm" not in types(alarm(SETTINGS, compiled("f", on_alarm=topic())))
    assert "AWS::SNS::Topic" in types(alarm(SETTINGS, compiled("f", on_alarm=topic())))


def test_flows_on_a_topic_of_others_share_one_subscription() -> None:
    flows = [compiled(name, on_alarm=topic(FOREIGN, parameters={"id": "InstanceId"})) for name in ("f", "g")]
    assert alarm(SETTINGS, flows[0]) == {}
    made = alarm_receiver(SETTINGS, flows, Code("bucket", "key"))
    (heard,) = [r["Properties"] for r in made.values() if r["Type"] == "AWS::SNS::Subscription"]
    assert (heard["TopicArn"], heard["Region"]) == (FOREIGN, "eu-west-1")
    permitted = [r["Properties"]["SourceArn"] for r in made.values() if r["Type"] == "AWS::Lambda::Permission"]
    assert FOREIGN in permitted
    assert [entry["state_machine"] for entry in routes(SETTINGS, flows)[FOREIGN]] == ["nightshift-f", "nightshift-g"]


def test_routes_name_the_state_machine_and_the_dimensions() -> None:
    assert routes(SETTINGS, [RECOVER, compiled("other")]) == {
        "nightshift-alarm-recover": [
            {
                "flow": "recover",
                "state_machine": "nightshift-recover",
                "parameters": {"instance_id": "InstanceId"},
                "on": ["ALARM"],
                "at_most_one_per": None,
            }
        ]
    }


def test_the_receiver_may_start_exactly_the_flows_with_alarms() -> None:
    made = alarm_receiver(SETTINGS, [RECOVER], Code("bucket", "key"))
    start = made["AlarmReceiverRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
    assert start["Action"] == "states:StartExecution"
    assert [short(resource) for resource in start["Resource"]] == ["states:stateMachine:nightshift-recover"]


def test_more_flows_than_a_policy_holds_are_named_by_their_prefix() -> None:
    flows = [compiled(f"recover_number_{n}", on_alarm=STATUS_CHECK) for n in range(300)]
    made = alarm_receiver(SETTINGS, flows, Code("bucket", "key"))
    start = made["AlarmReceiverRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
    assert [short(resource) for resource in start["Resource"]] == ["states:stateMachine:nightshift-*"]


def test_an_alarm_without_the_dimension_a_parameter_needs_is_refused() -> None:
    wrong = Alarm("AWS/EC2:StatusCheckFailed", 1, parameters={"instance_id": "InstanceId"})
    with pytest.raises(ValueError, match="the dimension 'InstanceId', which it does not have; it has none"):
        alarm(SETTINGS, compiled("f", on_alarm=wrong))


def test_the_states_that_start_a_flow_are_those_the_alarm_tells_of() -> None:
    both = Alarm("AWS/EC2:StatusCheckFailed", 1, on=("ALARM", "OK"), parameters={"state": "NewStateValue"})
    metric = alarm(SETTINGS, compiled("f", on_alarm=both))[logical_id("f", "alarm")]["Properties"]
    assert metric["OKActions"] == metric["AlarmActions"]
    assert "InsufficientDataActions" not in metric
    assert "OKActions" not in alarm(SETTINGS, RECOVER)[logical_id("recover", "alarm")]["Properties"]
    ((entry,),) = routes(SETTINGS, [compiled("f", on_alarm=both)]).values()
    assert entry["on"] == ["ALARM", "OK"]


def test_only_a_receiver_that_has_suppression_windows_may_use_the_table() -> None:
    def tables(trigger: Alarm) -> list[dict[str, object]]:
        made = alarm_receiver(SETTINGS, [compiled("f", on_alarm=trigger)], Code("bucket", "key"))
        granted = made["AlarmReceiverRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        return [s for s in granted if "dynamodb:" in str(s["Action"])]

    assert tables(STATUS_CHECK) == []
    (granted,) = tables(Alarm("AWS/EC2:StatusCheckFailed", 1, at_most_one_per="15m"))
    assert granted["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert granted["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["STORM#*"]}}


def test_an_alarm_per_instance_is_left_to_the_keeper() -> None:
    each = Alarm("AWS/EC2:StatusCheckFailed", 1, instance_tag="Role=web", parameters={"instance_id": "InstanceId"})
    assert types(alarm(SETTINGS, compiled("f", on_alarm=each))) == [
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
    ]


EACH = Alarm(
    "AWS/EC2:CPUUtilization",
    90,
    instance_tag="Role=web",
    on=("ALARM", "OK"),
    parameters={"instance_id": "InstanceId"},
)


def test_the_keeper_gets_the_flows_with_an_alarm_per_instance_and_no_others() -> None:
    (flow,) = per_instance([RECOVER, compiled("told", on_alarm=topic()), compiled("each", on_alarm=EACH)])
    given = definitions(Settings(prefix="ops"), [flow])
    assert given["app"] == "ops"
    each = given["flows"]["each"]
    assert (each["tags"], each["topic"], each["states"]) == (
        ["Role=web"],
        "ops-alarm-each",
        ["AlarmActions", "OKActions"],
    )
    assert (each["settings"]["MetricName"], each["settings"]["Threshold"]) == ("CPUUtilization", 90)


def test_the_keeper_may_change_only_the_alarms_of_its_app_and_hears_of_instances() -> None:
    made = alarm_keeper(Settings(prefix="ops"), Code("bucket", "key"))
    granted = made["AlarmKeeperRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    changes = [s for s in granted if "cloudwatch:PutMetricAlarm" in s["Action"]]
    assert [short(s["Resource"]) for s in changes] == ["cloudwatch:alarm:ops/*"]
    rules = [r["Properties"] for r in made.values() if r["Type"] == "AWS::Events::Rule"]
    assert {r["EventPattern"]["source"][0] for r in rules if "EventPattern" in r} == {"aws.ec2", "aws.tag"}
    assert [r["ScheduleExpression"] for r in rules if "ScheduleExpression" in r] == ["rate(15 minutes)"]
    assert made["InstanceAlarms"]["Properties"]["Content"] == "key"
