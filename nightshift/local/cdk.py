"""Deploys the app to the local AWS with the pinned CDK CLI, the way it is deployed to a real account.

And the template of member accounts to those of its organization, as a stack set does: "Create CloudFormation StackSets
with service-managed permissions" (AWS CloudFormation User Guide).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from nightshift.local.account import ORGANIZATION
from nightshift.local.aws import LocalAws
from nightshift.local.errors import CommandFailed
from nightshift.local.node import node_environment, node_module_bin
from nightshift.local.servers import clean_environment
from nightshift.local.sessions import LocalSession
from nightshift.local.state import Folder

MEMBER_STACK = "nightshift-member"

OF_HUB = {"organization": ORGANIZATION, "external_id": "local"}
"""The CDK context of an app that is the hub of an organization."""

_TAIL = 60
_WAIT = {"Delay": 1, "MaxAttempts": 120}
_QUIET = ("--no-notices", "--no-version-reporting", "--no-color")


class Cdk:
    """The CDK CLI, aimed at one local AWS.

    app: the folder with cdk.json. tools: the folder whose `node_modules` has the CLI.
    context: CDK context for the app, as `-c name=value` gives it.
    """

    def __init__(self, local: LocalAws, app: Path, tools: Path, context: Mapping[str, str]) -> None:
        self.local = local
        self.app = app
        self.tools = tools
        self.context = context
        self.folder = Folder(local.project)

    def deploy(self) -> dict[str, dict[str, str]]:
        """`cdk deploy` of all stacks synthesized; returns the outputs by stack and name.

        Raises CommandFailed with the end of the command's output.
        """
        outputs = self.folder.path / "outputs.json"
        outputs.unlink(missing_ok=True)
        self.run(
            "deploy",
            ["--all", "--app", str(self.folder.cdk_out), "--require-approval", "never", "--method", "direct"],
            ["--outputs-file", str(outputs), "--concurrency", "4", "--progress", "events", "--asset-parallelism"],
        )
        return json.loads(outputs.read_text()) if outputs.exists() else {}

    def bootstrap(self) -> None:
        """`cdk bootstrap`: the bucket and the roles that deployments use. Raises CommandFailed."""
        self.run("bootstrap", [f"aws://{self.local.account}/{self.local.region}"])

    def synth(self) -> None:
        """`cdk synth` into the project's `.nightshift/cdk.out`; needs no server. Raises CommandFailed."""
        context = [part for name, value in self.context.items() for part in ("-c", f"{name}={value}")]
        self.run("synth", ["--quiet", "--output", str(self.folder.cdk_out), *context])

    def run(self, command: str, *options: Sequence[str]) -> None:
        """Run one command of the CLI, its output in the project's log folder."""
        line = [*node_module_bin("cdk", self.tools), command, *_QUIET, *(o for group in options for o in group)]
        log = self.folder.logs / f"cdk-{command}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            # Bootstrapping reads cdk.json of the current folder and would run the app for nothing.
            cwd = self.folder.path if command == "bootstrap" else self.app
            code = subprocess.run(
                line, cwd=cwd, env=self._environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
            ).returncode
        if code:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL:])
            raise CommandFailed(f"cdk {command} failed ({log}):\n{tail}")

    def _environment(self) -> dict[str, str]:
        return {
            **node_environment(clean_environment()),
            **self.local.environment(),
            "CI": "true",
            # The CLI remembers which account a key belongs to; what it knows of real ones must not be used here.
            "CDK_HOME": str(self.folder.path / "cdk"),
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_VERSION_CHECK": "1",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }


def deploy_members(local: LocalAws, assembly: Path) -> list[str]:
    """Give the members the role that the flows need there, as a stack set does; the names of those it was changed in.

    assembly: the folder with the app's templates. The app's own account needs no role: its parts have their own.
    """
    written = next(iter(sorted(assembly.glob("*-member.template.json"))), None)
    if written is None:
        return []
    text = written.read_text(encoding="utf-8")
    version = json.loads(text)["Metadata"]["nightshift"]["version"]
    given = {"HubAccount": local.account, "HubRegion": local.region}
    stack = {
        "StackName": MEMBER_STACK,
        "TemplateBody": text,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    }
    changed = []
    for account, name in _members(local):
        cloudformation = LocalSession(local.endpoints, account, local.region).create_client("cloudformation")
        deployed = _version(cloudformation)
        if deployed == version:
            continue
        if deployed is None:
            cloudformation.create_stack(**stack)
        else:
            cloudformation.update_stack(**stack)
        done = "stack_create_complete" if deployed is None else "stack_update_complete"
        cloudformation.get_waiter(done).wait(StackName=MEMBER_STACK, WaiterConfig=_WAIT)
        changed.append(name)
    return changed


def _members(local: LocalAws) -> Iterator[tuple[str, str]]:
    """Id and name of each account but the app's own."""
    service: Any = local.session().client("organizations")
    for page in service.get_paginator("list_accounts").paginate():
        yield from ((one["Id"], one["Name"]) for one in page["Accounts"] if one["Id"] != local.account)


def _version(cloudformation: Any) -> str | None:
    """The version of the template that is deployed; None where there is none."""
    try:
        (found,) = cloudformation.describe_stacks(StackName=MEMBER_STACK)["Stacks"]
    except ClientError:
        return None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return str(outputs.get("Version", ""))
