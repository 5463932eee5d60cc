"""A new resource is not seen by every request for a while. In a strict world, or by the fault "invisible".

Follows "Ensuring consistency" of "Eventual consistency in the Amazon EC2 API" (Amazon EC2 Developer Guide).
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from nightshift.local.fleet.requests import Request, after

SECONDS = 2.0
"""How long, in a strict world."""


def hidden(request: Request, resource: Any) -> bool:
    """Whether this request does not see the resource."""
    if getattr(resource, "_hidden", False):
        return True
    return bool(request.world.faults) and any(fault.strike() for fault in request.faults("invisible", resource))


@after("RunInstances")
def new_instances(request: Request, result: ActionResult) -> None:
    """New instances."""
    for instance in result.result.instances:  # type: ignore[attr-defined]
        hide(request, instance)


@after("CreateSnapshot", "CreateVolume")
def new_resource(request: Request, result: ActionResult) -> None:
    """A new snapshot or volume."""
    hide(request, result.result)


@after("CreateSnapshots")
def new_set(request: Request, result: ActionResult) -> None:
    """New snapshots of an instance."""
    for snapshot in result.result["Snapshots"]:  # type: ignore[index]
        hide(request, snapshot)


@after("CopySnapshot")
def new_copy(request: Request, result: ActionResult) -> None:
    """A new copy of a snapshot."""
    hide(request, request.backend.snapshots[result.result["SnapshotId"]])  # type: ignore[index]


def hide(request: Request, resource: Any) -> None:
    """Let a new resource be unseen for a while."""
    if not request.world.strict:
        return
    resource._hidden = True

    def appear() -> None:
        resource._hidden = False

    request.world.after(SECONDS, appear)


@after("DescribeSnapshots", "DescribeVolumes", "DescribeInstanceStatus", "DescribeImages")
def list_resources(request: Request, result: ActionResult) -> None:
    """What other lists leave out."""
    body: Any = result.result
    for name in ("Snapshots", "Volumes", "InstanceStatuses", "Images"):
        if name in body:
            body[name] = [resource for resource in body[name] if not hidden(request, resource)]
