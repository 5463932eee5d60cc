"""Starts flows from CloudWatch alarm messages that SNS delivers.

A message that can start nothing is refused: a line in the log that says why, a metric that raises an alarm, and no
error, because delivering it again would not help. What may be different next time (Step Functions is throttling, a
state machine is missing) raises, so that Lambda tries again and then keeps the message in the dead-letter queue.

SNS has no raw delivery to Lambda functions: the message is always the text in a notification ("Amazon SNS raw message
delivery", Amazon SNS Developer Guide).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from lambdas.alarms import forwarded, suppression

ROUTES_FILE = "alarm_routes.json"
"""Beside lambdas/ in the code asset: topic name, or ARN of a topic of others -> flows to start."""

_ALARM_ARN = re.compile(r"arn:[^:]+:cloudwatch:([^:]+):(\d{12}):alarm:")
_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_NAME_LENGTH = 80
"""Characters of an execution name ("StartExecution", Step Functions API Reference)."""
_SHOWN = 10
"""Values of a dimension that a refusal names."""

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "alarm_receiver"), utc=True)
metrics = Metrics(
    namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "nightshift"),
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "alarm_receiver"),
)


class RefusedMessage(Exception):
    """A message that can start no flow; the text says why and what to do."""


@dataclass(frozen=True)
class AlarmMessage:
    """What CloudWatch says about a change of an alarm's state.

    source: the alarm's ARN, or what else tells it from alarms of the same name elsewhere.
    time: when the state changed, as CloudWatch writes it ("2026-11-24T01:02:03.456+0000").
    dimensions: those that have one value. ambiguous: those of which the alarm's metrics have several.
    contributor: which time series of a Metrics Insights alarm it is about, or "" for the alarm as a whole.
    account, region: where the alarm is: those of its ARN, "" without one.
    """

    name: str
    source: str
    state: str
    time: str
    reason: str
    dimensions: dict[str, str]
    ambiguous: dict[str, list[str]] = field(default_factory=dict)
    contributor: str = ""
    account: str = ""
    region: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the message that a flow's parameters can take, as CloudWatch names them."""
        return {
            "AlarmName": self.name,
            "NewStateReason": self.reason,
            "NewStateValue": self.state,
            "StateChangeTime": self.time,
            "AWSAccountId": self.account,
            "Region": self.region,
        }

    @property
    def execution_name(self) -> str:
        """The name of the run it starts: the same for every delivery of this change of state.

        The time series of one alarm may change at the same moment, each with a message of its own.
        """
        change = " ".join(part for part in (self.source, self.contributor, self.time) if part)
        digest = hashlib.sha256(change.encode()).hexdigest()[:12]
        time = re.sub(r"[^0-9T]", "", self.time.partition("+")[0])[:18]
        room = _NAME_LENGTH - len(time) - len(digest) - 2
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", self.name)[:room].strip("-")
        return "-".join(part for part in (name, time, digest) if part)


def handler(event: dict[str, Any], context: Any) -> dict[str, list[str]]:
    """Start the flows that the messages of an SNS event are for, or an event of EventBridge about a member's alarm.

    Returns {"started": ARNs of the runs, also of those that an earlier delivery started}.
    Raises what Step Functions answered when a run could not be started.
    """
    started: list[str] = []
    if forwarded.is_forwarded(event):
        logger.structure_logs(append=False, account=event.get("account"), message=event.get("id"))
        with _refusals(event.get("detail")):
            started += _receive_event(event, context)
    for record in event.get("Records", []):
        notification = record.get("Sns", {})
        logger.structure_logs(append=False, topic=notification.get("TopicArn"), message=notification.get("MessageId"))
        with _refusals(notification.get("Message")):
            started += _receive(notification, context)
    return {"started": started}


@contextmanager
def _refusals(message: Any) -> Iterator[None]:
    """Within, what can start nothing is logged and counted."""
    try:
        yield
    except RefusedMessage as refusal:
        logger.error(f"message refused: {refusal}", sns_message=str(message)[:2000])
        _count("AlarmMessagesRefused")


