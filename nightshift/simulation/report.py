"""What a simulation showed, as data: runs, changes, hours, what was kept, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from lambdas.calendar.cron import time_zone
from lambdas.contract.causes import read_cause
from nightshift.costs.bill import USUAL, Bill, Prices
from nightshift.costs.counts import Installed, Used
from nightshift.model import CompiledFlow
from nightshift.simulation.simulate import Ran, Simulation
from nightshift.triggers.alarms import Alarm

if TYPE_CHECKING:
    from nightshift.simulation.meters import Hours
    from nightshift.simulation.work.works import Worked

_MONTH_DAYS = 365 / 12

_METRICS_OF_A_PART = 2
"""Invocations and Failures, of each part and flow (`lambdas/runtime/handler.py`)."""


@dataclass(frozen=True)
class FlowSummary:
    """The runs of a flow.

    runs: that did something. skipped: by kind of reason ("calendar", "overlap"). failed: runs that did not succeed.
    changed: resources by part, deleted ones apart. seconds: mean duration of the runs that ended.
    """

    flow: str
    runs: int
    skipped: dict[str, int]
    failed: int
    changed: dict[str, int]
    deleted: dict[str, int]
    seconds: float | None


@dataclass(frozen=True)
class Told:
    """A run that did not do what it was for. due: local time."""

    flow: str
    due: datetime
    reason: str


@dataclass(frozen=True)
class Cost:
    """What an average month costs.

    idle: what is paid when nothing runs. used: what these runs add. kept: for what is recorded of a year of them.
    runs: of a month. prices: those it is counted with.
    """

    idle: Bill
    used: Bill
    kept: Bill
    runs: float
    prices: Prices

    @property
    def total(self) -> float:
        """All of it."""
        return self.idle.total + self.used.total + self.kept.total

    @property
    def per_thousand_runs(self) -> float:
        """What 1,000 of these runs add to what is paid anyway; 0 when nothing ran."""
        return (self.used.total + self.kept.total) / self.runs * 1000 if self.runs else 0.0

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        bills = {"idle": self.idle, "used": self.used, "kept": self.kept}
        return {
            "total": self.total,
            "per_thousand_runs": self.per_thousand_runs,
            "runs": self.runs,
            "currency": self.prices.currency,
            "region": self.prices.region,
            "prices": self.prices.said(),
            "prices_missing": list(self.prices.missing),
            **{name: [{**vars(line), "amount": line.amount} for line in bill.lines] for name, bill in bills.items()},
        }


class Report:
    """Reads a simulation that has run."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.scenario = simulation.scenario

    def flows(self) -> list[FlowSummary]:
        """Every flow that ran, by name."""
        by_flow: dict[str, list[Ran]] = {}
        for ran in self.simulation.runs:
            by_flow.setdefault(ran.flow, []).append(ran)
        return [_summary(flow, runs) for flow, runs in sorted(by_flow.items())]

    def skipped(self, kind: str) -> list[Told]:
        """The runs that were skipped for a kind of reason, in order: "calendar" or "overlap"."""
        return [self._told(ran, ran.skipped) for ran in self.simulation.runs if ran.kind == kind]

    def holidays(self) -> list[Told]:
        """The runs that were skipped because their day is a holiday of the flow's calendar."""
        schedules = {flow.name: flow.options.schedule for flow in self.scenario.flows}
        found = []
        for ran in self.simulation.runs:
            schedule = schedules.get(ran.flow)
            days = schedule.days if schedule else None
            if ran.kind != "calendar" or schedule is None or days is None or days.calendar is None:
                continue
            if days.business_day is not None:
                # It was looked at, as a day that might have been the one; nothing was left out.
                continue
            moment = datetime.fromtimestamp(ran.due, UTC).astimezone(time_zone(schedule.timezone))
            if days.calendar.is_holiday(days.day_of(moment)):
                found.append(self._told(ran, ran.skipped))
        return found

    def failures(self) -> list[Told]:
        """The runs that failed or ran out of time, with error and cause."""
        failed = [ran for ran in self.simulation.runs if ran.status in ("FAILED", "TIMED_OUT")]
        return [self._told(ran, _why(ran)) for ran in failed]

    def cost(self, region: str = USUAL) -> Cost:
        """An average month, at the prices of a region."""
        months = self.scenario.days / _MONTH_DAYS
        prices = Prices.of(region)
        flows = self.scenario.installed or [*self.scenario.flows, *self.scenario.others]
        used = self._used(months)
        return Cost(
            prices.bill(Installed(flows, self._watched(flows)).idle()),
            prices.bill(used.quantities()),
            prices.bill(used.kept()),
            used.runs,
            prices,
        )

    def _used(self, months: float) -> Used:
        """What an average month uses."""
        usage = self.simulation.functions.usage
        parts = [used for function, used in usage.items() if used.flow_hours]
        others = [used for function, used in usage.items() if not used.flow_hours]
        # RunsSkipped, of each flow and kind of reason.
        skipped = {(ran.flow, ran.kind, int(ran.due // 3600)) for ran in self.simulation.runs if ran.skipped}
        return Used(
            runs=len(self.simulation.runs) / months,
            transitions=sum(ran.execution.state_changes for ran in self.simulation.runs) / months,
            invocations=sum(used.invocations for used in usage.values()) / months,
            part_seconds=sum(used.seconds for used in parts) / months,
            other_seconds=sum(used.seconds for used in others) / months,
            metric_hours=(_METRICS_OF_A_PART * sum(len(used.flow_hours) for used in parts) + len(skipped)) / months,
        )

    def _watched(self, flows: Iterable[CompiledFlow]) -> dict[str, int]:
        """Flow -> the instances of the fleet that its alarm has the tags of."""
        found = {}
        for flow in flows:
            alarm = flow.options.on_alarm
            if isinstance(alarm, Alarm) and alarm.instance_tag:
                wanted = [tag.split("=", 1) for tag in alarm.instance_tag]
                found[flow.name] = sum(
                    all(fnmatchcase(machine.tags.get(name, ""), value) for name, value in wanted)
                    for machine in self.scenario.machines
                )
        return found

    def days(self) -> list[date]:
        """The days of the simulation."""
        return [self.scenario.first + timedelta(days=n) for n in range(self.scenario.days)]

    def runs_by_day(self, flow: str) -> dict[date, Counter[str]]:
        """Local day of the start -> how many runs of a flow, by status."""
        found: dict[date, Counter[str]] = {}
        for ran in self.simulation.runs:
            if ran.flow == flow:
                found.setdefault(self._local(ran.due).date(), Counter())[ran.status] += 1
        return found

    def hours_by_day(self) -> dict[date, float]:
        """Hours that instances ran, all together."""
        return self._by_day(self.simulation.meter.hours.values())

    def _by_day(self, all_hours: Iterable[Hours]) -> dict[date, float]:
        found: dict[date, float] = dict.fromkeys(self.days(), 0.0)
        for hours in all_hours:
            for day, amount in hours.by_day.items():
                found[day] += amount
        return found

    def database_hours_by_day(self) -> dict[date, float]:
        """Hours of DB instances that are billed, all together."""
        return self._by_day(self.simulation.meter.databases.values())

    def snapshots_by_day(self) -> dict[date, int]:
        """Snapshots there were at the end of each day, in all Regions."""
        return {day: sum(kept.snapshots.values()) for day, kept in self.simulation.kept.items()}

    def as_json(self, region: str = USUAL) -> dict[str, Any]:
        """All of it, for programs. region: whose prices count."""
        return {
            "from": self.scenario.first.isoformat(),
            "days": self.scenario.days,
            "timezone": self.scenario.timezone,
            "flows": [vars(flow) for flow in self.flows()],
            "skipped": {kind: _json(self.skipped(kind)) for kind in ("calendar", "overlap")},
            "holidays": _json(self.holidays()),
            "failures": _json(self.failures()),
            "instances": [_hours(hours) for hours in self.simulation.meter.hours.values()],
            "databases": [_hours(hours) for hours in self.simulation.meter.databases.values()],
            "work": [_work(worked) for worked in self.simulation.worked],
            "kept": {
                day.isoformat(): {"snapshots": kept.snapshots, "images": kept.images}
                for day, kept in self.simulation.kept.items()
            },
            "mails": len(self.simulation.aws.letters),
            "api_calls": self.simulation.aws.calls,
            "cost_per_month": self.cost(region).as_json(),
        }

    def _told(self, ran: Ran, reason: str) -> Told:
        return Told(ran.flow, self._local(ran.due), reason)

    def _local(self, moment: float) -> datetime:
        return datetime.fromtimestamp(moment, UTC).astimezone(self.scenario.zone)


def _work(worked: Worked) -> dict[str, Any]:
    return {
        "kind": worked.work.kind,
        "name": worked.work.name,
        "runs": worked.runs,
        "failed": worked.failed,
        "hours": worked.hours,
        "cost": worked.cost,
    }


def _summary(flow: str, runs: list[Ran]) -> FlowSummary:
    went = [ran for ran in runs if not ran.skipped]
    took = [ran.execution.ended - ran.execution.started for ran in went if ran.execution.ended is not None]
    return FlowSummary(
        flow,
        len(went),
        dict(Counter(ran.kind for ran in runs if ran.skipped)),
        sum(ran.status in ("FAILED", "TIMED_OUT") for ran in went),
        _positive(ran.changed for ran in went),
        _positive(ran.deleted for ran in went),
        sum(took) / len(took) if took else None,
    )


def _hours(hours: Hours) -> dict[str, Any]:
    return {
        "id": hours.id,
        "name": hours.name,
        "type": hours.type,
        "hours": round(hours.total, 3),
        "starts": hours.starts,
        "stops": hours.stops,
    }


def _positive(counters: Iterable[Counter[str]]) -> dict[str, int]:
    total: Counter[str] = sum(counters, Counter())
    return {name: count for name, count in sorted(total.items()) if count}


def _why(ran: Ran) -> str:
    return f"{ran.execution.error}: {read_cause(ran.execution.cause).message}".rstrip(": ")


def _json(told: list[Told]) -> list[dict[str, str]]:
    return [{"flow": t.flow, "due": t.due.isoformat(), "reason": t.reason} for t in told]
