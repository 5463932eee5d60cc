"""ssm.run_command: plan, send to fifty at a time, look until all have ended.

The plan is given to the state machine before anything is sent; what was sent is found by its comment. So an invocation
may be repeated, and the batch still runs once on each instance.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import AccessDenied, InvalidParameter
from lambdas.contract.id_packing import pack, unpack
from lambdas.contract.part import Allow, Call, Pending, Result, part, seconds
from lambdas.engine.pacing import MARGIN, Bucket, Pace, Sent, send
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import SelectInstances, Selection, selected, tag_map
from lambdas.parts.ec2._instances import Instance, find, state_of
from lambdas.parts.ssm._commands import MOST_INSTANCES, Batch, Commands, Invocation
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
    **common: Unpack[SelectInstances],
) -> RunCommandResult | Pending:
    """Run a command on instances, wait for its end, and judge it by its exit code.

    It runs as root (Linux) or SYSTEM (Windows), once on each instance whatever is repeated, on all of them at the same
    time. The instances have to be managed by Systems Manager: agent, instance profile and network (AWS Systems Manager
    User Guide, "AWS Systems Manager Run Command"). Their whole output is sent to the results bucket by the instances
    themselves, by a presigned form: they need curl and a way to S3, but no keys and no permissions for it.

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
    InvalidParameter: no selection is given, the command is empty, or timeout is more than 48 hours.

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
    script = command if isinstance(command, str) else "\n".join(command)
    if not script.strip():
        raise InvalidParameter("command is empty")
    timeout = seconds(common.get("timeout", _TIMEOUT))
    if timeout > _LONGEST:
        raise InvalidParameter(f"timeout={timeout} seconds; a command runs at most {_LONGEST} (48h)")
    success = frozenset([0] if success_codes is None else success_codes)
    order = Order(script, platform, working_directory or "", timeout, success)
    selection = selected(common, "instance_id")
    run = RunCommand(call, order)
    return run.go_on() if run.planned else run.plan(selection)


@dataclass(frozen=True)
class Order:
    """What to run: script, platform, directory, time in all in seconds, and the exit codes that are success."""

    script: str
    platform: str
    directory: str
    timeout: int
    success: frozenset[int]


