"""The commands about runs and what they ask, and their options."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from nightshift.cli.options import FLOW_DEFS, AsJson, Folder, Target

Run = Annotated[str, typer.Argument(metavar="RUN", help="FLOW/NAME as `nightshift runs` shows it, or an ARN.")]
Comment = Annotated[str, typer.Option(metavar="TEXT", help="What the flow, and the log of actions, are told.")]
Question = Annotated[str | None, typer.Option(metavar="ID", help="Which question, of a run that asks several.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of text.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (runs, report, follow, logs, stop, redrive, acknowledge, handover, approvals, approve, reject):
        app.command()(command)
    app.command("open")(list_open)


def runs(
    flow: Annotated[str | None, typer.Argument(metavar="[FLOW]", help="Only the runs of this flow.")] = None,
    *,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="running, succeeded, failed, timed_out, aborted or skipped.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="WHEN", help="A date, a time, or how long ago: 12h, 7d.")] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="The same; runs that started before it.")] = None,
    trigger: Annotated[
        Literal["schedule", "alarm", "flow", "manual", "unknown"] | None, typer.Option(help="What started them.")
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="TEXT", help="Text in the name of who started them.")] = None,
    resource: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Text in the id of what they changed, or failed on.")
    ] = None,
    account: Annotated[str | None, typer.Option(metavar="ID", help="The account in which they did.")] = None,
    sort: Annotated[
        Literal["newest", "oldest", "longest", "changed", "failed"], typer.Option(help="What comes first.")
    ] = "newest",
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many runs at most.")] = 20,
    as_csv: AsCsv = False,
    target: Target = "local",
    as_json: AsJson = False,
) -> None:
    """List the runs that were recorded, newest first."""
    from nightshift.cli.tracking import Period, Search, list_runs

    form = _form(as_csv, as_json)
    period = Period.of(since, until, datetime.now(UTC))
    asked = Search(flow, state, period, trigger=trigger, by=by, resource=resource, account=account, order=sort)
    list_runs(target, asked, limit=limit, form=form)


def report(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="FLOW/NAME, or an ARN. Default: a period.")] = None,
    *,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day. Default: 30 days are reported.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day. Default: today.")] = None,
    zone: Annotated[
        str | None, typer.Option("--tz", metavar="ZONE", help="Of the days. Default: that of this machine.")
    ] = None,
    flow: Annotated[str | None, typer.Option(metavar="FLOW", help="Only the runs of this flow.")] = None,
    as_csv: AsCsv = False,
    target: Target = "local",
    as_json: AsJson = False,
) -> None:
    """Print what a run did, or has done so far; without RUN how the runs of a period went, by day and by flow."""
    from nightshift.cli.tracking import report_run

    form = _form(as_csv, as_json)
    if run is None:
        from nightshift.cli.runs.period import Days, report_period

        report_period(target, Days.of(since, until, zone, datetime.now(UTC)), flow, form=form)
    elif as_csv or since or until or zone or flow:
        raise typer.BadParameter("--from, --to, --tz, --flow and --csv are of the report of a period; leave out RUN")
    else:
        report_run(target, run, as_json=as_json)


def follow(run: Run, *, target: Target = "local", folder: Folder = FLOW_DEFS, as_json: AsJson = False) -> None:
    """Show live what a run does until it has ended, then its report. Exit code 0 only if it succeeded."""
    from nightshift.cli.flows import steps_of
    from nightshift.cli.runs import acting
    from nightshift.cli.target import app_names
    from nightshift.cli.tracking import run_named

    if not acting.follow(target, run, steps_of(run_named(run, app_names(target))[0], folder), as_json=as_json):
        raise typer.Exit(1)


def logs(run: Run, target: Target = "local", as_json: AsJson = False) -> None:
    """Print every event of a run, with what each state was given and what it answered."""
    from nightshift.cli.runs import acting

    acting.logs(target, run, as_json=as_json)


def stop(
    run: Run,
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the run's record and the audit.")] = "",
    target: Target = "local",
    as_json: AsJson = False,
) -> None:
    """Stop a run that is under way; its clean-up (finally) steps do not run."""
    from nightshift.cli.runs import acting

    acting.stop(target, run, why=why, as_json=as_json)


def redrive(run: Run, target: Target = "local", as_json: AsJson = False) -> None:
    """Start a failed run again from the step that failed, within 14 days."""
    from nightshift.cli.runs import acting

    acting.redrive(target, run, as_json=as_json)


def list_open(
    flow: Annotated[str | None, typer.Argument(metavar="[FLOW]", help="Only what is open of this flow.")] = None,
    *,
    target: Target = "local",
    as_json: AsJson = False,
) -> None:
    """List what needs someone: runs that failed and that nobody has acknowledged."""
    from nightshift.cli.runs import open_items

    open_items.list_open(target, flow, as_json=as_json)


def acknowledge(
    item: Annotated[str, typer.Argument(metavar="OPEN", help="What `nightshift open` shows, as FLOW/NAME of a run.")],
    *,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="What was found or done; the audit keeps it.")],
    target: Target = "local",
    as_json: AsJson = False,
) -> None:
    """Say that somebody has taken care of a run that is open; it is open no longer."""
    from nightshift.cli.runs import open_items

    open_items.acknowledge(target, item, comment=comment, as_json=as_json)


def handover(
    *,
    since: Annotated[str, typer.Option(metavar="WHEN", help="A date, a time, or how long ago: 8h, 1d.")] = "8h",
    target: Target = "local",
    as_json: AsJson = False,
) -> None:
    """Print what happened in a shift, what is still open, and what waits for an answer."""
    from nightshift.cli.runs.handover import handover as told

    told(target, since, as_json=as_json)


def approvals(target: Target = "local", as_json: AsJson = False) -> None:
    """List what waits for approval, the first to time out first."""
    from nightshift.cli.runs import approving

    approving.approvals(target, as_json=as_json)


def approve(
    run: Run, *, comment: Comment = "", question: Question = None, target: Target = "local", as_json: AsJson = False
) -> None:
    """Approve what a run asks; it goes on as soon as enough people have."""
    from nightshift.cli.runs import approving

    approving.answer(target, run, approved=True, comment=comment, question=question, as_json=as_json)


def reject(
    run: Run, *, comment: Comment = "", question: Question = None, target: Target = "local", as_json: AsJson = False
) -> None:
    """Reject what a run asks; one rejection is enough."""
    from nightshift.cli.runs import approving

    approving.answer(target, run, approved=False, comment=comment, question=question, as_json=as_json)


def _form(as_csv: bool, as_json: bool) -> Literal["text", "json", "csv"]:
    """How something is printed. Raises BadParameter."""
    if as_csv and as_json:
        raise typer.BadParameter("write --csv or --json, and not both")
    return "csv" if as_csv else "json" if as_json else "text"
