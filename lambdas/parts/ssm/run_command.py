"""ssm.run_command: plan, send to fifty at a time, poll until all have ended.

The plan is given to the state machine before anything is sent; what was sent is found by its comment. So an invocation
may be repeated, and the batch still runs once on each instance.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.id_packing import pack, unpack
from lambdas.contract.part import Allow, Call, Pending, Result, part, seconds
from lambdas.engine.pacing import MARGIN, Bucket
from lambdas.engine.selection import ChangeInstances, Selection, selected, tag_map
from lambdas.engine.stages import DONE, Batch, Failed, Stage, Stages, Verdict, Verdicts, quoted
from lambdas.parts.ec2._shared.instances import find, population, state_of
from lambdas.parts.ssm._commands import MOST_INSTANCES, Commands, Invocation, Script
from lambdas.parts.ssm._permissions import READS, SEND, UNREACHABLE

_SHOWN = 100
"""Instances whose output the result carries; the results bucket has it of all."""

_BUCKET = Bucket(50, 5)
"""What is assumed of the throttling of SendCommand, which is not documented, once AWS throttles."""

_TIMEOUT = "1h"
_SHORTEST = 20
_LONGEST = 172800
"""Seconds Systems Manager lets a command run: 48 hours ("AWS-RunShellScript", parameter executionTimeout)."""

_TIMED_OUT = 124
"""Exit code of timeout(1), and of a batch that was ended for the time it took."""

_NODE = "mi-"
"""What the ids of hybrid nodes begin with. AWS Systems Manager User Guide, "Managing nodes in hybrid and multicloud
environments with Systems Manager"."""

WHAT = "output"


@dataclass(frozen=True)
class CommandOutput:
    """How the command ended on an instance.

    name: value of the instance's Name tag, or "".
    status: Systems Manager's detailed status ("Success", "Failed", "DeliveryTimedOut", ...).
    exit_code: of the command; -1 when it did not run to its end.
    output: the last 2,000 characters of what it wrote to stdout and stderr.
    location: where the whole output is: "s3://bucket/key"; "" when it could not be stored.
    """

    instance_id: str
    name: str
    status: str
    exit_code: int
    output: str
    location: str


@dataclass
class RunCommandResult(Result):
    """Result of ssm.run_command.

    changed: instances on which the command ended with an exit code of success.
    outputs: exit code and output by instance: of the first 100, those that failed first.
    command_ids: Systems Manager's ids of the commands, at most 50 instances each.
    """

    outputs: list[CommandOutput] = field(default_factory=list)
    command_ids: list[str] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", *READS)),
        SEND,
    ),
    cost="Run Command is free on EC2 instances; the outputs are kept in the results bucket.",
    hints={
        **UNREACHABLE,
        "CommandFailed": "Read the whole output of the command, correct the cause, then start the flow again.",
        "CommandTimedOut": "Find out why the command takes so long, or raise the timeout.",
    },
    timeout=_TIMEOUT,
    interval=10,
)
def run_command(
    call: Call,
    *,
    command: str | list[str],
    working_directory: str | None = None,
    platform: Literal["Linux", "Windows"] = "Linux",
    success_codes: list[int] | None = None,
    **common: Unpack[ChangeInstances],
) -> RunCommandResult | Pending:
    """Run a command on instances, wait for its end, and judge it by its exit code.

    It runs as root (Linux) or SYSTEM (Windows), once on each instance whatever is repeated, on all of them at the same
    time. The instances have to be managed by Systems Manager: agent, instance profile and network (AWS Systems Manager
    User Guide, "AWS Systems Manager Run Command"). Their whole output is sent to the results bucket by the instances
    themselves, by a presigned form: they need curl and a way to S3, but no keys and no permissions for it.

    Hybrid nodes ("mi-...") are taken by `instance_id`, without tags: EC2 does not know them. An exit code of 194
    (Linux) or 3010 (Windows) is reported like any other; it does not make the agent reboot.

    `timeout` holds for everything; the command itself is ended a little earlier (a fifth of the time, at most a
    minute), so that its output can be kept. What has not answered by then is cancelled.

    A dry run finds the instances and whether Systems Manager reaches them; nothing is sent.

    Parameters:
    command: shell script (or one for the interpreter its first line names: "#!/bin/bash"), or PowerShell. A list is
        run line by line as one script; write "set -e" first to end it at the first error.
    working_directory: directory to run it in; default: the root directory.
    platform: "Linux" (also macOS) or "Windows".
    success_codes: exit codes that are success; default: 0.

    Result: RunCommandResult.

    Errors:
    PartFailed: the command ended with another exit code, or took too long; an instance does not exist, is not running,
        is not managed by Systems Manager, or its agent does not answer.
    PartTimeout: the command had not ended on an instance when `timeout` ended; it was cancelled there.
    AccessDenied: the role may not send commands.
    InvalidParameter: no selection is given, the command is empty, timeout is more than 48 hours, or hybrid nodes are to
        be selected by tags.

    Example:
        from lambdas.parts import ec2, ssm
        from nightshift import cron, flow


        @flow(schedule=cron("30 1 * * ? *", timezone="Asia/Tokyo"), timeout="4h")
        def settle_the_day(date: str = "today"):
            "Start the batch server, run the settlement on it, and stop it again whatever happens."
            started = ec2.start_instances(tag="Role=batch", status_check=True)
            try:
                settled = ssm.run_command(
                    tag="Role=batch",
                    command=["set -e", f"./settle --date {date}", "./report"],
                    working_directory="/opt/settlement",
                    timeout="2h",
                )
            finally:
                ec2.stop_instances(instance_id=started.changed)
            return settled.summary
    """
    text = command if isinstance(command, str) else "\n".join(command)
    if not text.strip():
        raise InvalidParameter("command is empty")
    timeout = seconds(common.get("timeout", _TIMEOUT))
    if timeout > _LONGEST:
        raise InvalidParameter(f"timeout={timeout} seconds; a command runs at most {_LONGEST} (48h)")
    script = Script(WHAT, text, platform, working_directory or "", timeout)
    run = _Run(call, script, frozenset([0] if success_codes is None else success_codes))
    stages = [
        Batch(
            "todo",
            "to be sent the command",
            "'{id}' could not be sent the command in time",
            request=run.send,
            asks=lambda instance: False,
            size=MOST_INSTANCES,
            bucket=_BUCKET,
        ),
        Stage("waiting", "to end the command", run.late, poll=run.ended),
    ]
    run.stages = Stages(
        call,
        stages,
        verb="run on",
        done="ran the command",
        noun="instance",
        act="send commands",
        population=population,
        upgrades={0: _upgrade},
    )
    selection = selected(common, "instance_id")
    return run.stages.run(lambda: run.plan(selection), RunCommandResult(), run.finish)


