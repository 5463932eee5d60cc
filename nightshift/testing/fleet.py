"""The fleet of a test: moto behind the rules of the local AWS in this process, with the clock of the simulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lambdas.contract.errors import NightshiftError
from lambdas.parts.notify._memory import forget
from nightshift.local.offline import offline
from nightshift.local.seed import FLEET, MAIL_FROM, Machine, Work
from nightshift.simulation.agenda import Agenda
from nightshift.simulation.environment import environment
from nightshift.simulation.fleet import simulated_fleet
from nightshift.simulation.simulate import SETTLED

if TYPE_CHECKING:
    from nightshift.local.fleet.faults import Fault
    from nightshift.local.fleet.world import World
    from nightshift.simulation.clients import SimulatedAws
    from nightshift.simulation.work.works import Worked, Works
    from nightshift.testing.result import RunResult

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When it is in a test that does not say: a Monday morning."""


class NoSuchInstance(NightshiftError):
    """The fleet has no instance of that name, or several."""


class NoFleet(NightshiftError):
    """Something was asked of the fleet of a test outside of one."""


@dataclass(frozen=True)
class Instance:
    """An instance as it is now. volumes: their ids, by device."""

    id: str
    name: str
    state: str
    type: str
    tags: dict[str, str]
    volumes: dict[str, str]


class Fleet:
    """The fleet of one test.

    machines, work: what there is at the beginning. last: what `run` did last, also when it failed.
    aws: clients for parts (`fleet.aws.client("ec2")` is a boto3 client).
    """

    def __init__(
        self, agenda: Agenda, world: World, aws: SimulatedAws, machines: Sequence[Machine], work: Sequence[Work] = ()
    ) -> None:
        self.agenda = agenda
        self.world = world
        self.aws = aws
        self.machines = machines
        self.last: RunResult | None = None
        self._begun = False
        self._work = work
        self._works: Works | None = None

    def begin(self) -> None:
        """Make the instances, an hour ago; what is done with the fleet does it by itself."""
        from nightshift.simulation.organization import launch

        if not self._begun:
            self._begun = True
            moment = self.agenda.now
            self.agenda.now = moment - SETTLED
            launch(self.aws, self.machines, self.world.settle)
            self.agenda.now = moment
            self.world.catch_up()
            self.work(*self._work)

    def at(self, moment: str, timezone: str = "UTC") -> None:
        """Let it be that moment: "2026-12-31 22:00" in a time zone.

        Raises NightshiftError for a moment before what has happened already.
        """
        then = datetime.fromisoformat(moment)
        seconds = (then if then.tzinfo else then.replace(tzinfo=ZoneInfo(timezone))).timestamp()
        if self._begun and seconds < self.agenda.now:
            now = datetime.fromtimestamp(self.agenda.now, UTC)
            raise NightshiftError(f"it is {now:%Y-%m-%d %H:%M} UTC already; say at(...) before what happens earlier")
        self.agenda.now = seconds

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.begin()
        self.agenda.now += seconds
        self.world.catch_up()

    def launch(self, *machines: Machine) -> list[Instance]:
        """Make more instances."""
        from nightshift.simulation.organization import launch

        self.begin()
        return [self.instance(i) for i in launch(self.aws, machines, self.world.settle)]

    def work(self, *works: Work) -> None:
        """Let there be tasks, jobs, functions and state machines, which a flow can start.

        Raises ValueError for a second one of a kind and name.
        """
        self._all_works().add(works)

    def worked(self) -> list[Worked]:
        """What became of the runs of each work: how many, how many failed, hours and US dollars."""
        return self._all_works().worked()

    def _all_works(self) -> Works:
        from nightshift.simulation.work.works import Works

        self.begin()
        if self._works is None:
            self._works = Works(self.aws)
        return self._works

    def fault(self, kind: str, name: str = "", **more: Any) -> Fault:
        """Let something go wrong from now on.

        kind: such as "capacity"; `nightshift local fault` lists them. name: of the instance that it concerns, and its
        volumes; default: any. more: the options of that command, such as times=1.
        Raises NoSuchInstance; ValueError or TypeError for a kind or an option that there is not.
        """
        from nightshift.local.fleet.faults import Fault

        self.begin()
        where = {"tag": f"Name={self.instance(name).name}"} if name else {}
        made = Fault(kind, **{**where, **more})
        self.world.faults.append(made)
        return made

    def answer(self, service: str, by: Any) -> None:
        """Let an object answer for a service of AWS: by a method for each operation, such as `describe_events`."""
        self.aws.answer(service, by)

    def inventory(self) -> dict[str, dict[str, Any]]:
        """Every instance, volume, snapshot and image, by id."""
        from nightshift.local.fleet.inventory import inventory

        self.begin()
        self.world.catch_up()
        return inventory()

    def instances(self) -> list[Instance]:
        """All instances, terminated ones too."""
        return [
            Instance(id_, item["tags"].get("Name", ""), item["state"], item["type"], item["tags"], item["devices"])
            for id_, item in self.inventory().items()
            if id_.startswith("i-")
        ]

    def instance(self, name: str) -> Instance:
        """The instance of that name or id. Raises NoSuchInstance."""
        everything = self.instances()
        found = [instance for instance in everything if name in (instance.name, instance.id)]
        if len(found) != 1:
            names = ", ".join(sorted({instance.name or instance.id for instance in everything}))
            raise NoSuchInstance(f"{len(found)} instances are called {name!r}; there are {names or 'none'}")
        return found[0]

    def snapshots(self, of: str = "") -> list[dict[str, Any]]:
        """The snapshots: `id`, `state`, `volume`, `tags`. of: name of an instance whose volumes they are of."""
        volumes = set(self.instance(of).volumes.values()) if of else set()
        found = [{"id": i, **item} for i, item in self.inventory().items() if i.startswith("snap-")]
        return [item for item in found if not of or item["volume"] in volumes]


_current: ContextVar[Fleet | None] = ContextVar("nightshift_test_fleet", default=None)


def current() -> Fleet:
    """The fleet of this test. Raises NoFleet."""
    fleet = _current.get()
    if fleet is None:
        raise NoFleet("there is no fleet: give the test the fixture, def test_...(fleet)")
    return fleet


@contextmanager
def running_fleet(
    machines: Sequence[Machine] = FLEET, templates: Path | None = None, work: Sequence[Work] = ()
) -> Iterator[Fleet]:
    """A fleet for as long as the context lasts.

    templates: the folder of the mail templates.
    """
    agenda = Agenda(BEGIN.timestamp())
    settings = {"NIGHTSHIFT_MAIL_FROM": MAIL_FROM, "NIGHTSHIFT_RESULTS_BUCKET": None}
    settings["NIGHTSHIFT_TEMPLATES"] = None if templates is None else str(templates)
    forget()
    with simulated_fleet(lambda: agenda.now) as world, environment(settings), offline():
        from nightshift.simulation.clients import SimulatedAws

        fleet = Fleet(agenda, world, SimulatedAws(world), machines, work)
        token = _current.set(fleet)
        try:
            yield fleet
        finally:
            _current.reset(token)
            forget()
