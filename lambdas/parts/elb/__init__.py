"""Parts for load balancers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from lambdas.contract.part import Allow, Call, Common, Pending, part
from lambdas.engine.selection import select
from lambdas.parts.elb._load_balancers import load_balancer
from lambdas.parts.elb._registration import Attaching, Detaching, RegistrationResult

LOAD_BALANCERS = ("arn:${AWS::Partition}:elasticloadbalancing:*:${AWS::AccountId}:loadbalancer/*",)
TARGET_GROUPS = ("arn:${AWS::Partition}:elasticloadbalancing:*:${AWS::AccountId}:targetgroup/*/*",)
READ = Allow(
    (
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeInstanceHealth",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    )
)


@dataclass
class AttachResult(RegistrationResult):
    """Result of elb.attach.

    changed: instances this call attached, each healthy; give it to elb.detach to undo.
    skipped: those that were attached already, and those excluded by tag.
    """


@dataclass
class DetachResult(RegistrationResult):
    """Result of elb.detach.

    changed: instances this call detached, their connections drained; give it to elb.attach to undo.
    skipped: those that were not attached or drained already, and those excluded by tag.
    """


@part(
    allow=(
        READ,
        Allow(("elasticloadbalancing:RegisterTargets",), TARGET_GROUPS),
        Allow(("elasticloadbalancing:RegisterInstancesWithLoadBalancer",), LOAD_BALANCERS),
    ),
    timeout="30m",
)
def attach(
    call: Call,
    *,
    target_group_arn: str | None = None,
    load_balancer_name: str | None = None,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    port: int | None = None,
    **common: Unpack[Common],
) -> AttachResult | Pending:
    """Attach instances to a load balancer and wait until they are healthy.

    Instances that are attached already are awaited as well. One that stays unhealthy until `timeout` is reported with
    the load balancer's reason code and stays attached: it gets traffic as soon as its health checks pass.
    (Elastic Load Balancing User Guide for Application Load Balancers, "Health checks for your target groups".)

    Parameters:
    target_group_arn: ARN of a target group, of type instance, of an Application or Network Load Balancer.
    load_balancer_name: name of a classic load balancer.
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Role=web", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    port: port to register on; default: that of the target group. Not for a classic load balancer.

    Result: AttachResult.

    Errors:
    PartFailed: an instance does not exist, does not run, is in another VPC, or in an Availability Zone that the load
        balancer does not serve.
    PartTimeout: an instance was not healthy when `timeout` ended.
    ServiceError: there is no such target group or load balancer.
    InvalidParameter: not exactly one of target_group_arn and load_balancer_name is given, no selection is given, or
        the target group takes no instances.
    AccessDenied: the role may not attach the instances.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    balancer = load_balancer(call, target_group_arn, load_balancer_name, port)
    outcome = Attaching(call, balancer, AttachResult()).run(selection)
    assert isinstance(outcome, AttachResult | Pending)
    return outcome


@part(
    allow=(
        READ,
        Allow(("elasticloadbalancing:DeregisterTargets",), TARGET_GROUPS),
        Allow(("elasticloadbalancing:DeregisterInstancesFromLoadBalancer",), LOAD_BALANCERS),
    ),
    timeout="2h",
    interval=15,
)
def detach(
    call: Call,
    *,
    target_group_arn: str | None = None,
    load_balancer_name: str | None = None,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    port: int | None = None,
    **common: Unpack[Common],
) -> DetachResult | Pending:
    """Detach instances from a load balancer and wait until their connections are drained.

    Draining takes as long as the deregistration delay of the target group (300 seconds by default, one hour at most)
    or the connection draining of the classic load balancer is set to. A warning tells when no instance stays attached.
    (Elastic Load Balancing User Guide for Application Load Balancers, "Edit target group attributes"; for Classic Load
    Balancers, "Configure connection draining".)

    Parameters:
    target_group_arn: ARN of a target group, of type instance, of an Application or Network Load Balancer.
    load_balancer_name: name of a classic load balancer.
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Role=web", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    port: port to deregister from; default: every port an instance is registered on. Not for a classic load balancer.

    Result: DetachResult.

    Errors:
    PartFailed: an instance does not exist.
    PartTimeout: an instance was still draining when `timeout` ended; AWS goes on draining it.
    ServiceError: there is no such target group or load balancer.
    InvalidParameter: not exactly one of target_group_arn and load_balancer_name is given, no selection is given, or
        the target group takes no instances.
    AccessDenied: the role may not detach the instances.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    balancer = load_balancer(call, target_group_arn, load_balancer_name, port)
    outcome = Detaching(call, balancer, DetachResult()).run(selection)
    assert isinstance(outcome, DetachResult | Pending)
    return outcome
