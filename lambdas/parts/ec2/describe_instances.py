"""Describing instances."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdas.contract.part import Call, Result
from lambdas.engine.making import SHOWN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection
from lambdas.parts.ec2._instances import Instance, InstanceState, described, find, state_of


@dataclass
class DescribeInstancesResult(Result):
    """Result of ec2.describe_instances.

    running, stopped: ids of the matched instances in that state.
    instances: all matched instances.
    """

    running: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    instances: list[InstanceState] = field(default_factory=list)


def describe(call: Call, selection: Selection) -> DescribeInstancesResult:
    """The selected instances as they are."""
    progress = Progress(call.state)
    found = sorted(find(call, selection, progress), key=lambda i: str(i["InstanceId"]))
    result = DescribeInstancesResult(
        running=_in_state(found, "running"),
        stopped=_in_state(found, "stopped"),
        instances=[described(i, state_of(i)) for i in found],
        responses={"DescribeInstancesResponse": {"Reservations": [{"Instances": found[:SHOWN]}]}},
    )
    progress.fill(result, changed=[])
    result.matched = sorted({*result.matched, *(str(i["InstanceId"]) for i in found)})
    result.summary = f"{len(found)} found: {len(result.running)} running, {len(result.stopped)} stopped"
    return result


def _in_state(found: list[Instance], state: str) -> list[str]:
    return [i["InstanceId"] for i in found if state_of(i) == state]
