"""`nightshift simulate`: simulate the flows of a folder over a span of time, without AWS and without waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lambdas.calendar.cron import time_zone
from lambdas.contract.errors import InvalidParameter
from nightshift.cli.flows import all_flows
from nightshift.cli.output import duration, print_bold, print_json, print_table
from nightshift.model import CompiledFlow
from nightshift.simulation.picture import lines, svg
from nightshift.simulation.report import Cost, Report, Told
from nightshift.simulation.simulate import Scenario, Simulation, with_called, without_collection
from nightshift.testing.described import work_of

if TYPE_CHECKING:
    from nightshift.simulation.meters import Hours

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


@dataclass(frozen=True)
class Chosen:
    """Flows of a folder. scheduled: those whose schedules fire. called: those they call. everything: all there are."""

    scheduled: list[CompiledFlow]
    called: list[CompiledFlow]
    everything: list[CompiledFlow]


def chosen(folder: Path, names: Sequence[str]) -> Chosen:
    """The flows that are simulated. Raises InvalidParameter for a name that is none."""
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
    return Chosen(flows, with_called(flows, everything), everything)


def simulate(folder: Path, flows: Chosen, span: Span) -> Report:
    """Simulate."""
    scenario = Scenario(
        flows.scheduled,
        span.first,
        span.days,
        span.timezone,
        others=flows.called,
        templates=(folder / "templates").resolve(),
        installed=flows.everything,
        work=work_of(folder.resolve().parent),
    )
    with without_collection():
        return Report(Simulation(scenario).run())


def print_simulation(report: Report, *, as_json: bool, picture: Path | None, region: str) -> None:
    """Print what a simulation showed; picture: where its calendar is written as SVG. region: whose prices count."""
    if picture is not None:
        picture.write_text(svg(report), encoding="utf-8")
    if as_json:
        print_json(report.as_json(region))
        return
    scenario = report.scenario
    print_bold(f"{scenario.days} days from {scenario.first.isoformat()} ({scenario.timezone})\n")
    _print_flows(report)
    print()
    meter = report.simulation.meter
    print_table(("instance", "type", "hours", "of all", "starts", "stops"), _hours(report, meter.hours.values()))
    print()
    print_table(("database", "class", "hours", "of all", "starts", "stops"), _hours(report, meter.databases.values()))
    if report.simulation.worked:
        print()
        print_table(("work", "of", "runs", "failed", "hours", "USD"), _work(report))
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
    _print_cost(report.cost(region))


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


def _hours(report: Report, all_hours: Iterable[Hours]) -> list[tuple[str, ...]]:
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
        for hours in all_hours
    ]


def _work(report: Report) -> list[tuple[str, ...]]:
    return [
        (one.work.name, one.work.kind, str(one.runs), str(one.failed), f"{one.hours:,.1f}", f"{one.cost:,.2f}")
        for one in report.simulation.worked
    ]


def _print_told(said: str, told: list[Told]) -> None:
    print(f"\n{said}: {len(told)}")
    for one in told[:_LISTED]:
        print(f"  {one.due:%Y-%m-%d %H:%M}  {one.flow}: {one.reason}")
    if len(told) > _LISTED:
        print(f"  and {len(told) - _LISTED} more (--json lists all)")


def _print_cost(cost: Cost) -> None:
    currency = cost.prices.currency
    print(
        f"\nA month costs about {cost.total:.2f} {currency}: {cost.idle.total:.2f} when nothing runs, and "
        f"{cost.used.total + cost.kept.total:.2f} for {cost.runs:,.0f} runs; 1,000 of them are "
        f"{cost.per_thousand_runs:.2f} (estimated, docs/cost.md)\n"
    )
    rows = [
        (when, line.unit, f"{line.quantity:,.3f}".rstrip("0").rstrip("."), f"{line.amount:.4f}")
        for when, bill in (("always", cost.idle), ("runs", cost.used), ("a year's records", cost.kept))
        for line in bill.lines
    ]
    print_table(("for", "what", "how much", currency), rows)
    print(f"\n{cost.prices.said()}")


def _last(values: list[int]) -> str:
    return f"{values[-1]} at the end, at most {max(values)}" if values else "none"


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{count:,} by {part}" for part, count in found.items())
