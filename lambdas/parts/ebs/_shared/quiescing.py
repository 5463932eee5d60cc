"""Commands on the instances around the moment of a snapshot: `before`, the request, and `after` whatever came of it.

A target is frozen (`before` is sent, and ends), its snapshot is requested, and when no other target of its instance
waits for its own, `after` is sent. It is sent, too, when `before` or the request fails, and at the end of the timeout.
Against a function, a run or a network that dies in between, `before` leaves a watch on the instance, which runs
`after` by itself a few minutes later unless it has run. What would be requested after that is not, and fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.id_packing import pack, unpack
from lambdas.contract.part import Allow, Call
from lambdas.engine.pacing import Bucket
from lambdas.engine.progress import Progress
from lambdas.engine.stages import Batch, Each, Failed, Stage, Verdict, Verdicts, quoted
from lambdas.engine.tags import client_token
from lambdas.parts.ssm._commands import MOST_INSTANCES, Commands, Invocation, Script

WATCHED = 300
"""Seconds after which the watch on the instance runs `after`."""

_BEFORE, _AFTER = 240, 600
"""Seconds `before` and `after` may take."""

_SOON = 2
"""Seconds between two polls while an instance is frozen."""

_BUCKET = Bucket(50, 5)
"""What is assumed of the throttling of SendCommand, which is not documented."""

_ASKED = ("before", "*")

ALLOWED = (
    Allow(
        ("ssm:DescribeInstanceInformation", "ssm:ListCommandInvocations", "ssm:ListCommands"),
        asked_by=_ASKED,
    ),
    Allow(
        ("ssm:SendCommand",),
        (
            "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
            "arn:${AWS::Partition}:ssm:*::document/AWS-RunShellScript",
        ),
        asked_by=_ASKED,
    ),
)
"""What a part may do on instances where a flow gives it a command to run there."""

HINTS = {
    "AfterFailed": "The snapshot is made, but the instance may still be frozen: look at it, and run `after` by hand.",
    "BeforeFailed": "Read what the command wrote, correct the cause, then start the flow again.",
    "FrozenTooLong": "Have `before` do less, or snapshot fewer volumes at a time: after five minutes the instance "
    "releases itself.",
}

_FROZEN = """\
watch=/var/lib/nightshift/{label}.after
cat >"$watch" <<'NIGHTSHIFT-AFTER'
{after}
NIGHTSHIFT-AFTER
(
  n=0
  while [ -f "$watch" ] && [ $n -lt {seconds} ]; do sleep 1; n=$((n + 1)); done
  mv "$watch" "$watch.late" && sh "$watch.late"
  rm -f "$watch.late"
) </dev/null >/dev/null 2>&1 &
{before}"""
_RELEASED = """\
rm -f /var/lib/nightshift/{label}.after
{after}"""


class Quiescing:
    """Noted in the state under `around`: the instance of each target, the commands as [id, instances, when sent], and
    why targets have failed whose `after` has not ended.
    """

    def __init__(self, call: Call, before: str, after: str) -> None:
        """Raise InvalidParameter for an `after` without a `before`."""
        if after and not before:
            raise InvalidParameter("after is given without before; without before there is nothing to end")
        self.call = call
        self.before, self.after = before, after
        self.hurry: Callable[[int], None] = lambda seconds: None

    def __bool__(self) -> bool:
        """Whether there is a command to run."""
        return bool(self.before)

    @cached_property
    def _commands(self) -> Commands:
        return Commands(self.call)

    @property
    def _note(self) -> dict[str, Any]:
        note: dict[str, Any] = self.call.state["around"]
        return note

    def plan(self, hosts: Mapping[str, str]) -> Verdicts:
        """Where each target begins. hosts: target -> its instance, or ""."""
        managed = self._commands.managed(sorted({host for host in hosts.values() if host}))
        planned = {"at": self.call.now(), "hosts": dict(hosts), "before": [], "after": [], "broken": {}}
        self.call.state["around"] = planned
        return ((target, _unfit(host, managed.get(host)) or "freeze") for target, host in hosts.items())

    def stages(self, todo: Each, waiting: Stage) -> list[Stage]:
        """The stages around those in which a snapshot is requested and awaited."""
        create, taken_over = todo.request, todo.poll
        assert taken_over is not None, "what a lost invocation made is looked for"

        def request(target: str, dry_run: bool) -> Any:
            too_long = None if dry_run else self._too_long(target)
            return too_long or create(target, dry_run)

        def requested(targets: list[str], verdict: Verdict) -> Verdicts:
            return ((t, self._broken(t, verdict) if isinstance(verdict, Failed) else "requested") for t in targets)

        return [
            self._sending("freeze", "before"),
            Stage("freezing", "on whose instances `before` runs", self._late, poll=self._frozen),
            replace(
                todo,
                late=self._late,
                poll=lambda targets: ((t, "requested") for t, _ in taken_over(targets)),
                request=request,
                then=requested,
                refused=self._refused,
                denied="one",
            ),
            Stage("requested", "whose instances wait for others", self._late, poll=self._releasable),
            self._sending("thaw", "after"),
            Stage("thawing", "on whose instances `after` runs", self._late, poll=self._released),
            waiting,
        ]

    def _sending(self, stage: str, what: str) -> Batch:
        return Batch(
            stage,
            f"on whose instances `{what}` is to run",
            self._late if what == "after" else "`before` could not be sent for '{id}' in time",
            request=lambda targets, dry_run: self._send(what, [self._note["hosts"][t] for t in targets]),
            asks=lambda target: False,
            size=MOST_INSTANCES,
            bucket=_BUCKET,
        )

    # Sending

    def _send(self, what: str, hosts: list[str]) -> None:
        """Send a command to the instances that have not got it in this or an earlier invocation."""
        got = {host for _, ids, _ in self._note[what] for host in unpack(ids)}
        new = [host for host in dict.fromkeys(hosts) if host not in got]
        lost = {
            host: command
            for command, ids in (self._commands.sent(what, self._note["at"]) if new else {}).items()
            for host in ids
            if host in new
        }
        for command in dict.fromkeys(lost.values()):
            self._sent(what, command, [host for host in new if lost.get(host) == command])
        if fresh := [host for host in new if host not in lost]:
            self._sent(what, self._commands.send(self._script(what), fresh), fresh)

    def _sent(self, what: str, command: str, hosts: list[str]) -> None:
        self._note[what].append([command, pack(hosts), self.call.now()])

    def _script(self, what: str) -> Script:
        label = client_token(self.call, "after")[:32]
        text = _FROZEN if what == "before" else _RELEASED
        filled = text.format(label=label, seconds=WATCHED, before=self.before, after=self.after or ":")
        return Script(what, filled, "Linux", "", _BEFORE if what == "before" else _AFTER)

    # Polling

    def _ended(self, what: str) -> dict[str, str]:
        """Instances on which a command has ended -> what was wrong, or ""."""
        found = {}
        for command, ids, _ in self._note[what]:
            sent = set(unpack(ids))
            found.update({i: _fault(how) for i, how in self._commands.ended(command) if i in sent})
        return found

    def _frozen(self, targets: list[str]) -> Verdicts:
        self.hurry(_SOON)
        ended = self._ended("before")
        for target in targets:
            host = self._note["hosts"][target]
            if wrong := ended.get(host):
                yield target, self._broken(target, Failed("BeforeFailed", f"`before` failed on {host}: {wrong}"))
            elif host in ended:
                yield target, "todo"

    def _releasable(self, targets: list[str]) -> Verdicts:
        """Those whose instance no other target needs frozen."""
        progress = Progress(self.call.state)
        busy = {self._note["hosts"][t] for stage in ("freeze", "freezing", "todo") for t in progress.ids(stage)}
        self.hurry(_SOON)
        for target in targets:
            if self._note["hosts"][target] not in busy:
                yield target, "thaw" if self.after else self._rest(target, "")

    def _released(self, targets: list[str]) -> Verdicts:
        self.hurry(_SOON)
        ended = self._ended("after")
        for target in targets:
            host = self._note["hosts"][target]
            if host in ended:
                yield target, self._rest(target, ended[host])

    def _rest(self, target: str, wrong: str) -> Verdict:
        """Where a target goes whose instance is released, or could not be: `wrong` says why."""
        if target in self._note["broken"]:
            code, message = self._note["broken"][target]
            return Failed(code, f"{message}; `after` failed, too: {wrong}" if wrong else message)
        text = f"'{{id}}' is snapshotted, but `after` failed on {self._note['hosts'][target]}: {wrong}"
        return Failed("AfterFailed", text) if wrong else "waiting"

    # What goes wrong

    def _broken(self, target: str, failure: Failed) -> Verdict:
        """It fails once its instance is released."""
        self._note["broken"][target] = [failure.code, failure.message]
        return "requested"

    def _refused(self, target: str, code: str, message: str) -> Verdict | None:
        return None if self.call.dry_run else self._broken(target, Failed(code, message))

    def _too_long(self, target: str) -> Failed | None:
        host = self._note["hosts"][target]
        sent = next(at for _, ids, at in self._note["before"] if host in unpack(ids))
        if self.call.now() - sent < WATCHED:
            return None
        return Failed("FrozenTooLong", f"'{{id}}' was not snapshotted before {host} released itself")

    def _late(self, target: str) -> Failed:
        """At the end of the timeout `after` is still sent."""
        host = self._note["hosts"][target]
        try:
            self._send("after", [host])
        except Exception as error:
            told = f"`after` could not be sent to {host} ({quoted(str(error))}), which runs it by itself"
        else:
            told = f"`after` was sent to {host}"
        return Failed("Timeout", f"no snapshot of '{{id}}' was completed in time; {told}")


def _unfit(host: str, info: Mapping[str, Any] | None) -> Failed | None:
    """Why no command can run on an instance of which Systems Manager tells this."""
    if not host:
        return Failed("NotAttached", "'{id}' is attached to no instance on which `before` could run")
    if info is None:
        return Failed("NotManaged", f"{host}, where `before` is to run, is not managed by Systems Manager")
    if info.get("PingStatus") != "Online":
        return Failed("ConnectionLost", f"the agent on {host} does not answer ({info.get('PingStatus')})")
    if info.get("PlatformType") == "Windows":
        text = f"{host} runs Windows: AWSEC2-CreateVssSnapshot makes its consistent snapshots (ssm.start_automation)"
        return Failed("UnsupportedPlatformType", text)
    return None


def _fault(how: Invocation) -> str:
    """What was wrong with a command that has ended; "" for nothing."""
    if how.exit_code == 0 if how.kept else how.status == "Success":
        return ""
    said = quoted((how.output.strip().splitlines() or ["it wrote nothing"])[-1])
    return f"exit code {how.exit_code}, {said}" if how.kept else f"{how.status}, {said}"
