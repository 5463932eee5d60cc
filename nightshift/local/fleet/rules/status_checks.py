"""Status checks are initializing for a few minutes after a start, then ok, or impaired.

Follows "Status checks for Amazon EC2 instances" (Amazon EC2 User Guide) and DescribeInstanceStatus in the Amazon EC2
API Reference.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.instances import Instance

from nightshift.local.fleet.patches import replace_property
from nightshift.local.fleet.requests import Request, after
from nightshift.local.fleet.states import on_state
from nightshift.local.fleet.world import World, spread

INITIALIZING = 120
"""Seconds until the checks have passed, usually."""

_DETAIL = {"ok": "passed", "impaired": "failed", "initializing": "initializing"}


@on_state("running")
def begin(world: World, instance: Any) -> None:
    """The checks start over."""
    instance._checks = "initializing"
    began = world.now()
    instance._checks_began = began

    def finish() -> None:
        # A check that belongs to an earlier start says nothing about this one.
        if instance._checks_began == began:
            impaired = any(f.kind == "impaired" and f.concerns(instance) and f.strike() for f in world.faults)
            instance._checks = "impaired" if impaired else "ok"

    world.after(spread(INITIALIZING, instance.id), finish)


@after("RebootInstances")
def reboot(request: Request, _: Any) -> None:
    """A reboot starts them over too."""
    for instance in request.instances():
        if instance.state == "running":
            begin(request.world, instance)


def _instance_status(instance: Any) -> dict[str, Any]:
    return _status(instance, getattr(instance, "_checks", "ok"))


def _system_status(instance: Any) -> dict[str, Any]:
    checks = getattr(instance, "_checks", "ok")
    return _status(instance, "ok" if checks == "impaired" else checks)


def _status(instance: Any, status: str) -> dict[str, Any]:
    if instance.state != "running":
        return {"Status": "not-applicable"}
    return {"Status": status, "Details": [{"Name": "reachability", "Status": _DETAIL[status]}]}


replace_property(Instance, "instance_status", _instance_status)
replace_property(Instance, "system_status", _system_status)
