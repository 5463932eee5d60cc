"""Where a command works: the local AWS of this folder, or the account of the AWS credentials."""

from __future__ import annotations

import getpass
import os
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.runs.app_names import AppNames
from nightshift.app_context import names as of_project
from nightshift.stages import all_stages, find_stage, has_stages

STAGE = "NIGHTSHIFT_STAGE"
"""The environment variable that says which stage commands are about."""


class SeveralStages(NightshiftError):
    """Stages in one account and Region: which is meant has to be said."""


class NoTable(NightshiftError):
    """The app is not deployed where the command looks for its table."""


def session(target: str) -> Any:
    """A boto3 session of the target, "local" or "aws". Raises LocalAwsIsDown."""
    if target == "local":
        from nightshift.cli.local import running

        return running().session()
    import boto3

    return boto3.Session()


def speed(target: str) -> float:
    """How many times faster than the clock waits pass there. Raises LocalAwsIsDown."""
    if target == "local":
        from nightshift.cli.local import running

        return running().speed
    return 1


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


def app_names(target: str) -> AppNames:
    """What the resources of the app are called there.

    As the stage of NIGHTSHIFT_STAGE says; on AWS, as the stage of nightshift.toml says that lies in the account and
    Region of the credentials; else as the context in cdk.json says. Raises StageError, SeveralStages.
    """
    return _names_in(Path.cwd(), target, os.environ.get(STAGE))


@cache
def _names_in(folder: Path, target: str, stage: str | None) -> AppNames:
    """A command asks several times, and each would ask AWS whose the credentials are. folder: the current one."""
    if stage:
        return find_stage(stage, folder).names
    if target == "aws" and has_stages(folder):
        aws = session(target)
        here = aws.client("sts").get_caller_identity()["Account"], aws.region_name
        stages = [stage for stage in all_stages(folder).values() if (stage.account, stage.region) == here]
        if len({stage.names for stage in stages}) > 1:
            listed = ", ".join(stage.name for stage in stages)
            raise SeveralStages(f"account {here[0]} in {here[1]} has the stages {listed}; say which by {STAGE}=NAME")
        if stages:
            return stages[0].names
    return of_project(folder)


def table(target: str) -> Any:
    """The app's table (boto3's `Table`). Raises LocalAwsIsDown; NoTable when the app is not deployed there."""
    dynamodb = session(target).resource("dynamodb")
    found = dynamodb.Table(app_names(target).app)
    try:
        found.load()
    except dynamodb.meta.client.exceptions.ResourceNotFoundException:
        raise NoTable(f"there is no table {found.name} in that account and region; deploy first") from None
    return found
