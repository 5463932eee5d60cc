"""The function that starts flows from alarm messages, and who may call it."""

from __future__ import annotations

from collections.abc import Iterable

from nightshift.model import CompiledFlow
from nightshift.triggers import Topic
from stacks.flows.alarm import RECEIVER, alarm_events, in_region, member_alarms, subscription
from stacks.settings import Settings
from stacks.shared.member_events import ELSEWHERE, members_let_in
from stacks.shared.operations import operations_alarm, throttle_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, arn, attribute, logical_id, ref, statement, sub, tags
from stacks.template.functions import Code, function
from stacks.template.reach import not_of_others, state_machines

PERMISSION = "AlarmReceiverPermission"
"""Logical id of what lets the topics of the flows call it."""


def alarm_receiver(settings: Settings, flows: Iterable[CompiledFlow], code: Code) -> Resources:
    """The alarm receiver with its permissions and its own alarm.

    flows: those started by alarms. code: the code asset with the table of routes in it.
    """
    flows = list(flows)
    made = function(
        settings,
        "AlarmReceiver",
        RECEIVER,
        handler="lambdas.alarms.receiver.handler",
        description="Starts flows from CloudWatch alarm messages",
        code=code,
        environment={"NIGHTSHIFT_TABLE": ref("Table")},
        statements=[
            statement("states:StartExecution", state_machines(settings, flows)),
            not_of_others(settings, ["states:StartExecution"]),
            statement("sqs:SendMessage", attribute("DeadLetterQueue")),
            *_suppression(flows),
        ],
        timeout=60,
        memory=256,
        # SNS calls the function asynchronously: what still fails after Lambda's retries is kept here.
        properties={"DeadLetterConfig": {"TargetArn": attribute("DeadLetterQueue")}},
    )
    made[PERMISSION] = _permission(arn("sns", f"{settings.alarm_topic('*')}"))
    made["AlarmReceiverRefused"] = operations_alarm(
        settings,
        "alarm-refused",
        "An alarm message started no flow: look at the log of the alarm receiver",
        namespace=settings.app,
        metric="AlarmMessagesRefused",
        dimensions={"service": RECEIVER},
    )
    made["AlarmReceiverThrottles"] = throttle_alarm(
        settings, "AlarmReceiver", "alarm-receiver", "alarms start flows late"
    )
    for topic in _foreign_topics(flows):
        made[logical_id("topic", topic, "permission")] = _permission(sub(topic))
        made[logical_id("topic", topic, "subscription")] = subscription(settings, sub(topic), region=_region(topic))
    return made | _members(settings, flows)


def _members(settings: Settings, flows: list[CompiledFlow]) -> Resources:
    """What lets the member accounts forward their alarms, and calls the receiver with them."""
    names = member_alarms(flows)
    if not names:
        return {}
    if not settings.company.organization:
        raise ValueError(
            "a flow is started by alarms of member accounts, which are let in by their organization alone; "
            'write its id: context organization, as "o-a1b2c3d4e5"'
        )
    rule = "MemberAlarmsRule"
    return {
        **members_let_in(settings),
        rule: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": "Alarms of member accounts",
                "State": "ENABLED",
                "EventPattern": {**alarm_events(names), **ELSEWHERE},
                "Targets": [{"Id": "function", "Arn": attribute("AlarmReceiver")}],
                "Tags": tags(settings.app),
            },
        },
        "MemberAlarmsPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref("AlarmReceiver"),
                "Principal": "events.amazonaws.com",
                "SourceArn": attribute(rule),
            },
        },
    }


def conditions(flows: Iterable[CompiledFlow]) -> dict[str, Json]:
    """The conditions that `alarm_receiver` asks for: whether the stack is in the region of a topic of others."""
    regions = sorted({_region(topic) for topic in _foreign_topics(flows)})
    return {in_region(region): {"Fn::Equals": [ref("AWS::Region"), region]} for region in regions}


def _suppression(flows: list[CompiledFlow]) -> list[dict[str, Json]]:
    """What the receiver needs of the table for suppression windows; nothing when no flow asks for it."""
    limited = [flow for flow in flows if flow.options.on_alarm and flow.options.on_alarm.at_most_one_per]
    return [table_statement(["dynamodb:GetItem", "dynamodb:PutItem"], ["STORM#*"])] if limited else []


def _foreign_topics(flows: Iterable[CompiledFlow]) -> list[str]:
    triggers = [flow.options.on_alarm for flow in flows]
    return sorted({trigger.arn for trigger in triggers if isinstance(trigger, Topic) and trigger.arn})


def _region(topic: str) -> str:
    return topic.split(":")[3]


def _permission(topic: Json) -> dict[str, Json]:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": ref("AlarmReceiver"),
            "Principal": "sns.amazonaws.com",
            "SourceArn": topic,
        },
    }
