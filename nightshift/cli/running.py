"""`nightshift run`: start a flow, follow it, report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lambdas.runs.history import History
from lambdas.runs.names import Names
from nightshift.cli.output import duration, print_json
from nightshift.cli.report import Report, doing, print_report
from nightshift.cli.report import as_json as report_as_json
from nightshift.cli.runs.noting import note_start
from nightshift.cli.target import app_names, client, operator, speed
from nightshift.model import CompiledFlow
from nightshift.parameters import parse_parameters
from nightshift.runs import follow, start, state_machine_arn

Shown = Literal["nothing", "ends", "all"]


def run_flow(
    flow: CompiledFlow,
    given: Sequence[str],
    target: str,
    *,
    preset: str | None,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> bool:
    """Run a flow to its end on the target, showing it live; whether it succeeded.

    preset: the title of the preset whose parameters it is started with.
    quiet: show a line for each step that has ended, and how the run ended.
    """
    parameters = parse_parameters(flow, given, preset)
    stepfunctions = client(target, "stepfunctions")
    machine = state_machine_arn(stepfunctions, flow.name, app_names(target))
    by = operator(target)
    execution = start(stepfunctions, machine, flow.name, parameters, by=by, dry_run=dry_run)
    note_start(target, flow.name, execution, by=by, dry_run=dry_run)
    history = History(flow.name, flow.steps)
    shown: Shown = "nothing" if as_json else "ends" if quiet else "all"
    try:
        follow_run(target, execution, history, shown=shown, title=_title(flow, target, dry_run))
    except KeyboardInterrupt:
        print(_left(execution, target), file=sys.stderr)
        raise
    report = Report.of_history(history, execution, dry_run=dry_run)
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report, Names(client(target, "ec2")).beside, app_names(target), brief=quiet)
    return history.status == "SUCCEEDED"


def _title(flow: CompiledFlow, target: str, dry_run: bool) -> str:
    place = "the local AWS" if target == "local" else "AWS"
    return f"{flow.name} on {place}{', dry run: nothing is changed' if dry_run else ''}"


def follow_run(target: str, execution: str, history: History, *, shown: Shown, title: str) -> None:
    """Show live what a run does until it has ended, from what its history has already been fed.

    shown: nothing, all that steps do, or how each ends. title: what the display is called.
    """
    stepfunctions = client(target, "stepfunctions")
    if shown == "nothing":
        for _ in follow(stepfunctions, execution, history):
            pass
    elif shown == "all" and sys.stdout.isatty():
        _follow_live(stepfunctions, execution, history, title, speed(target))
    else:
        print(title, flush=True)
        _follow_plain(stepfunctions, execution, history, Names(client(target, "ec2")), ends_only=shown == "ends")


def _follow_plain(stepfunctions: Any, execution: str, history: History, names: Names, *, ends_only: bool) -> None:
    """A line for what a step does or waits for; none for a poll, a start, or a gate that lets a run through."""
    said: dict[int, str] = {}
    for step in follow(stepfunctions, execution, history):
        if step is None or (step.state == "running" and not step.error and not step.items):
            continue
        if (step.name == "gate" and step.state == "succeeded") or (ends_only and step.state in ("running", "waiting")):
            continue
        line = f"{step.label}: {doing(step, speed=None)}"
        if said.get(id(step)) != line:
            said[id(step)] = line
            print(f"{_clock()}  {names.beside(line)}", flush=True)


def _follow_live(stepfunctions: Any, execution: str, history: History, title: str, speed: float) -> None:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

    spinner = Spinner("dots", text=Text(title, style="bold"))
    signs = {"succeeded": ("✓", "green"), "failed": ("✗", "red"), "handled": ("!", "yellow")}

    def picture() -> Group:
        table = Table.grid(padding=(0, 2))
        now = datetime.now(UTC)
        for step in history.steps[-30:]:
            sign, style = signs.get(step.state, ("·", "cyan"))
            took = duration(max(0.0, (step.took(now) or timedelta()).total_seconds()))
            table.add_row(Text(sign, style=style), Text(step.label), Text(took, style="dim"), Text(doing(step, speed)))
        return Group(spinner if history.status == "RUNNING" else Text(title, style="bold"), table)

    with Live(console=Console(), get_renderable=picture, refresh_per_second=8) as live:
        for _ in follow(stepfunctions, execution, history):
            live.refresh()


def _clock() -> str:
    return datetime.now().strftime("%H:%M:%S")


def _left(execution: str, target: str) -> str:
    machine, _, name = execution.rpartition(":")
    flow = app_names(target).flow_of(execution) or machine
    run = f"{flow}/{name}{'' if target == 'local' else f' --target {target}'}"
    return (
        f"\nThe run goes on: {execution}\n"
        f"See it:  nightshift follow {run}\n"
        f"Stop it: nightshift stop {run}\n"
        "A run that is stopped does not run its clean-up (finally) steps."
    )
