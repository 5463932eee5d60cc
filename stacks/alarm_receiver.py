"""The function that starts flows from alarm messages, and who may call it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from nightshift.model import CompiledFlow
from nightshift.triggers import Topic
from stacks.alarm import RECEIVER, subscription
from stacks.cloudformation import Json, Resources, arn, attribute, logical_id, ref, statement, sub
from stacks.functions import Code, function
from stacks.operations import operations_alarm
from stacks.settings import Settings
from stacks.table import table_statement

PERMISSION = "AlarmReceiverPermission"
"""Logical id of what lets the topics of the flows call it."""

_POLICY_ROOM = 9000
"""Characters left for state machine ARNs in the role's inline policies, of 10,240 ("IAM quotas", IAM User Guide)."""


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
            statement("sqs:SendMessage", attribute("DeadLetterQueue")),
            *_storms(flows),
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
        namespace=settings.prefix,
        metric="AlarmMessagesRefused",
        dimensions={"service": RECEIVER},
    )
    for topic in sorted({topic for flow in flows if (topic := _foreign_topic(flow))}):
        made[logical_id("topic", topic, "permission")] = _permission(sub(topic))
        made[logical_id("topic", topic, "subscription")] = subscription(
            settings, sub(topic), region=topic.split(":")[3]
        )
    return made


def _storms(flows: list[CompiledFlow]) -> list[dict[str, Json]]:
    """What the receiver needs of the table to hold back storms; nothing when no flow asks for it."""
    limited = [flow for flow in flows if flow.options.on_alarm and flow.options.on_alarm.at_most_one_per]
    return [table_statement(["dynamodb:GetItem", "dynamodb:PutItem"], ["STORM#*"])] if limited else []


def _foreign_topic(flow: CompiledFlow) -> str | None:
    trigger = flow.options.on_alarm
    return trigger.arn if isinstance(trigger, Topic) else None


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


def state_machines(settings: Settings, flows: Iterable[CompiledFlow]) -> list[Json]:
    """The state machines of flows, for a policy: each by its ARN, or all of the app when a policy cannot hold them."""
    exact = [settings.state_machine_arn(name) for name in sorted(flow.name for flow in flows)]
    # The ARNs get no longer than the text with its pseudo parameters.
    if len(json.dumps(exact)) <= _POLICY_ROOM:
        return exact
    return [settings.state_machine_arn("*")]
