"""What the parts share that start, stop and reboot databases: how they plan and poll, and what their results show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Result
from lambdas.engine.progress import SHOWN
from lambdas.engine.selection import Selection
from lambdas.engine.stages import Failed, Skipped, Stages, Verdict, Verdicts
from lambdas.parts.rds._databases import Database, DatabaseState, Kind, described

STALE = 30
"""Seconds during which RDS may still describe the state before an accepted request."""

SLOW = "1h"
"""A large database takes long to stop and to start. Amazon RDS User Guide, "Stopping an Amazon RDS DB instance
temporarily"."""

BROKEN = frozenset(
    {
        "delete-precheck",
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
        "storage-full",
    }
)
"""States that a database does not leave by itself. Amazon RDS User Guide, "Viewing Amazon RDS DB instance status"."""

HINTS = {
    "InvalidDBInstanceState": "Look at the status of the DB instance in the console of RDS; what is broken has to be "
    "repaired there before.",
    "InsufficientDBInstanceCapacity": "AWS has none of this class in the zone now: change the class with "
    "rds.modify_db_instance, or try again later.",
}


@dataclass
class DatabasePowerResult(Result):
    """Result of a part that changes the state of databases.

    databases: the first 100 matched databases, with their states before and after.
    """

    databases: list[DatabaseState] = field(default_factory=list)


class Power:
    """The states of one call's databases.

    kind: what they are. call: the part's.
    """

    def __init__(self, call: Call, kind: Kind, selection: Selection) -> None:
        self.call, self.kind, self.selection = call, kind, selection

    def plan(self, stages: Stages, begin: Callable[[Database], Verdict]) -> Verdicts:
        """Where each selected database begins; the details of the first are kept for the result."""
        found = sorted(
            self.kind.find(self.call, self.selection, stages.progress),
            key=lambda database: str(database[self.kind.key]),
        )
        self.call.state["about"] = {d[self.kind.key]: [self.kind.state(d), d] for d in found[:SHOWN]}
        return [(database[self.kind.key], begin(database)) for database in found]

    def poll(self, seen: Callable[[str], Verdict]) -> Callable[[list[str]], Verdicts]:
        """A poll that judges databases by their states; one that is gone or broken has failed."""

        def judged(ids: list[str]) -> Verdicts:
            found = {database[self.kind.key]: database for database in self.kind.by_id(self.call, ids)}
            for id_ in ids:
                if (database := found.get(id_)) is None:
                    yield id_, Failed(self.kind.not_found, self.kind.absent)
                    continue
                self.seen(database)
                yield id_, self.broken(database) or seen(self.kind.state(database))

        return judged

    def seen(self, database: Database) -> None:
        """Keep how one of the first is described now."""
        if database[self.kind.key] in self.call.state["about"]:
            self.call.state["about"][database[self.kind.key]][1] = database

    def broken(self, database: Database) -> Failed | None:
        """The failure of a database that cannot become what was asked without somebody's help."""
        state = self.kind.state(database)
        return Failed(self.kind.bad_state, f"'{{id}}' is {state}") if state in BROKEN else None

    def show(self, result: DatabasePowerResult) -> None:
        """Add the details of the first databases to a result."""
        about: dict[str, Any] = self.call.state["about"]
        result.databases = [described(self.kind, database, before) for before, database in about.values()]
        answer = {self.kind.items: [database for _, database in about.values()]}
        result.responses = {f"Describe{self.kind.items}Response": answer}


def of_cluster(database: Database, selection: Selection, part: str) -> Failed | Skipped | None:
    """What becomes of a member of a cluster, which is not stopped or started by itself: one that was named fails, one
    that only carries the tag is left to its cluster.

    part: the part for the cluster. Amazon Aurora User Guide, "Stopping and starting an Amazon Aurora DB cluster".
    """
    cluster = database.get("DBClusterIdentifier")
    if not cluster:
        return None
    if selection.ids is None:
        return Skipped(f"is a member of the cluster {cluster}")
    way_out = f'use {part}(db_cluster_identifier="{cluster}")'
    return Failed("InvalidDBClusterStateFault", f"'{{id}}' is a member of the cluster {cluster}; {way_out}")


def fell_back(power: Power, since: float, state: str) -> Failed | None:
    """The failure of a database that was started and stops or is stopped again.

    since: seconds since the start was accepted; for a while "stopped" may be the description of before.
    """
    if state in ("stopping", "stopped") and since > STALE:
        return Failed(power.kind.bad_state, f"'{{id}}' is {state} again; its events in the console of RDS tell why")
    return None
