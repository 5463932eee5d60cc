"""Run Command of Systems Manager on the fleet's instances.

Follows "Understanding command statuses" (AWS Systems Manager User Guide) and SendCommand, ListCommandInvocations and
DescribeInstanceInformation in the AWS Systems Manager API Reference.

A command is not executed: it succeeds after a few seconds, or ends as a fault says. A test may have commands executed,
by this machine's shell, in a folder per instance; never switch that on for commands that you would not run yourself.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random

from nightshift.local.fleet.faults import Fault
from nightshift.local.fleet.requests import all_instances
from nightshift.local.fleet.ssm import patches
from nightshift.local.fleet.world import World, spread

SECONDS = 5
"""How long a command takes, usually."""

OUTPUT = 2500
"""Characters of output in an answer."""

SCRIPTS = {"AWS-RunShellScript": "aws:runShellScript", "AWS-RunPowerShellScript": "aws:runPowerShellScript"}
DOCUMENTS = {**SCRIPTS, patches.DOCUMENT: "PatchLinux"}
"""The plugin of each document that the agents know."""

MOST_INSTANCES = 50
RUNNING = ("Pending", "InProgress")
REBOOT = 194
"""At this exit code the agent reboots the instance and runs the script again.
AWS Systems Manager User Guide, "Handling reboots when running commands"."""


class SsmError(Exception):
    """An error of the Systems Manager API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = 500 if code == "InternalServerError" else 400


@dataclass
class Command:
    """A command that was sent. invocations: how it goes on each instance."""

    id: str
    request: dict[str, Any]
    sent: float
    invocations: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """On how many instances it did not end well."""
        return sum(how["Status"] in ("Failed", "TimedOut") for how in self.invocations.values())

    def most(self, name: str, default: str) -> int:
        """MaxConcurrency or MaxErrors of the request: a number, or a percent of the instances."""
        text = self.request.get(name) or default
        return int(text[:-1]) * len(self.invocations) // 100 if text.endswith("%") else int(text)


