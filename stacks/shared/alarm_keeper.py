"""The function that keeps one alarm for each tagged instance, and what tells it of instances that come and go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nightshift.model import CompiledFlow
from nightshift.triggers import Alarm
from stacks.flows.alarm import ACTIONS, metric_settings
from stacks.settings import Settings
from stacks.shared.operations import function_alarm
from stacks.template.cloudformation import Json, Resources, arn, attribute, ref, statement, tags
from stacks.template.functions import Code, function

LOGICAL_ID = "AlarmKeeper"
KEEPER = "nightshift.alarm_keeper"

_TIMEOUT = 300

_RULES: dict[str, tuple[str, dict[str, Json]]] = {
    "State": (
        "An instance came or went",
        {
            "EventPattern": {
                "source": ["aws.ec2"],
                "detail-type": ["EC2 Instance State-change Notification"],
                "detail": {"state": ["pending", "running", "terminated"]},
            }
        },
    ),
    "Tags": (
        "The tags of an instance changed",
        {
            "EventPattern": {
                "source": ["aws.tag"],
                "detail-type": ["Tag Change on Resource"],
                "detail": {"service": ["ec2"], "resource-type": ["instance"]},
            }
        },
    ),
    # Events may be lost, and some thousand new alarms take longer than one invocation.
    "Schedule": ("Every 15 minutes", {"ScheduleExpression": "rate(15 minutes)"}),
}


def per_instance(flows: Iterable[CompiledFlow]) -> list[CompiledFlow]:
    """The flows that have an alarm for each tagged instance."""
    return [flow for flow in flows if isinstance(flow.options.on_alarm, Alarm) and flow.options.on_alarm.instance_tag]


def definitions(settings: Settings, flows: Iterable[CompiledFlow]) -> dict[str, Any]:
    """The alarms of these flows, as the keeper reads them."""
    own = {"app": settings.app, "tags": dict(settings.company.tags)}
    return own | {"flows": {flow.name: _definition(settings, flow) for flow in flows}}


def alarm_keeper(settings: Settings, code: Code) -> Resources:
    """The keeper with its permissions, its rules, its own alarm, and its look at each deployment.

    code: the code asset with `definitions` in it.
    """
    own = arn("cloudwatch", f"alarm:{settings.app}/*")
    made = function(
        settings,
        LOGICAL_ID,
        KEEPER,
        handler="lambdas.alarms.keeper.handler",
        description="Keeps one alarm for each tagged instance",
        code=code,
        environment={},
        statements=[
            statement(["cloudwatch:DescribeAlarms", "ec2:DescribeInstances"]),
            statement(["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"], own),
        ],
        timeout=_TIMEOUT,
        memory=256,
    )
    for name, (description, when) in _RULES.items():
        made |= _rule(settings, f"{LOGICAL_ID}{name}", description, when)
    made[f"{LOGICAL_ID}Errors"] = function_alarm(
        settings,
        LOGICAL_ID,
        "alarm-keeper-errors",
        "Instances may be without their alarms: look at the log of the alarm keeper",
    )
    made["InstanceAlarms"] = {
        "Type": "Custom::InstanceAlarms",
        "Properties": {
            "ServiceToken": attribute(LOGICAL_ID),
            "ServiceTimeout": _TIMEOUT + 60,
            # Another key is another definition, or another keeper.
            "Content": code.key,
        },
        "DependsOn": [f"{LOGICAL_ID}Role"],
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    }
    return made


def _definition(settings: Settings, flow: CompiledFlow) -> dict[str, Any]:
    trigger = flow.options.on_alarm
    assert isinstance(trigger, Alarm), "per_instance has chosen it"
    return {
        "tags": list(trigger.instance_tag),
        "topic": settings.alarm_topic(flow.name),
        "states": [ACTIONS[state] for state in trigger.on],
        "settings": metric_settings(flow, trigger),
    }


def _rule(settings: Settings, name: str, description: str, when: dict[str, Json]) -> Resources:
    return {
        f"{name}Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": description,
                "State": "ENABLED",
                **when,
                "Targets": [{"Id": "function", "Arn": attribute(LOGICAL_ID)}],
                "Tags": tags(settings.app),
            },
        },
        f"{name}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref(LOGICAL_ID),
                "Principal": "events.amazonaws.com",
                "SourceArn": attribute(f"{name}Rule"),
            },
        },
    }
