"""Parts for EBS volumes and snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.ebs.attach_volume import attach_volume as attach_volume
    from lambdas.parts.ebs.copy_snapshot import copy_snapshot as copy_snapshot
    from lambdas.parts.ebs.create_snapshot import create_snapshot as create_snapshot
    from lambdas.parts.ebs.create_snapshots import create_snapshots as create_snapshots
    from lambdas.parts.ebs.create_volume import create_volume as create_volume
    from lambdas.parts.ebs.delete_snapshot import delete_snapshot as delete_snapshot
    from lambdas.parts.ebs.delete_volume import delete_volume as delete_volume
    from lambdas.parts.ebs.describe_snapshots import describe_snapshots as describe_snapshots
    from lambdas.parts.ebs.detach_volume import detach_volume as detach_volume
    from lambdas.parts.ebs.modify_snapshot_attribute import modify_snapshot_attribute as modify_snapshot_attribute
    from lambdas.parts.ebs.modify_snapshot_tier import modify_snapshot_tier as modify_snapshot_tier
    from lambdas.parts.ebs.modify_volume import modify_volume as modify_volume
    from lambdas.parts.ebs.restore_snapshot import restore_snapshot as restore_snapshot
    from lambdas.parts.ebs.restore_snapshot_tier import restore_snapshot_tier as restore_snapshot_tier

load_when_used(__name__)
