"""`nightshift up`, `down` and `mail`, and the way to the local AWS for `nightshift run`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdas.contract.errors import NightshiftError
from nightshift.cli.flows import all_flows
from nightshift.cli.output import print_bold, print_json, print_table, words_apart

if TYPE_CHECKING:
    from nightshift.local import LocalAws, Mail


class LocalAwsIsDown(NightshiftError):
    """The command needs the local AWS, and it is not running."""


class NoProject(NightshiftError):
    """The folder holds no project that could be deployed."""


def up(
    flow_defs: Path,
    *,
    speed: float,
    strict: bool,
    iam: bool,
    organization: bool = False,
    quiet: bool = False,
    as_json: bool = False,
) -> None:
    """Bring the local AWS of this folder up, deploy the flows to it, and print what is there.

    speed: how many times faster than the clock waits pass. strict: with throttling and late changes.
    iam: each function may do only what its role allows. organization: with two member accounts.
    quiet: print what is being done and nothing else.
    """
    from nightshift.local import up as start

    if not Path("cdk.json").exists():
        raise NoProject(
            "there is no cdk.json in this folder, so nothing says how its flows are deployed; "
            "go to the folder of your project, or start one with `nightshift init my-ops`"
        )
    # Flows with errors are said before anything is started.
    flows = all_flows(flow_defs)
    with words_apart(as_json):
        local = start(
            Path.cwd(),
            on_event=_say,
            flow_defs=flow_defs,
            speed=speed,
            strict=strict,
            iam=iam,
            organization=organization,
        )
    if as_json:
        print_json(_as_json(local))
    if quiet or as_json:
        return
    _print_fleet(local)
    _print_ways(local, [flow.name for flow in flows])


def down(as_json: bool) -> None:
    """End the local AWS of this folder."""
    from nightshift.local import down as end

    with words_apart(as_json):
        ended = end(Path.cwd(), on_event=print)
    if as_json:
        print_json({"ended": ended})
        return
    print("The local AWS has ended" if ended else "No local AWS was running here")


def print_status(as_json: bool) -> None:
    """Print the fleet of the local AWS, and where it answers."""
    local = running()
    if as_json:
        print_json(_as_json(local))
        return
    print_table(("instance", "name", "type", "state", "volumes", "tags"), [_row(i) for i in _instances(local)])
    if local.dashboard is not None and local.dashboard.alive():
        print(f"dashboard: {local.dashboard.url}/")
    for service, url in local.endpoints.items():
        print(f"{'other services' if service == '*' else service}: {url}")


def print_calls(as_json: bool) -> None:
    """Print the calls that roles have made to the fleet of the local AWS, oldest first, as CloudTrail tells of them."""
    trail = running().control().trail()
    if as_json:
        print_json(trail)
        return
    print_table(("time", "account", "Region", "call", "error", "role and session"), [_call(made) for made in trail])


def _call(made: dict[str, Any]) -> tuple[str, ...]:
    service, who = made["eventSource"].partition(".")[0], made["userIdentity"]["arn"].partition("/")[2]
    place = (made["eventTime"], made["recipientAccountId"], made["awsRegion"])
    return (*place, f"{service}:{made['eventName']}", made.get("errorCode", ""), who)


def print_mail(last: bool, as_json: bool) -> None:
    """Print the mails that were sent through the local AWS, oldest first, or only the last one."""
    from nightshift.local import sent_mail

    mails = sent_mail(running())
    shown = mails[-1:] if last else mails
    if as_json:
        print_json([asdict(mail) for mail in shown])
        return
    if not shown:
        print("No mail was sent yet")
    for mail in shown:
        _print_mail(mail)


def running() -> LocalAws:
    """The local AWS of this folder. Raises LocalAwsIsDown."""
    from nightshift.local import status

    local = status(Path.cwd())
    if local is None:
        raise LocalAwsIsDown(
            "no local AWS is running in this folder; start it with `nightshift up`, "
            "or give --target aws for the account of your AWS credentials"
        )
    if local.dead:
        names = " and ".join(server.name for server in local.dead)
        raise LocalAwsIsDown(f"{names} of the local AWS ended; start it again with `nightshift up`")
    return local


def endpoint_url() -> str:
    """Where the local AWS answers for Step Functions."""
    return running().endpoints["*"]


def _say(text: str) -> None:
    print(f"{text} ...", flush=True)


def _as_json(local: LocalAws) -> dict[str, Any]:
    """Where it answers, what was deployed to it, and its instances."""
    return {
        "account": local.account,
        "region": local.region,
        "speed": local.speed,
        "endpoints": local.endpoints,
        "dashboard": f"{local.dashboard.url}/" if local.dashboard and local.dashboard.alive() else None,
        "outputs": local.outputs,
        "instances": _instances(local),
    }


def _print_fleet(local: LocalAws) -> None:
    print()
    print_table(("instance", "name", "type", "state", "volumes", "tags"), [_row(i) for i in _instances(local)])


def _instances(local: LocalAws) -> list[dict[str, Any]]:
    ec2: Any = local.session().client("ec2")
    pages = ec2.get_paginator("describe_instances").paginate()
    found = [i for page in pages for reservation in page["Reservations"] for i in reservation["Instances"]]
    return [
        {
            "id": instance["InstanceId"],
            "type": instance["InstanceType"],
            "state": instance["State"]["Name"],
            "volumes": [v["Ebs"]["VolumeId"] for v in instance.get("BlockDeviceMappings", [])],
            "tags": {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])},
        }
        for instance in found
    ]


def _row(instance: dict[str, Any]) -> tuple[str, ...]:
    tags = dict(instance["tags"])
    name = tags.pop("Name", "-")
    shown = " ".join(f"{key}={value}" for key, value in sorted(tags.items())) or "-"
    return (instance["id"], name, instance["type"], instance["state"], str(len(instance["volumes"])), shown)


def _print_ways(local: LocalAws, flows: list[str]) -> None:
    """How to look at it, with the aws CLI too."""
    if local.dashboard is not None:
        print(f"\nThe dashboard: {local.dashboard.url}/")
    print(f"\nA minute of waiting passes in {60 / local.speed:g} s here. Look at it with")
    ways = (
        ("nightshift list --next 3", "flows, what starts them, and when"),
        *(
            (command.format(flows[-1]), what)
            for command, what in (
                ("nightshift show {}", "what a flow does"),
                ("nightshift run {}", "run one and watch it"),
                ("nightshift run {} --dry-run", "see what one would change"),
            )
            if flows
        ),
        ("nightshift local fault", "what can be made to go wrong"),
        ("nightshift mail", "the mails that were sent"),
        ("source .nightshift/env && aws ec2 describe-snapshots --owner-ids self", "any aws command"),
        ("nightshift down", "end it"),
    )
    width = max(len(command) for command, _ in ways)
    for command, what in ways:
        print(f"  {command:<{width}}  {what}")


def _print_mail(mail: Mail) -> None:
    print_bold(f"Mail: {mail.subject}")
    print(f"From: {mail.sender}\nTo: {', '.join(mail.to)}\nSent: {mail.sent:%Y-%m-%d %H:%M:%S %Z}\n")
    print(mail.text.rstrip() or "(only HTML)")
    print()
    sys.stdout.flush()
