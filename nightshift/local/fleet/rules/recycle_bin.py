"""A deleted snapshot that a retention rule covers is in Recycle Bin until it is restored or its time has passed.

Follows "Recover deleted EBS snapshots and EBS-backed AMIs with Recycle Bin" (Amazon EBS User Guide), and
ListSnapshotsInRecycleBin and RestoreSnapshotFromRecycleBin in the Amazon EC2 API Reference. The rules are those of
`World.retention`. A restored snapshot has its tags and whom it is shared with again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, first, instead
from nightshift.local.fleet.world import Retention, spread

RECOVERING = 20
"""Seconds until a restored snapshot is completed."""

_DAY = 86_400


@dataclass(frozen=True)
class Deleted:
    """A snapshot in the bin. entered, leaves: seconds since the epoch."""

    snapshot: Any
    entered: float
    leaves: float


def contents(request: Request) -> dict[str, Deleted]:
    """What is in the bin of the request's account and Region, by id."""
    found: dict[str, Deleted] = request.world.notes.setdefault(("recycle bin", request.scope), {})
    return found


@instead("DeleteSnapshot")
def delete(request: Request) -> ActionResult:
    """A snapshot goes to the bin for as long as the longest of the rules that cover it says."""
    id_ = request.get("SnapshotId")
    snapshot = request.backend.snapshots.get(id_)
    result: ActionResult = request.response.delete_snapshot()
    days = [rule.days for rule in request.world.retention if _covers(rule, snapshot)]
    if days:
        now, bin_ = request.world.now(), contents(request)
        bin_[id_] = kept = Deleted(snapshot, now, now + max(days) * _DAY)

        def leave() -> None:
            if bin_.get(id_) is kept:
                del bin_[id_]

        request.world.after(max(days) * _DAY, leave, lasting=True)
    return result


@instead("ListSnapshotsInRecycleBin")
def listed(request: Request) -> ActionResult:
    """What is in the bin: neither tags nor sizes are told."""
    bin_ = contents(request)
    wanted = request.ids("SnapshotId") or sorted(bin_)
    return ActionResult({"Snapshots": [_info(id_, bin_[id_]) for id_ in wanted]})


@first("ListSnapshotsInRecycleBin", "RestoreSnapshotFromRecycleBin")
def known(request: Request) -> None:
    """Only what is in the bin is listed and restored."""
    for id_ in request.ids("SnapshotId"):
        if id_ not in contents(request):
            raise ec2_error("InvalidSnapshot.NotFound", f"The snapshot '{id_}' does not exist.")


@instead("RestoreSnapshotFromRecycleBin")
def restore(request: Request) -> ActionResult:
    """It leaves the bin, and is completed after a while."""
    snapshot = contents(request).pop(request.get("SnapshotId")).snapshot
    request.backend.snapshots[snapshot.id] = snapshot
    before, snapshot.status = snapshot.status, "recovering"
    request.world.after(spread(RECOVERING, snapshot.id), lambda: setattr(snapshot, "status", before))
    answer = {"SnapshotId": snapshot.id, "VolumeId": snapshot.volume.id, "State": "recovering"}
    return ActionResult({**answer, "Description": snapshot.description, "OwnerId": snapshot.owner_id})


def _covers(rule: Retention, snapshot: Any) -> bool:
    key, _, value = rule.tag.partition("=")
    return not rule.tag or any((t["key"], t["value"]) == (key, value) for t in snapshot.get_tags())


def _info(id_: str, deleted: Deleted) -> dict[str, Any]:
    return {
        "SnapshotId": id_,
        "VolumeId": deleted.snapshot.volume.id,
        "Description": deleted.snapshot.description,
        "RecycleBinEnterTime": datetime.fromtimestamp(deleted.entered, UTC),
        "RecycleBinExitTime": datetime.fromtimestamp(deleted.leaves, UTC),
    }