class _Run:
    """A script on instances. Noted in the state: `planned_at`; `names`, the Name tags of the first instances;
    `commands`, as [id, instances it was sent to]; `outputs` of the first that ended, those that failed in front.
    """

    stages: Stages

    def __init__(self, call: Call, script: Script, success: frozenset[int]) -> None:
        self.call = call
        self.state = call.state
        self.script = script
        self.success = success
        self.commands = Commands(call)

    def plan(self, selection: Selection) -> Verdicts:
        """The instances that run and that Systems Manager reaches."""
        nodes = [i for i in selection.ids or [] if i.startswith(_NODE)]
        if nodes:
            if selection.tags or selection.exclude:
                raise InvalidParameter(f"{', '.join(nodes[:10])}: hybrid nodes have no EC2 tags; give them by id alone")
            selection = replace(selection, ids=[i for i in selection.ids or [] if i not in nodes])
        found = find(self.call, selection, self.stages.progress)
        running = [i["InstanceId"] for i in found if state_of(i) == "running"]
        managed = self.commands.managed(running + nodes)
        names = {i["InstanceId"]: tag_map(i.get("Tags")).get("Name", "") for i in found[:_SHOWN]}
        self.state["planned_at"] = self.call.now()
        self.state["names"] = {instance: name for instance, name in names.items() if name}
        for instance in found:
            if state_of(instance) != "running":
                text = f"'{{id}}' is {state_of(instance)}; start it before"
                yield instance["InstanceId"], Failed("IncorrectInstanceState", text)
        yield from ((i, self._unfit(managed.get(i)) or "todo") for i in running + nodes)

    def _unfit(self, info: dict[str, Any] | None) -> Failed | None:
        """Why the script cannot run on an instance of which Systems Manager tells this."""
        if info is None:
            return Failed("NotManaged", "'{id}' is not managed by Systems Manager")
        if info.get("PingStatus") != "Online":
            return Failed("ConnectionLost", f"the agent on '{{id}}' does not answer ({info.get('PingStatus')})")
        if (info.get("PlatformType") == "Windows") != (self.script.platform == "Windows"):
            text = f"'{{id}}' runs {info.get('PlatformType')}, the command is for {self.script.platform}"
            return Failed("UnsupportedPlatformType", text)
        return None

    def send(self, instances: list[str], dry_run: bool) -> None:
        """Send the script to at most fifty, but for those that an earlier invocation has sent it to."""
        lost = {i: command for command, ids in self._earlier.items() for i in ids if i in set(instances)}
        if new := [i for i in instances if i not in lost]:
            passed = int(self.call.now() - self.state["planned_at"])
            script = replace(self.script, limit=max(_SHORTEST, self.script.limit - passed))
            self._note(self.commands.send(script, new), new)
        for command in dict.fromkeys(lost.values()):
            self._note(command, [i for i in instances if lost.get(i) == command])

    def _note(self, command: str, instances: list[str]) -> None:
        self.state.setdefault("commands", []).append([command, pack(instances)])

    @cached_property
    def _earlier(self) -> dict[str, list[str]]:
        """The commands whose answer an earlier invocation has lost, among others."""
        return self.commands.sent(WHAT, self.state["planned_at"])

    def ended(self, instances: list[str]) -> Verdicts:
        """Where the script has ended, and how; as many commands as the time of this invocation allows."""
        waiting = set(instances)
        polled = 0
        for command, sent in self._sent():
            mine = waiting.intersection(sent)
            if not mine or (polled and self.call.remaining() < MARGIN):
                continue
            polled += 1
            for instance, how in self.commands.ended(command):
                if instance in mine:
                    yield instance, self._judge(instance, how)

    def _sent(self) -> list[tuple[str, list[str]]]:
        return [(command, unpack(ids)) for command, ids in self.state.get("commands", [])]

    def _judge(self, instance: str, how: Invocation) -> Verdict:
        """Whether the script succeeded there; keeps its output."""
        good = how.exit_code in self.success if how.kept else how.status == "Success"
        location = f"s3://{self.commands.bucket}/{self.commands.output_key(WHAT)}/{instance}.txt"
        output = CommandOutput(
            instance_id=instance,
            name=self.state["names"].get(instance, ""),
            status="Success" if good else how.status,
            exit_code=how.exit_code,
            output=how.output,
            location=location if how.kept == "uploaded" else "",
        )
        shown = self.state.setdefault("outputs", [])
        shown.insert(len(shown) if good else 0, asdict(output))
        del shown[_SHOWN:]
        if how.kept not in ("uploaded", "") and how.size > len(how.output) + 1:
            warning = f"{instance}: its output of {how.size} bytes could not be stored; it is {how.kept}"
            self.state.setdefault("warnings", []).append(warning)
            del self.state["warnings"][_SHOWN:]
        return DONE if good else _failure(how)

    def late(self, instance: str) -> Failed:
        """What still runs when the timeout ends is cancelled."""
        command, refused = self._cancelled[instance]
        after = f"cancelling {command} failed ({refused})" if refused else f"{command} was cancelled there"
        return Failed("Timeout", f"the command had not ended on '{{id}}' in time; {after}")

    @cached_property
    def _cancelled(self) -> dict[str, tuple[str, str]]:
        """Cancel what still runs: instance -> its command, and why it could not be cancelled, or ""."""
        progress = self.stages.progress
        ended = {failure.id for failure in progress.failed()}.union(progress.ids(DONE))
        left = [(command, [i for i in ids if i not in ended]) for command, ids in self._sent()]
        asked = [(command, ids, self.commands.cancel(command, ids)) for command, ids in left if ids]
        return {i: (command, refused) for command, ids, refused in asked for i in ids}

    def finish(self, result: RunCommandResult) -> None:
        """Add the outputs."""
        outputs = self.state.get("outputs", [])
        result.outputs = [CommandOutput(**output) for output in outputs]
        result.command_ids = [command for command, _ in self._sent()]
        result.warnings = list(self.state.get("warnings", []))
        result.responses = {"ListCommandInvocationsResponse": {"CommandInvocations": outputs}}


def _failure(how: Invocation) -> Failed:
    """Error code and message of a script that did not succeed."""
    said = quoted((how.output.strip().splitlines() or ["it wrote nothing"])[-1])
    if not how.kept:
        return Failed(how.status, f"the command did not run to its end on '{{id}}': {said}")
    if how.exit_code == _TIMED_OUT:
        return Failed("CommandTimedOut", f"the command was ended on '{{id}}' because it took too long: {said}")
    return Failed("CommandFailed", f"exit code {how.exit_code} on '{{id}}': {said}")


def _upgrade(state: dict[str, Any]) -> None:
    """The state of the code before there were versions, which had the same groups of ids."""
    if "names" not in state:
        state.clear()
        return
    state["pace"] = {"todo": state.pop("pace", {})}
