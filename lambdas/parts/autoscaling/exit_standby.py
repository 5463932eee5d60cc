"""Moving instances of Auto Scaling groups out of standby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.parts.autoscaling._groups import GROUPS
from lambdas.parts.autoscaling._standby import EXIT, StandbyResult, go


@dataclass
class ExitStandbyResult(StandbyResult):
    """Result of autoscaling.exit_standby.

    changed: instances that this call moved out of standby, each in service.
    skipped: those that were in service already, those that are in no group, and those excluded by tag.
    """


@part(
    allow=(
        Allow(
            (
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "ec2:DescribeInstances",
            )
        ),
        Allow(("autoscaling:ExitStandby",), GROUPS),
    ),
    cost="Nothing besides; the instances are billed on.",
    interval=15,
)
def exit_standby(call: Call, **common: Unpack[ChangeInstances]) -> ExitStandbyResult | Pending:
    """Move instances of Auto Scaling groups out of standby, and wait until they are in service.

    The desired capacity of a group rises by them. A group that launched others in their place ends what is too much.

    Result: ExitStandbyResult.

    Errors:
    PartFailed: an instance does not exist or is in another state, or its group is at its maximum.
    PartTimeout: an instance was not in service when `timeout` ended.
    AccessDenied: the role may not move instances of the groups.

    Source: "Temporarily remove instances from your Auto Scaling group" (Amazon EC2 Auto Scaling User Guide).

    Example:
        from lambdas.parts import autoscaling
        from nightshift import cron, flow


        @flow(schedule=cron("0 6 ? * MON-FRI *", timezone="Asia/Tokyo"), timeout="1h")
        def none_forgotten():
            \"\"\"Put the web servers back into service before the day begins, whoever took them out.\"\"\"
            return autoscaling.exit_standby(tag="Role=web", on_failure="continue").summary
    """

    def request(group: str, instance: str) -> Any:
        return call.client("autoscaling").exit_standby(AutoScalingGroupName=group, InstanceIds=[instance])

    def room(group: dict[str, Any]) -> int:
        return int(group["MaxSize"] - group["DesiredCapacity"])

    exited: ExitStandbyResult | Pending = go(
        call, selected(common, "instance_id"), EXIT, request, ExitStandbyResult(), room
    )
    return exited
