"""Detaching instances from a load balancer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.engine.stages import DONE, Already, Batch, Skipped, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ec2._shared.instances import population
from lambdas.parts.elb._load_balancers import load_balancer
from lambdas.parts.elb._permissions import LOAD_BALANCERS, READ, TARGET_GROUPS
from lambdas.parts.elb._registration import BUCKET, RegistrationResult, Registrations, upgrade


@dataclass
class DetachResult(RegistrationResult):
    """Result of elb.detach.

    changed: instances this call detached, their connections drained; give it to elb.attach to undo.
    skipped: those that were not attached or drained already, and those excluded by tag.
    """


@part(
    allow=(
        READ,
        Allow(("elasticloadbalancing:DeregisterTargets",), TARGET_GROUPS),
        Allow(("elasticloadbalancing:DeregisterInstancesFromLoadBalancer",), LOAD_BALANCERS),
    ),
    cost="Nothing besides.",
    timeout="2h",
    interval=15,
    one_of=(("target_group_arn", "load_balancer_name"),),
)
def detach(
    call: Call,
    *,
    target_group_arn: str | None = None,
    load_balancer_name: str | None = None,
    port: int | None = None,
    **common: Unpack[ChangeInstances],
) -> DetachResult | Pending:
    """Detach instances from a load balancer and wait until their connections are drained.

    Draining takes as long as the deregistration delay of the target group (300 seconds by default, one hour at most)
    or the connection draining of the classic load balancer is set to. A warning tells when no instance stays attached.
    (Elastic Load Balancing User Guide for Application Load Balancers, "Edit target group attributes"; for Classic Load
    Balancers, "Configure connection draining".)

    Parameters:
    target_group_arn: ARN of a target group, of type instance, of an Application or Network Load Balancer.
    load_balancer_name: name of a classic load balancer.
    tag: "Role=web", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    port: port to deregister from; default: every port an instance is registered on. Not for a classic load balancer.

    Result: DetachResult.

    Errors:
    PartFailed: an instance does not exist.
    PartTimeout: an instance was still draining when `timeout` ended; AWS goes on draining it.
    ServiceError: there is no such target group or load balancer.
    InvalidParameter: not exactly one of target_group_arn and load_balancer_name is given, no selection is given, or
        the target group takes no instances.
    AccessDenied: the role may not detach the instances.

    Example:
        from lambdas.parts import ec2, elb
        from nightshift import flow

        WEB = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/0123456789abcdef"


        @flow(timeout="2h")
        def patch_one_server(instance_id: str):
            \"\"\"Take a web server out of the traffic, reboot it when it is drained, and put it back in.\"\"\"
            out = elb.detach(target_group_arn=WEB, instance_id=instance_id)
            try:
                ec2.reboot_instances(instance_id=instance_id, status_check=True)
            finally:
                elb.attach(target_group_arn=WEB, instance_id=out.changed)
    """
    selection = selected(common, "instance_id")
    balancer = load_balancer(call, target_group_arn, load_balancer_name, port)
    registered = Registrations(call, balancer)

    def plan() -> Verdicts:
        begun = [(i["InstanceId"], begin(i["InstanceId"])) for i in registered.plan(selection)]
        leaving = {instance for instance, verdict in begun if verdict == "todo"}
        if leaving and not set(balancer.facts["members"]) - leaving:
            call.state["warnings"] = [f"no instance stays attached to {balancer.name}"]
        return begun

    def begin(instance: str) -> Verdict:
        now = registered.of(instance)
        if not now:
            return Skipped("not attached")
        return "todo" if any(target.registered for target in now) else Already("draining", "sent")

    def seen(instance: str, stage: str) -> Verdict:
        now = registered.of(instance)
        if not now:
            return DONE
        # Still described as it was, or attached again by something else: asking again harms nothing.
        stale = any(target.registered for target in now) and (stage == "todo" or registered.settled())
        return "todo" if stale else "sent"

    stages = [
        Batch(
            "todo",
            "to be detached",
            "'{id}' was not detached in time",
            named=registered.described,
            poll=lambda ids: ((i, seen(i, "todo")) for i in ids),
            request=lambda ids, _: balancer.deregister(ids),
            asks=lambda _: False,
            size=balancer.batch,
            bucket=BUCKET,
        ),
        Stage(
            "sent",
            "to finish their connections",
            "'{id}' is detached, but was draining at the end",
            named=registered.described,
            poll=lambda ids: ((i, seen(i, "sent")) for i in ids),
        ),
    ]
    upgrades = {0: upgrade("already draining")}
    detaching = Stages(
        call,
        stages,
        verb="detach",
        done="detached",
        noun="instance",
        population=population,
        upgrades=upgrades,
    )
    return detaching.run(plan, DetachResult(), registered.show)
