"""An AMI is pending until the snapshots of all its volumes are completed; its name is unique in account and Region.

Follows "Create an Amazon EBS-backed AMI" (Amazon EC2 User Guide), CreateImage in the Amazon EC2 API Reference, and
InvalidAMIName.Duplicate and InvalidSnapshot.InUse in "Error codes for the Amazon EC2 API". The instance is rebooted
unless NoReboot says otherwise.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.amis import Ami
from moto.ec2.utils import random_ami_id

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.patches import replace_property
from nightshift.local.fleet.requests import Request, before, instead
from nightshift.local.fleet.rules import snapshot_lifecycle, snapshot_limits, status_checks, visibility
from nightshift.local.fleet.world import World

SECONDS = 20
"""From the last completed snapshot until the AMI is available."""


@before("CreateImage")
def unique_name(request: Request) -> None:
    """Refuse a name that another AMI of the account has."""
    name = request.get("Name")
    for image in request.backend.amis.values():
        if image.name == name and image.owner_id == request.scope[0]:
            raise ec2_error("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {image.id}")


@before("CreateImage")
def room_for_snapshots(request: Request) -> None:
    """The snapshots of an AMI count as any other."""
    for volume in _volumes(request):
        snapshot_limits.check(request, volume)


@instead("CreateImage")
def create(request: Request) -> ActionResult:
    """Make the AMI with one snapshot for each volume of the instance."""
    [instance] = request.instances()
    tags = request.response._parse_tag_specification()
    image = blank(request, instance, instance=instance)
    image.add_tags(tags.get("image", {}))
    for volume in _volumes(request):
        snapshot = request.backend.create_snapshot(
            volume.id, f"Created by CreateImage({instance.id}) for {image.id}", from_ami=image.id
        )
        snapshot.add_tags(tags.get("snapshot", {}))
        image._snapshots[volume.attachment.device] = snapshot
        snapshot_lifecycle.take_time(request, snapshot, then=lambda: progress(request.world, image))
        snapshot_limits.made(request, snapshot)
    request.backend.amis[image.id] = image
    visibility.hide(request, image)
    if not request.response._get_bool_param("NoReboot", False) and instance.state == "running":
        status_checks.begin(request.world, instance)
    return ActionResult({"ImageId": image.id})


def blank(request: Request, origin: Any, **made_of: Any) -> Any:
    """A pending AMI without a snapshot. origin: the instance or AMI it is made of, which moto takes as `made_of`."""
    backend = request.backend
    image: Any = Ami(
        backend,
        random_ami_id(),
        name=request.get("Name"),
        description=request.get("Description", ""),
        root_device_type="ebs",
        root_device_name=origin.root_device_name,
        state="pending",
        region_name=f"{request.scope[1]}a",
        **made_of,
    )
    # moto makes one snapshot of a volume that never was.
    backend.snapshots.pop(image.ebs_snapshot.id)
    image._snapshots = {}
    return image


def progress(world: World, image: Any) -> None:
    """An image is available some time after the last of its snapshots, and failed with one of them."""
    states = {snapshot.status for snapshot in image._snapshots.values()}
    if "error" in states:
        image.state = "failed"
    elif states == {"completed"}:
        world.after(SECONDS, lambda: setattr(image, "state", "available"))


def _volumes(request: Request) -> list[Any]:
    [instance] = request.instances()
    return [request.backend.volumes[device.volume_id] for _, device in instance.get_block_device_mapping]


def snapshots(image: Any) -> list[tuple[str, Any]]:
    """Device name and snapshot of each volume of an image."""
    if hasattr(image, "_snapshots"):
        return list(image._snapshots.items())
    return [(image.root_device_name, image.ebs_snapshot)]


_moto_mappings: property = Ami.__dict__["block_device_mappings"]


def _mappings(image: Any) -> Any:
    if not hasattr(image, "_snapshots"):
        return _moto_mappings.__get__(image)
    return [
        {
            "DeviceName": device,
            "Ebs": {
                "SnapshotId": snapshot.id,
                "VolumeSize": snapshot.volume.size,
                "VolumeType": snapshot.volume.volume_type,
                "Encrypted": snapshot.encrypted,
                "DeleteOnTermination": True,
            },
        }
        for device, snapshot in image._snapshots.items()
    ]


replace_property(Ami, "block_device_mappings", _mappings)
