"""Starting and stopping instances: plan, act, look until verified.

The first invocation only plans and gives the plan to the state machine before anything is changed. So an act that
is repeated after a crash or a lost response still knows which instances were running before, and `changed` is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from lambdas.contract import aws_errors
from lambdas.contract.errors import AccessDenied
from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.pacing import Bucket, Pace, Sent, send
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import Selection
from lambdas.parts.ec2._instances import Instance, InstanceState, by_id, described, find, state_of, statuses

_SHOWN = 100
"""Instances whose details the result carries."""

STALE = 30
"""Seconds during which EC2 may still describe the state before an accepted request."""

_FEW = 100
_GONE = ("shutting-down", "terminated")


@dataclass
class PowerResult(Result):
    """Result of starting or stopping instances.

    instances: the first 100 matched instances, with their states before and after.
    """

    instances: list[InstanceState] = field(default_factory=list)

    def show(self, about: dict[str, Any]) -> None:
        """Add the details of the instances that `described_first` kept."""
        self.instances = [described(instance, before) for before, instance in about.values()]
        instances = [instance for _, instance in about.values()]
        self.responses = {"DescribeInstancesResponse": {"Reservations": [{"Instances": instances}]}}


@dataclass
class StartInstancesResult(PowerResult):
    """Result of ec2.start_instances.

    changed: instances this call started, each running (with status_check: 2/2 checks passed).
    skipped: those that were already running or starting, and those excluded by tag.
    """


@dataclass
class StopInstancesResult(PowerResult):
    """Result of ec2.stop_instances.

    changed: instances this call stopped, each in the state stopped; give it to ec2.start_instances to undo.
    skipped: those that were already stopped or stopping, and those excluded by tag.
    """


R = TypeVar("R", bound=PowerResult)


@dataclass(frozen=True)
class Change:
    """What distinguishes starting from stopping.

    verb, done: "start", "started".
    before, moving, after: the states an instance passes through.
    blocked: the state that has to end before the request is accepted.
    request: makes the call for a list of ids, with DryRun or not.
    refuse: why an instance cannot be changed (error code, message), known without asking AWS; or None.
    checked: whether an instance counts only with 2/2 status checks.
    push: whether to request the change also for those already moving (StopInstances with Force).
    """

    verb: str
    done: str
    before: str
    moving: str
    after: str
    blocked: str
    bucket: Bucket
    request: Callable[[list[str], bool], Any]
    refuse: Callable[[Instance], tuple[str, str] | None]
    checked: bool = False
    push: bool = False


def starting(call: Call, status_check: bool) -> Change:
    """StartInstances: 1,000 at once, then two a second.

    Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API".
    """
    client = call.client("ec2")
    return Change(
        verb="start",
        done="started",
        before="stopped",
        moving="pending",
        after="running",
        blocked="stopping",
        bucket=Bucket(1000, 2),
        request=lambda ids, dry: client.start_instances(InstanceIds=ids, DryRun=dry),
        refuse=lambda instance: None,
        checked=status_check,
    )


def stopping(call: Call, force: bool, hibernate: bool) -> Change:
    """StopInstances: 1,000 at once, then twenty a second."""
    client = call.client("ec2")
    return Change(
        verb="stop",
        done="stopped",
        before="running",
        moving="stopping",
        after="stopped",
        blocked="pending",
        bucket=Bucket(1000, 20),
        request=lambda ids, dry: client.stop_instances(InstanceIds=ids, Force=force, Hibernate=hibernate, DryRun=dry),
        refuse=lambda instance: cannot_stop(instance, hibernate),
        push=force,
    )


def cannot_stop(instance: Instance, hibernate: bool) -> tuple[str, str] | None:
    """Amazon EC2 User Guide, "Stop and start Amazon EC2 instances", "Hibernate your Amazon EC2 instance"."""
    if instance.get("RootDeviceType") == "instance-store":
        return "UnsupportedOperation", "'{id}' has an instance store root volume and can only be terminated"
    if hibernate and not instance.get("HibernationOptions", {}).get("Configured", False):
        return "UnsupportedHibernationConfiguration", "'{id}' was not launched with hibernation configured"
    return None


def run(call: Call, change: Change, selection: Selection, result: R) -> R | Pending:
    """One invocation of `change` on the selected instances."""
    power = _Power(call, change, result)
    planned = "about" in call.state
    if not planned:
        power.plan(selection)
    if call.dry_run:
        return power.dry_run()
    if planned:
        power.look()
        power.send()
    return power.outcome()


class _Power(Generic[R]):
    """Groups of ids: `todo` to be requested, `blocked` until another state ends, `sent` accepted, `check` running with
    status checks to come, `done` verified; `already <state>` are awaited but not changed by this call."""

    def __init__(self, call: Call, change: Change, result: R) -> None:
        self.call = call
        self.change = change
        self.result = result
        self.state = call.state
        self.progress = Progress(call.state)
        self.wait: int | None = None
        self.planned_now = False

    def plan(self, selection: Selection) -> None:
        """Sort the selected instances into groups; nothing is changed."""
        # An earlier attempt to plan may have been throttled half way.
        self.state.clear()
        self.planned_now = True
        groups: dict[str, list[str]] = {}
        found = find(self.call, selection, self.progress)
        # Instances of one type and zone stand together, so that a lack of capacity hits one run of a batch.
        found.sort(key=lambda i: (i.get("InstanceType", ""), str(i.get("Placement")), i["InstanceId"]))
        for instance in found:
            groups.setdefault(self._group(instance), []).append(instance["InstanceId"])
        for name, ids in groups.items():
            self.progress.add(name, ids)
        self.state["about"] = described_first(found)

    def _group(self, instance: Instance) -> str:
        state, change = state_of(instance), self.change
        if state in _GONE:
            self.progress.fail([instance["InstanceId"]], "IncorrectInstanceState", f"'{{id}}' is {state}")
            return "failed"
        if state == change.after:
            self.progress.add("already " + state, [instance["InstanceId"]])
            return "check" if change.checked else "done"
        if refused := change.refuse(instance):
            self.progress.fail([instance["InstanceId"]], *refused)
            return "failed"
        if state == change.moving and not change.push:
            self.progress.add("already " + state, [instance["InstanceId"]])
            return "sent"
        return "blocked" if state == change.blocked else "todo"

    def dry_run(self) -> R | Pending:
        """Ask AWS whether it would accept the requests."""
        todo = self.progress.ids("todo") + self.progress.ids("blocked")
        sent = send(self.call, todo, lambda ids: self.change.request(ids, True), self._pace())
        self._note(sent)
        for group in ("blocked", "check", "sent"):
            self.progress.put(group, [])
        self.progress.add("done", sent.accepted)
        self.progress.put("todo", sent.left)
        if sent.left:
            return Pending(self.state, f"{len(sent.left)} to be asked about", wait=sent.wait or 1)
        return self.finish(f"would {self.change.verb}")

    def look(self) -> None:
        """Read the states of those awaited, unless requests are still to be sent and nothing else blocks them."""
        awaited = self.progress.ids("blocked")
        if not self.progress.ids("todo"):
            self._look_at_checks()
            awaited = awaited + self.progress.ids("sent")
        if not awaited:
            return
        found = by_id(self.call, awaited)
        for ids, code, message in found.failed:
            self._fail(ids, code, message)
        groups: dict[str, list[str]] = {"blocked": [], "todo": [], "check": [], "done": []}
        blocked = set(self.progress.ids("blocked"))
        still = [] if len(awaited) > len(blocked) else self.progress.ids("sent")
        groups["sent"] = still
        for instance in found.items:
            instance_id = instance["InstanceId"]
            if instance_id in self.state["about"]:
                self.state["about"][instance_id][1] = _brief(instance)
            group = self._after_look(instance, instance_id in blocked)
            if group:
                groups[group].append(instance_id)
        self.progress.put("blocked", groups.pop("blocked"))
        self.progress.put("sent", groups.pop("sent"))
        for name, ids in groups.items():
            self.progress.add(name, ids)

    def _after_look(self, instance: Instance, blocked: bool) -> str | None:
        state, change = state_of(instance), self.change
        if state in _GONE:
            self._fail([instance["InstanceId"]], "IncorrectInstanceState", f"'{{id}}' is {state}: {_reason(instance)}")
            return None
        if state == change.after:
            if blocked:
                self.progress.add("already " + state, [instance["InstanceId"]])
            return "check" if change.checked else "done"
        if blocked:
            return "todo" if state in (change.before, change.moving) else "blocked"
        since = self.call.now() - self.state.get("sent_at", 0)
        if change.verb == "start" and (fell_back := fall_back(instance, since)):
            self._fail([instance["InstanceId"]], *fell_back)
            return None
        return "sent"

    def _look_at_checks(self) -> None:
        waiting = self.progress.ids("check")
        if not waiting:
            return
        found = statuses(self.call, waiting)
        self.progress.put("check", [i for i in waiting if i in found and found[i] != "ok"])
        self.progress.add("done", [i for i in waiting if found.get(i) == "ok"])
        self.state["impaired"] = [i for i in waiting if found.get(i) == "impaired"][:_SHOWN]
        # Not among the running ones any more: its state tells why.
        self.progress.add("sent", [i for i in waiting if i not in found])

    def send(self) -> None:
        """Request the change for those that still need it."""
        todo = self.progress.ids("todo")
        if not todo:
            return
        pace = self._pace()
        sent = send(self.call, todo, lambda ids: self.change.request(ids, False), pace)
        self.progress.put("todo", sent.left)
        self.progress.add("sent", sent.accepted)
        if sent.accepted:
            self.state["sent_at"] = self.call.now()
        self._note(sent)
        if sent.left:
            self.wait = sent.wait or 1

    def _note(self, sent: Sent) -> None:
        denied = [f for f in sent.failed if f[1] in aws_errors.DENIED]
        if denied and not sent.accepted and not self.progress.ids("sent") and not self.progress.ids("done"):
            raise AccessDenied(f"the role may not {self.change.verb} instances: {denied[0][1]}: {denied[0][2]}")
        refused = set(self.state.get("refused", []))
        for ids, code, message in sent.failed:
            # EC2 may refuse for a state it no longer describes: a few such refusals are worth a second try.
            again = code == "IncorrectInstanceState" and len(ids) <= _FEW and not self.call.dry_run
            retry = [i for i in ids if again and i not in refused]
            self.progress.add("blocked", retry)
            refused.update(retry)
            self._fail([i for i in ids if i not in retry], code, message)
        if refused:
            self.state["refused"] = sorted(refused)

    def _fail(self, ids: list[str], code: str, message: str) -> None:
        self.progress.fail(ids, code, message)
        dropped = set(ids)
        for group in ("already " + self.change.after, "already " + self.change.moving):
            if self.progress.ids(group):
                self.progress.put(group, [i for i in self.progress.ids(group) if i not in dropped])

    def _pace(self) -> Pace:
        return Pace(self.change.bucket, self.state.setdefault("pace", {}), self.call.now())

    def outcome(self) -> R | Pending:
        """Finished, or what is still awaited."""
        parts = []
        for group, text in (
            ("todo", f"to be sent to {self.change.verb}"),
            ("blocked", f"{self.change.blocked}"),
            ("sent", f"to be {self.change.after}"),
            ("check", "to pass 2/2 status checks"),
        ):
            if ids := self.progress.ids(group):
                parts.append(f"{len(ids)} {text} ({', '.join(ids[:10])}{', ...' if len(ids) > 10 else ''})")
        if not parts:
            return self.finish(self.change.done)
        if impaired := self.state.get("impaired"):
            parts.append(f"status impaired: {', '.join(impaired[:10])}")
        wait = 1 if self.planned_now and self.progress.ids("todo") else self.wait
        return Pending(self.state, "; ".join(parts), wait=wait, give_up=self.give_up)

    def give_up(self) -> R:
        """The result at the end of the timeout."""
        for group in ("todo", "blocked", "sent", "check"):
            text = "has not passed its status checks" if group == "check" else f"is not {self.change.after}"
            self._fail(self.progress.ids(group), "Timeout", f"'{{id}}' {text} in time")
            self.progress.put(group, [])
        return self.finish(self.change.done)

    def finish(self, verb: str) -> R:
        """The result."""
        already = {
            group: set(self.progress.ids(group))
            for group in ("already " + self.change.after, "already " + self.change.moving)
        }
        others = set().union(*already.values())
        for reason, ids in already.items():
            self.progress.skip(sorted(ids), reason)
        result = self.result
        self.progress.fill(result, changed=[i for i in self.progress.ids("done") if i not in others])
        result.show(self.state.get("about", {}))
        result.summary = summary(verb, "instance", result.changed, len(result.skipped), result.failed)
        return result


def fall_back(instance: Instance, since: float) -> tuple[str, str] | None:
    """Error code and message of an instance that was started and is stopped again; None while it may be starting.

    since: seconds since the start was accepted; for a while "stopped" may be the description of before.

    Amazon EC2 User Guide, "Troubleshoot Amazon EC2 instance launch issues".
    """
    code = instance.get("StateReason", {}).get("Code", "")
    stale = code in ("", "Client.UserInitiatedShutdown") and since < STALE
    if state_of(instance) != "stopped" or stale:
        return None
    return code or "StoppedAgain", f"'{{id}}' fell back to stopped: {_reason(instance)}"


def described_first(found: list[Instance]) -> dict[str, Any]:
    """For the state: id -> [state before, description] of the instances whose details the result carries."""
    return {i["InstanceId"]: [state_of(i), _brief(i)] for i in found[:_SHOWN]}


def _reason(instance: Instance) -> str:
    reason = instance.get("StateReason", {})
    text = f"{reason.get('Code', '')}: {reason.get('Message', '')}".strip(": ")
    return text or instance.get("StateTransitionReason", "") or "no reason given"


def _brief(instance: Instance) -> Instance:
    """An instance without what only the decision needed."""
    dropped = ("BlockDeviceMappings", "HibernationOptions", "StateTransitionReason")
    return {k: v for k, v in instance.items() if k not in dropped}
