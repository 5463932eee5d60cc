"""What is read off a simulated fleet: how long each instance and database ran, and what was kept day by day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from moto.ec2.models import ec2_backends
from moto.rds.models import rds_backends

from nightshift.local.account import ACCOUNT
from nightshift.local.fleet.databases import moving
from nightshift.local.fleet.states import CODES, ON_STATE
from nightshift.local.fleet.world import World

UNBILLED = frozenset({"creating", "deleting", "failed", "insufficient-capacity", "starting", "stopped", "stopping"})
"""States in which the hours of a DB instance are not billed. Amazon RDS User Guide, "Viewing Amazon RDS DB instance
status"."""


@dataclass
class Hours:
    """How long an instance, or a DB instance, was in a state that is billed. by_day: hours by local date."""

    id: str
    name: str
    type: str
    by_day: dict[date, float] = field(default_factory=dict)
    starts: int = 0
    stops: int = 0

    @property
    def total(self) -> float:
        """All hours."""
        return sum(self.by_day.values())


class HourMeter:
    """Follows the states of instances and of databases.

    Of an instance the state running is billed ("Amazon EC2 instance state changes"), of a database all but `UNBILLED`.

    hours: by the id of the instance. databases: by the name of the DB instance.
    """

    def __init__(self, begin: float, zone: ZoneInfo) -> None:
        self.hours: dict[str, Hours] = {}
        self.databases: dict[str, Hours] = {}
        self._begin = begin
        self._zone = zone
        self._since: dict[int, tuple[Hours, float]] = {}

    @contextmanager
    def running(self, world: World) -> Iterator[None]:
        """Within, changes of state are noted."""

        def database_changed(database: Any) -> None:
            self._note(self._database(database), world.now(), database.status not in UNBILLED, database.status)

        moving.ON_STATE.append(database_changed)
        for state in CODES:
            ON_STATE.setdefault(state, []).append(self._changed)
        try:
            yield
        finally:
            moving.ON_STATE.remove(database_changed)
            for state in CODES:
                ON_STATE[state].remove(self._changed)

    def begin(self, instances: list[Any], databases: list[Any]) -> None:
        """Note who is there at the beginning."""
        for instance in instances:
            if (hours := self._instance(instance)) and instance.state == "running":
                self._since[id(hours)] = hours, self._begin
        for database in databases:
            if (hours := self._database(database)) and database.status not in UNBILLED:
                self._since[id(hours)] = hours, self._begin

    def end(self, moment: float) -> None:
        """Close the books."""
        for hours, _ in list(self._since.values()):
            self._ran(hours, moment)

    def _changed(self, world: World, instance: Any) -> None:
        self._note(self._instance(instance), world.now(), instance.state == "running", instance.state)

    def _note(self, hours: Hours, now: float, billed: bool, state: str) -> None:
        if billed and id(hours) not in self._since:
            self._since[id(hours)] = hours, now
            hours.starts += 1
        elif not billed and id(hours) in self._since:
            self._ran(hours, now)
            hours.stops += state == "stopping"

    def _instance(self, instance: Any) -> Hours:
        if instance.id not in self.hours:
            name = {t["key"]: t["value"] for t in instance.get_tags()}.get("Name", "")
            self.hours[instance.id] = Hours(instance.id, name, instance.instance_type)
        return self.hours[instance.id]

    def _database(self, database: Any) -> Hours:
        name = database.db_instance_identifier
        if name not in self.databases:
            self.databases[name] = Hours(name, name, database.db_instance_class)
        return self.databases[name]

    def _ran(self, hours: Hours, until: float) -> None:
        """Add a time of running, split at local midnights."""
        _, since = self._since.pop(id(hours))
        by_day = hours.by_day
        while since < until:
            day = datetime.fromtimestamp(since, self._zone).date()
            stop = min(until, midnight_after(day, self._zone))
            by_day[day] = by_day.get(day, 0.0) + (stop - since) / 3600
            since = stop


@dataclass(frozen=True)
class Kept:
    """What was there at the end of a day. snapshots: by Region."""

    snapshots: dict[str, int]
    images: int


def kept() -> Kept:
    """The snapshots and images there are now."""
    backends = ec2_backends[ACCOUNT]
    snapshots = {region: len(backends[region].snapshots) for region in sorted(backends)}
    images = sum(len(backends[region].amis) for region in backends)
    return Kept({region: count for region, count in snapshots.items() if count}, images)


def midnight_after(day: date, zone: ZoneInfo) -> float:
    """The moment a local day ends."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone).timestamp()


def instances() -> list[Any]:
    """moto's instances of all Regions."""
    backends = ec2_backends[ACCOUNT]
    return [i for region in backends for r in backends[region].reservations.values() for i in r.instances]


def databases() -> list[Any]:
    """moto's DB instances of all Regions."""
    backends = rds_backends[ACCOUNT]
    return [database for region in backends for database in backends[region].databases.values()]
