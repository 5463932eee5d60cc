"""Commands on instances through Systems Manager: sent once, polled by page, their whole output kept.

SendCommand has no client token. What names a command is in its comment, by which ListCommands finds one whose answer
was lost; and on the instance the batch runs in a folder of that name, which only one command can make. So a batch
runs once, whatever Lambda, Step Functions or Systems Manager repeat. Its exit code is told in its output; the agent
gets no code that asks for a reboot (AWS Systems Manager User Guide, "Handling reboots when running commands").

The output goes from the instance to the results bucket by a presigned form for this one folder, so that instances need
neither keys nor permissions for it. (Systems Manager's own copy to S3 takes permissions of the instance profile, and
its API keeps only the first 24,000 characters: AWS Systems Manager API Reference, "GetCommandInvocation".)
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call
from lambdas.contract.places import results_folder

MOST_INSTANCES = 50
"""Instances in one command, and invocations on one page. AWS Systems Manager API Reference, "SendCommand"."""

TAIL = 2000
"""Characters of output in a result: the API gives 2,500 of an invocation, and some of them are the batch's end."""

DOCUMENTS = {"Linux": "AWS-RunShellScript", "Windows": "AWS-RunPowerShellScript"}
"""Systems Manager document by platform."""

_SCRIPTS = Path(__file__).parent / "scripts"
_SUFFIX = {"Linux": "sh", "Windows": "ps1"}
_DELIVERY = 600
"""Seconds an instance has to take a command: a batch must not begin hours late because an agent was away."""

_SHORTEST_DELIVERY, _LONGEST_DELIVERY = 30, 2592000
_SKEW = 300
_RUNNING = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_END = re.compile(r"\n?nightshift: exit (-?\d+), (\d+) bytes, (.*?)\r?(?:\n|$)")

# The request is wrong, not an instance in it. AWS Systems Manager API Reference, "SendCommand".
_WRONG_REQUEST = frozenset(
    {
        "InvalidDocument",
        "InvalidDocumentVersion",
        "InvalidParameters",
        "MaxDocumentSizeExceeded",
        "ValidationException",
    }
)


@dataclass(frozen=True)
class Script:
    """What runs on the instances.

    what: tells it from other scripts of the same call.
    text: shell script or PowerShell.
    platform: "Linux" or "Windows".
    directory: working directory, or "".
    limit: seconds it may take.
    """

    what: str
    text: str
    platform: str
    directory: str
    limit: int


@dataclass(frozen=True)
class Invocation:
    """How a batch ended on an instance.

    status: Systems Manager's StatusDetails without spaces ("Success", "Failed", "DeliveryTimedOut", ...).
    exit_code: of the batch; -1 when it did not run to its end.
    output: the end of its output.
    size: bytes of the whole output.
    kept: "uploaded", or where on the instance the output is; "" when it did not run to its end.
    """

    status: str
    exit_code: int
    output: str
    size: int
    kept: str


