"""Running flows in a test: `run`, `dry_run`, `at`, `fault`, `simulate`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nightshift.compiler import compile_file
from nightshift.flow import Flow
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from nightshift.simulation.machine import iso
from nightshift.testing.comparing import compare, elsewhere
from nightshift.testing.engines import plain, run_compiled, run_python
from nightshift.testing.fleet import Fleet, current
from nightshift.testing.result import RunResult

if TYPE_CHECKING:
    from nightshift.local.fleet.faults import Fault
    from nightshift.simulation.report import Report


def run(flow: Flow[..., Any], /, **params: Any) -> RunResult:
    """Run a flow on the fleet of the test, compiled as on Step Functions, and in a copy of it under CPython.

    A flow with a schedule runs as if the schedule had started it now: not on a holiday of its calendar.
    Raises what the flow raises; Disagreement when the two did not do the same; CompileErrors.
    """
    fleet = current()
    before = fleet.inventory()
    flows = compiled_flows(flow)
    options = flow.options
    due = {"scheduled_time": iso(fleet.agenda.now)}
    trigger: dict[str, Any] = {"type": "schedule", "schedule": flow.name, **due} if options.schedule else {}
    given = {**plain(params), "nightshift": {"dry_run": False, **({"trigger": trigger} if trigger else {})}}
    other = elsewhere(lambda: (run_python(fleet, flow, params, trigger), fleet.inventory()))
    result = fleet.last = run_compiled(fleet, flows, flow.name, given)
    if not result.not_run:
        definition = str(flows[flow.name].definition)
        side_by_side = any(f"'Type': '{kind}'" in definition for kind in ("Parallel", "Map"))
        # The runs of called flows are not seen by CPython as runs; there it is one function that calls another.
        compare((result, fleet.inventory()), other, before, retry=options.retry, side_by_side=side_by_side)
    if result.error:
        raise result.raised(_classes(flow))
    return result


def dry_run(flow: Flow[..., Any], /, **params: Any) -> RunResult:
    """Run a flow dry: `changed` is what a run would change. Raises what the flow raises."""
    return planned(current(), compiled_flows(flow), flow.name, params, _classes(flow))


def planned(
    fleet: Fleet,
    flows: Mapping[str, CompiledFlow],
    name: str,
    params: dict[str, Any],
    classes: Mapping[str, type[BaseException]] | None = None,
) -> RunResult:
    """A dry run of a compiled flow. Raises what the flow raises, AssertionError when it changed something."""
    before = fleet.inventory()
    result = fleet.last = run_compiled(fleet, flows, name, {**plain(params), "nightshift": {"dry_run": True}})
    after = fleet.inventory()
    assert after == before, f"the dry run of {name} changed something"
    if result.error:
        raise result.raised(classes or {})
    return result


def at(moment: str, timezone: str = "UTC") -> None:
    """Let it be that moment on the fleet of the test: at("2026-12-31 22:00", "Asia/Tokyo")."""
    current().at(moment, timezone)


def fault(kind: str, name: str = "", **more: Any) -> Fault:
    """Let something go wrong on the fleet of the test, as `Fleet.fault` does: fault("capacity", "web-1")."""
    return current().fault(kind, name, **more)


def simulate(flow_defs: str | Path = "flow_defs", *, first: str = "2026-01-05", days: int = 7) -> Report:
    """Simulate all schedules of a folder of flows for some days, on the fleet of the project.

    `failures()` of what is returned are the runs that failed.
    """
    from nightshift.simulation.report import Report
    from nightshift.simulation.simulate import Scenario, Simulation
    from nightshift.testing.described import machines_of, work_of

    folder = Path(flow_defs)
    flows = load_flows(folder)
    zone = next((f.options.schedule.zone for f in flows if f.options.schedule and f.options.schedule.zone), "UTC")
    begin, templates = date.fromisoformat(first), (folder / "templates").resolve()
    project = folder.resolve().parent
    machines, work = machines_of(project), work_of(project)
    scenario = Scenario(flows, begin, days, zone, machines=machines, templates=templates, work=work)
    return Report(Simulation(scenario).run())


def compiled_flows(flow: Flow[..., Any]) -> dict[str, CompiledFlow]:
    """A flow and those it may call, compiled, by name. Raises CompileErrors."""
    path = Path(flow.function.__code__.co_filename)
    found = _compiled(path, path.stat().st_mtime_ns)
    if all(called in found for made in found.values() for called in made.flows):
        return found
    inside = next((folder for folder in path.parents if folder.name == "flow_defs"), path.parent)
    return {made.name: made for made in load_flows(inside)}


@cache
def _compiled(path: Path, changed: int) -> dict[str, CompiledFlow]:
    return {made.name: made for made in compile_file(path)}


def _classes(flow: Flow[..., Any]) -> dict[str, type[BaseException]]:
    """The error classes that the file of a flow knows."""
    known = inspect.unwrap(flow.function).__globals__
    return {k: v for k, v in known.items() if isinstance(v, type) and issubclass(v, BaseException)}
