"""Snapshots are pending with a growing progress, then completed, or in error.

Follows "Amazon EBS snapshots" (Amazon EBS User Guide) and Snapshot in the Amazon EC2 API Reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.elastic_block_store import Snapshot

from nightshift.local.fleet.patches import replace_property
from nightshift.local.fleet.requests import Request, after
from nightshift.local.fleet.world import World, spread

FIXED = 40
PER_GIB = 0.5
"""Seconds: a snapshot takes FIXED + PER_GIB x size of the volume."""

COPY_FACTOR = 2


@after("CreateSnapshot")
def create(request: Request, result: ActionResult) -> None:
    """A new snapshot is pending."""
    take_time(request, result.result)


@after("CreateSnapshots")
def create_many(request: Request, result: ActionResult) -> None:
    """So is each of a crash-consistent set; with the tags of its volume when the request says so."""
    for snapshot in result.result["Snapshots"]:  # type: ignore[index]
        if request.get("CopyTagsFromSource") == "volume":
            asked = {tag["key"] for tag in snapshot.get_tags()}
            snapshot.add_tags({t["key"]: t["value"] for t in snapshot.volume.get_tags() if t["key"] not in asked})
        take_time(request, snapshot)


@after("CopySnapshot")
def copy(request: Request, result: ActionResult) -> None:
    """A copy takes longer."""
    snapshot = request.backend.snapshots[result.result["SnapshotId"]]  # type: ignore[index]
    take_time(request, snapshot, COPY_FACTOR)


def take_time(request: Request, snapshot: Any, factor: float = 1.0, then: Callable[[], None] = lambda: None) -> None:
    """Let a snapshot be pending for as long as its size takes, `then` go on."""
    world = request.world
    seconds = spread((FIXED + PER_GIB * snapshot.volume.size) * factor, snapshot.id)
    for fault in request.faults("slow", snapshot.volume):
        seconds *= fault.factor if fault.strike() else 1
    snapshot.status = "pending"
    if snapshot.encrypted:
        # moto does not hand on the key of the volume.
        snapshot.kms_key_id = snapshot.kms_key_id or snapshot.volume.kms_key_id
    snapshot._began, snapshot._seconds, snapshot._world = world.now(), seconds, world
    if any(fault.strike() for fault in request.faults("stuck", snapshot.volume)):
        return
    fails = any(fault.strike() for fault in request.faults("snapshot_error", snapshot.volume))

    def finish() -> None:
        snapshot.status = "error" if fails else "completed"
        then()

    world.after(seconds, finish)


def _progress(snapshot: Any) -> str:
    if snapshot.status == "completed" or not hasattr(snapshot, "_began"):
        return "100%"
    world: World = snapshot._world
    done = (world.now() - snapshot._began) / snapshot._seconds
    return f"{min(99, int(done * 100))}%"


replace_property(Snapshot, "progress", _progress)
