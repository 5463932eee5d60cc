"""ebs.restore_snapshot_tier: archived snapshots can be used again, for good or for some days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeSnapshots, selected
from lambdas.engine.stages import DONE, Already, Verdict
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS
from lambdas.parts.ebs._shared.tiers import ARCHIVE, Move, Tier, TierResult, move
from lambdas.parts.ec2._shared.images import Snapshot

_LONGEST = 180
"""Days of a temporary restore ("Archive Amazon EBS snapshots", Amazon EBS User Guide)."""


@dataclass
class RestoreSnapshotTierResult(TierResult):
    """Result of ebs.restore_snapshot_tier.

    changed: ids of the snapshots that can be used again.
    """


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots", "ec2:DescribeSnapshotTierStatus")),
        Allow(("ec2:RestoreSnapshotTier",), SNAPSHOTS),
    ),
    cost="The restore is billed by the GiB; restored, it is billed in the standard tier, for some days in both.",
    hints={"RestoreFailed": "It is still in the archive tier: start the flow again."},
    timeout="72h",
    interval=300,
)
def restore_snapshot_tier(
    call: Call, *, temporary_restore_days: int | None = None, **common: Unpack[ChangeSnapshots]
) -> RestoreSnapshotTierResult | Pending:
    """Restore archived snapshots, and wait until they can be used, which takes up to 72 hours.

    Parameters:
    temporary_restore_days: days after which they are in the archive alone again, 1 to 180; default: for good.

    Result: RestoreSnapshotTierResult.

    Errors:
    PartFailed: a snapshot does not exist or could not be restored.
    PartTimeout: a snapshot was not restored when `timeout` ended; it goes on in AWS.
    AccessDenied: the role may not restore snapshots.
    InvalidParameter: temporary_restore_days is not between 1 and 180.

    Source: "RestoreSnapshotTier" (Amazon EC2 API Reference); "Archive Amazon EBS snapshots" (Amazon EBS User Guide).

    Example:
        from lambdas.parts import ebs
        from nightshift import flow


        @flow(timeout="73h")
        def books_of_the_past(snapshot_id: str, zone: str):
            \"\"\"Restore an archived snapshot for a week, and make a volume of it for the auditors.\"\"\"
            ebs.restore_snapshot_tier(snapshot_id=snapshot_id, temporary_restore_days=7)
            return ebs.create_volume(snapshot_id=snapshot_id, availability_zone=zone).volume_ids
    """
    days = temporary_restore_days
    if days is not None and not 1 <= days <= _LONGEST:
        raise InvalidParameter(f"temporary_restore_days={days}; write 1 to {_LONGEST}, or none to restore for good")
    given: dict[str, Any] = {"PermanentRestore": True} if days is None else {"TemporaryRestoreDays": days}

    def begin(snapshot: Snapshot) -> Verdict:
        return "todo" if snapshot.get("StorageTier") == ARCHIVE else Already("in the standard tier", DONE)

    def there(tier: Tier) -> bool:
        usable = tier.get("LastTieringOperationStatus") == "temporary-restore-completed"
        return bool(tier.get("StorageTier") != ARCHIVE or (usable and days is not None))

    def request(snapshot: str, dry_run: bool) -> Any:
        return call.client("ec2").restore_snapshot_tier(SnapshotId=snapshot, DryRun=dry_run, **given)

    how = Move(
        verb="restore",
        done="restored",
        status="permanent-restore" if days is None else "temporary-restore",
        error="RestoreFailed",
        begin=begin,
        there=there,
        request=request,
    )
    moved: RestoreSnapshotTierResult | Pending = move(
        call, selected(common, "snapshot_id"), how, RestoreSnapshotTierResult()
    )
    return moved
