"""Showing and making what a deployment to a stage changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from lambdas.contract.errors import NightshiftError
from nightshift.cli.output import print_bold, print_json, words_apart
from nightshift.cli.stages.changes import Change, changes, member_changes
from nightshift.cli.stages.templates import (
    deployed,
    deployed_member_version,
    member_template,
    member_version,
    synthesized,
)
from nightshift.cli.target import session
from nightshift.model import CompiledFlow
from nightshift.stages import Stage, find_stage

_HEADINGS = {
    "flow": "Flows",
    "schedule": "Schedules",
    "permission": "Permissions",
    "member": "Member accounts",
    "other": "Other resources",
}


class NotApproved(NightshiftError):
    """Nobody has approved the deployment."""


class WrongAccount(NightshiftError):
    """The credentials are those of another account than the stage's."""


class NoMembers(NightshiftError):
    """No flow acts in member accounts."""


class SynthesisFailed(NightshiftError):
    """`cdk synth` failed; what it printed says why."""


def diff(name: str, target: str, folder: Path, *, as_json: bool) -> None:
    """Print what a deployment to a stage would change."""
    stage = find_stage(name)
    stage.flows(folder)
    with tempfile.TemporaryDirectory() as out:
        found = _changes(stage, target, folder, Path(out))
    if as_json:
        print_json(_as_json(stage, found))
    else:
        _print_changes(stage, found)


def deploy(
    name: str, target: str, folder: Path, *, approved: bool, give_up_redrives: bool, as_json: bool = False
) -> None:
    """Check, compare, show the plan, ask, and deploy exactly what was shown. approved: ask nobody.

    Raises CompileErrors, StageError, WrongAccount, SynthesisFailed, NotApproved.
    """
    stage = find_stage(name)
    flows = stage.flows(folder)
    with words_apart(as_json):
        found = _deployed(stage, flows, target, folder, approved=approved, give_up_redrives=give_up_redrives)
    if as_json:
        print_json(_as_json(stage, found) | {"deployed": bool(found)})


def _deployed(
    stage: Stage, flows: list[CompiledFlow], target: str, folder: Path, *, approved: bool, give_up_redrives: bool
) -> list[Change]:
    """What was deployed; nothing when nothing changes."""
    print(f"check: {len(flows)} flows, no errors")
    with tempfile.TemporaryDirectory() as out:
        found = _changes(stage, target, folder, Path(out), give_up_redrives=give_up_redrives)
        _print_changes(stage, found)
        if found:
            _print_plan(flows, found)
            if not approved:
                ask(stage)
            _cdk(target, "deploy", "--app", out, "--all", "--require-approval", "never", region=stage.region)
    return found


def print_member_template(name: str, folder: Path) -> None:
    """Print the template of the role for member accounts. name: of a stage; "" for the app as cdk.json has it.

    Raises SynthesisFailed, NoMembers.
    """
    stage = find_stage(name) if name else None
    context = ["-c", f"flow_defs={folder}", *(["-c", f"stage={name}"] if name else [])]
    region = stage.region if stage else os.environ.get("AWS_REGION", "us-east-1")
    with tempfile.TemporaryDirectory() as out:
        _cdk("aws", "synth", "--quiet", "--output", out, *context, region=region)
        made = member_template(Path(out))
    if not made:
        raise NoMembers("no flow acts in another account by target=, so there is nothing for members to have")
    if stage:
        made["Parameters"]["HubAccount"]["Default"] = stage.account
        made["Parameters"]["HubRegion"]["Default"] = stage.region
    print_json(made)


def _as_json(stage: Stage, found: list[Change]) -> dict[str, Any]:
    return {"stage": stage.name, "account": stage.account, "changes": [change.to_json() for change in found]}


