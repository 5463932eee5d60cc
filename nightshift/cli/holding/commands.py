"""The commands that keep flows from being started, and their options."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from nightshift.cli.options import FLOW_DEFS, AsJson, FlowName, Folder, Target

Names = Annotated[list[str] | None, typer.Argument(metavar="[FLOW]...", help="Names of flows.")]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="KEY=VALUE", help="Flows that select by this tag; may be given again."),
]
Below = Annotated[
    str | None,
    typer.Option("--in", metavar="FOLDER", help="Flows in this folder of the flows; with --tag, those of both."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (hold, release, retire):
        app.command()(command)
    app.command("skip-next")(skip_next)


def hold(
    names: Names = None,
    *,
    why: Annotated[
        str,
        typer.Option("--why", "--reason", metavar="TEXT", help="Why; whoever wonders why nothing runs will read it."),
    ],
    until: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Its end: 2026-12-01 or 2026-12-01T09:00, in the flow's time zone."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All flows, also those deployed meanwhile.")] = False,
    exempt: Annotated[
        list[str] | None, typer.Option("--except", metavar="FLOW", help="With --all: leave this flow out.")
    ] = None,
    tags: Tags = None,
    below: Below = None,
    target: Target = "local",
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Keep flows from being started by schedules and alarms, until they are released or the end comes."""
    from nightshift.cli.flows import find_flow
    from nightshift.cli.holding import acting, several

    selection = several.Selection(folder, names or [], tags or [], below)
    _check(selection.empty, everything=everything, exempt=bool(exempt))
    now = datetime.now(UTC)
    if everything:
        several.freeze(folder, target, until=until, why=why, exempt=exempt or [], now=now, as_json=as_json)
    elif selection.one:
        acting.hold(find_flow(selection.names[0], folder), target, until=until, why=why, now=now, as_json=as_json)
    else:
        several.hold(selection, target, until=until, why=why, now=now, as_json=as_json)


def release(
    names: Names = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="End the hold of all flows.")] = False,
    tags: Tags = None,
    below: Below = None,
    target: Target = "local",
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """End the hold of flows."""
    from nightshift.cli.flows import find_flow
    from nightshift.cli.holding import acting, several

    selection = several.Selection(folder, names or [], tags or [], below)
    _check(selection.empty, everything=everything)
    now = datetime.now(UTC)
    if everything:
        several.unfreeze(target, now=now, as_json=as_json)
    elif selection.one:
        acting.release(find_flow(selection.names[0], folder), target, now=now, as_json=as_json)
    else:
        several.release(selection, target, now=now, as_json=as_json)


def retire(
    name: Annotated[str, typer.Argument(metavar="FLOW", help="The name of a deployed flow.")],
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why; the runs that are kept back say so.")],
    target: Target = "local",
    as_json: AsJson = False,
) -> None:
    """Hold a flow for good and wait until its runs have ended: then it can be removed."""
    from nightshift.cli.holding import acting

    acting.retire(name, target, why=why, as_json=as_json)


def skip_next(
    name: FlowName,
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the record of the skipped run.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the skip back: the next start runs after all.")] = False,
    target: Target = "local",
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Skip the next start of a flow by its schedule, and only that one."""
    from nightshift.cli.flows import find_flow
    from nightshift.cli.holding import acting

    flow, now = find_flow(name, folder), datetime.now(UTC)
    if undo:
        acting.unskip(flow, target, now=now, as_json=as_json)
    else:
        acting.skip_next(flow, target, why=why, now=now, as_json=as_json)


def _check(nothing: bool, *, everything: bool, exempt: bool = False) -> None:
    """Raises BadParameter for options that do not go together, or that select nothing."""
    if everything != nothing:
        raise typer.BadParameter("name flows, or select them by --tag or --in, or write --all, and not both")
    if exempt and not everything:
        raise typer.BadParameter("--except goes with --all")
