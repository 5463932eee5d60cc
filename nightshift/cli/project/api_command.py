"""The command `nightshift api`."""

from __future__ import annotations

from typing import Annotated

import typer


def api(
    service: Annotated[str | None, typer.Argument(help="As boto3 calls it; without it, all are listed.")] = None,
    operation: Annotated[str | None, typer.Argument(help="Without it, all of the service are listed.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Print what an API of AWS takes, gives and needs: what aws.call can do."""
    from nightshift.cli.project.api import show_api

    show_api(service, operation, as_json=as_json)
