"""What starts a flow from a CloudWatch alarm: the alarm, its SNS topic, and the way to the alarm receiver."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambdas.alarms.forwarded import DETAIL_TYPE, MEMBERS
from nightshift.model import CompiledFlow
from nightshift.triggers import Alarm, Topic
from nightshift.triggers.alarms import BANDS, INSTANCE, MESSAGE_FIELDS, STATISTICS
from stacks.settings import Settings
from stacks.template.cloudformation import (
    Json,
    Resources,
    arn,
    deny_plain_http,
    logical_id,
    policy,
    ref,
    statement,
    tags,
)

RECEIVER = "alarm_receiver"

ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
"""State of an alarm -> the property with what CloudWatch does when the alarm comes to it."""


def alarm(settings: Settings, flow: CompiledFlow) -> Resources:
    """The alarm and topic nightshift makes for a flow; nothing when it has none or listens to a topic of others."""
    trigger = flow.options.on_alarm
    if trigger is None or (not isinstance(trigger, Alarm) and (trigger.arn or trigger.members)):
        return {}
    topic = logical_id(flow.name, "alarm", "topic")
    made: Resources = {
        topic: {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": settings.alarm_topic(flow.name),
                "KmsMasterKeyId": settings.topic_key,
                "Tags": tags(settings.app, flow=flow.name),
            },
        },
        logical_id(flow.name, "alarm", "topic", "policy"): topic_policy(topic),
        logical_id(flow.name, "alarm", "subscription"): subscription(settings, ref(topic)),
    }
    if isinstance(trigger, Alarm):
        check_parameters(flow, trigger)
        if not trigger.instance_tag:
            made[logical_id(flow.name, "alarm")] = _metric_alarm(settings, flow, trigger, topic)
    return made


def topic_policy(topic: str) -> dict[str, Json]:
    """Lets the alarms of this account publish, and nobody without TLS."""
    return {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [ref(topic)],
            "PolicyDocument": policy(
                [
                    statement(
                        "sns:Publish",
                        ref(topic),
                        principal={"Service": "cloudwatch.amazonaws.com"},
                        condition={
                            "StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")},
                            "ArnLike": {"aws:SourceArn": arn("cloudwatch", "alarm:*")},
                        },
                    ),
                    deny_plain_http("sns:Publish", ref(topic)),
                ]
            ),
        },
    }


def subscription(settings: Settings, topic: Json, *, region: str | None = None) -> dict[str, Json]:
    """A topic's subscription of the alarm receiver; what cannot be delivered goes to the dead-letter queue.

    region: of a topic of others. SNS takes a queue of the topic's own region alone ("Amazon SNS dead-letter queues",
    Amazon SNS Developer Guide); without one, the receiver's own queue has what it could not process.
    """
    redrive: Json = {"deadLetterTargetArn": arn("sqs", settings.dead_letter_queue)}
    if region:
        redrive = {"Fn::If": [in_region(region), redrive, ref("AWS::NoValue")]}
    return {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": topic,
            "Protocol": "lambda",
            "Endpoint": settings.function_arn(RECEIVER),
            "RedrivePolicy": redrive,
            **({"Region": region} if region else {}),
        },
    }


def in_region(region: str) -> str:
    """Logical id of the condition that the stack is in a region."""
    return logical_id("in", region)


def routes(settings: Settings, flows: Iterable[CompiledFlow]) -> dict[str, list[dict[str, Any]]]:
    """Which flows a message starts: name of a topic of this app, or ARN of another topic -> flows.

    Each entry has the flow, its state machine's name, the flow's parameters by what in the message gives them, the
    states of an alarm that start it, and for how many seconds one run holds back the next (or None).
    """
    table: dict[str, list[dict[str, Any]]] = {}
    for flow in flows:
        trigger = flow.options.on_alarm
        if trigger is None:
            continue
        topic = None if isinstance(trigger, Alarm) else trigger.arn
        entry = {
            "flow": flow.name,
            "state_machine": settings.state_machine(flow.name),
            "parameters": dict(trigger.parameters),
            "on": list(trigger.on),
            "at_most_one_per": trigger.at_most_one_per,
        }
        members = "" if isinstance(trigger, Alarm) else trigger.members
        topic = f"{MEMBERS}{members}" if members else topic
        table.setdefault(topic or settings.alarm_topic(flow.name), []).append(entry)
    return table


def member_alarms(flows: Iterable[CompiledFlow]) -> list[str]:
    """The names of the alarms in member accounts that start flows, with wildcards."""
    triggers = [flow.options.on_alarm for flow in flows]
    return sorted({trigger.members for trigger in triggers if isinstance(trigger, Topic) and trigger.members})


def alarm_events(names: list[str]) -> dict[str, Json]:
    """The pattern of EventBridge for changes of state of alarms with these names.

    Source: "Comparison operators for use in event patterns" (Amazon EventBridge User Guide).
    """
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": [DETAIL_TYPE],
        "detail": {"alarmName": [{"wildcard": name} for name in names]},
    }


def metric_settings(flow: CompiledFlow, trigger: Alarm) -> dict[str, Json]:
    """What is measured and when it is breached, as PutMetricAlarm and AWS::CloudWatch::Alarm both take it."""
    namespace, _, name = trigger.metric.rpartition(":")
    metric: dict[str, Json] = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in trigger.dimensions],
    }
    statistic = "Statistic" if trigger.statistic in STATISTICS else "ExtendedStatistic"
    static = {**metric, statistic: trigger.statistic, "Period": trigger.period, "Threshold": trigger.threshold}
    return {
        "AlarmDescription": f"Starts the flow {flow.name}",
        **(_band(metric, trigger) if trigger.comparison in BANDS else static),
        "EvaluationPeriods": trigger.periods,
        "ComparisonOperator": trigger.comparison,
    }


def _band(metric: dict[str, Json], trigger: Alarm) -> dict[str, Json]:
    """A metric compared with its band of anomaly detection ("PutMetricAlarm", CloudWatch API Reference, its example
    of an anomaly detection model alarm)."""
    stat = {"Metric": metric, "Period": trigger.period, "Stat": trigger.statistic}
    band = f"ANOMALY_DETECTION_BAND(m1, {trigger.threshold})"
    return {
        "Metrics": [
            {"Id": "m1", "MetricStat": stat, "ReturnData": True},
            {"Id": "ad1", "Expression": band, "ReturnData": True},
        ],
        "ThresholdMetricId": "ad1",
    }


def _metric_alarm(settings: Settings, flow: CompiledFlow, trigger: Alarm, topic: str) -> dict[str, Json]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": settings.alarm_topic(flow.name),
            **metric_settings(flow, trigger),
            **{ACTIONS[state]: [ref(topic)] for state in trigger.on},
            "Tags": tags(settings.app, flow=flow.name),
        },
    }


def check_parameters(flow: CompiledFlow, trigger: Alarm) -> None:
    """Refuse an alarm whose messages do not have what the flow's parameters take from them.

    Raises ValueError.
    """
    dimensions = {name for name, _ in trigger.dimensions} | ({INSTANCE} if trigger.instance_tag else set())
    for parameter, source in trigger.parameters:
        if source not in dimensions and source not in MESSAGE_FIELDS:
            raise ValueError(
                f"{flow.file}:{flow.line}: the alarm of {flow.name} gives the parameter {parameter!r} "
                f"the dimension {source!r}, which it does not have; "
                f"it has {', '.join(sorted(dimensions)) or 'none'}"
            )
