"""Stopping instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.pacing import Bucket
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.engine.stages import DONE, Already, Batch, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ec2._shared.instances import Instance, population, state_of
from lambdas.parts.ec2._shared.permissions import INSTANCES
from lambdas.parts.ec2._shared.power import PowerResult, cannot_stop, gone, plan, poll, shown, upgrade
from lambdas.parts.ec2._shared.standby import ENTERING, Standby


@dataclass
class StopInstancesResult(PowerResult):
    """Result of ec2.stop_instances.

    changed: instances this call stopped, each in the state stopped; give it to ec2.start_instances to undo.
    skipped: those that were already stopped or stopping, members of Auto Scaling groups, and those excluded by tag.
    """


@part(
    allow=(
        Allow(("ec2:DescribeInstances",)),
        Allow(("ec2:StopInstances",), INSTANCES),
        *ENTERING,
    ),
    cost="A stopped instance is not billed; its volumes and Elastic IP addresses are.",
    hints={
        "UnsupportedHibernationConfiguration": "Stop it without hibernate, or launch it anew with hibernation "
        "configured."
    },
)
def stop_instances(
    call: Call,
    *,
    force: bool = False,
    hibernate: bool = False,
    auto_scaling: Literal["skip", "include", "standby"] = "skip",
    **common: Unpack[ChangeInstances],
) -> StopInstancesResult | Pending:
    """Stop running instances and wait until they are stopped.

    Parameters:
    tag: "AutoOff=yes", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    force: do not wait for the operating system to shut down; also frees instances stuck in stopping. File systems
        may need repair afterwards.
    hibernate: keep the memory on the root volume; only instances launched with hibernation configured.
    auto_scaling: "skip" leaves members of Auto Scaling groups alone, because their group terminates one that stops;
        "standby" puts them into Standby before, as far as their groups stay at their minimum size, and lowers the
        desired capacity by them: ec2.start_instances with the same word takes them out of it again; "include" stops
        them as they are: suspend the group's processes before.

    Result: StopInstancesResult.

    Errors:
    PartFailed: an instance does not exist, is terminated, or cannot be stopped (instance store, one-time spot
        request, stop protection, hibernation not configured, ...), or its Auto Scaling
        group is at its minimum.
    PartTimeout: an instance was not stopped when `timeout` ended; try `force`.
    AccessDenied: the role may not stop the instances.

    Example:
        from lambdas.parts import ec2
        from nightshift import cron, flow


        @flow(schedule=cron("0 20 * * ? *", timezone="Asia/Tokyo"), timeout="1h")
        def after_office_hours():
            \"\"\"Stop what nobody needs at night; one that cannot be stopped does not keep the others up.\"\"\"
            return ec2.stop_instances(tag="AutoOff=yes", on_failure="continue").summary
    """
    ec2 = call.client("ec2")
    selection = selected(common, "instance_id")
    standby = Standby(call, auto_scaling)

    def begin(instance: Instance) -> Verdict:
        state = state_of(instance)
        if state == "stopped":
            return Already(state, DONE)
        if refused := gone(instance) or cannot_stop(instance, hibernate):
            return refused
        if state == "stopping" and not force:
            return Already(state, "sent")
        if member := standby.begin(instance):
            return member
        return "blocked" if state == "pending" else "todo"

    def blocked(instance: Instance) -> Verdict:
        state = state_of(instance)
        return Already(state, DONE) if state == "stopped" else "blocked" if state == "pending" else "todo"

    late = "'{id}' is not stopped in time"
    stages = [
        *standby.entering(then="todo"),
        Stage("blocked", "pending", late, poll=poll(call, blocked)),
        Batch(
            "todo",
            "to be sent to stop",
            late,
            bucket=Bucket(1000, 20),
            request=lambda ids, dry: ec2.stop_instances(InstanceIds=ids, Force=force, Hibernate=hibernate, DryRun=dry),
            again={"IncorrectInstanceState": "blocked"},
            refused=standby.kept,
        ),
        Stage("sent", "to be stopped", late, poll=poll(call, lambda i: DONE if state_of(i) == "stopped" else "sent")),
    ]
    stop = Stages(
        call,
        stages,
        verb="stop",
        done="stopped",
        noun="instance",
        population=population,
        upgrades={0: upgrade},
    )

    def planned() -> Verdicts:
        return standby.admitted(plan(call, selection, stop.progress, begin), then="todo")

    return stop.run(planned, StopInstancesResult(), shown(call))
