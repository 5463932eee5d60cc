"""ebs.modify_snapshot_tier: snapshots are moved to the archive tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeSnapshots, selected
from lambdas.engine.stage import not_older
from lambdas.engine.stages import DONE, Already, Verdict
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS
from lambdas.parts.ebs._shared.tiers import ARCHIVE, Move, TierResult, move
from lambdas.parts.ec2._shared.images import Snapshot


@dataclass
class ModifySnapshotTierResult(TierResult):
    """Result of ebs.modify_snapshot_tier.

    changed: ids of the snapshots that are now archived.
    """


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots", "ec2:DescribeSnapshotTierStatus")),
        Allow(("ec2:ModifySnapshotTier",), SNAPSHOTS),
    ),
    cost="A GiB costs a quarter in the archive, but what is archived is a full snapshot, is billed for 90 days at "
    "least, and its restore is billed by the GiB.",
    hints={"ArchivalFailed": "It is still in the standard tier: start the flow again."},
    timeout="24h",
    interval=300,
)
def modify_snapshot_tier(
    call: Call, *, older_than: str | None = None, **common: Unpack[ChangeSnapshots]
) -> ModifySnapshotTierResult | Pending:
    """Archive snapshots, and wait until they are in the archive tier.

    From an archived snapshot no volume can be made before it is restored (ebs.restore_snapshot_tier), which takes up to
    72 hours. It is billed for at least 90 days, also when it is deleted earlier. Archiving takes up to 24 hours. The
    rotation of ebs.create_snapshot, ebs.create_snapshots and ebs.copy_snapshot neither counts nor deletes
    archived snapshots: ebs.delete_snapshot does.

    Parameters:
    older_than: only snapshots started longer ago, such as "30d"; default: all selected.

    Result: ModifySnapshotTierResult.

    Errors:
    PartFailed: a snapshot does not exist, is not completed, or could not be archived.
    PartTimeout: a snapshot was not archived when `timeout` ended; it goes on in AWS.
    AccessDenied: the role may not archive snapshots.

    Source: "ModifySnapshotTier" (Amazon EC2 API Reference); "Archive Amazon EBS snapshots" (Amazon EBS User Guide).

    Example:
        from lambdas.parts import ebs
        from nightshift import cron, flow


        @flow(schedule=cron("0 4 1 * ? *"), timeout="25h")
        def archive_what_the_law_asks_for():
            \"\"\"Archive the snapshots of closed years, which are kept for ten.\"\"\"
            return ebs.modify_snapshot_tier(tag="Keep=ten-years", older_than="90d").summary
    """

    def begin(snapshot: Snapshot) -> Verdict:
        if snapshot.get("StorageTier") == ARCHIVE:
            return Already("archived", DONE)
        return not_older(call.now(), snapshot["StartTime"], older_than or None) or "todo"

    def request(snapshot: str, dry_run: bool) -> Any:
        return call.client("ec2").modify_snapshot_tier(SnapshotId=snapshot, StorageTier=ARCHIVE, DryRun=dry_run)

    how = Move(
        verb="archive",
        done="archived",
        status="archival",
        error="ArchivalFailed",
        begin=begin,
        there=lambda tier: bool(tier.get("StorageTier") == ARCHIVE),
        request=request,
    )
    moved: ModifySnapshotTierResult | Pending = move(
        call, selected(common, "snapshot_id"), how, ModifySnapshotTierResult()
    )
    return moved
