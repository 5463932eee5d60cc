"""Per volume: five snapshots pending at a time (one for st1 and sc1), and 15 seconds between two.

Follows "Create Amazon EBS snapshots" and "Quotas for Amazon EBS" (Amazon EBS User Guide), and
ConcurrentSnapshotLimitExceeded and SnapshotCreationPerVolumeRateExceeded in "Error codes for the Amazon EC2 API": a
snapshot deleted while it is pending still counts, and so does one in error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, after, before

PENDING = 5
PENDING_COLD = 1
SECONDS = 15


@before("CreateSnapshot")
def one(request: Request) -> None:
    """A snapshot of a volume."""
    check(request, request.backend.volumes[request.get("VolumeId")])


@before("CreateSnapshots")
def many(request: Request) -> None:
    """Snapshots of all volumes of an instance."""
    asked = request.get("InstanceSpecification")
    without_boot = str(asked.get("ExcludeBootVolume", False)).lower() == "true"
    for volume in request.backend.volumes.values():
        if volume.attachment and volume.attachment.instance.id == asked["InstanceId"]:
            root = volume.attachment.device == volume.attachment.instance.root_device_name
            if not (root and without_boot):
                check(request, volume)


@after("CreateSnapshot")
def made_one(request: Request, result: ActionResult) -> None:
    """Note it."""
    made(request, result.result)


@after("CreateSnapshots")
def made_many(request: Request, result: ActionResult) -> None:
    """Note them."""
    for snapshot in result.result["Snapshots"]:  # type: ignore[index]
        made(request, snapshot)


def check(request: Request, volume: Any) -> None:
    """Refuse a snapshot of a volume that has too many, or had one too recently."""
    limit = PENDING_COLD if volume.volume_type in ("st1", "sc1") else PENDING
    if sum(counts() for counts in _counting(request, volume)) >= limit:
        raise ec2_error(
            "ConcurrentSnapshotLimitExceeded", "Maximum allowed in-progress snapshots for a single volume exceeded."
        )
    if request.world.now() - request.world.notes.get(("snapshot", volume.id), float("-inf")) < SECONDS:
        raise ec2_error(
            "SnapshotCreationPerVolumeRateExceeded",
            "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable "
            "sleep interval between requests.",
        )


def made(request: Request, snapshot: Any) -> None:
    """Note a new snapshot of a volume."""
    request.world.notes["snapshot", snapshot.volume.id] = request.world.now()
    known = request.backend.snapshots

    def counts() -> bool:
        return snapshot.status == "pending" or (snapshot.status == "error" and snapshot.id in known)

    _counting(request, snapshot.volume).append(counts)


def _counting(request: Request, volume: Any) -> list[Callable[[], bool]]:
    counting: list[Callable[[], bool]] = request.world.notes.setdefault(("counting", volume.id), [])
    counting[:] = [counts for counts in counting if counts()]
    return counting
