"""Rebooting instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.engine.stages import DONE, Batch, Skipped, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ec2._shared.instances import Instance, population, state_of, statuses
from lambdas.parts.ec2._shared.permissions import INSTANCES
from lambdas.parts.ec2._shared.power import PowerResult, plan, shown, upgrade

_SETTLED = 60
"""Seconds after a reboot during which the status checks may still be those of before."""


@dataclass
class RebootInstancesResult(PowerResult):
    """Result of ec2.reboot_instances.

    changed: instances whose reboot EC2 has queued (with status_check: and all checks passed since).
    skipped: those that were not running, and those excluded by tag.
    """


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeInstanceStatus")),
        Allow(("ec2:RebootInstances",), INSTANCES),
    ),
    cost="Nothing besides; a reboot begins no new billing period.",
)
def reboot_instances(
    call: Call, *, status_check: bool = False, **common: Unpack[ChangeInstances]
) -> RebootInstancesResult | Pending:
    """Reboot running instances.

    EC2 only queues a reboot and keeps the state running; whether the instance came back is told by its status checks.
    An invocation that is repeated after a crash may reboot once more.

    Parameters:
    tag: "Patch=weekly", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    status_check: wait until all status checks have passed ("3/3 checks passed"), at least a minute after the reboot.

    Result: RebootInstancesResult.

    Errors:
    PartFailed: an instance does not exist, or AWS refused its reboot.
    PartTimeout: an instance had not passed its checks when `timeout` ended.
    AccessDenied: the role may not reboot the instances.

    Example:
        from lambdas.parts import ec2
        from nightshift import cron, flow


        @flow(schedule=cron("0 3 ? * SUN *", timezone="Asia/Tokyo"), timeout="1h")
        def weekly_reboot():
            \"\"\"Reboot the terminal servers, and fail when one of them does not come back healthy.\"\"\"
            return ec2.reboot_instances(tag="Reboot=weekly", status_check=True).summary
    """
    ec2 = call.client("ec2")
    selection = selected(common, "instance_id")

    def begin(instance: Instance) -> Verdict:
        state = state_of(instance)
        return "todo" if state == "running" else Skipped(f"is {state}")

    def checks(ids: list[str]) -> Verdicts:
        found = statuses(call, ids)
        return [(i, DONE) for i in ids if found.get(i) == "ok"]

    late = "'{id}' has not passed its status checks in time"
    stages = [
        Batch("todo", "to reboot", late, request=lambda ids, dry: ec2.reboot_instances(InstanceIds=ids, DryRun=dry)),
        Stage("check", "to pass 2/2 status checks", late, poll=checks, settle=_SETTLED),
    ]
    if not status_check:
        del stages[1:]
    reboot = Stages(
        call,
        stages,
        verb="reboot",
        done="rebooted",
        noun="instance",
        population=population,
        upgrades={0: upgrade},
    )
    return reboot.run(lambda: plan(call, selection, reboot.progress, begin), RebootInstancesResult(), shown(call))