def _changes(stage: Stage, target: str, folder: Path, out: Path, *, give_up_redrives: bool = False) -> list[Change]:
    aws = session(target)
    account = aws.client("sts", region_name=stage.region).get_caller_identity()["Account"]
    if account != stage.account:
        raise WrongAccount(
            f"the credentials are those of account {account}, and {stage.place()} names {stage.account}; "
            "sign in there (aws sts get-caller-identity), or correct the account"
        )
    context = ["-c", f"stage={stage.name}", "-c", f"flow_defs={folder}"]
    if give_up_redrives:
        context += ["-c", "give_up_redrives=true"]
    if target == "local":
        from nightshift.cli.local import running

        # The functions have to find the fleet, which is another server than the control plane.
        reached = json.dumps(running().endpoint_variables())
        context += ["-c", "dashboard=false", "-c", "runs_here=true", "-c", f"lambda_environment={reached}"]
    _cdk(target, "synth", "--quiet", "--output", str(out), *context, region=stage.region)
    found = []
    # All stacks of the app, as all are deployed.
    for stack in synthesized(out):
        cloudformation: Any = aws.client("cloudformation", region_name=stack.region or stage.region)
        found += changes(deployed(cloudformation, stack.stack), stack.resources, stage.names)
    cloudformation = aws.client("cloudformation", region_name=stage.region)
    before, after = deployed_member_version(cloudformation, stage.names.app), member_version(member_template(out))
    return [*found, *member_changes(before, after, stage.name)]


def _cdk(target: str, *arguments: str, region: str) -> None:
    """Run the CDK CLI. Raises SynthesisFailed, with what it printed for `synth`; `deploy` prints as it goes."""
    from nightshift.local.node import ensure_node_modules, node_environment, node_module_bin

    environment = dict(os.environ)
    if target == "local":
        from nightshift.cli.local import running

        environment |= running().environment() | {"CDK_HOME": str(Path(".nightshift", "cdk").resolve())}
    environment |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, "CDK_DISABLE_CLI_TELEMETRY": "true"}
    command = [*node_module_bin("cdk", ensure_node_modules(Path.cwd())), *arguments, "--no-notices"]
    quiet = arguments[0] == "synth"
    # What it says while it deploys is no result of the command.
    out, err = (subprocess.PIPE, subprocess.PIPE) if quiet else (sys.__stderr__, None)
    done = subprocess.run(command, env=node_environment(environment), stdout=out, stderr=err, text=True, check=False)
    if done.returncode:
        said = f":\n{done.stderr.strip()}" if quiet else "; its output above says why"
        raise SynthesisFailed(f"cdk {arguments[0]} failed{said}")


def _print_changes(stage: Stage, found: list[Change]) -> None:
    print_bold(f"{stage.name}: {stage.names.app} in {stage.region}, account {stage.account}")
    if not found:
        print("Nothing changes.")
    for kind, heading in _HEADINGS.items():
        of_kind = [change for change in found if change.kind == kind]
        if of_kind:
            print(f"\n{heading}")
        for change in of_kind:
            print(f"  {change.sign} {change.what}: {change.words}")


def _print_plan(flows: list[CompiledFlow], found: list[Change]) -> None:
    """What the flows that are new or change do, and when they start next."""
    touched = {change.what for change in found if change.kind in ("flow", "schedule")}
    for flow in flows:
        if flow.name in touched:
            given = {p.name: p.default for p in flow.parameters if not p.required}
            print_bold(f"\nplan of {flow.name}: {_next_start(flow)}")
            print(f"  with {', '.join(f'{n}={v!r}' for n, v in given.items()) or 'no parameters'}")
            for line in flow.outline:
                print(f"  {line}")


def _next_start(flow: CompiledFlow) -> str:
    schedule = flow.options.schedule
    if schedule is None or not schedule.expressions:
        return "started by an alarm, a flow or by hand" if schedule is None else "its schedules are off at this stage"
    moment = next(islice(schedule.fire_times(datetime.now(UTC)), 1), None)
    return f"starts {moment:%Y-%m-%d %H:%M} {schedule.timezone}" if moment else "no start is left"


def ask(stage: Stage) -> None:
    """Let a person approve on a terminal. Raises NotApproved."""
    if not sys.stdin.isatty():
        raise NotApproved(
            f"nobody can approve the deployment to {stage.name} here: this is no terminal; "
            "look at `nightshift diff`, then give --yes"
        )
    if input(f"\nDeploy this to {stage.name}? Write its name: ").strip() != stage.name:
        raise NotApproved("nothing was deployed")