class RunCommand:
    """Groups of ids in the state: `todo` to be sent to, `waiting` for the end, `done` ended with success; `commands`
    holds [command id, instances still waiting]."""

    def __init__(self, call: Call, order: Order) -> None:
        self.call = call
        self.order = order
        self.commands = Commands(call)
        self.state = call.state
        self.progress = Progress(call.state)
        self.wait: int | None = None

    @property
    def planned(self) -> bool:
        """Whether the instances are settled."""
        return "names" in self.state

    def plan(self, selection: Selection) -> RunCommandResult | Pending:
        """Settle on which instances the batch runs; nothing is sent."""
        self.state.clear()
        found = find(self.call, selection, self.progress)
        running = []
        for instance in found:
            if state_of(instance) == "running":
                running.append(instance["InstanceId"])
            else:
                text = f"'{{id}}' is {state_of(instance)}; start it before"
                self.progress.fail([instance["InstanceId"]], "IncorrectInstanceState", text)
        managed = self.commands.managed(running)
        self.progress.put("todo", [i for i in running if self._fit(i, managed.get(i))])
        self.state["planned_at"] = self.call.now()
        self.state["names"] = {i["InstanceId"]: name for i in found[:_SHOWN] if (name := _name(i))}
        if self.call.dry_run or not self.progress.ids("todo"):
            self.progress.add("done", self.progress.ids("todo"))
            return self.finish("would run on" if self.call.dry_run else "ran the command")
        return Pending(self.state, f"the command to be sent to {len(self.progress.ids('todo'))} instances", wait=1)

    def _fit(self, instance: str, info: dict[str, Any] | None) -> bool:
        """Whether the batch can run there; notes why not."""
        if info is None:
            code, text = "NotManaged", "'{id}' is not managed by Systems Manager"
        elif info.get("PingStatus") != "Online":
            code, text = "ConnectionLost", f"the agent on '{{id}}' does not answer ({info.get('PingStatus')})"
        elif (info.get("PlatformType") == "Windows") != (self.order.platform == "Windows"):
            code = "UnsupportedPlatformType"
            text = f"'{{id}}' runs {info.get('PlatformType')}, the command is for {self.order.platform}"
        else:
            return True
        self.progress.fail([instance], code, text)
        return False

    def go_on(self) -> RunCommandResult | Pending:
        """One invocation after the plan."""
        if self.progress.ids("todo"):
            self._adopt()
            self._send()
        else:
            self._look()
        if not self.progress.ids("todo") and not self.progress.ids("waiting"):
            return self.finish("ran the command")
        return self.pending()

    def _adopt(self) -> None:
        """Take note of commands whose answer an earlier invocation lost."""
        todo = self.progress.ids("todo")
        for command, ids in self.commands.sent(WHAT, self.state["planned_at"]).items():
            wanted = set(todo).intersection(ids)
            if wanted:
                self._note(command, [i for i in todo if i in wanted])
                todo = [i for i in todo if i not in wanted]
        self.progress.put("todo", todo)

    def _send(self) -> None:
        todo = self.progress.ids("todo")
        left: list[str] = []
        limit = max(_SHORTEST, int(self.order.timeout - (self.call.now() - self.state["planned_at"])))
        batch = Batch(WHAT, self.order.script, self.order.platform, self.order.directory, limit)
        pace = Pace(_BUCKET, self.state.setdefault("pace", {}), self.call.now())
        for start in range(0, len(todo), MOST_INSTANCES):
            chunk = todo[start : start + MOST_INSTANCES]
            if left or (start and self.call.remaining() < MARGIN):
                left += chunk
                self.wait = self.wait or 1
                continue
            sent = send(self.call, chunk, lambda ids: self._note(self.commands.send(batch, ids), ids), pace)
            self._refused(sent)
            left += sent.left
            if sent.left:
                self.wait = sent.wait
        self.progress.put("todo", left)

    def _note(self, command: str, ids: list[str]) -> None:
        self.state.setdefault("commands", []).append([command, pack(ids)])
        self.progress.add("waiting", ids)

    def _refused(self, sent: Sent) -> None:
        for ids, code, message in sent.failed:
            if code in aws_errors.DENIED and not self.progress.ids("waiting"):
                raise AccessDenied(f"the role may not send commands: {code}: {message}")
            self.progress.fail(ids, code, message)

    def _sent(self) -> list[tuple[str, list[str]]]:
        return [(command, unpack(ids)) for command, ids in self.state.get("commands", [])]

    def _look(self) -> None:
        """Read how the commands have ended, as far as the time of this invocation allows."""
        commands = self._sent()
        done: list[str] = []
        for index, (command, waiting) in enumerate(commands):
            if not waiting or (index and self.call.remaining() < MARGIN):
                continue
            ended = {i: how for i, how in self.commands.ended(command) if i in set(waiting)}
            done += [instance for instance, how in ended.items() if self._judge(instance, how)]
            commands[index] = (command, [i for i in waiting if i not in ended])
        self.state["commands"] = [[command, pack(ids)] for command, ids in commands]
        self.progress.put("waiting", [i for _, ids in commands for i in ids])
        self.progress.add("done", done)

    def _judge(self, instance: str, how: Invocation) -> bool:
        """Whether the batch succeeded there; keeps its output."""
        good = how.exit_code in self.order.success if how.kept else how.status == "Success"
        shown = self.state.setdefault("outputs", [])
        location = f"s3://{self.commands.bucket}/{self.commands.output_key(WHAT)}/{instance}.txt"
        output = CommandOutput(
            instance_id=instance,
            name=self.state["names"].get(instance, ""),
            status="Success" if good else how.status,
            exit_code=how.exit_code,
            output=how.output,
            location=location if how.kept == "uploaded" else "",
        )
        if not good:
            shown.insert(0, asdict(output))
            self.progress.fail([instance], *_failure(how))
        else:
            shown.append(asdict(output))
        del shown[_SHOWN:]
        if how.kept not in ("uploaded", "") and how.size > len(how.output) + 1:
            warning = f"{instance}: its output of {how.size} bytes could not be stored; it is {how.kept}"
            self.state.setdefault("warnings", []).append(warning)
            del self.state["warnings"][_SHOWN:]
        return good

    def pending(self) -> Pending:
        """What is still awaited."""
        parts = []
        for group, text in (("todo", "to be sent the command"), ("waiting", "to end the command")):
            if ids := self.progress.ids(group):
                parts.append(f"{len(ids)} {text} ({', '.join(ids[:10])}{', ...' if len(ids) > 10 else ''})")
        return Pending(self.state, "; ".join(parts), wait=self.wait, give_up=self.give_up)

    def give_up(self) -> RunCommandResult:
        """The result at the end of the timeout; what still runs is cancelled."""
        self.progress.fail(self.progress.ids("todo"), "Timeout", "'{id}' could not be sent the command in time")
        for command, ids in self._sent():
            if ids:
                refused = self.commands.cancel(command, ids)
                after = f"cancelling {command} failed ({refused})" if refused else f"{command} was cancelled there"
                self.progress.fail(ids, "Timeout", f"the command had not ended on '{{id}}' in time; {after}")
        return self.finish("ran the command")

    def finish(self, verb: str) -> RunCommandResult:
        """The result."""
        result = RunCommandResult(
            outputs=[CommandOutput(**o) for o in self.state.get("outputs", [])],
            command_ids=[command for command, _ in self._sent()],
            warnings=list(self.state.get("warnings", [])),
        )
        self.progress.fill(result, changed=self.progress.ids("done"))
        result.summary = summary(verb, "instance", result.changed, len(result.skipped), result.failed)
        result.responses = {"ListCommandInvocationsResponse": {"CommandInvocations": self.state.get("outputs", [])}}
        return result


def _failure(how: Invocation) -> tuple[str, str]:
    """Error code and message of a batch that did not succeed."""
    last = (how.output.strip().splitlines() or ["it wrote nothing"])[-1][:300]
    said = last.replace("{", "(").replace("}", ")")
    if not how.kept:
        return how.status, f"the command did not run to its end on '{{id}}': {said}"
    if how.exit_code == _TIMED_OUT:
        return "CommandTimedOut", f"the command was ended on '{{id}}' because it took too long: {said}"
    return "CommandFailed", f"exit code {how.exit_code} on '{{id}}': {said}"


def _name(instance: Instance) -> str:
    return tag_map(instance.get("Tags")).get("Name", "")
