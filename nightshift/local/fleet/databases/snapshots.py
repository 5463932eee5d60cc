"""Snapshots of databases are created and copied over time, of what is available, and are deleted when that is done.

Follows "Creating a DB snapshot" (Amazon RDS User Guide), and the errors of CreateDBSnapshot, CreateDBClusterSnapshot,
DeleteDBSnapshot and DeleteDBClusterSnapshot (Amazon RDS API Reference).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.rds.exceptions import (
    DBClusterNotFoundError,
    DBClusterSnapshotNotFoundError,
    DBInstanceNotFoundError,
    RDSClientError,
)
from moto.rds.models import RDSBackend

from nightshift.local.fleet.databases.moving import move, struck
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current

FIXED = 90
PER_GIB = 0.5
"""Seconds: a snapshot takes FIXED + PER_GIB x the storage of the database."""

COPY_FACTOR = 2

_create = RDSBackend.create_db_snapshot
_create_of_cluster = RDSBackend.create_db_cluster_snapshot
_copy = RDSBackend.copy_db_snapshot
_copy_of_cluster = RDSBackend.copy_db_cluster_snapshot
_delete = RDSBackend.delete_db_snapshot
_delete_of_cluster = RDSBackend.delete_db_cluster_snapshot


def _created(
    backend: Any, db_instance_identifier: str, db_snapshot_identifier: str, snapshot_type: str = "manual", **more: Any
) -> Any:
    if snapshot_type != "manual":
        # Of AWS itself, when a database is new.
        return _create(backend, db_instance_identifier, db_snapshot_identifier, snapshot_type, **more)
    database = backend.databases.get(db_instance_identifier)
    if database is None:
        raise DBInstanceNotFoundError(db_instance_identifier)
    if database.status not in ("available", "backing-up"):
        text = (
            f"Cannot create a snapshot because the database instance {database.db_instance_identifier} is not "
            "currently in the available state."
        )
        raise RDSClientError("InvalidDBInstanceState", text)
    if database.db_cluster_identifier:
        text = f"{database.db_instance_identifier} is a member of a cluster; use CreateDBClusterSnapshot."
        raise RDSClientError("InvalidDBClusterStateFault", text)
    snapshot = _create(backend, db_instance_identifier, db_snapshot_identifier, snapshot_type, **more)
    _grow(snapshot, database, database.db_instance_identifier)
    return snapshot


def _created_of_cluster(
    backend: Any,
    db_cluster_identifier: str,
    db_cluster_snapshot_identifier: str,
    snapshot_type: str = "manual",
    **more: Any,
) -> Any:
    make = _create_of_cluster
    if snapshot_type != "manual":
        return make(backend, db_cluster_identifier, db_cluster_snapshot_identifier, snapshot_type, **more)
    cluster = backend.clusters.get(db_cluster_identifier)
    if cluster is None:
        raise DBClusterNotFoundError(db_cluster_identifier)
    if cluster.status != "available":
        text = f"DbCluster {db_cluster_identifier} is in {cluster.status} state but expected it to be one of available."
        raise RDSClientError("InvalidDBClusterStateFault", text)
    snapshot = make(backend, db_cluster_identifier, db_cluster_snapshot_identifier, snapshot_type, **more)
    _grow(snapshot, cluster, cluster.db_cluster_identifier)
    return snapshot


def _copied(backend: Any, **given: Any) -> Any:
    copy = _copy(backend, **given)
    _grow(copy, copy.database, copy.db_instance_identifier, COPY_FACTOR)
    return copy


def _copied_of_cluster(backend: Any, **given: Any) -> Any:
    copy = _copy_of_cluster(backend, **given)
    _grow(copy, copy.cluster, copy.db_cluster_identifier, COPY_FACTOR)
    return copy


def _grow(snapshot: Any, of: Any, name: str, factor: float = 1.0) -> None:
    """Let a snapshot of something be creating for as long as its storage takes; faults on it hit the snapshot."""
    snapshot.created = datetime.fromtimestamp(current().now(), UTC).replace(tzinfo=None)
    seconds = (FIXED + PER_GIB * (snapshot.allocated_storage or 0)) * factor
    end = "failed" if struck("snapshot_error", of, name) else "available"
    move(snapshot, name, "creating", end, seconds, of=of)


def _deleted(backend: Any, db_snapshot_identifier: str) -> Any:
    snapshot = backend.database_snapshots.get(db_snapshot_identifier)
    if snapshot is None:
        raise RDSClientError("DBSnapshotNotFound", f"DBSnapshot {db_snapshot_identifier} not found.")
    _not_growing("InvalidDBSnapshotState", db_snapshot_identifier, snapshot)
    return _delete(backend, db_snapshot_identifier)


def _deleted_of_cluster(backend: Any, db_snapshot_identifier: str) -> Any:
    snapshot = backend.cluster_snapshots.get(db_snapshot_identifier)
    if snapshot is None:
        raise DBClusterSnapshotNotFoundError(db_snapshot_identifier)
    _not_growing("InvalidDBClusterSnapshotStateFault", db_snapshot_identifier, snapshot)
    return _delete_of_cluster(backend, db_snapshot_identifier)


def _not_growing(code: str, name: str, snapshot: Any) -> None:
    if snapshot.status == "creating":
        raise RDSClientError(
            code, f"Cannot delete the snapshot {name} because it is not currently in the available state."
        )


replace_method(RDSBackend, "create_db_snapshot", _created)
replace_method(RDSBackend, "create_db_cluster_snapshot", _created_of_cluster)
replace_method(RDSBackend, "copy_db_snapshot", _copied)
replace_method(RDSBackend, "copy_db_cluster_snapshot", _copied_of_cluster)
replace_method(RDSBackend, "delete_db_snapshot", _deleted)
replace_method(RDSBackend, "delete_db_cluster_snapshot", _deleted_of_cluster)
