"""Parts for EBS volumes and snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.ebs.copy_snapshot import copy_snapshot as copy_snapshot
    from lambdas.parts.ebs.create_snapshot import create_snapshot as create_snapshot
    from lambdas.parts.ebs.delete_snapshot import delete_snapshot as delete_snapshot
    from lambdas.parts.ebs.describe_snapshots import describe_snapshots as describe_snapshots

load_when_used(__name__)
