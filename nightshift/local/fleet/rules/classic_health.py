"""Instances of a Classic Load Balancer are out of service until checked, and leave with connection draining.

Follows "Configure health checks" and "Configure connection draining" (Classic Load Balancers guide) and InstanceState
in the ELB API Reference (2012-06-01).
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.elb.models import ELBBackend
from moto.elb.responses import ELBResponse

from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.requests import all_instances
from nightshift.local.fleet.world import current

_INTERVAL, _THRESHOLD = 30, 10
"""The defaults of a health check: seconds between two, and how many have to pass."""

_DRAINING = 300
"""Seconds, unless the load balancer says otherwise."""

_register, _deregister = ELBBackend.register_instances, ELBBackend.deregister_instances


def _registered(backend: Any, load_balancer_name: str, instance_ids: list[str], from_autoscaling: bool = False) -> Any:
    balancer = _register(backend, load_balancer_name, instance_ids, from_autoscaling)
    for id_ in instance_ids:
        balancer.__dict__.setdefault("_since", {})[id_] = current().now()
        balancer.__dict__.setdefault("_draining", {}).pop(id_, None)
    return balancer


def _deregistered(
    backend: Any, load_balancer_name: str, instance_ids: list[str], from_autoscaling: bool = False
) -> Any:
    balancer = _deregister(backend, load_balancer_name, instance_ids, from_autoscaling)
    # As a request gave it, or as moto makes it.
    draining = balancer.attributes["connection_draining"]
    if str(draining.get("Enabled", draining.get("enabled"))).lower() == "true":
        until = current().now() + float(draining.get("Timeout") or _DRAINING)
        balancer.__dict__.setdefault("_draining", {}).update(dict.fromkeys(instance_ids, until))
    return balancer


def _describe(response: Any) -> ActionResult:
    name = response._get_param("LoadBalancerName")
    backend = response.elb_backend
    asked = [instance["InstanceId"] for instance in response._get_param("Instances", [])]
    # moto raises for a load balancer that does not exist.
    backend.describe_instance_health(name, [])
    balancer = backend.get_load_balancer(name)
    instances = all_instances(ec2_backends[backend.account_id][backend.region_name])
    states = [_state(balancer, id_, instances.get(id_)) for id_ in asked or balancer.instance_ids]
    return ActionResult({"InstanceStates": states})


def _state(balancer: Any, id_: str, instance: Any) -> dict[str, str]:
    def state(name: str, reason: str = "N/A", description: str = "N/A") -> dict[str, str]:
        return {"InstanceId": id_, "State": name, "ReasonCode": reason, "Description": description}

    now = current().now()
    if id_ not in balancer.instance_ids:
        if balancer.__dict__.get("_draining", {}).get(id_, 0) > now:
            return state("InService", "N/A", "Instance deregistration currently in progress.")
        return state("OutOfService", "Instance", "Instance is not currently registered with the LoadBalancer.")
    if instance is None or instance.state != "running":
        return state("OutOfService", "Instance", "Instance is in stopped state.")
    if any(f.kind == "unhealthy" and f.concerns(instance) and f.strike() for f in current().faults):
        text = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
        return state("OutOfService", "Instance", text)
    check = balancer.health_check
    seconds = int(check.interval) * int(check.healthy_threshold) if check else _INTERVAL * _THRESHOLD
    if now < max(balancer.__dict__.get("_since", {}).get(id_, 0), getattr(instance, "_checks_began", 0)) + seconds:
        return state("OutOfService", "ELB", "Instance registration is still in progress.")
    return state("InService")


replace_method(ELBBackend, "register_instances", _registered)
replace_method(ELBBackend, "deregister_instances", _deregistered)
replace_method(ELBResponse, "describe_instance_health", _describe)
