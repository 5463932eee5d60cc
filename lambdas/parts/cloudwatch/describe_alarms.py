"""Reading the state of alarms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Result, part

_ARN = re.compile(r"arn:[a-z-]+:cloudwatch:([a-z0-9-]+):\d{12}:alarm:(.+)")
_PAGE = 100
"""Names in one request ("DescribeAlarms", Amazon CloudWatch API Reference)."""


@dataclass
class DescribeAlarmsResult(Result):
    """Result of cloudwatch.describe_alarms.

    matched: names of the alarms.
    in_alarm: names of those in the state ALARM.
    states: name -> "OK", "ALARM" or "INSUFFICIENT_DATA".
    """

    in_alarm: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)


@part(
    # Composite alarms are described only to whom all alarms are ("DescribeAlarms", Amazon CloudWatch API Reference).
    allow=(Allow(("cloudwatch:DescribeAlarms",)),),
    waits=False,
)
def describe_alarms(call: Call, *, alarm_arn: str | list[str], **common: Unpack[Common]) -> DescribeAlarmsResult:
    """Read the state of alarms, metric and composite.

    Parameters:
    alarm_arn: names or ARNs of alarms, as a list or as "one;two"; the Region of an ARN goes before `region`.

    Result: DescribeAlarmsResult.

    Errors:
    PartFailed: there is no such alarm.
    InvalidParameter: an ARN is that of something else, or the alarms are in several Regions.

    Example:
        from lambdas.parts import cloudwatch, ec2
        from nightshift import flow


        @flow(timeout="1h")
        def restart_unless_busy(alarm: str):
            \"\"\"Restart the workers, unless the queue is too long just now.\"\"\"
            if not cloudwatch.describe_alarms(alarm_arn=alarm).in_alarm:
                ec2.reboot_instances(tag="Role=worker")
    """
    names, region = _named(_listed(alarm_arn))
    client = call.client("cloudwatch", region=region)
    result = DescribeAlarmsResult()
    for start in range(0, len(names), _PAGE):
        answer = client.describe_alarms(
            AlarmNames=names[start : start + _PAGE], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        for alarm in [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]:
            result.states[alarm["AlarmName"]] = alarm["StateValue"]
    result.matched = names
    result.in_alarm = sorted(name for name, state in result.states.items() if state == "ALARM")
    result.failed = [
        Failure(name, "ResourceNotFound", f"there is no alarm {name!r}") for name in names if name not in result.states
    ]
    result.summary = f"{len(result.in_alarm)} of {len(names)} alarms in ALARM"
    return result


def _listed(alarms: str | list[str]) -> list[str]:
    """Each alarm once. A name may have blanks and commas in it."""
    named = alarms.split(";") if isinstance(alarms, str) else alarms
    return list(dict.fromkeys(filter(None, map(str.strip, named))))


def _named(alarms: list[str]) -> tuple[list[str], str | None]:
    """Names, and the Region of the ARNs among them."""
    names, regions = [], set()
    for alarm in alarms:
        match = _ARN.fullmatch(alarm)
        if alarm.startswith("arn:") and not match:
            raise InvalidParameter(f"{alarm} is not the ARN of a CloudWatch alarm")
        names.append(match[2] if match else alarm)
        regions |= {match[1]} if match else set()
    if len(regions) > 1:
        raise InvalidParameter(f"the alarms are in {', '.join(sorted(regions))}; make a call for each Region")
    return names, next(iter(regions), None)
