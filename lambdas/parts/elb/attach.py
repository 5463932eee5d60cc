"""Attaching instances to a load balancer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.engine.stages import DONE, Already, Batch, Failed, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ec2._shared.instances import Instance, population, state_of
from lambdas.parts.elb._load_balancers import LoadBalancer, load_balancer
from lambdas.parts.elb._permissions import LOAD_BALANCERS, READ, TARGET_GROUPS
from lambdas.parts.elb._registration import BUCKET, RegistrationResult, Registrations, upgrade

_GONE = ("shutting-down", "terminated")


@dataclass
class AttachResult(RegistrationResult):
    """Result of elb.attach.

    changed: instances this call attached, each healthy; give it to elb.detach to undo.
    skipped: those that were attached already, and those excluded by tag.
    """


@part(
    allow=(
        READ,
        Allow(("elasticloadbalancing:RegisterTargets",), TARGET_GROUPS),
        Allow(("elasticloadbalancing:RegisterInstancesWithLoadBalancer",), LOAD_BALANCERS),
    ),
    cost="Nothing besides; the load balancer is billed by what passes through it.",
    timeout="30m",
    one_of=(("target_group_arn", "load_balancer_name"),),
)
def attach(
    call: Call,
    *,
    target_group_arn: str | None = None,
    load_balancer_name: str | None = None,
    port: int | None = None,
    **common: Unpack[ChangeInstances],
) -> AttachResult | Pending:
    """Attach instances to a load balancer and wait until they are healthy.

    Instances that are attached already are awaited as well. One that stays unhealthy until `timeout` is reported with
    the load balancer's reason code and stays attached: it gets traffic as soon as its health checks pass.
    (Elastic Load Balancing User Guide for Application Load Balancers, "Health checks for your target groups".)

    Parameters:
    target_group_arn: ARN of a target group, of type instance, of an Application or Network Load Balancer.
    load_balancer_name: name of a classic load balancer.
    tag: "Role=web", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    port: port to register on, also for an instance that is registered on another one; default: that of the target
        group. Not for a classic load balancer.

    Result: AttachResult.

    Errors:
    PartFailed: an instance does not exist, does not run, is in another VPC, or in an Availability Zone that the load
        balancer does not serve.
    PartTimeout: an instance was not healthy when `timeout` ended.
    ServiceError: there is no such target group or load balancer.
    InvalidParameter: not exactly one of target_group_arn and load_balancer_name is given, no selection is given, or
        the target group takes no instances.
    AccessDenied: the role may not attach the instances.

    Example:
        from lambdas.parts import ec2, elb
        from nightshift import flow

        WEB = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/0123456789abcdef"


        @flow(timeout="1h")
        def one_more_server(instance_id: str):
            \"\"\"Start a spare web server, and be done when the load balancer finds it healthy.\"\"\"
            ec2.start_instances(instance_id=instance_id, status_check=True)
            elb.attach(target_group_arn=WEB, instance_id=instance_id, timeout="15m")
    """
    selection = selected(common, "instance_id")
    balancer = load_balancer(call, target_group_arn, load_balancer_name, port)
    balancer.one_port = True
    registered = Registrations(call, balancer)

    def plan() -> Verdicts:
        found = registered.plan(selection)
        if not balancer.facts["used"]:
            text = f"no load balancer uses {balancer.name}: the instances get no traffic and no health check"
            call.state["warnings"] = [text]
        for instance in found:
            if state_of(instance) == "pending":
                attaching.progress.add("starting", [instance["InstanceId"]])
            yield instance["InstanceId"], begin(instance)

    def begin(instance: Instance) -> Verdict:
        if unfit := _unfit(instance, balancer):
            return unfit
        if not any(target.registered for target in registered.of(instance["InstanceId"])):
            return "todo"
        where = seen(instance["InstanceId"], "sent")
        return where if isinstance(where, Failed) else Already("attached", str(where))

    def seen(instance: str, stage: str) -> Verdict:
        target = next((target for target in registered.of(instance) if target.registered), None)
        if target is None:
            lost = stage == "sent" and registered.settled()
            text = "'{id}' was attached, and then detached by something else"
            return Failed("Target.NotRegistered", text) if lost else stage
        if target.state in ("healthy", "unavailable") or not balancer.facts["used"]:
            return DONE
        if target.state == "unused" and registered.settled():
            return Failed(target.error, f"'{{id}}' gets no traffic: {target.description}")
        return "sent"

    def refused(instance: str, code: str, message: str) -> Verdict | None:
        starting = code in ("InvalidTarget", "InvalidInstance") and instance in attaching.progress.ids("starting")
        return "todo" if starting else None

    def late(instance: str) -> Failed:
        now = next(iter(registered.of(instance)), None)
        if now is None:
            return Failed("Timeout", "'{id}' was not attached in time")
        said = f": {now.description}" if now.description else ""
        return Failed(now.error, f"'{{id}}' is attached, but was {now.state} at the end{said}")

    stages = [
        Batch(
            "todo",
            "to be attached",
            "'{id}' was not attached in time",
            named=registered.described,
            poll=lambda ids: ((i, seen(i, "todo")) for i in ids),
            request=lambda ids, _: balancer.register(ids),
            asks=lambda _: False,
            refused=refused,
            size=balancer.batch,
            bucket=BUCKET,
        ),
        Stage(
            "sent",
            "to be healthy",
            late,
            named=registered.described,
            poll=lambda ids: ((i, seen(i, "sent")) for i in ids),
        ),
    ]
    upgrades = {0: upgrade("already attached")}
    attaching = Stages(
        call,
        stages,
        verb="attach",
        done="attached",
        noun="instance",
        population=population,
        upgrades=upgrades,
    )
    return attaching.run(plan, AttachResult(), registered.show)


def _unfit(instance: Instance, balancer: LoadBalancer) -> Failed | None:
    """Why an instance cannot be registered."""
    state, vpc, wanted = state_of(instance), instance.get("VpcId", ""), balancer.facts["vpc_id"]
    if state not in ("running", "pending"):
        hint = "" if state in _GONE else "; start it first"
        return Failed("IncorrectInstanceState", f"'{{id}}' is {state}{hint}")
    if wanted and vpc != wanted:
        return Failed("InvalidTarget", f"'{{id}}' is in {vpc or 'no VPC'}, {balancer.name} in {wanted}")
    return None
