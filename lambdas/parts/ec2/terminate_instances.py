"""Terminating instances that the flow has made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeInstances, selected, tag_map
from lambdas.engine.stages import DONE, Already, Batch, Failed, Stage, Stages, Verdict, Verdicts
from lambdas.engine.tags import FLOW, tag_value
from lambdas.parts.ec2._shared.instances import Instance, population, state_of
from lambdas.parts.ec2._shared.permissions import INSTANCES
from lambdas.parts.ec2._shared.power import PowerResult, plan, read, shown


@dataclass
class TerminateInstancesResult(PowerResult):
    """Result of ec2.terminate_instances.

    changed: instances this call terminated, each in the state terminated.
    skipped: those that were already terminated or shutting down, and those excluded by tag.
    """


@part(
    allow=(
        Allow(("ec2:DescribeInstances",)),
        Allow(("ec2:TerminateInstances",), INSTANCES, {"StringLike": {"aws:ResourceTag/nightshift:flow": "?*"}}),
    ),
    cost="A terminated instance is not billed; volumes that outlive it are.",
    hints={
        "NotMadeByThisFlow": "Terminate it yourself, or take it out of the selection: a flow terminates only what it "
        "has made.",
        "OperationNotPermitted": "Termination protection is on. Lift it (disableApiTermination), or exclude the "
        "instance.",
    },
)
def terminate_instances(call: Call, **common: Unpack[ChangeInstances]) -> TerminateInstancesResult | Pending:
    """Terminate instances that this flow has made, and wait until they are terminated.

    Only an instance that carries the tag nightshift:flow with the name of this flow, as ec2.run_instances sets it, is
    terminated; any other fails. What is on volumes that go with an instance is lost.

    Parameters:
    tag: "Role=test", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.

    Result: TerminateInstancesResult.

    Errors:
    PartFailed: an instance does not exist, is not of this flow, or has termination protection.
    PartTimeout: an instance was not terminated when `timeout` ended.
    AccessDenied: the role may not terminate the instances.

    Example:
        from lambdas.parts import ec2
        from nightshift import flow


        @flow(timeout="2h")
        def try_the_last_images(tag: str = "Role=web"):
            \"\"\"Bring up replacements from the last images to see whether they start, and terminate them again.\"\"\"
            replacements = ec2.run_instances(tag=tag, status_check=True)
            ec2.terminate_instances(instance_id=replacements.instance_ids)

    Source: Amazon EC2 API Reference, "TerminateInstances".
    """
    ec2 = call.client("ec2")
    selection = selected(common, "instance_id")
    flow = tag_value(call.run.flow)

    def begin(instance: Instance) -> Verdict:
        state = state_of(instance)
        if state == "terminated":
            return Already(state, DONE)
        if tag_map(instance.get("Tags")).get(FLOW) != flow:
            return Failed("NotMadeByThisFlow", f"'{{id}}' does not carry the tag {FLOW}={flow}; it is left alone")
        return Already(state, "sent") if state == "shutting-down" else "todo"

    def poll(ids: list[str]) -> Verdicts:
        found = read(call, ids)
        # About an hour after its end EC2 does not know an instance any more.
        yield from ((i, DONE) for gone, _, _ in found.failed for i in gone)
        for instance in found.items:
            yield instance["InstanceId"], DONE if state_of(instance) == "terminated" else "sent"

    late = "'{id}' is not terminated in time"
    stages = [
        Batch(
            "todo",
            "to be sent to terminate",
            late,
            request=lambda ids, dry: ec2.terminate_instances(InstanceIds=ids, DryRun=dry),
        ),
        Stage("sent", "to be terminated", late, poll),
    ]
    end = Stages(call, stages, verb="terminate", done="terminated", noun="instance", population=population)
    return end.run(lambda: plan(call, selection, end.progress, begin), TerminateInstancesResult(), shown(call))
