"""Messages of CloudWatch alarms, delivered to the receiver as SNS does."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from lambdas.alarms import receiver

REGION, ACCOUNT = "eu-west-1", "123456789012"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-recover_instance"
FOREIGN = f"arn:aws:sns:{REGION}:999999999999:monitoring"
CONTEXT = SimpleNamespace(invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nightshift-alarm_receiver")
MESSAGE: dict[str, Any] = {
    "AlarmName": "web 1: status check / failed",
    "AlarmDescription": None,
    "AWSAccountId": ACCOUNT,
    "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:web 1: status check / failed",
    "NewStateValue": "ALARM",
    "OldStateValue": "OK",
    "NewStateReason": "Threshold Crossed",
    "StateChangeTime": "2026-11-24T01:02:03.456+0000",
    "Region": "EU (Ireland)",
    "Trigger": {
        "MetricName": "StatusCheckFailed",
        "Namespace": "AWS/EC2",
        "StatisticType": "Statistic",
        "Dimensions": [{"value": "i-0123456789abcdef0", "name": "InstanceId"}],
        "Period": 60,
    },
}


def route(flow: str, *on: str, window: int | None = None, **parameters: str) -> dict[str, Any]:
    """An entry of the receiver's table."""
    return {
        "flow": flow,
        "state_machine": f"nightshift-{flow}",
        "parameters": parameters,
        "on": on or ("ALARM",),
        "at_most_one_per": window,
    }


def deliver(message: Any, topic: str = TOPIC) -> list[str]:
    """Deliver a message as SNS does; the runs it started."""
    text = message if isinstance(message, str) else json.dumps(message)
    notification = {"Type": "Notification", "MessageId": "m-1", "TopicArn": topic, "Subject": "ALARM", "Message": text}
    event = {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification}]}
    return receiver.handler(event, CONTEXT)["started"]


def runs(client: Any, flow: str = "recover_instance") -> list[dict[str, Any]]:
    """The runs of a flow."""
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:nightshift-{flow}"
    found: list[dict[str, Any]] = client.list_executions(stateMachineArn=machine)["executions"]
    return found
