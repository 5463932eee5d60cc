"""Simulates flows over a span of time: every schedule fires, every flow runs, on a fleet in this process."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lambdas.calendar.cron import fire_times
from lambdas.parts.notify._memory import forget
from nightshift.local.account import ACCOUNT, REGION
from nightshift.local.offline import offline
from nightshift.local.seed import (
    DATABASES,
    FLEET,
    MAIL_FROM,
    Database,
    Machine,
    Work,
    lone_volume,
    make_databases,
)
from nightshift.model import CompiledFlow
from nightshift.simulation.agenda import Agenda
from nightshift.simulation.environment import environment
from nightshift.simulation.expressions import Expressions
from nightshift.simulation.fleet import models_read_once, simulated_fleet
from nightshift.simulation.gate import Gate
from nightshift.simulation.machine import Execution, Machines, iso

if TYPE_CHECKING:
    from nightshift.simulation.clients import SimulatedAws
    from nightshift.simulation.work.works import Worked

SETTLED = 3600.0
"""Seconds before the first day at which the fleet is made, so that nothing of it is still changing then."""


@dataclass(frozen=True)
class Scenario:
    """What is simulated.

    flows: those whose schedules fire. others: flows they may call. first: first local day. days: how many.
    timezone: of the days. machines, databases, work: the fleet at the beginning. installed: all flows of the app, which
    cost something whether they run or not; without them those above.
    """

    flows: Sequence[CompiledFlow]
    first: date
    days: int
    timezone: str
    others: Sequence[CompiledFlow] = ()
    machines: Sequence[Machine] = FLEET
    databases: Sequence[Database] = DATABASES
    templates: Path | None = None
    seed: int = 1
    installed: Sequence[CompiledFlow] = ()
    work: Sequence[Work] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the days."""
        return ZoneInfo(self.timezone)

    @property
    def begin(self) -> float:
        """The first moment."""
        return datetime.combine(self.first, datetime.min.time(), self.zone).timestamp()

    @property
    def end(self) -> float:
        """The moment after the last day."""
        return datetime.combine(self.first + timedelta(days=self.days), datetime.min.time(), self.zone).timestamp()


@dataclass
class Ran:
    """One run of a flow.

    due: the moment its trigger was due. skipped: why the gate did not let it run, or "", and kind: what kind of
    reason that is. parent: the flow that called it, or "". changed, deleted: how many resources each part did.
    """

    flow: str
    due: float
    execution: Execution
    parent: str = ""
    skipped: str = ""
    kind: str = ""
    changed: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)

    @property
    def status(self) -> str:
        """SUCCEEDED, SKIPPED, FAILED, TIMED_OUT, or RUNNING when the span ended first."""
        return "SKIPPED" if self.skipped else self.execution.status


def firings(flow: CompiledFlow, begin: float, end: float) -> Iterator[float]:
    """When EventBridge Scheduler fires the flow's schedules, in order of the expressions."""
    schedule = flow.options.schedule
    # A moment earlier, so that what is due at the very beginning counts.
    after = datetime.fromtimestamp(begin, UTC) - timedelta(seconds=1)
    for expression in schedule.expressions if schedule else ():
        for moment in fire_times(expression, schedule.timezone if schedule else "UTC", after):
            if moment.timestamp() >= end:
                break
            yield moment.timestamp()


