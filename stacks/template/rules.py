"""Rules of EventBridge that call a function."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.cloudformation import Json, Resources, attribute, ref, tags


def rule(settings: Settings, function_id: str, description: str, when: dict[str, Json]) -> Resources:
    """A rule that calls a function of the same template. when: EventPattern or ScheduleExpression."""
    logical_id = f"{function_id}Rule"
    return {
        logical_id: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": description,
                "State": "ENABLED",
                **when,
                "Targets": [{"Id": "function", "Arn": attribute(function_id)}],
                "Tags": tags(settings.app),
            },
        },
        f"{function_id}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref(function_id),
                "Principal": "events.amazonaws.com",
                "SourceArn": attribute(logical_id),
            },
        },
    }
