"""What attaching and detaching have in common: who is registered now, for the stages and for the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Result
from lambdas.engine.pacing import Bucket
from lambdas.engine.progress import SHOWN, Progress
from lambdas.engine.selection import Selection
from lambdas.parts.ec2._shared.instances import Instance, find
from lambdas.parts.elb._load_balancers import LoadBalancer, States, TargetState

BUCKET = Bucket(1000, 100)
"""The rates of this API are not documented; how far it goes is learnt when it throttles."""

SETTLED = 60
"""Seconds after which what the API describes is what holds, not a description of before the request."""


@dataclass
class RegistrationResult(Result):
    """Result of attaching or detaching.

    targets: the first 100 matched instances as the load balancer sees them.
    """

    targets: list[TargetState] = field(default_factory=list)


class Registrations:
    """The selected instances at their load balancer, read at most once in an invocation."""

    def __init__(self, call: Call, balancer: LoadBalancer) -> None:
        self.call, self.balancer = call, balancer
        self.state = call.state
        self._progress = Progress(call.state)
        self._read: States | None = None

    def plan(self, selection: Selection) -> list[Instance]:
        """The selected instances, with what the result and later invocations need noted in the state."""
        found = find(self.call, selection, self._progress)
        self.balancer.load()
        self._read = self.balancer.states([i["InstanceId"] for i in found])
        self.state["facts"] = {name: self.balancer.facts[name] for name in ("port", "used")}
        self.state["planned_at"] = self.call.now()
        kept = ("InstanceId", "State", "VpcId", "Tags")
        self.state["instances"] = [{k: i[k] for k in kept if k in i} for i in found[:SHOWN]]
        return found

    def of(self, instance: str) -> list[TargetState]:
        """Where an instance is registered now."""
        if self._read is None:
            ids = [*self._progress.ids("todo"), *self._progress.ids("sent"), *self._shown()]
            self._read = self.balancer.states(list(dict.fromkeys(ids)))
        return self._read.get(instance, [])

    def settled(self) -> bool:
        """Whether what is described cannot be older than the plan or the last request any more."""
        since = max(self.state["planned_at"], self.state.get("sent_at", 0))
        return bool(self.call.now() - since > SETTLED)

    def described(self, instance: str) -> str:
        """An instance with the reason it is not ready, for the text of what is awaited."""
        reasons = {t.reason or t.state for t in (self._read or {}).get(instance, []) if t.state != "healthy"}
        return f"{instance}: {', '.join(sorted(reasons))}" if reasons else instance

    def show(self, result: RegistrationResult) -> None:
        """Add to a result what the load balancer says."""
        shown = self._shown()
        result.warnings += self.state.get("warnings", [])
        result.targets = [t for i in shown for t in self.of(i) or [TargetState(i, 0, "", "", "")]]
        result.responses = {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": self.state["instances"]}]},
            **self.balancer.responses(shown),
        }

    def _shown(self) -> list[str]:
        return [i["InstanceId"] for i in self.state.get("instances", [])]


def upgrade(already: str) -> Callable[[dict[str, Any]], None]:
    """From the state of the code before there were versions. already: the group that "already" is now."""

    def upgraded(state: dict[str, Any]) -> None:
        if "facts" not in state:
            state.clear()
            return
        state["planned_at"] = state["sent_at"] = state.pop("at")
        state["pace"] = {"todo": state.pop("pace", {})}
        groups = state.setdefault("ids", {})
        if "already" in groups:
            groups[already] = groups.pop("already")

    return upgraded
