"""Systems Manager for the tests: commands run for real in a shell, and their files go to moto's S3 by curl."""

from __future__ import annotations

import json
import os
import re
import subprocess
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from tests.parts.automations import Automations
from tests.parts.driver import JSON_SERVICES, Answered, TestAws


@dataclass
class Command:
    """A command that was sent, with what each instance answers."""

    id: str
    comment: str
    document: str
    sent: float
    parameters: dict[str, list[str]]
    invocations: dict[str, dict[str, Any]] = field(default_factory=dict)


class ManagedFleet(Automations, TestAws):
    """Instances managed by Systems Manager, and all else by moto.

    root: a folder; each instance has its file system in a folder below.
    s3: host and port of moto's server, which curl on the instances reaches.
    managed: instance id -> what DescribeInstanceInformation tells.
    takes: instance id -> seconds its commands take. broken: instances to whose state SendCommand objects.
    runs: False when the scripts are not to be run, for large fleets; they succeed with no output.
    """

    def __init__(self, root: Path, s3: str) -> None:
        TestAws.__init__(self)
        Automations.__init__(self)
        self.root = root
        self.s3 = s3
        self.managed: dict[str, dict[str, Any]] = {}
        self.takes: dict[str, float] = {}
        self.status: dict[str, str] = {}
        self.broken: set[str] = set()
        self.commands: list[Command] = []
        self.cancelled: list[tuple[str, list[str]]] = []
        self.reboots = 0
        self.runs = True
        self.curl = True

    def manage(self, *ids: str, **info: str) -> None:
        for i in ids:
            self.managed[i] = {"InstanceId": i, "PingStatus": "Online", "PlatformType": "Linux", **info}
            self.disk(i).mkdir(parents=True, exist_ok=True)

    def disk(self, instance: str) -> Path:
        """The file system of an instance."""
        return self.root / instance

    def _before_send(self, request: Any, event_name: str = "", **_: Any) -> AWSResponse | None:
        service = event_name.split(".")[1]
        operation, params = self._current
        self.calls.append((operation, params))
        fault = self.faults.get(operation)
        refused = fault.do(params) if fault else None
        if refused:
            status, code, message = refused
            body = _error(service, code, message)
        elif service == "ssm" and hasattr(self, operation):
            status, answer = getattr(self, operation)(params)
            body = json.dumps(answer)
        else:
            return None
        request.url = "https://refused.invalid/"
        return AWSResponse(request.url, status, HTTPHeaders(), Answered(body.encode()))

    def DescribeInstanceInformation(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        (wanted,) = params["Filters"]
        assert wanted["Key"] == "InstanceIds"
        assert len(wanted["Values"]) <= params["MaxResults"] <= 50
        found = [self.managed[i] for i in wanted["Values"] if i in self.managed]
        return 200, {"InstanceInformationList": found}

    def ListCommands(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        (wanted,) = params["Filters"]
        assert wanted["key"] == "InvokedAfter"
        after = datetime.fromisoformat(wanted["value"]).timestamp()
        found = [c for c in reversed(self.commands) if c.sent >= after]
        start = int(params.get("NextToken", 0))
        end = start + params["MaxResults"]
        page = [
            {
                "CommandId": c.id,
                "Comment": c.comment,
                "DocumentName": c.document,
                "InstanceIds": list(c.invocations),
                "RequestedDateTime": c.sent,
            }
            for c in found[start:end]
        ]
        return 200, {"Commands": page, **({"NextToken": str(end)} if end < len(found) else {})}

    def SendCommand(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        ids = params["InstanceIds"]
        assert 1 <= len(ids) <= 50
        assert len(params["Comment"]) <= 100
        assert 30 <= params["TimeoutSeconds"] <= 2592000
        assert params["MaxErrors"] == "100%"
        bad = [i for i in ids if i in self.broken or i not in self.managed]
        if bad:
            message = f"Instances [[{', '.join(bad)}]] not in a valid state for account 123456789012"
            return 400, {"__type": "InvalidInstanceId", "message": message}
        command = Command(
            str(uuid.uuid4()), params["Comment"], params["DocumentName"], self.clock, params["Parameters"]
        )
        self.commands.append(command)
        for i in ids:
            command.invocations[i] = self._run(i, command)
        return 200, {"Command": {"CommandId": command.id, "Comment": command.comment, "InstanceIds": ids}}

    def ListCommandInvocations(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        assert params["Details"]
        assert params["MaxResults"] <= 50
        command = next(c for c in self.commands if c.id == params["CommandId"])
        found = []
        for i, how in command.invocations.items():
            running = self.clock - command.sent < self.takes.get(i, 0)
            status = {"Status": "InProgress", "StatusDetails": "InProgress"} if running else how
            found.append({"CommandId": command.id, "InstanceId": i, **status})
        return 200, {"CommandInvocations": found}

    def CancelCommand(self, params: dict[str, Any]) -> tuple[int, Any]:  # noqa: N802
        self.cancelled.append((params["CommandId"], params["InstanceIds"]))
        return 200, {}

    def _run(self, instance: str, command: Command) -> dict[str, Any]:
        if instance in self.status:
            return _ended("Failed", self.status[instance], -1, "")
        if not self.runs:
            return _ended("Success", "Success", 0, "\nnightshift: exit 0, 0 bytes, uploaded\n")
        done = self.shell(instance, "\n".join(command.parameters["commands"]))
        if done.returncode == 194:
            # The agent reboots the instance and runs the script again; with the same end this never ends.
            self.reboots += 1
            return {"Status": "InProgress", "StatusDetails": "InProgress"}
        output = done.stdout
        if done.stderr or done.returncode:
            output += "\n----------ERROR-------\n" + done.stderr
        if done.returncode:
            output += f"failed to run commands: exit status {done.returncode}"
        if len(output) > 2500:
            output = output[:2470] + "\n---Output truncated---"
        status = "Failed" if done.returncode else "Success"
        return _ended(status, status, done.returncode, output)

    def shell(self, instance: str, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script as the agent does, with the paths of the instance in its own folder."""
        disk = self.disk(instance)
        script = re.sub(
            r"https://([a-z0-9.-]+)\.s3(?:\.[a-z0-9-]+)?\.amazonaws\.com/", rf"http://{self.s3}/\1/", script
        )
        script = re.sub(r"(?<![\w:/])/(var|data)/", rf"{disk}/\1/", script)
        (disk / "var/lib").mkdir(parents=True, exist_ok=True)
        path = "/usr/bin:/bin" if self.curl else str(self._without_curl())
        return subprocess.run(
            ["sh", "-c", script],
            env={"PATH": path, "AWS_SSM_INSTANCE_ID": instance, "TMPDIR": str(disk), "LC_ALL": "C.UTF-8"},
            cwd=disk,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )

    def _without_curl(self) -> Path:
        folder = self.root / "bin"
        if not folder.exists():
            folder.mkdir()
            for name in os.listdir("/usr/bin"):
                if name != "curl":
                    (folder / name).symlink_to(f"/usr/bin/{name}")
        return folder


def _ended(status: str, details: str, code: int, output: str) -> dict[str, Any]:
    plugin = {"Name": "aws:runShellScript", "Status": status, "ResponseCode": code, "Output": output}
    return {"Status": status, "StatusDetails": details, "CommandPlugins": [plugin]}


def _error(service: str, code: str, message: str) -> str:
    """An error as the service's protocol has it."""
    if service in JSON_SERVICES:
        return json.dumps({"__type": code, "message": message})
    if service == "s3":
        return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if service == "ec2":
        return f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"


def at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
