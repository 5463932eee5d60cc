"""Targets of Application and Network Load Balancers are initial before they are healthy, and drain before they go.

Follows "Health checks for Application Load Balancer target groups" and "Edit target group attributes" (deregistration
delay), both in the Application Load Balancers guide, and TargetHealth in the ELB API Reference (2015-12-01).
"""

from __future__ import annotations

from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current

_register, _deregister, _health_for = FakeTargetGroup.register, FakeTargetGroup.deregister, FakeTargetGroup.health_for
_describe = ELBv2Backend.describe_target_health


def _registered(group: Any, targets: list[dict[str, Any]]) -> None:
    _register(group, targets)
    for target in targets:
        group.__dict__.setdefault("_since", {})[target["Id"]] = current().now()
        group.__dict__.setdefault("_draining", {}).pop(target["Id"], None)


def _deregistered(group: Any, targets: list[dict[str, Any]]) -> None:
    leaving = [group.targets[t["Id"]] for t in targets if t["Id"] in group.targets]
    _deregister(group, targets)
    if group.load_balancer_arns:
        until = current().now() + float(group.attributes["deregistration_delay.timeout_seconds"])
        group.__dict__.setdefault("_draining", {}).update({t["Id"]: (t, until) for t in leaving})


def _draining(group: Any) -> dict[str, dict[str, Any]]:
    now = current().now()
    return {id_: target for id_, (target, until) in group.__dict__.get("_draining", {}).items() if until > now}


def _health(group: Any, target: dict[str, Any], ec2_backend: Any) -> Any:
    def status(state: str, reason: str, description: str) -> FakeHealthStatus:
        port = group.targets.get(target["Id"], target).get("Port", group.port)
        return FakeHealthStatus(target["Id"], port, group.health_check_port, state, reason, description)

    if target["Id"] in _draining(group):
        return status("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
    health = _health_for(group, target, ec2_backend)
    if health.status != "healthy":
        return health
    if not group.load_balancer_arns:
        text = "Target group is not configured to receive traffic from the load balancer"
        return status("unused", "Target.NotInUse", text)
    instance = ec2_backend.get_instance_by_id(target["Id"])
    if instance and _unhealthy(instance):
        return status("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
    since = max(group.__dict__.get("_since", {}).get(target["Id"], 0), getattr(instance, "_checks_began", 0))
    if current().now() < since + group.health_check_interval_seconds * int(group.healthy_threshold_count):
        return status("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
    return health


def _unhealthy(instance: Any) -> bool:
    failing = any(f.kind == "unhealthy" and f.concerns(instance) and f.strike() for f in current().faults)
    return failing or instance.state != "running"


def _described(backend: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> list[Any]:
    group = backend.target_groups.get(target_group_arn)
    if group is not None and not targets:
        targets = [*group.targets.values(), *_draining(group).values()]
        return [group.health_for(target, backend.ec2_backend) for target in targets]
    return list(_describe(backend, target_group_arn, targets))


replace_method(FakeTargetGroup, "register", _registered)
replace_method(FakeTargetGroup, "deregister", _deregistered)
replace_method(FakeTargetGroup, "health_for", _health)
replace_method(ELBv2Backend, "describe_target_health", _described)
