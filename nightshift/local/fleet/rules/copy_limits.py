"""At most 20 copies of snapshots are under way at a time to one Region, and only of completed ones.

Follows "Copy an Amazon EBS snapshot" and "Quotas for Amazon EBS" (Amazon EBS User Guide), and ResourceLimitExceeded in
"Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

from moto.core.responses import ActionResult

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, after, before

CONCURRENT = 20


@before("CopySnapshot")
def check(request: Request) -> None:
    """Refuse one copy too many."""
    source = request.backend_of(request.get("SourceRegion")).snapshots[request.get("SourceSnapshotId")]
    if source.status != "completed":
        raise ec2_error("IncorrectState", f"Snapshot is in invalid state - {source.status}")
    copies = request.world.notes.setdefault(("copies", *request.scope), [])
    copies[:] = [copy for copy in copies if copy.status == "pending"]
    if len(copies) >= CONCURRENT:
        raise ec2_error(
            "ResourceLimitExceeded",
            f"Too many snapshot copies in progress. The limit is {CONCURRENT} for this destination region.",
        )


@after("CopySnapshot")
def count(request: Request, result: ActionResult) -> None:
    """Count the copy."""
    copy = request.backend.snapshots[result.result["SnapshotId"]]  # type: ignore[index]
    request.world.notes.setdefault(("copies", *request.scope), []).append(copy)