class Agents:
    """The Systems Manager agents of the instances of one account and Region."""

    def __init__(self, world: World, account: str, region: str) -> None:
        self.world = world
        self.account = account
        self.region = region
        self.commands: dict[str, Command] = world.notes.setdefault(("commands", account, region), {})

    def instances(self) -> dict[str, Any]:
        """The instances whose agent is known: all that were not terminated, but for the fault "unmanaged"."""
        known = all_instances(ec2_backends[self.account][self.region])
        return {
            i: found for i, found in known.items() if found.state != "terminated" and not self._hit("unmanaged", found)
        }

    def send(self, request: dict[str, Any]) -> Command:
        """Send a command. Raises SsmError."""
        targets, document = request.get("Targets") or [], request.get("DocumentName")
        ids = request.get("InstanceIds") or (self._targets(targets) if targets else [])
        if document not in DOCUMENTS:
            raise SsmError("InvalidDocument", f"Document with name {document} does not exist.")
        if not targets and not 1 <= len(ids) <= MOST_INSTANCES:
            raise SsmError("ValidationException", f"1 to {MOST_INSTANCES} instance ids are needed")
        known = self.instances()
        bad = [i for i in ids if i not in known or known[i].state != "running"]
        if bad:
            message = f"Instances [[{', '.join(bad)}]] not in a valid state for account {self.account}"
            raise SsmError("InvalidInstanceId", message)
        command = Command(str(mock_random.uuid4()), request, self.world.now())
        self.commands[command.id] = command
        for i in ids:
            command.invocations[i] = {"Status": "Pending", "Output": "", "ResponseCode": -1}
        self._go_on(command)
        return command

    def _targets(self, targets: list[dict[str, Any]]) -> list[str]:
        """The running instances that have one of the values of each tag."""
        return [
            id_
            for id_, instance in self.instances().items()
            if instance.state == "running" and all(_has(instance, wanted) for wanted in targets)
        ]

    def _go_on(self, command: Command) -> None:
        """Run it where it is pending: at as many instances at a time, and for as many errors, as the request says."""
        invocations = command.invocations.values()
        pending = [i for i, how in command.invocations.items() if how["Status"] == "Pending"]
        if command.errors > command.most("MaxErrors", "0"):
            for i in pending:
                command.invocations[i]["Status"] = "Cancelled"
            return
        busy = sum(how["Status"] == "InProgress" for how in invocations)
        for i in pending[: max(0, max(1, command.most("MaxConcurrency", "50")) - busy)]:
            command.invocations[i]["Status"] = "InProgress"
            command.invocations[i]["Began"] = self.world.now()
            self._run(command, self.instances()[i])

    def cancel(self, command: Command, ids: list[str]) -> None:
        """Cancel a command where it still runs."""
        for i in ids or list(command.invocations):
            if command.invocations[i]["Status"] in RUNNING:
                command.invocations[i]["Status"] = "Cancelled"
        self._go_on(command)

    def _run(self, command: Command, instance: Any) -> None:
        if self._hit("stuck", instance):
            self._hang(command, instance)
            return
        failure = self._hit("command_fails", instance)
        seconds = spread(SECONDS, instance.id)
        slow = self._hit("slow", instance)
        if slow:
            seconds *= slow.factor
        if failure:
            code, output = int(failure.code or 1), failure.message or "the command failed"
            self.world.after(seconds, lambda: self._end(command, instance, "Failed", code, output))
        elif self.world.executes and command.request["DocumentName"] in SCRIPTS:
            threading.Thread(target=self._execute, args=(command, instance), daemon=True).start()
        else:
            text = "simulated: the local fleet executes no command"
            self.world.after(seconds, lambda: self._end(command, instance, "Success", 0, text))

    def _hang(self, command: Command, instance: Any) -> None:
        limit = (command.request.get("Parameters", {}).get("executionTimeout") or ["3600"])[0]
        self.world.after(float(limit), lambda: self._end(command, instance, "TimedOut", -1, ""))

    def _execute(self, command: Command, instance: Any) -> None:
        disk = Path(tempfile.gettempdir()) / "instances" / instance.id
        (disk / "var/lib").mkdir(parents=True, exist_ok=True)
        script = "\n".join(command.request.get("Parameters", {}).get("commands", []))
        done = subprocess.run(
            ["sh", "-c", re.sub(r"(?<![\w:/])/var/", f"{disk}/var/", script)],
            env={"PATH": os.defpath, "AWS_SSM_INSTANCE_ID": instance.id, "AWS_SSM_REGION_NAME": self.region},
            cwd=disk,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode == REBOOT:
            # Run again it would end the same way, until its time is over.
            with self.world.lock:
                self._hang(command, instance)
            return
        output = done.stdout + (f"\n----------ERROR-------\n{done.stderr}" if done.stderr else "")
        with self.world.lock:
            self._end(command, instance, "Failed" if done.returncode else "Success", done.returncode, output)

    def _end(self, command: Command, instance: Any, status: str, code: int, output: str) -> None:
        invocation = command.invocations[instance.id]
        if invocation["Status"] != "InProgress":
            return
        if instance.state != "running":
            status, code, output = "TimedOut", -1, ""
        invocation.update(Status=status, ResponseCode=code, Output=output[:OUTPUT])
        if status == "Success" and command.request["DocumentName"] == patches.DOCUMENT:
            known = patches.states(self.world, self.account, self.region)
            given = command.request.get("Parameters", {})
            patches.ran(known, instance, given, invocation["Began"], self.world.now())
        self._go_on(command)

    def _hit(self, kind: str, instance: Any) -> Fault | None:
        return next((f for f in self.world.faults if f.kind == kind and f.concerns(instance) and f.strike()), None)


def _has(instance: Any, target: dict[str, Any]) -> bool:
    key = target["Key"].partition("tag:")[2]
    return any(tag["key"] == key and tag["value"] in target["Values"] for tag in instance.get_tags())
