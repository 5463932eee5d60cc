"""How much an app uses of what AWS bills: when nothing runs, and for its runs.

What can be counted is counted: alarms, metrics, transitions, invocations. How long functions run, how much they log,
and how many request units the table takes are estimates; docs/cost.md says how each comes about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightshift.model import CompiledFlow
from nightshift.triggers.alarms import BANDS, Alarm

MONTH_HOURS = 730
"""Hours of a month, as AWS puts them."""

COLD, WARM, API_CALL = 1.5, 0.02, 0.15
"""Seconds billed: of a cold start (initialisation is billed), of the handler itself, and of each AWS API call."""

PART_GB, TRACKER_GB, OTHER_GB = 0.5, 0.5, 0.25
"""Memory of the functions: of parts, of tracker and reconciler, of gate, receiver, keeper and approval."""

RECONCILER_AN_HOUR, KEEPER_AN_HOUR = 12, 4

EVENTS_A_RUN = 2
"""A run that starts and one that ends: the tracker is invoked for each."""

TRACKER_CALLS, RECONCILER_CALLS, KEEPER_CALLS = 6, 5, 3
"""API calls of an invocation; the reconciler makes two more for each flow, and is through with all in an hour."""

WRITES_A_RUN, READS_A_RUN = 36, 11
"""Request units of the table: record, its place in four lists, detail, counters, the gate's notes; in transactions."""

TABLE_GB_A_RUN = 9e-6
"""Nine KB: record and detail, and the record's copies in four indexes."""

TRANSITION_LOG_GB, INVOCATION_LOG_GB = 3e-6, 1.5e-6
"""Three KB of a state's events with inputs and outputs; one and a half of an invocation's lines."""

_KEPT_MONTHS = 12
"""Months of runs in the table that are paid for: what is recorded stays, and a year is what one looks back on."""

_BAND_METRICS = 3
"""An alarm on a band counts as three: the metric and both bounds ("Amazon CloudWatch pricing")."""


@dataclass(frozen=True)
class Installed:
    """What is deployed. flows: all of them. instances: flow -> how many instances its alarm by instance_tag meets."""

    flows: Sequence[CompiledFlow]
    instances: Mapping[str, int]
    dashboard: bool = True
    own_key: bool = True

    def own_alarms(self) -> int:
        """The alarms by which nightshift tells of itself, as `stacks/shared` deploys them."""
        alarmed = [flow for flow in self.flows if flow.options.on_alarm is not None]
        gate = 3 * any(flow.options.gated for flow in self.flows)
        told = any(flow.options.notify or flow.options.deadlines for flow in self.flows)
        reminds = any(flow.reminds for flow in self.flows)
        return 4 + gate + self.dashboard + 2 * bool(alarmed) + 2 * told + self.keeps_alarms() + reminds

    def keeps_alarms(self) -> bool:
        """Whether an alarm for each instance is kept."""
        return any(_alarm(flow).instance_tag for flow in self.flows if _has_alarm(flow))

    def flow_alarms(self) -> int:
        """The metrics of the alarms that start flows."""
        total = 0
        for flow in filter(_has_alarm, self.flows):
            alarm = _alarm(flow)
            metrics = _BAND_METRICS if alarm.comparison in BANDS else 1
            total += metrics * (self.instances.get(flow.name, 0) if alarm.instance_tag else 1)
        return total

    def idle(self) -> dict[str, float]:
        """What is used in a month in which nothing runs."""
        rounds = RECONCILER_AN_HOUR * MONTH_HOURS
        keeper = KEEPER_AN_HOUR * MONTH_HOURS * self.keeps_alarms()
        compared = MONTH_HOURS * len(self.flows)
        return {
            "alarm": self.own_alarms() + self.flow_alarms(),
            # RecordsReconciled, in each hour.
            "metric": 1,
            "key": int(self.own_key),
            "invocation": rounds + keeper,
            "gb_second": TRACKER_GB * (_seconds(rounds, RECONCILER_CALLS) + 2 * API_CALL * compared)
            + OTHER_GB * (_seconds(keeper, KEEPER_CALLS) + COLD * keeper),
            "trace": rounds + keeper,
            "log": (rounds + keeper) * INVOCATION_LOG_GB,
            # The cursor, after each flow; it is read once a round, with the list of what runs.
            "write": compared,
            "read": 2 * rounds,
        }


@dataclass(frozen=True)
class Used:
    """What the runs of a month did.

    part_seconds, other_seconds: of the functions of parts, and of others. metric_hours: for each metric the hours in
    which it was written, which are those that are billed.
    """

    runs: float
    transitions: float
    invocations: float
    part_seconds: float
    other_seconds: float
    metric_hours: float

    def quantities(self) -> dict[str, float]:
        """The same as items of a bill, with what the tracker does about the runs."""
        tracked = EVENTS_A_RUN * self.runs
        return {
            "transition": self.transitions,
            "invocation": self.invocations + tracked,
            "gb_second": PART_GB * self.part_seconds
            + OTHER_GB * self.other_seconds
            # It starts cold for the first event of a run.
            + TRACKER_GB * (_seconds(tracked, TRACKER_CALLS) + COLD * self.runs),
            "metric": self.metric_hours / MONTH_HOURS,
            # One of the run and the functions it calls, one of each invocation of the tracker.
            "trace": self.runs + tracked,
            "log": self.transitions * TRANSITION_LOG_GB + (self.invocations + tracked) * INVOCATION_LOG_GB,
            "write": WRITES_A_RUN * self.runs,
            "read": READS_A_RUN * self.runs,
        }

    def kept(self) -> dict[str, float]:
        """What the table holds after a year of such months, and what of it can be restored."""
        kept = _KEPT_MONTHS * self.runs * TABLE_GB_A_RUN
        return {"stored": kept, "recoverable": kept}


def _seconds(invocations: float, calls: int) -> float:
    return invocations * (WARM + API_CALL * calls)


def _has_alarm(flow: CompiledFlow) -> bool:
    return isinstance(flow.options.on_alarm, Alarm)


def _alarm(flow: CompiledFlow) -> Alarm:
    alarm = flow.options.on_alarm
    assert isinstance(alarm, Alarm)
    return alarm
