"""What the parts share that start, stop and reboot instances: how they plan and poll, and what their results show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Result
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection, tag_map
from lambdas.engine.stages import Failed, Skipped, Verdict, Verdicts
from lambdas.parts.ec2._shared.instances import Found, Instance, InstanceState, by_id, described, find, state_of

_SHOWN = 100
"""Instances whose details the result carries."""

STALE = 30
"""Seconds during which EC2 may still describe the state before an accepted request."""

GROUP = "aws:autoscaling:groupName"
"""The tag that a group gives its members. Amazon EC2 Auto Scaling User Guide, "Tag Auto Scaling groups and instances".
"""

_GONE = ("shutting-down", "terminated")


@dataclass
class PowerResult(Result):
    """Result of a part that changes the state of instances.

    instances: the first 100 matched instances, with their states before and after.
    """

    instances: list[InstanceState] = field(default_factory=list)

    def show(self, about: dict[str, Any]) -> None:
        """Add the details of the instances that `plan` kept."""
        self.instances = [described(instance, before) for before, instance in about.values()]
        instances = [instance for _, instance in about.values()]
        self.responses = {"DescribeInstancesResponse": {"Reservations": [{"Instances": instances}]}}


def cannot_stop(instance: Instance, hibernate: bool) -> Failed | None:
    """Amazon EC2 User Guide, "Stop and start Amazon EC2 instances", "Hibernate your Amazon EC2 instance"."""
    if instance.get("RootDeviceType") == "instance-store":
        return Failed("UnsupportedOperation", "'{id}' has an instance store root volume and can only be terminated")
    if hibernate and not instance.get("HibernationOptions", {}).get("Configured", False):
        return Failed("UnsupportedHibernationConfiguration", "'{id}' was not launched with hibernation configured")
    return None


def scaled(instance: Instance) -> Skipped | None:
    """Why a member of an Auto Scaling group is left alone: the group takes one that stops for unhealthy.

    Amazon EC2 Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group", "Temporarily remove
    instances from your Auto Scaling group".
    """
    group = tag_map(instance.get("Tags")).get(GROUP)
    return None if group is None else Skipped(f"is in the Auto Scaling group {group}, which would terminate it")


def plan(call: Call, selection: Selection, progress: Progress, begin: Callable[[Instance], Verdict]) -> Verdicts:
    """Where each selected instance begins; their details are kept for the result."""
    found = find(call, selection, progress)
    # Instances of one type and zone stand together, so that a lack of capacity hits one run of a batch.
    found.sort(key=lambda i: (i.get("InstanceType", ""), str(i.get("Placement")), i["InstanceId"]))
    call.state["about"] = described_first(found)
    return [(instance["InstanceId"], begin(instance)) for instance in found]


def poll(call: Call, seen: Callable[[Instance], Verdict]) -> Callable[[list[str]], Verdicts]:
    """A poll that judges instances by their description; one that is gone has failed."""

    def judged(ids: list[str]) -> Verdicts:
        found = read(call, ids)
        yield from ((i, Failed(code, message)) for refused, code, message in found.failed for i in refused)
        for instance in found.items:
            yield instance["InstanceId"], gone(instance, polled=True) or seen(instance)

    return judged


def read(call: Call, ids: list[str]) -> Found:
    """Instances as they are now; the result will show them so."""
    found = by_id(call, ids)
    for instance in found.items:
        if instance["InstanceId"] in call.state["about"]:
            call.state["about"][instance["InstanceId"]][1] = _brief(instance)
    return found


def gone(instance: Instance, *, polled: bool = False) -> Failed | None:
    """The failure of an instance that is terminated, or about to be; with the reason when it was not so before."""
    if (state := state_of(instance)) not in _GONE:
        return None
    return Failed("IncorrectInstanceState", f"'{{id}}' is {state}" + (f": {_reason(instance)}" if polled else ""))


def shown(call: Call) -> Callable[[PowerResult], None]:
    """Adds the details of the first instances to a result."""
    return lambda result: result.show(call.state["about"])


def upgrade(state: dict[str, Any]) -> None:
    """The state of the code before there were versions, which had the same groups of ids."""
    if "about" not in state:
        state.clear()
        return
    state["pace"] = {"todo": state.pop("pace", {})}
    state.pop("impaired", None)


def fall_back(instance: Instance, since: float) -> Failed | None:
    """The failure of an instance that was started and is stopped again; None while it may be starting.

    since: seconds since the start was accepted; for a while "stopped" may be the description of before.

    Amazon EC2 User Guide, "Troubleshoot Amazon EC2 instance launch issues".
    """
    code = instance.get("StateReason", {}).get("Code", "")
    stale = code in ("", "Client.UserInitiatedShutdown") and since < STALE
    if state_of(instance) != "stopped" or stale:
        return None
    return Failed(code or "StoppedAgain", f"'{{id}}' fell back to stopped: {_reason(instance)}")


class Capacity:
    """The types that instances are started as where AWS has no capacity for their own.

    types: one after the other. wait: seconds for which all are tried anew. In the state as `who`, of an instance that
    was refused: id -> {"try": index of the type, 0 for its own, "old": its own, "why": code and message of the first
    refusal, "since": when that was, "at": when it began to wait}.
    """

    def __init__(self, call: Call, types: list[str], wait: float) -> None:
        self.call, self.types, self.wait = call, types, wait

    @property
    def _who(self) -> dict[str, dict[str, Any]]:
        return self.call.state.setdefault("who", {})  # type: ignore[no-any-return]

    def refused(self, instance: str, code: str, message: str) -> Verdict | None:
        """Where one goes that could not be started."""
        known = code.rpartition(".")[2] in _NO_CAPACITY
        return self.next(instance, code, message) if known and not self.call.dry_run else None

    def next(self, instance: str, code: str, message: str) -> Verdict:
        """To the next type; to wait, when there is none; when its time is up, it has failed, with the type it had."""
        now = self.call.now()
        who = self._who.setdefault(instance, {"try": 0, "old": "", "why": [code, message], "since": now})
        if who["try"] < len(self.types):
            who["try"] += 1
            return "modify"
        other, who["try"] = bool(who["try"]), 0
        if now - who["since"] < self.wait:
            who["at"] = now
            return "capacity"
        return "restore" if other and who["old"] else Failed(*who["why"])

    def fell_back(self, instance: Instance, since: float) -> Verdict | None:
        """Where a started one goes that is not running; None while it may be starting."""
        # What is described may be how the attempt with the type before has ended.
        stale = instance["InstanceId"] in self._who and since < STALE
        failed = None if stale else fall_back(instance, since)
        return failed and (self.refused(instance["InstanceId"], failed.code, failed.message) or failed)

    def again(self, ids: list[str]) -> Verdicts:
        """Those that have waited begin anew with their own type."""
        stage = "modify" if self.types else "todo"
        yield from ((i, stage) for i in ids if self.call.now() - self._who[i]["at"] >= _PAUSE)

    def seen(self, instance: Instance) -> Verdict:
        """Whether one has the type that is its turn; its own is noted before it gets another."""
        who = self._who[instance["InstanceId"]]
        who["old"] = who["old"] or instance["InstanceType"]
        if state_of(instance) in ("pending", "running"):
            return "sent"
        return "todo" if instance["InstanceType"] == self._turn(instance["InstanceId"]) else "modify"

    def modify(self, instance: str, dry_run: bool) -> Any:
        """Give one the type that is its turn."""
        return self.call.client("ec2").modify_instance_attribute(
            InstanceId=instance, InstanceType={"Value": self._turn(instance)}, DryRun=dry_run
        )

    def restored(self, ids: list[str], answer: Any) -> Verdicts:
        """Those that have their own type back have failed."""
        yield from ((i, self.late(i)) for i in ids)

    def late(self, instance: str) -> Failed:
        """Why one could not be started."""
        return Failed(*self._who[instance]["why"])

    def is_other(self, instance: str) -> bool:
        """Whether it was started as another type than its own."""
        return bool(self._who.get(instance, {}).get("try"))

    def told(self, instance: str) -> str:
        """As what it runs, and why."""
        who = self._who[instance]
        return f"{instance} is {self._turn(instance)}, not {who['old']}: {who['why'][1].replace('{id}', instance)}"

    def _turn(self, instance: str) -> str:
        who = self._who[instance]
        return str([who["old"], *self.types][who["try"]])


_NO_CAPACITY = (
    "InsufficientHostCapacity",
    "InsufficientInstanceCapacity",
    "InsufficientReservedInstanceCapacity",
    "InstanceLimitExceeded",
    "Unsupported",
    "VcpuLimitExceeded",
)
"""Codes of a start that another type, or the same at another time, may not meet ("Error codes for the Amazon EC2 API",
Amazon EC2 Developer Guide)."""

_PAUSE = 60
"""Seconds between two attempts where there is no capacity."""


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
