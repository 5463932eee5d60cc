"""The commands, their options and help; each imports what it needs only when it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from nightshift import app_context
from nightshift.cli.holding import commands as hold_commands
from nightshift.cli.moving.commands import app as import_
from nightshift.cli.options import FLOW_DEFS, AsJson, FlowName, Folder, Target
from nightshift.cli.project.api_command import api
from nightshift.cli.project.part_commands import part
from nightshift.cli.runs import commands as run_commands
from nightshift.cli.stages import commands as stage_commands

app = typer.Typer(
    help="Operate AWS with flows: Python functions that compile to Step Functions and run on a schedule or an alarm.",
    no_args_is_help=True,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

local = typer.Typer(help="Inspect the local AWS, and try a bad night on it.", no_args_is_help=True)
app.add_typer(local, name="local")
stage_commands.register(app)
run_commands.register(app)
hold_commands.register(app)
app.add_typer(part, name="part")
app.add_typer(import_, name="import")
app.command()(api)


@app.callback()
def _every(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        from nightshift import installation

        print(installation.version())
        raise typer.Exit


@app.command()
def init(
    project: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to. Default: the current folder.")
    ] = Path(),
    ci: Annotated[
        Literal["github", "gitlab"] | None, typer.Option(help="Add a pipeline that checks, tests and deploys.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a small project with two flows and a test; no file is overwritten."""
    from nightshift.cli.project.starting import print_init

    print_init(project, ci, as_json=as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what this machine, this project and the AWS account lack, and what to do about each."""
    from nightshift.cli.project.doctor import doctor as examine

    if not examine(as_json):
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def cdk(context: typer.Context) -> None:
    """Run the CDK CLI that this version of nightshift pins: `nightshift cdk deploy`, with all of its options."""
    from nightshift.cli.project.cdk import cdk as run_cdk

    raise typer.Exit(run_cdk(context.args))


@app.command("compile")
def compile_(
    target: Annotated[str, typer.Argument(metavar="FILE[:FLOW]", help="A flow file, and the flow if it has several.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="OUT", help="Write to this file.")] = None,
) -> None:
    """Print a flow's state machine (ASL) as JSON. Needs no AWS."""
    from nightshift.cli.compiling import compile_to

    compile_to(target, out)


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Flow files and folders. Default: flow_defs")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compile everything and print every error with its place and what to write instead."""
    from nightshift.cli.compiling import check as check_all

    if not check_all(paths or [FLOW_DEFS], as_json):
        raise typer.Exit(1)


@app.command("test", context_settings={"ignore_unknown_options": True})
def try_(
    given: Annotated[list[str] | None, typer.Argument(metavar="[ARGUMENT]...", help="For pytest.")] = None,
    *,
    update: Annotated[bool, typer.Option("--update", help="Accept the plans as they are now.")] = False,
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Run the project's tests, and compare the plan of each flow with the one in tests/plans. Needs no AWS."""
    from nightshift.cli.project.testing import run_tests

    if not run_tests(folder, given or [], update=update, as_json=as_json):
        raise typer.Exit(1)


@app.command("list")
def list_(
    *,
    count: Annotated[int, typer.Option("--next", min=0, metavar="N", help="How many fire times to show.")] = 1,
    target: Annotated[
        Literal["local", "aws"] | None,
        typer.Option(envvar="NIGHTSHIFT_TARGET", help="Whose holds to show. Default: the local AWS, if it is up."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the flows that are retired.")] = False,
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """List the flows, what starts them, when they start next, in their time zone and in UTC, and what holds them."""
    from nightshift.cli.listing import list_flows

    list_flows(folder, count, as_json, datetime.now(UTC), target, retired=everything)


@app.command()
def show(
    name: FlowName,
    view: Annotated[
        Literal["text", "mermaid", "asl", "iam"],
        typer.Option("--as", help="In words, as a Mermaid graph, as ASL, or the IAM policy of each part."),
    ] = "text",
    prefix: Annotated[
        str,
        typer.Option(help="What the names of the app begin with, for its IAM policies; as cdk.json says."),
    ] = "",
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Show what a flow does."""
    from nightshift.cli.flows import find_flow
    from nightshift.cli.showing import show as show_flow

    names = app_context.names(given={"prefix": prefix} if prefix else None)
    show_flow(find_flow(name, folder), view, datetime.now(UTC), names, as_json=as_json)


@app.command()
def run(
    name: FlowName,
    *,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the flow; a list is written a,b,c."),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="TITLE", help="Start it as this preset of the flow does.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would change.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="A line for each step that has ended, and how the run ended.")
    ] = False,
    target: Target = "local",
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Start a flow, show live what it does, and print its report. Exit code 0 only if it succeeded."""
    from nightshift.cli.flows import find_flow
    from nightshift.cli.running import run_flow

    flow = find_flow(name, folder)
    shown = {"dry_run": dry_run, "quiet": quiet, "as_json": as_json}
    if not run_flow(flow, parameters or [], target, preset=preset, **shown):
        raise typer.Exit(1)


@app.command()
def plan(
    name: FlowName,
    *,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the flow; a list is written a,b,c."),
    ] = None,
    target: Target = "local",
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Show what a run would touch now, step by step, by a dry run that changes nothing."""
    from nightshift.cli.flows import find_flow
    from nightshift.cli.planning import plan_flow

    flow = find_flow(name, folder)
    # A called flow of a file elsewhere is in that same file.
    elsewhere = f"{flow.file}:" if "/" in name or ".py" in name else ""
    if not plan_flow(
        flow, lambda called: find_flow(elsewhere + called, folder), parameters or [], target, as_json=as_json
    ):
        raise typer.Exit(1)


@app.command()
def simulate(
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day. Default: today.")] = None,
    days: Annotated[int, typer.Option(metavar="N", help="How many days.")] = 365,
    flow: Annotated[list[str] | None, typer.Option(metavar="FLOW", help="Only this flow; may be given again.")] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Of the days. Default: that of most schedules.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a calendar of all runs to this file, as SVG.")
    ] = None,
    region: Annotated[
        str, typer.Option(metavar="REGION", envvar="AWS_REGION", help="Whose prices count.")
    ] = "us-east-1",
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Simulate the schedules in virtual time: what runs, changes, is kept, fails, and costs. Needs no AWS."""
    from nightshift.cli.simulating import Span, chosen, print_simulation
    from nightshift.cli.simulating import simulate as run_simulation

    flows = chosen(folder, flow or [])
    span = Span.of(first, days, timezone, flows.scheduled, datetime.now().date())
    simulated = run_simulation(folder, flows, span)
    print_simulation(simulated, as_json=as_json, picture=picture, region=region)
    if simulated.failures():
        raise typer.Exit(1)


@app.command()
def up(
    speed: Annotated[
        float, typer.Option(min=1, metavar="TIMES", help="How many times faster than the clock waits pass.")
    ] = 60,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let the fleet throttle calls and show changes late, as EC2 does.")
    ] = False,
    no_iam: Annotated[bool, typer.Option("--no-iam", help="Let functions do what their roles do not allow.")] = False,
    organization: Annotated[
        bool, typer.Option("--organization", help="Give it two member accounts, each with instances in two Regions.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print what is being done, and nothing else.")] = False,
    folder: Folder = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Start a local AWS with a small fleet, and deploy the flows to it; deploy again when it is up."""
    from nightshift.cli.flows import existing
    from nightshift.cli.local import up as start_local

    start_local(
        existing(folder),
        speed=speed,
        strict=strict,
        iam=not no_iam,
        organization=organization,
        quiet=quiet,
        as_json=as_json,
    )


@app.command()
def down(as_json: AsJson = False) -> None:
    """End the local AWS that `nightshift up` started."""
    from nightshift.cli.local import down as end_local

    end_local(as_json)


@app.command()
def mail(
    last: Annotated[bool, typer.Option("--last", help="Only the mail sent last.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the mails that flows sent in the local AWS."""
    from nightshift.cli.local import print_mail

    print_mail(last, as_json)


@local.command()
def status(as_json: AsJson = False) -> None:
    """Show the instances of the local AWS and where it answers."""
    from nightshift.cli.local import print_status

    print_status(as_json)


@local.command()
def calls(as_json: AsJson = False) -> None:
    """Print the calls that roles have made to the fleet: account, Region, call, error, and the role's session."""
    from nightshift.cli.local import print_calls

    print_calls(as_json)


@local.command()
def fault(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="What goes wrong. Without it: all kinds, and what is set.")
    ] = None,
    *,
    resource: Annotated[str, typer.Option(metavar="ID", help="Instance, volume or snapshot; default: any.")] = "*",
    tag: Annotated[str, typer.Option(metavar="KEY=VALUE", help="The resources with this tag instead.")] = "",
    action: Annotated[str, typer.Option(metavar="ACTION", help='API action, such as "StartInstances".')] = "*",
    code: Annotated[str, typer.Option(metavar="CODE", help="Error code, for the kind error.")] = "",
    message: Annotated[str, typer.Option(metavar="TEXT", help="Error message, for the kind error.")] = "",
    instance_type: Annotated[str, typer.Option(metavar="TYPE", help="Only this type, for the kind capacity.")] = "",
    factor: Annotated[float, typer.Option(metavar="TIMES", help="How many times slower, for the kind slow.")] = 1,
    times: Annotated[int | None, typer.Option(metavar="N", help="How many requests it hits; default: all.")] = None,
    skip: Annotated[int, typer.Option(metavar="N", help="How many requests it lets pass first.")] = 0,
    clear: Annotated[bool, typer.Option("--clear", help="Take all faults away, before a new one is set.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make something go wrong in the local AWS, to see what your flows do then."""
    from nightshift.cli.faults import change_faults

    wanted = {
        "resource": resource,
        "tag": tag,
        "action": action,
        "code": code,
        "message": message,
        "instance_type": instance_type,
        "factor": factor,
        "times": times,
        "skip": skip,
    }
    change_faults(kind, wanted, clear=clear, as_json=as_json)