def read_message(text: str) -> AlarmMessage:
    """The message of a CloudWatch alarm, as it arrives in an SNS notification.

    Raises RefusedMessage for anything else. The dimensions are those of the alarm's metric, or of all metrics in its
    metric math or its anomaly detection; a composite alarm has none ("Notifying users on alarm changes", Amazon
    CloudWatch User Guide). A contributor of a Metrics Insights alarm has what its query groups by ("Acting on alarm
    changes", there; the names are those of "AlarmHistoryItem", CloudWatch API Reference).
    """
    try:
        body = json.loads(text)
    except (TypeError, ValueError):
        raise RefusedMessage("it is not JSON; only CloudWatch alarms should publish to the topic") from None
    if not isinstance(body, dict):
        raise RefusedMessage("it is not a JSON object; only CloudWatch alarms should publish to the topic")
    return _alarm_message(body)


def _alarm_message(body: dict[str, Any]) -> AlarmMessage:
    needed = ("AlarmName", "NewStateValue", "StateChangeTime")
    missing = [key for key in needed if not (isinstance(body.get(key), str) and body[key])]
    if missing:
        raise RefusedMessage(f"it has no {', '.join(missing)}; only CloudWatch alarms should publish to the topic")
    if body["NewStateValue"] not in _STATES:
        raise RefusedMessage(f"NewStateValue is {body['NewStateValue']!r}, which is no state of an alarm")
    contributor = _contributor(body)
    place = found.groups() if (found := _ALARM_ARN.match(str(body.get("AlarmArn")))) else ("", "")
    values = _dimensions(body.get("Trigger")) | {name: [value] for name, value in contributor.items()}
    return AlarmMessage(
        name=body["AlarmName"],
        source=str(body.get("AlarmArn") or [body.get("AWSAccountId"), body.get("Region"), body["AlarmName"]]),
        state=body["NewStateValue"],
        time=body["StateChangeTime"],
        reason=str(body.get("NewStateReason") or ""),
        dimensions={name: found[0] for name, found in values.items() if len(found) == 1},
        ambiguous={name: found for name, found in values.items() if len(found) > 1},
        contributor=str(
            body.get("AlarmContributorId") or (json.dumps(contributor, sort_keys=True) if contributor else "")
        ),
        region=place[0],
        account=place[1],
    )


def _receive(notification: dict[str, Any], context: Any) -> list[str]:
    alarm = read_message(notification.get("Message", ""))
    return _start_for(alarm, _routes_of(str(notification.get("TopicArn"))), context)


def _receive_event(event: dict[str, Any], context: Any) -> list[str]:
    alarm = _alarm_message(forwarded.as_message(event))
    return _start_for(alarm, forwarded.routes_of(_routes(_routes_file()), alarm.name), context)


def _start_for(alarm: AlarmMessage, listed: list[dict[str, Any]], context: Any) -> list[str]:
    """Start the flows of those routes that the alarm's new state is for."""
    logger.append_keys(alarm=alarm.name, state=alarm.state, state_change_time=alarm.time)
    routes = [route for route in listed if alarm.state in route["on"]]
    if not routes:
        logger.info(f"nothing to start: no flow is started by the state {alarm.state}")
        return []
    # All are refused or none: a second delivery must find the same work.
    requests = [(route, _execution_input(alarm, route["parameters"])) for route in routes]
    return [
        _start(_state_machine_arn(context, route["state_machine"]), alarm.execution_name, run_input)
        for route, run_input in requests
        if _let_through(alarm, route)
    ]


def _let_through(alarm: AlarmMessage, route: dict[str, Any]) -> bool:
    """Whether the flow's `at_most_one_per` lets the message start a run."""
    window = route["at_most_one_per"]
    if window is None:
        return True
    about = {
        name: alarm.dimensions[source] for name, source in route["parameters"].items() if source in alarm.dimensions
    }
    what = json.dumps([alarm.state, about or alarm.source], sort_keys=True)
    decision = suppression.decide(route["flow"], what, alarm.execution_name, window, time.time())
    if not decision.start:
        shown = ", ".join(f"{name}={value}" for name, value in about.items()) or f"the alarm {alarm.name}"
        logger.warning(
            f"held back: at most one run of {route['flow']} per {window} s for {shown}", last_run=decision.last_run
        )
        if decision.new:
            _count("AlarmMessagesHeldBack")
    return decision.start


