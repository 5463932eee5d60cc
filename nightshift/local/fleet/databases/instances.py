"""DB instances pass creating, stopping, starting, rebooting and modifying; a stopped one is started again after a week.

Follows "Viewing Amazon RDS DB instance status", "Stopping an Amazon RDS DB instance temporarily", "Rebooting a DB
instance" and "Modifying an Amazon RDS DB instance" (Amazon RDS User Guide), and the errors of the operations (Amazon
RDS API Reference).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend

from nightshift.local.fleet.databases.moving import move, no_capacity, require, restart_after_a_week
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current

CREATING = 360
STOPPING = 120
STARTING = 180
REBOOTING = 40
MODIFYING = 420
OPTIMIZING = 1800
"""Seconds a small DB instance usually takes."""

_create = RDSBackend.create_db_instance
_modify = RDSBackend.modify_db_instance
_stop = RDSBackend.stop_db_instance


def _created(backend: Any, db_kwargs: dict[str, Any]) -> Any:
    database = _create(backend, db_kwargs)
    move(database, database.db_instance_identifier, "creating", "available", CREATING)
    return database


def _stopped(backend: Any, db_instance_identifier: str, db_snapshot_identifier: str | None = None) -> Any:
    database = _found(backend, db_instance_identifier)
    name = database.db_instance_identifier
    _not_of_cluster(database, name, "stop")
    if database.replicas:
        raise RDSClientError("InvalidDBInstanceState", f"Cannot stop DB instance {name} with read replicas.")
    _stop(backend, name, db_snapshot_identifier)

    def arrived() -> None:
        restart_after_a_week(database, lambda: _start(database))

    move(database, name, "stopping", "stopped", STOPPING, arrived)
    return database


def _started(backend: Any, db_instance_identifier: str) -> Any:
    database = _found(backend, db_instance_identifier)
    name = database.db_instance_identifier
    _not_of_cluster(database, name, "start")
    require(name, database.status, "stopped")
    no_capacity(name, database, database.db_instance_class)
    _start(database)
    return database


def _start(database: Any) -> None:
    database.automatic_restart_time = None
    move(database, database.db_instance_identifier, "starting", "available", STARTING)


def _rebooted(backend: Any, db_instance_identifier: str) -> Any:
    database = _found(backend, db_instance_identifier)
    name = database.db_instance_identifier
    require(name, database.status, "available")
    move(database, name, "rebooting", "available", REBOOTING)
    return database


def _modified(backend: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
    database = _found(backend, db_instance_identifier)
    name, asked = database.db_instance_identifier, dict(db_kwargs)
    immediately = asked.pop("apply_immediately", False)
    changes = {key: asked.pop(key) for key in ("db_instance_class", "allocated_storage") if asked.get(key)}
    changes = {key: value for key, value in changes.items() if getattr(database, key) != value}
    if database.status not in ("available", "storage-optimization", "storage-full"):
        raise RDSClientError("InvalidDBInstanceState", f"Database instance {name} is not in available state.")
    if changes.get("allocated_storage", database.allocated_storage) < database.allocated_storage:
        raise RDSClientError("InvalidParameterCombination", "Requested storage size is smaller than the current one.")
    if "db_instance_class" in changes and immediately:
        no_capacity(name, database, changes["db_instance_class"])
    _modify(backend, db_instance_identifier, asked)
    if not changes:
        return database
    shown = {"db_instance_class": "DBInstanceClass", "allocated_storage": "AllocatedStorage"}
    database.pending_modified_values = {shown[key]: value for key, value in changes.items()}
    if immediately:
        _change(database, changes)
    else:
        window = until_window(database.preferred_maintenance_window)
        current().after(window, lambda: _change(database, changes), lasting=True)
    return database


def _change(database: Any, changes: dict[str, Any]) -> None:
    name = database.db_instance_identifier

    def arrived() -> None:
        database.pending_modified_values = {}
        for key, value in changes.items():
            setattr(database, key, value)
        if "allocated_storage" in changes:
            move(database, name, "storage-optimization", "available", OPTIMIZING)

    move(database, name, "modifying", "available", MODIFYING, arrived)


def until_window(window: str) -> float:
    """Seconds until a maintenance window begins, such as "sun:05:00-sun:06:00", in UTC."""
    day, hour, minute = window.partition("-")[0].split(":")
    now = datetime.fromtimestamp(current().now(), UTC)
    days = (("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day) - now.weekday()) % 7
    begins = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0) + timedelta(days=days)
    return ((begins - now).total_seconds()) % timedelta(days=7).total_seconds()


def _found(backend: Any, name: str) -> Any:
    return backend.describe_db_instances(name)[0]


def _not_of_cluster(database: Any, name: str, what: str) -> None:
    if database.db_cluster_identifier:
        text = f"Cannot {what} DB instance {name}, because it belongs to DB cluster {database.db_cluster_identifier}."
        raise RDSClientError("InvalidDBClusterStateFault", text)


replace_method(RDSBackend, "create_db_instance", _created)
replace_method(RDSBackend, "modify_db_instance", _modified)
replace_method(RDSBackend, "stop_db_instance", _stopped)
replace_method(RDSBackend, "start_db_instance", _started)
replace_method(RDSBackend, "reboot_db_instance", _rebooted)