class Simulation:
    """One simulation; `run` it once, then read what happened.

    runs: in order of their starts. hours: of each instance. kept: what there was at the end of each day.
    worked: what became of the runs of each work.
    """

    def __init__(self, scenario: Scenario) -> None:
        with models_read_once():
            from nightshift.simulation.meters import HourMeter, Kept

        self.scenario = scenario
        self.runs: list[Ran] = []
        self.kept: dict[date, Kept] = {}
        self.worked: list[Worked] = []
        self.agenda = Agenda(scenario.begin - SETTLED)
        self.meter = HourMeter(scenario.begin, scenario.zone)
        self._runs: dict[str, Ran] = {}
        self._names: Counter[str] = Counter()

    def run(self) -> Simulation:
        """Simulate."""
        with simulated_fleet(lambda: self.agenda.now, self.scenario.seed) as world, self._environment():
            from nightshift.simulation import meters
            from nightshift.simulation.clients import SimulatedAws
            from nightshift.simulation.functions import Functions
            from nightshift.simulation.work.works import Works

            self.world = world
            self.aws = SimulatedAws(world)
            # The fleet is made in moto, also where a fake of one's own answers for a service.
            self._make_fleet(SimulatedAws(world, fakes={}))
            works = Works(self.aws, self.scenario.begin)
            works.add(self.scenario.work)
            flows = [*self.scenario.flows, *self.scenario.others]
            self.gate = Gate({flow.name: flow.options.rules for flow in flows}, lambda: self.agenda.now)
            self.functions = Functions(self.aws, self.gate, self._finished, self._child)
            expressions = Expressions(lambda: self.agenda.now, Random(self.scenario.seed))
            definitions = {flow.name: flow.filled(lambda place: place.name) for flow in flows}
            self.machines = Machines(definitions, self.agenda, expressions, self.functions)
            self.functions.machines = self.machines
            for flow in self.scenario.flows:
                for moment in firings(flow, self.scenario.begin, self.scenario.end):
                    self.agenda.at(moment, self._starter(flow, moment))
            self._close_each_day()
            self.agenda.now = self.scenario.begin
            world.catch_up()
            self.meter.begin(meters.instances(), meters.databases())
            with self.meter.running(world), without_collection():
                self.agenda.run(self.scenario.end)
                self.agenda.now = self.scenario.end
                world.catch_up()
            self.worked = works.worked()
            self.meter.end(self.scenario.end)
        return self

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """What the parts find around them."""
        settings = {"NIGHTSHIFT_MAIL_FROM": MAIL_FROM}
        if self.scenario.templates is not None:
            settings["NIGHTSHIFT_TEMPLATES"] = str(self.scenario.templates)
        # A worker remembers the mails it sent; that of another simulation has the same runs.
        forget()
        try:
            with environment({**settings, "NIGHTSHIFT_RESULTS_BUCKET": None}), offline():
                yield
        finally:
            forget()

    def _make_fleet(self, aws: SimulatedAws) -> None:
        from nightshift.simulation.organization import launch

        ec2 = aws.client("ec2")
        launch(aws, self.scenario.machines, self.world.settle)
        lone_volume(ec2, f"{REGION}a")
        make_databases(aws.client("rds"), self.scenario.databases, self.world.settle)

    def _starter(self, flow: CompiledFlow, moment: float) -> Any:
        trigger = {"type": "schedule", "schedule": flow.name, "scheduled_time": iso(moment)}

        def start() -> None:
            ran = self._new(flow.name, {"nightshift": {"dry_run": False, "trigger": trigger}}, moment)
            self.machines.start(ran.execution, self._ended)

        return start

    def _new(self, flow: str, given: dict[str, Any], due: float, parent: str = "") -> Ran:
        name = f"{flow[:45]}-{datetime.fromtimestamp(self.agenda.now, UTC):%Y%m%dT%H%M%SZ}"
        self._names[name] += 1
        if self._names[name] > 1:
            name += f"-{self._names[name]}"
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:nightshift-{flow}:{name}"
        ran = Ran(flow, due, Execution(flow, arn, given, self.agenda.now), parent)
        self.runs.append(ran)
        self._runs[arn] = ran
        self.gate.started(ran.execution)
        return ran

    def _child(self, flow: str, given: dict[str, Any]) -> Execution:
        parent = self._runs[given["nightshift"]["trigger"]["execution"]]
        return self._new(flow, given, self.agenda.now, parent.flow).execution

    def _finished(self, call: Any) -> None:
        ran = self._runs[call.execution.id]
        ran.changed[call.part] += _count(call.result.get("changed"))
        ran.deleted[call.part] += _count(call.result.get("deleted"))

    def _ended(self, execution: Execution) -> None:
        own = execution.output.get("nightshift") if isinstance(execution.output, dict) else None
        if execution.status == "SUCCEEDED" and isinstance(own, dict) and "skipped" in own:
            ran = self._runs[execution.id]
            ran.skipped, ran.kind = own["skipped"], self.gate.kinds.get(execution.id, "")

    def _close_each_day(self) -> None:
        from nightshift.simulation import meters

        for number in range(self.scenario.days):
            day = self.scenario.first + timedelta(days=number)

            def close(day: date = day) -> None:
                self.world.catch_up()
                self.kept[day] = meters.kept()

            # A second before midnight, so that it is before what is due at midnight.
            self.agenda.at(meters.midnight_after(day, self.scenario.zone) - 1, close)


@contextmanager
def without_collection() -> Iterator[None]:
    """Within, Python looks for no cycles: the fleet grows to millions of objects that all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            # Makes all of them old: else the next object would have Python look at millions of new ones.
            gc.freeze()
            gc.unfreeze()
            gc.enable()


def _count(items: Any) -> int:
    """How many ids a field of a result holds; a long list travels as a reference with its count."""
    return int(items.get("count", 0)) if isinstance(items, Mapping) else len(items or [])


def with_called(flows: Iterable[CompiledFlow], all_flows: Iterable[CompiledFlow]) -> list[CompiledFlow]:
    """The flows that `flows` call, directly or not, and that are not among them."""
    known = {flow.name: flow for flow in all_flows}
    chosen = {flow.name for flow in flows}
    found: dict[str, CompiledFlow] = {}
    wanted = [name for flow in flows for name in flow.flows]
    while wanted:
        name = wanted.pop()
        if name not in found and name in known:
            found[name] = known[name]
            wanted += known[name].flows
    return [flow for name, flow in sorted(found.items()) if name not in chosen]
