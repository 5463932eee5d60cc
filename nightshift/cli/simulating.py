"""`nightshift simulate`: simulate the flows of a folder over a span of time, without AWS and without waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lambdas.calendar.cron import time_zone
from lambdas.contract.errors import InvalidParameter
from nightshift.cli.flows import all_flows
from nightshift.cli.output import duration, print_bold, print_json, print_table
from nightshift.model import CompiledFlow
from nightshift.simulation.picture import lines, svg
from nightshift.simulation.report import Report, Told
from nightshift.simulation.simulate import Scenario, Simulation, with_called

_MOST_DAYS = 3660
_LISTED = 20


@dataclass(frozen=True)
class Span:
    """What is simulated: `days` days from the local day `first` in `timezone`."""

    first: date
    days: int
    timezone: str

    @classmethod
    def of(cls, first: str | None, days: int, timezone: str | None, flows: Sequence[CompiledFlow], today: date) -> Span:
        """As they are written on the command line. Raises InvalidParameter, TriggerError."""
        if not 1 <= days <= _MOST_DAYS:
            raise InvalidParameter(f"--days is {days}; write 1 to {_MOST_DAYS}")
        zones = Counter(flow.options.schedule.zone for flow in flows if flow.options.schedule)
        usual = next((zone for zone, _ in zones.most_common() if zone), "UTC")
        try:
            begin = date.fromisoformat(first) if first else today
        except ValueError:
            raise InvalidParameter(f"--from {first} is not a date; write 2026-04-01") from None
        return cls(begin, days, time_zone(timezone).key if timezone else usual)


def chosen(folder: Path, names: Sequence[str]) -> tuple[list[CompiledFlow], list[CompiledFlow]]:
    """The flows whose schedules fire, and those they call. Raises InvalidParameter for a name that is none."""
    everything = all_flows(folder)
    known = {flow.name: flow for flow in everything}
    for name in names:
        if name not in known:
            raise InvalidParameter(f"--flow {name}: there is no such flow in {folder}; there are {', '.join(known)}")
        if known[name].options.schedule is None:
            raise InvalidParameter(f"--flow {name}: the flow has no schedule, so nothing starts it in a simulation")
    flows = [flow for flow in everything if flow.options.schedule and (not names or flow.name in names)]
    if not flows:
        raise InvalidParameter(f"no flow in {folder} has a schedule, so there is nothing to simulate")
    return flows, with_called(flows, everything)


def simulate(folder: Path, flows: list[CompiledFlow], others: list[CompiledFlow], span: Span) -> Report:
    """Simulate."""
    scenario = Scenario(
        flows, span.first, span.days, span.timezone, others=others, templates=(folder / "templates").resolve()
    )
    return Report(Simulation(scenario).run())


def print_simulation(report: Report, *, as_json: bool, picture: Path | None) -> None:
    """Print what a simulation showed; picture: where its calendar is written as SVG."""
    if picture is not None:
        picture.write_text(svg(report), encoding="utf-8")
    if as_json:
        print_json(report.as_json())
        return
    scenario = report.scenario
    print_bold(f"{scenario.days} days from {scenario.first.isoformat()} ({scenario.timezone})\n")
    _print_flows(report)
    print()
    print_table(("instance", "type", "hours", "of all", "starts", "stops"), _instances(report))
    kept = report.snapshots_by_day()
    images = [day.images for day in report.simulation.kept.values()]
    print(f"\nsnapshots kept: {_last(list(kept.values()))}; images kept: {_last(images)}")
    print(f"mails and messages sent: {len(report.simulation.aws.letters)}")
    for said, told in (
        ("skipped on holidays", report.holidays()),
        ("skipped because a run was under way", report.skipped("overlap")),
        ("failed", report.failures()),
    ):
        _print_told(said, told)
    print()
    for what, line in lines(report):
        print(f"{what:<32}  {line}".rstrip())
    _print_cost(report)


def _print_flows(report: Report) -> None:
    rows = [
        (
            flow.flow,
            str(flow.runs),
            str(sum(flow.skipped.values())),
            str(flow.failed),
            duration(flow.seconds) if flow.seconds is not None else "-",
            _counts(flow.changed) or "-",
            _counts(flow.deleted) or "-",
        )
        for flow in report.flows()
    ]
    print_table(("flow", "runs", "skipped", "failed", "takes", "changed", "deleted"), rows)


def _instances(report: Report) -> list[tuple[str, ...]]:
    span = (report.scenario.end - report.scenario.begin) / 3600
    return [
        (
            hours.name or hours.id,
            hours.type,
            f"{hours.total:,.0f}",
            f"{hours.total / span:.0%}",
            str(hours.starts),
            str(hours.stops),
        )
        for hours in report.simulation.meter.hours.values()
    ]


def _print_told(said: str, told: list[Told]) -> None:
    print(f"\n{said}: {len(told)}")
    for one in told[:_LISTED]:
        print(f"  {one.due:%Y-%m-%d %H:%M}  {one.flow}: {one.reason}")
    if len(told) > _LISTED:
        print(f"  and {len(told) - _LISTED} more (--json lists all)")


def _print_cost(report: Report) -> None:
    cost = report.cost()
    print(
        f"\nA month costs about {cost.total:.2f} {cost.currency}: {cost.step_functions:.2f} for "
        f"{cost.state_transitions:,.0f} state transitions, {cost.lambda_:.2f} for {cost.invocations:,.0f} invocations "
        f"of {cost.gb_seconds:,.0f} GB-seconds (estimated)\n{cost.source}"
    )


def _last(values: list[int]) -> str:
    return f"{values[-1]} at the end, at most {max(values)}" if values else "none"


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{count:,} by {part}" for part, count in found.items())