class Commands:
    """The commands of one call, on instances of one platform."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.client = call.client("ssm")
        self.bucket = os.environ.get("NIGHTSHIFT_RESULTS_BUCKET", "")

    def managed(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        """What Systems Manager knows of these instances; those it does not manage are absent."""
        found = {}
        for batch in _batches(ids):
            pages = self.client.get_paginator("describe_instance_information").paginate(
                Filters=[{"Key": "InstanceIds", "Values": batch}], PaginationConfig={"PageSize": MOST_INSTANCES}
            )
            found.update({i["InstanceId"]: i for page in pages for i in page["InstanceInformationList"]})
        return found

    def sent(self, what: str, since: float) -> dict[str, list[str]]:
        """Command id -> instances, of the commands for batch `what` that were sent after `since`."""
        after = datetime.fromtimestamp(since - _SKEW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        pages = self.client.get_paginator("list_commands").paginate(
            Filters=[{"key": "InvokedAfter", "value": after}], PaginationConfig={"PageSize": 50}
        )
        label = self._label(what)
        return {
            c["CommandId"]: c["InstanceIds"]
            for page in pages
            for c in page["Commands"]
            if c.get("Comment", "").endswith(label)
        }

    def send(self, script: Script, ids: list[str]) -> str:
        """Send `script` to at most 50 instances; returns the command's id.

        Raises InvalidParameter when Systems Manager takes no such script.
        """
        deliver = max(_SHORTEST_DELIVERY, min(_DELIVERY, script.limit, _LONGEST_DELIVERY))
        try:
            answer = self.client.send_command(
                InstanceIds=ids,
                DocumentName=DOCUMENTS[script.platform],
                Comment=f"nightshift {self.call.run.flow[:40]} {self._label(script.what)}",
                Parameters={"commands": self._script(script).split("\n"), "executionTimeout": [str(script.limit)]},
                TimeoutSeconds=deliver,
                # Else the failure of one instance would keep the command from others.
                MaxErrors="100%",
            )
        except Exception as error:
            if aws_errors.code(error) in _WRONG_REQUEST:
                text = aws_errors.message(error)
                raise InvalidParameter(f"Systems Manager refuses the command: {text}") from error
            raise
        return str(answer["Command"]["CommandId"])

    def ended(self, command_id: str) -> Iterator[tuple[str, Invocation]]:
        """The instances on which the command has ended, and how."""
        pages = self.client.get_paginator("list_command_invocations").paginate(
            CommandId=command_id, Details=True, PaginationConfig={"PageSize": MOST_INSTANCES}
        )
        for page in pages:
            for found in page["CommandInvocations"]:
                if found["Status"] not in _RUNNING:
                    yield found["InstanceId"], _invocation(found)

    def cancel(self, command_id: str, ids: list[str]) -> str:
        """Ask for the end of the command on these instances; returns why that failed, or ""."""
        try:
            self.client.cancel_command(CommandId=command_id, InstanceIds=ids)
        except Exception as error:
            return f"{aws_errors.code(error) or type(error).__name__}: {aws_errors.message(error)}"
        return ""

    def output_key(self, what: str) -> str:
        """Key of the folder in the results bucket that gets the output of batch `what`."""
        return f"{results_folder(self.call.run)}/{what}"

    def output(self, what: str, instance: str) -> str:
        """The whole output of a batch, from the results bucket."""
        client = self.call.aws.client("s3")
        answer = client.get_object(Bucket=self.bucket, Key=f"{self.output_key(what)}/{instance}.txt")
        return str(answer["Body"].read().decode(errors="replace"))

    def _label(self, what: str) -> str:
        key = f"{self.call.run.id}/{self.call.run.key}/{what}"
        return hashlib.sha256(key.encode()).hexdigest()[:32]

    def _script(self, script: Script) -> str:
        linux = script.platform == "Linux"
        text = script.text
        if linux and not text.startswith("#!"):
            text = f"#!/bin/sh\n{text}"
        if not linux and re.search(r"^'@", text, re.MULTILINE):
            raise InvalidParameter("command has a line that begins with '@; indent it")
        root = "/" if linux else '"$env:SystemDrive\\"'
        return fill(
            "batch",
            script.platform,
            label=self._label(script.what),
            limit=str(max(1, script.limit - min(60, script.limit // 5))),
            directory=quote(script.directory, script.platform) if script.directory else root,
            tail=str(TAIL),
            upload=self._upload(script),
            batch=text,
        )

    def _upload(self, script: Script) -> str:
        """The part of the script that sends the output to the results bucket."""
        if not self.bucket:
            return ""
        prefix = f"{self.output_key(script.what)}/"
        # The results bucket is the app's own, whatever account the command runs in.
        form = self.call.aws.client("s3").generate_presigned_post(
            self.bucket,
            f"{prefix}${{filename}}",
            Fields={"Content-Type": "text/plain; charset=utf-8"},
            Conditions=[{"Content-Type": "text/plain; charset=utf-8"}],
            ExpiresIn=script.limit + _DELIVERY,
        )
        linux = script.platform == "Linux"
        instance = "$AWS_SSM_INSTANCE_ID" if linux else "$($env:AWS_SSM_INSTANCE_ID)"
        fields = {**form["fields"], "key": f"{prefix}{instance}.txt"}
        lines = [f'url = "{form["url"]}"', *(f'form-string = "{name}={value}"' for name, value in fields.items())]
        # S3 ignores what comes after the file.
        lines.append('form = "file=@$here/output"' if linux else 'form = "file=@$file"')
        return fill("upload", script.platform, form="\n".join(lines))


def fill(name: str, platform: str, **values: str) -> str:
    """The script `name` for a platform, with its @placeholders@ filled."""
    return re.sub(r"@([a-z]+)@", lambda found: values[found[1]], _script(f"{name}.{_SUFFIX[platform]}"))


@cache
def _script(file: str) -> str:
    return (_SCRIPTS / file).read_text("utf-8").rstrip("\n")


def quote(text: str, platform: str) -> str:
    """`text` as one word of the platform's shell."""
    return shlex.quote(text) if platform == "Linux" else "'" + text.replace("'", "''") + "'"


def _invocation(found: dict[str, Any]) -> Invocation:
    plugin = (found.get("CommandPlugins") or [{}])[0]
    text = plugin.get("Output", "")
    status = found.get("StatusDetails", found["Status"]).replace(" ", "")
    end = _END.search(text)
    if end is None:
        return Invocation(status, -1, text[-TAIL:].strip(), len(text), "")
    output = text[: end.start()].rstrip("\r\n")
    return Invocation(status, int(end[1]), output, int(end[2]), end[3])


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    ids = list(ids)
    return (ids[i : i + MOST_INSTANCES] for i in range(0, len(ids), MOST_INSTANCES))
