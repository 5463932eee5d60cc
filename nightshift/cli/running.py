"""`nightshift run`: start a flow, follow it, report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lambdas.runs.history import History
from nightshift.cli.output import duration, print_json
from nightshift.cli.report import Report, doing, print_report
from nightshift.cli.report import as_json as report_as_json
from nightshift.cli.target import client, operator
from nightshift.model import CompiledFlow
from nightshift.parameters import parse_parameters
from nightshift.runs import follow, start, state_machine_arn


def run_flow(flow: CompiledFlow, given: Sequence[str], target: str, *, dry_run: bool, as_json: bool) -> bool:
    """Run a flow to its end on the target, showing it live; whether it succeeded."""
    parameters = parse_parameters(flow, given)
    stepfunctions = client(target, "stepfunctions")
    machine = state_machine_arn(stepfunctions, flow.name)
    execution = start(stepfunctions, machine, flow.name, parameters, by=operator(target), dry_run=dry_run)
    history = History(flow.name, flow.steps)
    try:
        _follow(stepfunctions, execution, history, quiet=as_json, title=_title(flow, target, dry_run))
    except KeyboardInterrupt:
        print(_left(execution, target), file=sys.stderr)
        raise
    report = Report.of_history(history, execution, dry_run=dry_run)
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report)
    return history.status == "SUCCEEDED"


def _title(flow: CompiledFlow, target: str, dry_run: bool) -> str:
    place = "the local AWS" if target == "local" else "AWS"
    return f"{flow.name} on {place}{', dry run: nothing is changed' if dry_run else ''}"


def _follow(stepfunctions: Any, execution: str, history: History, *, quiet: bool, title: str) -> None:
    if quiet:
        for _ in follow(stepfunctions, execution, history):
            pass
    elif sys.stdout.isatty():
        _follow_live(stepfunctions, execution, history, title)
    else:
        print(title, flush=True)
        _follow_plain(stepfunctions, execution, history)


def _follow_plain(stepfunctions: Any, execution: str, history: History) -> None:
    """A line for each change; that a part polls again is none, only what it then waits for."""
    said: dict[int, str] = {}
    for step in follow(stepfunctions, execution, history):
        if step is None or (step.state == "running" and step.looks and not step.error):
            continue
        line = f"{step.label}: {doing(step)}"
        if said.get(id(step)) != line:
            said[id(step)] = line
            print(f"{_clock()}  {line}", flush=True)


def _follow_live(stepfunctions: Any, execution: str, history: History, title: str) -> None:
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
            took = duration(max(0.0, ((step.ended or now) - step.started).total_seconds()))
            table.add_row(Text(sign, style=style), Text(step.label), Text(took, style="dim"), Text(doing(step)))
        return Group(spinner if history.status == "RUNNING" else Text(title, style="bold"), table)

    with Live(console=Console(), get_renderable=picture, refresh_per_second=8) as live:
        for _ in follow(stepfunctions, execution, history):
            live.refresh()


def _clock() -> str:
    return datetime.now().strftime("%H:%M:%S")


def _left(execution: str, target: str) -> str:
    endpoint = ""
    if target == "local":
        from nightshift.cli.local import endpoint_url

        endpoint = f" --endpoint-url {endpoint_url()}"
    return (
        f"\nThe run goes on: {execution}\n"
        f"See it:  aws{endpoint} stepfunctions describe-execution --execution-arn {execution}\n"
        f"Stop it: aws{endpoint} stepfunctions stop-execution --execution-arn {execution}\n"
        "A run that is stopped does not run its clean-up (finally) steps."
    )
