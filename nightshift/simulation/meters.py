"""What is read off a simulated fleet: how long each instance ran, and what was kept day by day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from moto.ec2.models import ec2_backends

from nightshift.local.account import ACCOUNT
from nightshift.local.fleet.states import CODES, ON_STATE
from nightshift.local.fleet.world import World


@dataclass
class Hours:
    """How long an instance was in the state running. by_day: hours by local date."""

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
    """Follows the states of the instances; billed is the state running ("Amazon EC2 instance state changes")."""

    def __init__(self, begin: float, zone: ZoneInfo) -> None:
        self.hours: dict[str, Hours] = {}
        self._begin = begin
        self._zone = zone
        self._since: dict[str, float] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within, changes of state are noted."""
        for state in CODES:
            ON_STATE.setdefault(state, []).append(self._changed)
        try:
            yield
        finally:
            for state in CODES:
                ON_STATE[state].remove(self._changed)

    def begin(self, instances: list[Any]) -> None:
        """Note who is there at the beginning."""
        for instance in instances:
            self._known(instance)
            if instance.state == "running":
                self._since[instance.id] = self._begin

    def end(self, moment: float) -> None:
        """Close the books."""
        for id_ in list(self._since):
            self._ran(id_, moment)

    def _changed(self, world: World, instance: Any) -> None:
        now = world.now()
        hours = self._known(instance)
        if instance.state == "running":
            if instance.id not in self._since:
                self._since[instance.id] = now
                hours.starts += 1
        elif instance.id in self._since:
            self._ran(instance.id, now)
            hours.stops += instance.state == "stopping"

    def _known(self, instance: Any) -> Hours:
        if instance.id not in self.hours:
            name = {t["key"]: t["value"] for t in instance.get_tags()}.get("Name", "")
            self.hours[instance.id] = Hours(instance.id, name, instance.instance_type)
        return self.hours[instance.id]

    def _ran(self, id_: str, until: float) -> None:
        """Add a time of running, split at local midnights."""
        since = self._since.pop(id_)
        by_day = self.hours[id_].by_day
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
