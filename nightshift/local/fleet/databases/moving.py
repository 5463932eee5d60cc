"""Moving a database from one state to the next over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance

from nightshift.local.fleet.world import current, spread

WEEK = 7 * 24 * 3600
"""Seconds after which AWS starts a stopped database again. Amazon RDS User Guide, "Stopping an Amazon RDS DB instance
temporarily"."""


ON_STATE: list[Callable[[Any], None]] = []
"""What else happens when the state of a DB instance has changed; it is given moto's object."""


@dataclass(frozen=True)
class _Resource:
    """A database as faults know resources."""

    id: str
    tags: list[dict[str, str]]

    def get_tags(self) -> list[dict[str, str]]:
        """Its tags in the form of moto's EC2."""
        return [{"key": tag["Key"], "value": tag["Value"]} for tag in self.tags]


def move(
    database: Any,
    name: str,
    through: str,
    to: str,
    seconds: float,
    then: Callable[[], None] | None = None,
    of: Any = None,
) -> None:
    """Let a database, or a snapshot of one, pass the state `through` and be in `to` after about so many seconds.

    name: the identifier of the database. then: what happens besides when it gets there. of: the database, when it is a
    snapshot that moves: faults lie on databases.
    """
    world = current()
    _set_status(database, through)
    resource = _Resource(name, (of or database).tags)
    faults = [fault for fault in world.faults if fault.kind in ("stuck", "slow") and fault.concerns(resource)]
    if any(fault.kind == "stuck" and fault.strike() for fault in faults):
        return
    for fault in faults:
        seconds *= fault.factor if fault.kind == "slow" and fault.strike() else 1

    def arrive() -> None:
        if database.status == through:
            _set_status(database, to)
            if then:
                then()

    world.after(spread(seconds, name), arrive)


def _set_status(database: Any, status: str) -> None:
    database.status = status
    if isinstance(database, DBInstance):
        for event in ON_STATE:
            event(database)


def restart_after_a_week(database: Any, start: Callable[[], None]) -> None:
    """Let AWS start a database that has just stopped, unless somebody does before."""
    world = current()
    moment = datetime.fromtimestamp(world.now() + WEEK, UTC).replace(tzinfo=None)
    database.automatic_restart_time = moment

    def restart() -> None:
        if database.status == "stopped" and database.automatic_restart_time is moment:
            start()

    world.after(WEEK, restart, lasting=True)


def struck(kind: str, database: Any, name: str) -> bool:
    """Whether a fault of the kind hits a database."""
    resource = _Resource(name, database.tags)
    return any(fault.kind == kind and fault.concerns(resource) and fault.strike() for fault in current().faults)


def no_capacity(name: str, database: Any, kind: str) -> None:
    """Raise what a lack of capacity for a DB instance class raises, while a fault says so.

    kind: the class.
    """
    resource = _Resource(name, database.tags)
    for fault in current().faults:
        of_class = fault.instance_type in ("", kind)
        if fault.kind == "capacity" and of_class and fault.concerns(resource) and fault.strike():
            text = f"The requested DB Instance class {kind} is not available in the Availability Zone."
            raise RDSClientError("InsufficientDBInstanceCapacity", text)


def require(name: str, found: str, wanted: str) -> None:
    """Refuse a request that the state of a DB instance does not allow."""
    if found != wanted:
        raise RDSClientError("InvalidDBInstanceState", f"Instance {name} is not in {wanted} state.")
