"""Suspending processes of Auto Scaling groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import selected
from lambdas.parts.autoscaling._groups import GROUPS, ChangeGroups, GroupsResult
from lambdas.parts.autoscaling._processes import chosen, switch


@dataclass
class SuspendProcessesResult(GroupsResult):
    """Result of autoscaling.suspend_processes.

    changed: groups whose processes were suspended.
    skipped: those whose processes were so already, and those excluded by tag.
    """


@part(
    allow=(
        Allow(("autoscaling:DescribeAutoScalingGroups",)),
        Allow(("autoscaling:SuspendProcesses",), GROUPS),
    ),
    cost="Nothing.",
)
def suspend_processes(
    call: Call, *, scaling_processes: str | list[str] | None = None, **common: Unpack[ChangeGroups]
) -> SuspendProcessesResult | Pending:
    """Suspend processes of Auto Scaling groups, so that they do not act while something else is at work.

    Suspend only what is in the way, and resume it in a `finally`: a group without Launch replaces nothing.

    Parameters:
    scaling_processes: such as "Launch;Terminate", or a list; default: all.

    Result: SuspendProcessesResult.

    Errors:
    PartFailed: a group does not exist.
    AccessDenied: the role may not suspend processes of the groups.
    InvalidParameter: no selection is given, or a process that does not exist.

    Source: "Suspend and resume Amazon EC2 Auto Scaling processes" (Amazon EC2 Auto Scaling User Guide).

    Example:
        from lambdas.parts import autoscaling, ec2
        from nightshift import flow


        @flow(timeout="2h")
        def reboot_the_web_servers():
            \"\"\"Reboot the instances of a group, which does not replace them meanwhile.\"\"\"
            held = autoscaling.suspend_processes(tag="Role=web", scaling_processes=["HealthCheck", "ReplaceUnhealthy"])
            try:
                ec2.reboot_instances(tag="Role=web", at_most=1, status_check=True)
            finally:
                autoscaling.resume_processes(
                    auto_scaling_group_name=held.changed, scaling_processes=["HealthCheck", "ReplaceUnhealthy"]
                )
    """
    selection = selected(common, "auto_scaling_group_name")
    request = call.client("autoscaling").suspend_processes
    processes = chosen(scaling_processes)
    result = SuspendProcessesResult()
    done: SuspendProcessesResult | Pending = switch(call, selection, processes, request, suspend=True, result=result)
    return done
