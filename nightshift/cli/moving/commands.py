"""The commands `import instance-scheduler`, `import crontab` and `import custodian`, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nightshift.cli.options import FLOW_DEFS, AsJson

app = typer.Typer(help="Write flow files from the configuration of another scheduler.", no_args_is_help=True)

Out = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where to; no file is overwritten.")]
Zone = Annotated[str | None, typer.Option("--timezone", metavar="ZONE", help="Of times without one. Default: UTC.")]


@app.command("instance-scheduler")
def instance_scheduler(
    config: Annotated[
        list[Path],
        typer.Argument(
            metavar="CONFIG...",
            help="Its table as `aws dynamodb scan` prints it, what scheduler-cli prints, or a template.",
        ),
    ],
    *,
    tag_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="The tag that names the schedule. Default: Schedule.")
    ] = None,
    timezone: Zone = None,
    out: Out = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Write the schedules of Instance Scheduler on AWS as flows, and say what could not be carried over."""
    from nightshift.cli.moving.printing import finish, zone
    from nightshift.importing.instance_scheduler import import_instance_scheduler

    finish(import_instance_scheduler(config, tag_key, zone(timezone)), out, as_json=as_json)


@app.command()
def crontab(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `crontab -l` prints.")],
    *,
    tag: Annotated[str | None, typer.Option(metavar="KEY=VALUE", help="The tag of the servers that ran it.")] = None,
    users: Annotated[bool, typer.Option("--users", help="The sixth field is a user, as in /etc/crontab.")] = False,
    timezone: Zone = None,
    out: Out = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Write the jobs of a crontab as flows that run them by Systems Manager, and say what could not be carried over."""
    from nightshift.cli.moving.printing import finish, zone
    from nightshift.importing.crontab_flows import import_crontab

    finish(import_crontab(file, tag, zone(timezone), users=users), out, as_json=as_json)


@app.command()
def custodian(
    policies: Annotated[Path, typer.Argument(metavar="POLICY", help="A file of policies.")],
    *,
    out: Out = FLOW_DEFS,
    as_json: AsJson = False,
) -> None:
    """Write policies of Cloud Custodian as flows, and say what could not be carried over."""
    from nightshift.cli.moving.printing import finish
    from nightshift.importing.custodian_flows import import_custodian

    finish(import_custodian(policies), out, as_json=as_json)
