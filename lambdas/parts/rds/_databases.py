"""Finding DB instances and clusters and reading their states with as few calls as the API allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.contract.part import Call, Changing, Common
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Ids, Selection, Tags, choose, selected, tag_map

Database = dict[str, Any]
"""What a description tells of a DB instance or cluster, as JSON, with its tags under "Tags"."""

PAGE = 100
"""Records in a page, and ids in a filter. Amazon RDS API Reference, "DescribeDBInstances"."""

_KEPT = (
    "AllocatedStorage",
    "AutomaticRestartTime",
    "DBClusterIdentifier",
    "DBClusterMembers",
    "DBInstanceClass",
    "DBInstanceIdentifier",
    "DBInstanceStatus",
    "Engine",
    "EngineMode",
    "EngineVersion",
    "GlobalClusterIdentifier",
    "MultiAZ",
    "ReadReplicaDBClusterIdentifiers",
    "ReadReplicaDBInstanceIdentifiers",
    "ReadReplicaIdentifiers",
    "ReadReplicaSourceDBClusterIdentifier",
    "ReadReplicaSourceDBInstanceIdentifier",
    "ReplicationSourceIdentifier",
    "Status",
)


class SelectDBInstances(Common, total=False):
    """Which DB instances a part acts on.

    db_instance_identifier: names, as a list or as "orders;billing".
    tag: "Env=test", or a list of which all must match; `*` and `?` are wildcards. With db_instance_identifier: of
        those, the ones with the tag.
    exclude_tag: DB instances with one of these tags are left alone.
    """

    db_instance_identifier: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeDBInstances(SelectDBInstances, Changing, total=False):
    """Which DB instances a part changes, and within which guard rails."""


# A TypedDict does not know its bases before Python 3.12.
ChangeDBInstances.__doc__ = SelectDBInstances.__doc__


class SelectDBClusters(Common, total=False):
    """Which clusters a part acts on.

    db_cluster_identifier: names, as a list or as "shop;ledger".
    tag: "Env=test", or a list of which all must match; `*` and `?` are wildcards. With db_cluster_identifier: of those,
        the ones with the tag.
    exclude_tag: clusters with one of these tags are left alone.
    """

    db_cluster_identifier: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeDBClusters(SelectDBClusters, Changing, total=False):
    """Which clusters a part changes, and within which guard rails."""


ChangeDBClusters.__doc__ = SelectDBClusters.__doc__


@dataclass(frozen=True)
class Kind:
    """DB instances, or clusters: what the API calls their parts.

    selector: the parameter of a part that names them. not_found, bad_state: the error codes of one that does not exist,
        and of one whose state does not allow a request.
    """

    noun: str
    selector: str
    key: str
    status: str
    operation: str
    items: str
    filter: str
    not_found: str
    bad_state: str

    def state(self, database: Database) -> str:
        """The state of one: "available", "stopped", ..."""
        return str(database[self.status])

    def chosen(self, given: Mapping[str, object]) -> Selection:
        """The selection in a part's parameters; RDS keeps identifiers in lower case and takes them in any.

        Raises InvalidParameter when neither identifiers nor tags are given.
        """
        selection = selected(given, self.selector)
        ids = None if selection.ids is None else list(dict.fromkeys(map(str.lower, selection.ids)))
        return Selection(ids, selection.tags, selection.exclude)

    def population(self, call: Call) -> int:
        """How many there are in the account and Region of the call."""
        return sum(1 for _ in self._described(call))

    def find(self, call: Call, selection: Selection, progress: Progress) -> list[Database]:
        """The selected ones; names that do not exist are noted as failed, excluded ones as skipped."""
        if selection.ids is None:
            return choose(list(self._described(call)), self.key, selection, progress)
        found = self.by_id(call, selection.ids)
        absent = set(selection.ids) - {database[self.key] for database in found}
        progress.fail([i for i in selection.ids if i in absent], self.not_found, self.absent)
        return choose(found, self.key, selection, progress)

    @property
    def absent(self) -> str:
        """The message about one that does not exist."""
        return f"The {self.noun} '{{id}}' does not exist"

    def by_id(self, call: Call, ids: list[str]) -> list[Database]:
        """Those of these names that there are."""
        batches = (ids[i : i + PAGE] for i in range(0, len(ids), PAGE))
        return [database for batch in batches for database in self._described(call, self.filter, batch)]

    def of_cluster(self, call: Call, cluster: str) -> list[Database]:
        """The members of a cluster, of DB instances."""
        return list(self._described(call, "db-cluster-id", [cluster]))

    def _described(self, call: Call, name: str = "", values: list[str] | None = None) -> Iterator[Database]:
        given: dict[str, Any] = {"Filters": [{"Name": name, "Values": values}]} if name else {}
        pages = call.client("rds").get_paginator(self.operation).paginate(**given, PaginationConfig={"PageSize": PAGE})
        for page in pages:
            yield from map(_trim, page[self.items])


INSTANCE = Kind(
    noun="DB instance",
    selector="db_instance_identifier",
    key="DBInstanceIdentifier",
    status="DBInstanceStatus",
    operation="describe_db_instances",
    items="DBInstances",
    filter="db-instance-id",
    not_found="DBInstanceNotFound",
    bad_state="InvalidDBInstanceState",
)

CLUSTER = Kind(
    noun="DB cluster",
    selector="db_cluster_identifier",
    key="DBClusterIdentifier",
    status="Status",
    operation="describe_db_clusters",
    items="DBClusters",
    filter="db-cluster-id",
    not_found="DBClusterNotFoundFault",
    bad_state="InvalidDBClusterStateFault",
)


@dataclass(frozen=True)
class DatabaseState:
    """A database as the part found and left it.

    previous_state: state before the part acted ("available", "stopped", ...).
    state: state when the part last polled.
    db_instance_class: "db.r6g.large"; of a cluster "".
    db_cluster_identifier: the cluster it is, or is a member of, or "".
    automatic_restart_time: when AWS starts it again by itself, UTC, ISO 8601, or "".
    tags: its tags, by key.
    """

    identifier: str
    engine: str
    db_instance_class: str
    db_cluster_identifier: str
    previous_state: str
    state: str
    automatic_restart_time: str
    tags: dict[str, str]


def described(kind: Kind, database: Database, before: str) -> DatabaseState:
    """A database as results show it. before: its state before the part acted."""
    return DatabaseState(
        identifier=database[kind.key],
        engine=database.get("Engine", ""),
        db_instance_class=database.get("DBInstanceClass", ""),
        db_cluster_identifier=database.get("DBClusterIdentifier", ""),
        previous_state=before,
        state=kind.state(database),
        automatic_restart_time=database.get("AutomaticRestartTime", ""),
        tags=tag_map(database["Tags"]),
    )


def _trim(database: Database) -> Database:
    """What parts and mail templates need of a database, as JSON."""
    kept = {k: v.isoformat() if isinstance(v := database[k], datetime) else v for k in _KEPT if k in database}
    pending = database.get("PendingModifiedValues", {})
    waits = {k: pending[k] for k in ("AllocatedStorage", "DBInstanceClass") if k in pending}
    return {**kept, "Pending": waits, "Tags": database.get("TagList", [])}
