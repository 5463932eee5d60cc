"""Clusters of Aurora pass stopping and starting together with their members.

Follows "Stopping and starting an Amazon Aurora DB cluster" (Amazon Aurora User Guide), and the errors of StopDBCluster
and StartDBCluster (Amazon RDS API Reference).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.rds.exceptions import DBClusterNotFoundError, RDSClientError
from moto.rds.models import RDSBackend

from nightshift.local.fleet.databases.moving import move, restart_after_a_week
from nightshift.local.fleet.patches import replace_method

STOPPING = 150
STARTING = 200
"""Seconds a small cluster usually takes; each member is done at its own moment."""


def _stopped(backend: Any, cluster_identifier: str) -> Any:
    cluster = _in_state(backend, cluster_identifier, "available")
    for name, member in _members(backend, cluster):
        move(member, name, "stopping", "stopped", STOPPING)

    def arrived() -> None:
        restart_after_a_week(cluster, lambda: _start(backend, cluster))

    move(cluster, cluster.db_cluster_identifier, "stopping", "stopped", STOPPING, arrived)
    return cluster


def _started(backend: Any, cluster_identifier: str) -> Any:
    cluster = _in_state(backend, cluster_identifier, "stopped")
    _start(backend, cluster)
    return cluster


def _start(backend: Any, cluster: Any) -> None:
    cluster.automatic_restart_time = None
    for name, member in _members(backend, cluster):
        move(member, name, "starting", "available", STARTING)
    move(cluster, cluster.db_cluster_identifier, "starting", "available", STARTING)


def _in_state(backend: Any, name: str, state: str) -> Any:
    cluster = backend.clusters.get(name.lower())
    if cluster is None:
        raise DBClusterNotFoundError(name)
    if cluster.status != state:
        text = f"DbCluster {name} is in {cluster.status} state but expected it to be one of {state}."
        raise RDSClientError("InvalidDBClusterStateFault", text)
    return cluster


def _members(backend: Any, cluster: Any) -> Iterator[tuple[str, Any]]:
    for name, database in backend.databases.items():
        if database.db_cluster_identifier == cluster.db_cluster_identifier:
            yield name, database


replace_method(RDSBackend, "stop_db_cluster", _stopped)
replace_method(RDSBackend, "start_db_cluster", _started)
