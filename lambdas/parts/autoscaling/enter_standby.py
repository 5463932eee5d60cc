"""Moving instances of Auto Scaling groups into standby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.progress import SHOWN
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.parts.autoscaling._groups import GROUPS
from lambdas.parts.autoscaling._standby import ENTER, StandbyResult, go


@dataclass
class EnterStandbyResult(StandbyResult):
    """Result of autoscaling.enter_standby.

    changed: instances that this call moved into standby; give it to autoscaling.exit_standby to undo.
    skipped: those that were in standby already, those that are in no group, and those excluded by tag.
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
        Allow(("autoscaling:EnterStandby",), GROUPS),
    ),
    cost="An instance in standby is billed on; without should_decrement_desired_capacity another one besides.",
    interval=15,
)
def enter_standby(
    call: Call, *, should_decrement_desired_capacity: bool = True, **common: Unpack[ChangeInstances]
) -> EnterStandbyResult | Pending:
    """Move instances of Auto Scaling groups into standby, and wait until they are there.

    An instance in standby gets no traffic of the group's load balancers and is not checked and not replaced, so that
    it can be patched or looked at.

    Parameters:
    should_decrement_desired_capacity: lower the desired capacity of the group by the instance; False: the group
        launches another one in its place.

    Result: EnterStandbyResult.

    Errors:
    PartFailed: an instance does not exist, is not in service, or its group is at its minimum.
    PartTimeout: an instance was not in standby when `timeout` ended.
    AccessDenied: the role may not move instances of the groups.

    Source: "Temporarily remove instances from your Auto Scaling group" (Amazon EC2 Auto Scaling User Guide).

    Example:
        from lambdas.parts import autoscaling, ssm
        from nightshift import flow


        @flow(timeout="2h")
        def patch_one(instance_id: str):
            \"\"\"Patch an instance of a group that does not replace it meanwhile.\"\"\"
            out = autoscaling.enter_standby(instance_id=instance_id)
            try:
                ssm.run_command(instance_id=instance_id, command="dnf -y update")
            finally:
                autoscaling.exit_standby(instance_id=out.changed)
    """
    decrement = should_decrement_desired_capacity

    def request(group: str, instance: str) -> Any:
        return call.client("autoscaling").enter_standby(
            AutoScalingGroupName=group, InstanceIds=[instance], ShouldDecrementDesiredCapacity=decrement
        )

    def room(group: dict[str, Any]) -> int:
        return int(group["DesiredCapacity"] - group["MinSize"]) if decrement else SHOWN

    entered: EnterStandbyResult | Pending = go(
        call, selected(common, "instance_id"), ENTER, request, EnterStandbyResult(), room
    )
    return entered
