"""Keeps one CloudWatch alarm for each instance that has the tags of a flow's `on_alarm=Alarm(instance_tag=...)`.

It compares what there should be with what there is, and makes the difference good: for all instances when the app is
deployed and on a schedule, for one instance when EC2 tells of a change of its state or its tags. An alarm is this
app's by its name, `<app>/<flow>/<instance>`; so those of flows that are gone go, too, and nobody else's are touched.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.contract import aws_errors
from lambdas.custom_resources.response import answer
from lambdas.engine.selection import select, tag_map

ALARMS_FILE = "alarms.json"
"""Beside lambdas/ in the code asset: the alarms of each flow."""

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
INSTANCE = "InstanceId"

_PAGE = 100
"""Alarms of one page, of one request by name, and of one deletion ("DescribeAlarms" and "DeleteAlarms", CloudWatch API
Reference)."""
_INSTANCES = 1000
_LIVE = ["pending", "running", "stopping", "stopped"]
"""States of the instances that have alarms; one that has ended has none."""
_MARGIN = 20
"""Seconds of an invocation kept for its end. What is left over is done by the next pass."""

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "alarm_keeper"), utc=True)

Alarm = dict[str, Any]
"""As PutMetricAlarm takes it and DescribeAlarms shows it."""


class NotKept(Exception):
    """Some alarms could not be made; the text says which, and why."""


@dataclass
class Kept:
    """What a pass has changed, by names of alarms.

    failed: name -> AWS's reason. left: how many there was no time for.
    """

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: int = 0


def handler(event: dict[str, Any], context: Any) -> None:
    """Reconcile the alarms: of the instance an event is about, else of all.

    Raises NotKept, unless CloudFormation asks: then a deployment waits, and the next pass by schedule tries again and
    tells of it.
    """
    if "RequestType" not in event:
        kept = _reconcile(context, _instances_of(event))
        if kept.failed:
            raise NotKept("; ".join(f"{name}: {why}" for name, why in list(kept.failed.items())[:10]))
        return
    gone = event["RequestType"] == "Delete"
    answer(event, "instance-alarms", lambda: _reconcile(context, None, gone=gone))


def _reconcile(context: Any, instances: list[str] | None, *, gone: bool = False) -> Kept:
    """One pass with what the code asset says; gone: that the app is deleted, or its last such flow."""
    given = _given(Path(__file__).resolve().parents[2] / ALARMS_FILE)
    _, partition, _, region, account, *_ = context.invoked_function_arn.split(":")
    keeper = Keeper(
        given["app"],
        {} if gone else given["flows"],
        f"arn:{partition}:sns:{region}:{account}:",
        lambda: context.get_remaining_time_in_millis() / 1000 - _MARGIN,
        given.get("tags", {}),
    )
    kept = keeper.keep(instances)
    counts = {name: value if isinstance(value, int) else len(value) for name, value in vars(kept).items()}
    logger.info("reconciled the alarms", instances=instances or "all", alarms=counts)
    for name, why in kept.failed.items():
        logger.error(f"the alarm {name} could not be made: {why}")
    return kept


def _instances_of(event: dict[str, Any]) -> list[str] | None:
    """The instances an event of EC2 or of the tags is about; None when it is none of these.

    "EC2 instance state change events" (Amazon EC2 User Guide), "Tag change events" (AWS Tagging User Guide).
    """
    if event.get("source") == "aws.ec2":
        return [event["detail"]["instance-id"]]
    if event.get("source") == "aws.tag":
        return [arn.rpartition("/")[2] for arn in event["resources"]]
    return None


class Keeper:
    """Compares the alarms of an app with its instances.

    app: what the names begin with. flows: flow -> {"tags", "topic", "states": which of ACTIONS tell it, "settings"}.
    topics: what the topics' ARNs begin with. remaining: seconds that may still be used. tags: of the company, for new
    alarms.
    """

    def __init__(
        self,
        app: str,
        flows: dict[str, Any],
        topics: str,
        remaining: Callable[[], float],
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.app = app
        self.flows = flows
        self.topics = topics
        self.remaining = remaining
        self.tags = dict(tags or {})

    def keep(self, instances: list[str] | None = None) -> Kept:
        """Create what is missing, change what is defined otherwise now, delete what nothing asks for any more.

        instances: reconcile the alarms of these only.
        """
        # First: an alarm that another pass makes in between must not be taken for one without an instance.
        found = {alarm["AlarmName"]: alarm for alarm in self._existing(instances)}
        wanted = {alarm["AlarmName"]: alarm for alarm in self._wanted(instances)}
        kept = Kept()
        orphans = sorted(found.keys() - wanted.keys())
        for start in range(0, len(orphans), _PAGE):
            names = orphans[start : start + _PAGE]
            cloudwatch().delete_alarms(AlarmNames=names)
            kept.deleted += names
        todo = [name for name in sorted(wanted) if name not in found or _differs(wanted[name], found[name])]
        for done, name in enumerate(todo):
            if self.remaining() < 0:
                kept.left = len(todo) - done
                break
            self._put(wanted[name], found.get(name), kept)
        return kept

    def _wanted(self, instances: list[str] | None) -> Iterator[Alarm]:
        for flow, defined in sorted(self.flows.items()):
            for instance in _tagged(defined["tags"], instances):
                alarm = _of_instance(defined["settings"], instance)
                alarm["AlarmName"] = self._name(flow, instance)
                topic = [f"{self.topics}{defined['topic']}"]
                yield alarm | {actions: topic if actions in defined["states"] else [] for actions in ACTIONS}

    def _existing(self, instances: list[str] | None) -> Iterator[Alarm]:
        if instances is None:
            yield from _described(AlarmNamePrefix=f"{self.app}/")
            return
        names = [self._name(flow, instance) for flow in sorted(self.flows) for instance in instances]
        for start in range(0, len(names), _PAGE):
            yield from _described(AlarmNames=names[start : start + _PAGE])

    def _name(self, flow: str, instance: str) -> str:
        return f"{self.app}/{flow}/{instance}"

    def _put(self, alarm: Alarm, before: Alarm | None, kept: Kept) -> None:
        """Create or change an alarm; one that AWS refuses does not keep the others from theirs."""
        more: dict[str, Any]
        if before is None:
            flow = alarm["AlarmName"].split("/")[1]
            tags = {**self.tags, "nightshift:app": self.app, "nightshift:flow": flow}
            more = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        else:
            # Somebody may have silenced it. Tags of an alarm that exists are not changed by PutMetricAlarm.
            more = {"ActionsEnabled": before.get("ActionsEnabled", True)}
        try:
            cloudwatch().put_metric_alarm(**alarm, **more)
        except Exception as error:
            code = aws_errors.code(error)
            if not code:
                raise
            kept.failed[alarm["AlarmName"]] = f"{code}: {aws_errors.message(error)}"
            return
        (kept.created if before is None else kept.updated).append(alarm["AlarmName"])


def _tagged(tags: list[str], instances: list[str] | None) -> Iterator[str]:
    """The instances with these tags, of all or of some."""
    selection = select(None, tags, None, id_name="instance_id", tag_name="instance_tag")
    filters = [*selection.filters(), {"Name": "instance-state-name", "Values": _LIVE}]
    if instances is not None:
        filters.append({"Name": "instance-id", "Values": instances})
    pages = (
        ec2().get_paginator("describe_instances").paginate(Filters=filters, PaginationConfig={"PageSize": _INSTANCES})
    )
    for instance in (i for page in pages for r in page["Reservations"] for i in r["Instances"]):
        if not selection.why_not(tag_map(instance.get("Tags"))):
            yield instance["InstanceId"]


def _described(**which: Any) -> Iterable[Alarm]:
    pages = (
        cloudwatch()
        .get_paginator("describe_alarms")
        .paginate(AlarmTypes=["MetricAlarm"], PaginationConfig={"PageSize": _PAGE}, **which)
    )
    return [alarm for page in pages for alarm in page["MetricAlarms"]]


def _differs(wanted: Alarm, found: Alarm) -> bool:
    """Whether an alarm is defined otherwise than it should be."""
    given = {"Statistic": None, "ExtendedStatistic": None} | wanted
    return not _covers(given, found)


def _covers(wanted: Any, found: Any) -> bool:
    """Whether all that is wanted is found: lists in any order, objects also with more than what was asked for."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_covers(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return False
        return all(any(_covers(entry, other) for other in found) for entry in wanted)
    return bool(wanted == found) or (wanted is None and found == "")


def _of_instance(settings: Alarm, instance: str) -> Alarm:
    """The settings with the instance as a dimension of what is measured: one metric, or one with its band."""
    alarm = copy.deepcopy(settings)
    measured = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    for metric in measured or [alarm]:
        metric["Dimensions"].append({"Name": INSTANCE, "Value": instance})
    return alarm


@cache
def _given(file: Path) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(file.read_text())
    return given


@cache
def ec2() -> Any:
    """A client of Amazon EC2."""
    return _client("ec2")


@cache
def cloudwatch() -> Any:
    """A client of CloudWatch, which takes three alarms a second ("CloudWatch service quotas")."""
    return _client("cloudwatch")


def _client(service: str) -> Any:
    import botocore.session
    from botocore.config import Config

    return botocore.session.get_session().create_client(
        service, config=Config(retries={"mode": "adaptive", "max_attempts": 10})
    )
