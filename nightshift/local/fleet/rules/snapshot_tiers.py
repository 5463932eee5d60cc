"""A snapshot is archived and restored over time.

Follows "Archive Amazon EBS snapshots" (Amazon EBS User Guide), and ModifySnapshotTier, RestoreSnapshotTier and
SnapshotTierStatus in the Amazon EC2 API Reference. With the fault "snapshot_error" on its volume it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, after, before
from nightshift.local.fleet.world import spread

ARCHIVING = 600
RESTORING = 900
"""Seconds it takes here; in AWS up to 24 and 72 hours."""


@before("ModifySnapshotTier")
def archivable(request: Request) -> None:
    """Only what is completed and in the standard tier is archived, and one thing at a time is done with it."""
    snapshot = _snapshot(request)
    if snapshot.status != "completed" or snapshot.storage_tier == "archive" or _moving(snapshot):
        raise ec2_error("IncorrectState", f"Snapshot {snapshot.id} cannot be archived in its state")


@before("RestoreSnapshotTier")
def restorable(request: Request) -> None:
    """Only what is archived is restored."""
    snapshot = _snapshot(request)
    if snapshot.storage_tier != "archive" or _moving(snapshot):
        raise ec2_error("IncorrectState", f"Snapshot {snapshot.id} is not in the archive tier")


@after("ModifySnapshotTier")
def archive(request: Request, _: ActionResult) -> None:
    """It stays in the standard tier until it is archived."""
    snapshot = _snapshot(request)
    snapshot.storage_tier = "standard"
    _move(request, snapshot, "archival", ARCHIVING, lambda: setattr(snapshot, "storage_tier", "archive"))


@after("RestoreSnapshotTier")
def restore(request: Request, _: ActionResult) -> None:
    """It stays in the archive tier, for good where the restore is temporary."""
    snapshot = _snapshot(request)
    if str(request.get("PermanentRestore", False)).lower() == "true":
        snapshot.storage_tier = "archive"
        _move(request, snapshot, "permanent-restore", RESTORING, lambda: setattr(snapshot, "storage_tier", "standard"))
    else:
        _move(request, snapshot, "temporary-restore", RESTORING, lambda: None)


def _move(request: Request, snapshot: Any, what: str, seconds: float, then: Callable[[], None]) -> None:
    fails = any(fault.strike() for fault in request.faults("snapshot_error", snapshot.volume))
    snapshot.last_tiering_operation_status = f"{what}-in-progress"
    snapshot.last_tiering_operation_status_detail = ""

    def end() -> None:
        snapshot.last_tiering_operation_status = f"{what}-{'failed' if fails else 'completed'}"
        snapshot.last_tiering_operation_status_detail = "An internal error has occurred" if fails else ""
        if not fails:
            then()

    request.world.after(spread(seconds, snapshot.id), end)


def _moving(snapshot: Any) -> bool:
    return str(snapshot.last_tiering_operation_status or "").endswith("in-progress")


def _snapshot(request: Request) -> Any:
    return request.backend.snapshots[request.get("SnapshotId")]
