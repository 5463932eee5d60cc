"""A deleted snapshot or image that a retention rule covers is in Recycle Bin until it is restored or its time is over.

Follows "Recover deleted EBS snapshots and EBS-backed AMIs with Recycle Bin" (Amazon EBS User Guide), and
ListSnapshotsInRecycleBin, RestoreSnapshotFromRecycleBin, ListImagesInRecycleBin and RestoreImageFromRecycleBin in the
Amazon EC2 API Reference. The rules are those of `World.retention`. What is restored has its tags and whom it is shared
with again; an image is restored once its snapshots are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, before, first, instead
from nightshift.local.fleet.rules import images
from nightshift.local.fleet.world import Retention, spread

RECOVERING = 20
"""Seconds until a restored snapshot is completed."""

_DAY = 86_400


@dataclass(frozen=True)
class Deleted:
    """A snapshot or an image in the bin, as moto has it. entered, leaves: seconds since the epoch."""

    resource: Any
    entered: float
    leaves: float


def contents(request: Request, kind: str) -> dict[str, Deleted]:
    """What is in the bin of the request's account and Region, by id. kind: "SnapshotId" or "ImageId"."""
    found: dict[str, Deleted] = request.world.notes.setdefault(("recycle bin", kind, request.scope), {})
    return found


@instead("DeleteSnapshot")
def delete(request: Request) -> ActionResult:
    """A snapshot goes to the bin."""
    snapshot = request.backend.snapshots.get(request.get("SnapshotId"))
    result: ActionResult = request.response.delete_snapshot()
    _keep(request, "SnapshotId", snapshot)
    return result


@instead("DeregisterImage")
def deregister(request: Request) -> ActionResult:
    """An image goes to the bin; its snapshots stay where they are."""
    image = request.backend.amis.get(request.get("ImageId"))
    result: ActionResult = request.response.deregister_image()
    _keep(request, "ImageId", image)
    return result


def _keep(request: Request, kind: str, resource: Any) -> None:
    """For as long as the longest of the rules that cover it says."""
    days = [rule.days for rule in request.world.retention if _covers(rule, resource)]
    if days:
        now, bin_ = request.world.now(), contents(request, kind)
        bin_[resource.id] = kept = Deleted(resource, now, now + max(days) * _DAY)

        def leave() -> None:
            if bin_.get(resource.id) is kept:
                del bin_[resource.id]

        request.world.after(max(days) * _DAY, leave, lasting=True)


@first("ListSnapshotsInRecycleBin", "RestoreSnapshotFromRecycleBin")
def known_snapshots(request: Request) -> None:
    """Only what is in the bin is listed and restored."""
    for id_ in request.ids("SnapshotId"):
        if id_ not in contents(request, "SnapshotId"):
            raise ec2_error("InvalidSnapshot.NotFound", f"The snapshot '{id_}' does not exist.")


@first("ListImagesInRecycleBin", "RestoreImageFromRecycleBin")
def known_images(request: Request) -> None:
    """The same for images."""
    for id_ in request.ids("ImageId"):
        if id_ not in contents(request, "ImageId"):
            raise ec2_error("InvalidAMIID.NotFound", f"The image id '[{id_}]' does not exist")


@instead("ListSnapshotsInRecycleBin")
def listed_snapshots(request: Request) -> ActionResult:
    """What is in the bin: neither tags nor sizes are told."""

    def about(snapshot: Any) -> dict[str, Any]:
        return {"VolumeId": snapshot.volume.id, "Description": snapshot.description}

    return ActionResult({"Snapshots": _listed(request, "SnapshotId", about)})


@instead("ListImagesInRecycleBin")
def listed_images(request: Request) -> ActionResult:
    """Nor is told of what snapshots an image consists."""

    def about(image: Any) -> dict[str, Any]:
        return {"Name": image.name, "Description": image.description}

    return ActionResult({"Images": _listed(request, "ImageId", about)})


@instead("RestoreSnapshotFromRecycleBin")
def restore_snapshot(request: Request) -> ActionResult:
    """It leaves the bin, and is completed after a while."""
    snapshot = contents(request, "SnapshotId").pop(request.get("SnapshotId")).resource
    request.backend.snapshots[snapshot.id] = snapshot
    former, snapshot.status = snapshot.status, "recovering"
    request.world.after(spread(RECOVERING, snapshot.id), lambda: setattr(snapshot, "status", former))
    answer = {"SnapshotId": snapshot.id, "VolumeId": snapshot.volume.id, "State": "recovering"}
    return ActionResult({**answer, "Description": snapshot.description, "OwnerId": snapshot.owner_id})


@before("RestoreImageFromRecycleBin")
def has_its_snapshots(request: Request) -> None:
    """An image whose snapshots are in the bin, or gone, is not restored."""
    image = contents(request, "ImageId")[request.get("ImageId")].resource
    for _, snapshot in images.snapshots(image):
        if snapshot.id not in request.backend.snapshots:
            raise ec2_error("InvalidSnapshot.NotFound", f"The snapshot '{snapshot.id}' does not exist.")


@instead("RestoreImageFromRecycleBin")
def restore_image(request: Request) -> ActionResult:
    """It is there at once."""
    image = contents(request, "ImageId").pop(request.get("ImageId")).resource
    request.backend.amis[image.id] = image
    request.backend.deleted_amis.remove(image.id)
    return ActionResult({"Return": True})


def _covers(rule: Retention, resource: Any) -> bool:
    key, _, value = rule.tag.partition("=")
    return not rule.tag or any((t["key"], t["value"]) == (key, value) for t in resource.get_tags())


def _listed(request: Request, kind: str, about: Callable[[Any], dict[str, Any]]) -> list[dict[str, Any]]:
    bin_ = contents(request, kind)
    return [
        {
            kind: id_,
            **about(bin_[id_].resource),
            "RecycleBinEnterTime": datetime.fromtimestamp(bin_[id_].entered, UTC),
            "RecycleBinExitTime": datetime.fromtimestamp(bin_[id_].leaves, UTC),
        }
        for id_ in request.ids(kind) or sorted(bin_)
    ]
