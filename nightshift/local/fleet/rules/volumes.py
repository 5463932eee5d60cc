"""Volumes pass creating, attaching, modifying, detaching and deleting; what their state does not allow is refused.

Follows "Amazon EBS volume state", "Monitor the progress of Amazon EBS volume modifications" and "Detach an Amazon EBS
volume from an Amazon EC2 instance" (Amazon EBS User Guide), the actions in the Amazon EC2 API Reference, and "Error
codes for the Amazon EC2 API" (Amazon EC2 Developer Guide). The same client token gives the same volume. With the fault
"stuck" a volume stays creating or attaching, or "busy" where it is to be detached without force, as if it were mounted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.elastic_block_store import Volume, VolumeModification

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.patches import replace_property
from nightshift.local.fleet.requests import Request, after, before, instead
from nightshift.local.fleet.world import spread

CREATING = 4
ATTACHING = 3
DETACHING = 5
DELETING = 5
MODIFYING = 6
OPTIMIZING = 40
"""Seconds it usually takes."""

_moto_status: property = Volume.__dict__["status"]
replace_property(Volume, "status", lambda volume: vars(volume).get("_state") or _moto_status.__get__(volume))
replace_property(
    VolumeModification, "modification_state", lambda modification: vars(modification).get("_state", "completed")
)
replace_property(
    VolumeModification, "progress", lambda modification: 100 if modification.modification_state == "completed" else 42
)


@before("CreateVolume")
def completed_snapshot(request: Request) -> None:
    """A volume is made of a completed snapshot."""
    for snapshot in (s for id_, s in request.backend.snapshots.items() if id_ == request.get("SnapshotId")):
        if snapshot.status != "completed":
            raise ec2_error("IncorrectState", f"Snapshot {snapshot.id} is not in 'completed' state.")


@instead("CreateVolume")
def create(request: Request) -> ActionResult:
    """A new volume is creating first."""
    made = request.world.notes.setdefault(("volumes by token", request.scope), {})
    token = request.get("ClientToken")
    if token in made:
        return ActionResult(made[token])
    result: ActionResult = request.response.create_volume()
    volume: Any = result.result
    if token:
        made[token] = volume
    volume._state = "creating"
    _later(request, volume, CREATING, lambda: setattr(volume, "_state", ""))
    return result


@before("AttachVolume")
def attachable(request: Request) -> None:
    """An available volume is attached to a running or stopped instance in its zone, under a free device name."""
    volume, (instance,), device = _volume(request), request.instances(), request.get("Device")
    if volume.attachment:
        raise ec2_error("VolumeInUse", f"{volume.id} is already attached to an instance")
    if volume.status != "available":
        raise ec2_error("IncorrectState", f"Volume '{volume.id}' is in the '{volume.status}' state.")
    if instance.state not in ("running", "stopped"):
        raise ec2_error("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if volume.zone.name != instance.placement.zone:
        text = f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'"
        raise ec2_error("InvalidVolume.ZoneMismatch", text)
    if device in instance.block_device_mapping:
        text = f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        raise ec2_error("InvalidParameterValue", text)


@after("AttachVolume")
def attach(request: Request, _: ActionResult) -> None:
    """It is attaching first."""
    attachment = _volume(request).attachment
    attachment.status = "attaching"
    _later(request, attachment.volume, ATTACHING, lambda: setattr(attachment, "status", "attached"))


@before("DetachVolume")
def detachable(request: Request) -> None:
    """An attached volume is detached, the root volume only of an instance that is stopped."""
    volume = _volume(request)
    if not volume.attachment:
        raise ec2_error("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")
    instance = volume.attachment.instance
    if volume.attachment.device == instance.root_device_name and instance.state != "stopped":
        text = f"Unable to detach root volume '{volume.id}' from instance '{instance.id}'"
        raise ec2_error("OperationNotPermitted", text)


@instead("DetachVolume")
def detach(request: Request) -> ActionResult:
    """It is detaching first."""
    volume = _volume(request)
    attachment = volume.attachment
    attachment.status = "busy"
    stays = not request.response._get_bool_param("Force", False)

    def leave() -> None:
        if volume.attachment is attachment:
            request.backend.detach_volume(volume.id, attachment.instance.id, attachment.device)

    if not (stays and any(fault.strike() for fault in request.faults("stuck", volume))):
        attachment.status = "detaching"
        request.world.after(spread(DETACHING, volume.id), leave)
    return ActionResult(
        {
            "VolumeId": volume.id,
            "InstanceId": attachment.instance.id,
            "Device": attachment.device,
            "State": attachment.status,
            "AttachTime": attachment.attach_time,
        }
    )


@before("ModifyVolume")
def modifiable(request: Request) -> None:
    """One modification ends before the next begins, and no volume shrinks."""
    volume = _volume(request)
    if any(modification.modification_state != "completed" for modification in volume.modifications):
        raise ec2_error("IncorrectModificationState", f"Volume {volume.id} is currently being modified.")
    if int(request.get("Size") or volume.size) < volume.size:
        raise ec2_error("InvalidParameterValue", "New size cannot be smaller than existing size")


@after("ModifyVolume")
def modify(request: Request, _: ActionResult) -> None:
    """It is modifying, then optimizing, then completed."""
    volume = _volume(request)
    modification = volume.modifications[-1]
    modification._state = "modifying"

    def optimize() -> None:
        modification._state = "optimizing"
        _later(request, volume, OPTIMIZING, lambda: setattr(modification, "_state", "completed"))

    _later(request, volume, MODIFYING, optimize)


@before("DeleteVolume")
def deletable(request: Request) -> None:
    """An attached volume stays."""
    volume = _volume(request)
    if volume.attachment:
        raise ec2_error("VolumeInUse", f"Volume {volume.id} is currently attached to {volume.attachment.instance.id}")
    if volume.status != "available":
        raise ec2_error("IncorrectState", f"Volume '{volume.id}' is in the '{volume.status}' state.")


@instead("DeleteVolume")
def delete(request: Request) -> ActionResult:
    """It is deleting first."""
    volume = _volume(request)
    volume._state = "deleting"
    _later(request, volume, DELETING, lambda: request.backend.volumes.pop(volume.id, None))
    return EmptyResult()


def _volume(request: Request) -> Any:
    return request.backend.volumes[request.get("VolumeId")]


def _later(request: Request, volume: Any, seconds: float, then: Callable[[], Any]) -> None:
    if not any(fault.strike() for fault in request.faults("stuck", volume)):
        for fault in request.faults("slow", volume):
            seconds *= fault.factor if fault.strike() else 1
        request.world.after(spread(seconds, volume.id), then)
