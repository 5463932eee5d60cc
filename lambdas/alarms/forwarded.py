"""Alarms of member accounts, which EventBridge forwards to the app's account."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

MEMBERS = "members:"
"""Begins the key of a route for alarms of member accounts, before the pattern of their names."""

DETAIL_TYPE = "CloudWatch Alarm State Change"


def is_forwarded(event: dict[str, Any]) -> bool:
    """Whether it is an event of EventBridge about an alarm, and none of SNS."""
    return event.get("detail-type") == DETAIL_TYPE


def as_message(event: dict[str, Any]) -> dict[str, Any]:
    """The event as the message that the same alarm would publish to a topic.

    Source: "Alarm events and EventBridge" (Amazon CloudWatch User Guide).
    """
    detail = _object(event.get("detail"))
    state, configuration = _object(detail.get("state")), _object(detail.get("configuration"))
    listed = configuration.get("metrics")
    stats = [_object(_object(metric).get("metricStat")) for metric in (listed if isinstance(listed, list) else [])]
    metrics = [_object(stat.get("metric")) for stat in stats]
    resources = event.get("resources")
    return {
        "AlarmName": detail.get("alarmName"),
        "AlarmArn": resources[0] if isinstance(resources, list) and resources else None,
        "AWSAccountId": event.get("account"),
        "Region": event.get("region"),
        "NewStateValue": state.get("value"),
        "NewStateReason": state.get("reason"),
        "StateChangeTime": state.get("timestamp"),
        "Trigger": {"Metrics": [{"MetricStat": {"Metric": {"Dimensions": _dimensions(m)}}} for m in metrics]},
    }


def routes_of(table: dict[str, list[dict[str, Any]]], alarm: str) -> list[dict[str, Any]]:
    """The routes for an alarm of that name in a member account."""
    patterns = {key.removeprefix(MEMBERS): routes for key, routes in table.items() if key.startswith(MEMBERS)}
    return [route for pattern, routes in patterns.items() if fnmatchcase(alarm, pattern) for route in routes]


def _dimensions(metric: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in _object(metric.get("dimensions")).items()]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
