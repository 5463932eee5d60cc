"""What a simulation showed, as data: runs, changes, hours, what was kept, and what Step Functions and Lambda cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from lambdas.calendar.cron import time_zone
from lambdas.contract.causes import read_cause
from nightshift.simulation.simulate import Ran, Simulation

MEMORY_GB = 0.5
"""Of the functions, as stacks/shared/parts.py deploys them."""

_PRICES = Path(__file__).parent / "prices.json"
_MONTH_DAYS = 365 / 12


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
    """What a month of these runs costs on average, in `currency`, as the prices say."""

    state_transitions: float
    invocations: float
    gb_seconds: float
    step_functions: float
    lambda_: float
    currency: str
    source: str

    @property
    def total(self) -> float:
        """Both services."""
        return self.step_functions + self.lambda_


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

    def cost(self) -> Cost:
        """An average month."""
        prices = json.loads(_PRICES.read_text(encoding="utf-8"))
        months = self.scenario.days / _MONTH_DAYS
        transitions = sum(ran.execution.state_changes for ran in self.simulation.runs) / months
        usage = self.simulation.functions.usage.values()
        invocations = sum(used.invocations for used in usage) / months
        gb_seconds = sum(used.seconds for used in usage) * MEMORY_GB / months
        return Cost(
            transitions,
            invocations,
            gb_seconds,
            transitions * prices["step_functions_state_transition"],
            invocations * prices["lambda_request"] + gb_seconds * prices["lambda_gb_second_arm64"],
            prices["currency"],
            f"{prices['source']}, {prices['date']}",
        )

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
        found: dict[date, float] = dict.fromkeys(self.days(), 0.0)
        for hours in self.simulation.meter.hours.values():
            for day, amount in hours.by_day.items():
                found[day] += amount
        return found

    def snapshots_by_day(self) -> dict[date, int]:
        """Snapshots there were at the end of each day, in all Regions."""
        return {day: sum(kept.snapshots.values()) for day, kept in self.simulation.kept.items()}

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        cost = self.cost()
        return {
            "from": self.scenario.first.isoformat(),
            "days": self.scenario.days,
            "timezone": self.scenario.timezone,
            "flows": [vars(flow) for flow in self.flows()],
            "skipped": {kind: _json(self.skipped(kind)) for kind in ("calendar", "overlap")},
            "holidays": _json(self.holidays()),
            "failures": _json(self.failures()),
            "instances": [
                {
                    "id": hours.id,
                    "name": hours.name,
                    "type": hours.type,
                    "hours": round(hours.total, 3),
                    "starts": hours.starts,
                    "stops": hours.stops,
                }
                for hours in self.simulation.meter.hours.values()
            ],
            "kept": {
                day.isoformat(): {"snapshots": kept.snapshots, "images": kept.images}
                for day, kept in self.simulation.kept.items()
            },
            "mails": len(self.simulation.aws.letters),
            "api_calls": self.simulation.aws.calls,
            "cost_per_month": {**vars(cost), "total": cost.total},
        }

    def _told(self, ran: Ran, reason: str) -> Told:
        return Told(ran.flow, self._local(ran.due), reason)

    def _local(self, moment: float) -> datetime:
        return datetime.fromtimestamp(moment, UTC).astimezone(self.scenario.zone)


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


def _positive(counters: Iterable[Counter[str]]) -> dict[str, int]:
    total: Counter[str] = sum(counters, Counter())
    return {name: count for name, count in sorted(total.items()) if count}


def _why(ran: Ran) -> str:
    return f"{ran.execution.error}: {read_cause(ran.execution.cause).message}".rstrip(": ")


def _json(told: list[Told]) -> list[dict[str, str]]:
    return [{"flow": t.flow, "due": t.due.isoformat(), "reason": t.reason} for t in told]
