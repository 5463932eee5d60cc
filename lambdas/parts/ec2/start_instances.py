"""Starting instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Unpack

from lambdas.contract.part import Allow, Call, Pending, part, seconds
from lambdas.engine.pacing import Bucket
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.engine.stages import DONE, Already, Batch, Each, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ec2._shared.instances import Instance, by_capacity, population, state_of, statuses
from lambdas.parts.ec2._shared.permissions import GRANT_KEYS, INSTANCES
from lambdas.parts.ec2._shared.power import Capacity, PowerResult, gone, plan, poll, shown, upgrade
from lambdas.parts.ec2._shared.standby import LEAVING, Standby


@dataclass
class StartInstancesResult(PowerResult):
    """Result of ec2.start_instances.

    changed: instances this call started, each running (with status_check: all checks passed).
    skipped: those that were already running or starting, and those excluded by tag.
    fallen_back: instances that run as one of `fallback_types`; the warnings say why.
    """

    fallen_back: list[str] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeInstanceStatus")),
        Allow(("ec2:StartInstances",), INSTANCES),
        Allow(("ec2:ModifyInstanceAttribute",), INSTANCES, {"StringEquals": {"ec2:Attribute": "InstanceType"}}),
        GRANT_KEYS,
        *LEAVING,
    ),
    cost="The instances are billed by the second, at least a minute for each start.",
    timeout="2h",
)
def start_instances(
    call: Call,
    *,
    status_check: bool = False,
    fallback_types: list[str] | None = None,
    capacity_wait: str | int = 0,
    auto_scaling: Literal["include", "standby"] = "include",
    **common: Unpack[ChangeInstances],
) -> StartInstancesResult | Pending:
    """Start stopped instances and wait until they run.

    Ten thousand instances take a good hour: the API allows 1,000 starts at once and then two a second
    (Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API").

    Parameters:
    tag: "AutoOn=yes", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    status_check: wait until all status checks have passed ("3/3 checks passed": of the system, the instance and, where
        there is one, its attached EBS volumes), also of those already running.

    fallback_types: instance types to start as, one after the other, where AWS has no capacity for the type; an instance
        for which there is none of them either keeps its type. It stays of the type that it was started as:
        ec2.modify_instance_attribute gives it the other one back.
    capacity_wait: how long to go on trying where there is no capacity, all types anew each minute: seconds, or "30m".
    auto_scaling: "standby" takes members of Auto Scaling groups that ec2.stop_instances has put into Standby out of it
        when they run (with status_check: when they have passed), also those that run already, and raises the desired
        capacity of their groups by them; one that somebody else has put there stays there. "include" starts them alone.

    Result: StartInstancesResult.

    Errors:
    PartFailed: an instance does not exist, is terminated, cannot be started (AWS's reason is given), fell back to
        stopped (its StateReason is given), or runs and cannot leave Standby as its group is at its maximum.
    PartTimeout: an instance was not running, or had not passed its checks, when `timeout` ended.
    AccessDenied: the role may not start the instances.

    Example:
        from lambdas.parts import ec2
        from nightshift import cron, flow


        @flow(schedule=cron("30 7 ? * MON-FRI *", timezone="Asia/Tokyo"), timeout="1h")
        def before_office_hours():
            \"\"\"Start what the office needs, and be done when both status checks of each have passed.\"\"\"
            return ec2.start_instances(tag="AutoOn=yes", exclude_tag="Maintenance", status_check=True).summary
    """
    ec2 = call.client("ec2")
    selection = selected(common, "instance_id")
    standby = Standby(call, auto_scaling)
    types = Capacity(call, fallback_types or [], seconds(capacity_wait))

    def settled(id_: str) -> str:
        return "back" if standby.returns(id_) else DONE

    def arrived(instance: Instance) -> str:
        return "check" if status_check else settled(instance["InstanceId"])

    def running(instance: Instance) -> Verdict:
        """One that this call has not started; to take it out of Standby changes it all the same."""
        then = arrived(instance)
        return then if standby.returns(instance["InstanceId"]) else Already("running", then)

    def begin(instance: Instance) -> Verdict:
        state = state_of(instance)
        if failed := gone(instance):
            return failed
        standby.note(instance)
        match state:
            case "running":
                return running(instance)
            case "pending":
                return Already(state, "sent")
        return "blocked" if state == "stopping" else "todo"

    def blocked(instance: Instance) -> Verdict:
        state = state_of(instance)
        return running(instance) if state == "running" else "blocked" if state == "stopping" else "todo"

    def sent(instance: Instance) -> Verdict:
        if state_of(instance) == "running":
            return arrived(instance)
        return types.fell_back(instance, start.since()) or "sent"

    def checks(ids: list[str]) -> Verdicts:
        found = statuses(call, ids)
        if impaired := [i for i in ids if found.get(i) == "impaired"]:
            start.note = f"status impaired: {', '.join(impaired[:10])}"
        # What is not among the running ones any more: its state tells why.
        return [(i, {"ok": settled(i), "": "sent"}.get(found.get(i, ""), "check")) for i in ids]

    late = "'{id}' is not running in time"
    unchecked = "'{id}' has not passed its status checks in time"
    stages = [
        Each(
            "restore",
            "to get their type back",
            late,
            request=types.modify,
            then=types.restored,
            denied="one",
            asks=lambda i: False,
        ),
        Stage("blocked", "stopping", late, poll=poll(call, blocked)),
        Stage("capacity", "to find capacity", types.late, poll=types.again),
        Each(
            "modify",
            "to get another type",
            late,
            poll(call, types.seen),
            request=types.modify,
            refused=types.next,
            denied="one",
            asks=lambda i: False,
        ),
        Batch(
            "todo",
            "to be sent to start",
            late,
            bucket=Bucket(1000, 2),
            request=lambda ids, dry: ec2.start_instances(InstanceIds=ids, DryRun=dry),
            alike=by_capacity(call),
            again={"IncorrectInstanceState": "blocked"},
            refused=types.refused,
        ),
        Stage("sent", "to be running", late, poll=poll(call, sent)),
        Stage("check", "to pass 2/2 status checks", unchecked, poll=checks),
        *standby.leaving(),
    ]
    start = Stages(
        call,
        stages,
        verb="start",
        done="started",
        noun="instance",
        population=population,
        upgrades={0: upgrade},
    )

    def finish(result: StartInstancesResult) -> None:
        shown(call)(result)
        result.fallen_back = [i for i in result.changed if types.is_other(i)]
        result.warnings += [types.told(i) for i in result.fallen_back] + standby.left(result.changed)

    return start.run(lambda: plan(call, selection, start.progress, begin), StartInstancesResult(), finish)
