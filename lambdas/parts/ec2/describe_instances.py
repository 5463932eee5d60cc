"""Describing instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract.part import Allow, Call, Result, part
from lambdas.engine.progress import SHOWN, Progress
from lambdas.engine.selection import SelectInstances, selected
from lambdas.parts.ec2._shared.instances import Instance, InstanceState, described, find, state_of


@dataclass
class DescribeInstancesResult(Result):
    """Result of ec2.describe_instances.

    running, stopped: ids of the matched instances in that state.
    instances: all matched instances.
    """

    running: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    instances: list[InstanceState] = field(default_factory=list)


@part(allow=(Allow(("ec2:DescribeInstances",)),), waits=False)
def describe_instances(call: Call, **common: Unpack[SelectInstances]) -> DescribeInstancesResult:
    """Read the state of instances.

    Parameters:
    tag: "Env=prod-*", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left out.

    Result: DescribeInstancesResult.

    Errors:
    PartFailed: an instance id does not exist.

    Example:
        from lambdas.parts import ec2
        from nightshift import flow


        @flow(timeout="10m")
        def who_runs(tag: str = "Env=test") -> list[str]:
            \"\"\"List the instances of the test systems that run now.\"\"\"
            return ec2.describe_instances(tag=tag).running
    """
    progress = Progress(call.state)
    found = sorted(find(call, selected(common, "instance_id"), progress), key=lambda i: str(i["InstanceId"]))
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
