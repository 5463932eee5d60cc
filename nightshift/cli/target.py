"""Where a command works: the local AWS of this folder, or the account of the AWS credentials."""

from __future__ import annotations

import getpass
import os
from typing import Any

from lambdas.contract.errors import NightshiftError

PREFIX = "nightshift"
"""Of the app's names; what `Settings.prefix` is by default."""


class NoTable(NightshiftError):
    """The app is not deployed where the command looks for its table."""


def session(target: str) -> Any:
    """A boto3 session of the target, "local" or "aws". Raises LocalAwsIsDown."""
    if target == "local":
        from nightshift.cli.local import running

        return running().session()
    import boto3

    return boto3.Session()


def operator(target: str) -> str:
    """Who gives the command, for the audit: as AWS knows them (an ARN), on the local AWS the user of this machine."""
    if target == "local":
        try:
            return getpass.getuser()
        except (KeyError, OSError):
            # A container may run under a user id that has no name.
            return f"user {os.getuid()}"
    return str(client(target, "sts").get_caller_identity()["Arn"])


def client(target: str, service: str) -> Any:
    """A boto3 client of the target. Raises LocalAwsIsDown."""
    return session(target).client(service)


def table(target: str) -> Any:
    """The app's table (boto3's `Table`). Raises LocalAwsIsDown; NoTable when the app is not deployed there."""
    dynamodb = session(target).resource("dynamodb")
    found = dynamodb.Table(PREFIX)
    try:
        found.load()
    except dynamodb.meta.client.exceptions.ResourceNotFoundException:
        raise NoTable(f"there is no table {PREFIX} in that account and region; deploy first") from None
    return found
