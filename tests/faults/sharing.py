"""Whom snapshots and images are shared with, and the snapshots of databases, as plain clients tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def sharers(ec2: Any, snapshot: str) -> list[str]:
    """The accounts with which a snapshot is shared."""
    told = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    return sorted(permission["UserId"] for permission in told["CreateVolumePermissions"])


def launchers(ec2: Any, image: str) -> list[str]:
    """Whom an image is shared with."""
    told = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    return sorted(who for permission in told.get("LaunchPermissions", []) for who in permission.values())


def db_snapshots(rds: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The manual snapshots of databases, by their ids in results."""
    for snapshot in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        yield snapshot["DBSnapshotIdentifier"], snapshot
    for snapshot in rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]:
        yield f"cluster-snapshot:{snapshot['DBClusterSnapshotIdentifier']}", snapshot


def restorers(rds: Any, snapshot: str) -> list[str]:
    """The accounts with which a snapshot of a database is shared."""
    name = snapshot.removeprefix("cluster-snapshot:")
    if name == snapshot:
        told = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]
        return sorted(set(told["DBSnapshotAttributes"][0]["AttributeValues"]))
    told = rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier=name)
    found = told["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
    return sorted(set(found[0]["AttributeValues"]))