def _routes_of(topic_arn: str) -> list[dict[str, Any]]:
    table = _routes(_routes_file())
    found: list[dict[str, Any]] | None = table.get(topic_arn) or table.get(topic_arn.rpartition(":")[2])
    if not found:
        raise RefusedMessage(f"no flow is started by the topic {topic_arn}; deploy the app again if one should be")
    return found


def _routes_file() -> Path:
    return Path(__file__).resolve().parents[2] / ROUTES_FILE


@cache
def _routes(file: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(file.read_text())
    return table


def _execution_input(alarm: AlarmMessage, parameters: dict[str, str]) -> dict[str, Any]:
    """The input of the run. It holds nothing of the delivery, so that a second one asks for the same run."""
    values = alarm.fields | alarm.dimensions
    if several := sorted(set(parameters.values()) & alarm.ambiguous.keys()):
        found = "; ".join(f"{name} is {', '.join(alarm.ambiguous[name][:_SHOWN])}" for name in several)
        raise RefusedMessage(
            f"the alarm {alarm.name} is about several resources and does not tell which of them the flow is for: "
            f"{found}; make an alarm for each"
        )
    missing = sorted({source for source in parameters.values() if source not in values})
    if missing:
        has = ", ".join(sorted(alarm.dimensions)) or "none"
        raise RefusedMessage(
            f"the alarm {alarm.name} has no dimension {', '.join(missing)}, "
            f"which the flow's parameters need; it has {has}"
        )
    trigger = {
        "type": "alarm",
        "alarm": alarm.name,
        "state": alarm.state,
        "time": alarm.time,
        "reason": alarm.reason,
        "dimensions": alarm.dimensions,
    }
    given = {parameter: values[source] for parameter, source in parameters.items()}
    return {**given, "nightshift": {"trigger": trigger}}


def _start(machine: str, name: str, run_input: dict[str, Any]) -> str:
    client = _step_functions()
    try:
        arn: str = client.start_execution(stateMachineArn=machine, name=name, input=json.dumps(run_input))[
            "executionArn"
        ]
    except client.exceptions.ExecutionAlreadyExists:
        logger.info("the run was started by an earlier delivery", execution=name)
        return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    logger.info("run started", run=arn)
    _count("RunsStarted")
    return arn


@cache
def _step_functions() -> Any:
    import botocore.session

    return botocore.session.get_session().create_client("stepfunctions")


def _state_machine_arn(context: Any, name: str) -> str:
    """The ARN of a state machine in the account and region of this function."""
    _, partition, _, region, account, *_ = context.invoked_function_arn.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"


def _dimensions(trigger: Any) -> dict[str, list[str]]:
    """Each dimension with its values, in the order of the metrics."""
    trigger = trigger if isinstance(trigger, dict) else {}
    stats = [metric.get("MetricStat") for metric in _objects(trigger.get("Metrics"))]
    metrics_measured = [stat.get("Metric") for stat in _objects(stats)]
    found: dict[str, list[str]] = {}
    for source in [trigger, *_objects(metrics_measured)]:
        for dimension in _objects(source.get("Dimensions")):
            # Messages write "name" and "value"; the API and EventBridge write them in capitals.
            name = dimension.get("name", dimension.get("Name"))
            value = dimension.get("value", dimension.get("Value"))
            if isinstance(name, str) and isinstance(value, str) and value not in found.setdefault(name, []):
                found[name].append(value)
    return found


def _contributor(body: dict[str, Any]) -> dict[str, str]:
    """What tells the time series that a message is about from the others of its alarm."""
    attributes = body.get("AlarmContributorAttributes")
    given = attributes.items() if isinstance(attributes, dict) else ()
    return {name: value for name, value in given if isinstance(value, str)}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _count(name: str) -> None:
    metrics.add_metric(name, "Count", 1)
    metrics.flush_metrics()
