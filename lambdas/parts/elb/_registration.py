"""Attaching instances to a load balancer and detaching them: plan, request, look until verified.

As with starting and stopping, the first invocation only plans: which instances were attached before is known also
after a lost response.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lambdas.contract import aws_errors
from lambdas.contract.errors import AccessDenied
from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.pacing import MARGIN, Bucket, Pace, Sent, send
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import Selection
from lambdas.parts.ec2._instances import Instance, find, state_of
from lambdas.parts.elb._load_balancers import LoadBalancer, States, TargetState

_SHOWN = 100
"""Instances whose details the result carries."""

_SETTLED = 60
"""Seconds after which what the API describes is what holds, not a description of before the request."""

_BUCKET = Bucket(1000, 100)
"""The rates of this API are not documented; how far it goes is learnt when it throttles."""

_GONE = ("shutting-down", "terminated")


@dataclass
class RegistrationResult(Result):
    """Result of attaching or detaching.

    targets: the first 100 matched instances as the load balancer sees them.
    """

    targets: list[TargetState] = field(default_factory=list)


class Registration:
    """Groups of ids: `todo` to be requested, `sent` awaited, `done` verified; those in `already` are awaited too, but
    were not changed by this call."""

    verb: ClassVar[str]
    past: ClassVar[str]
    already: ClassVar[str]

    def __init__(self, call: Call, balancer: LoadBalancer, result: RegistrationResult) -> None:
        self.call = call
        self.balancer = balancer
        self.result = result
        self.state = call.state
        self.progress = Progress(call.state)
        self.asked: list[str] = []
        self.seen: States = {}
        self.wait: int | None = None

    def run(self, selection: Selection) -> RegistrationResult | Pending:
        """One invocation."""
        if "facts" not in self.state:
            self.plan(selection)
            if self.call.dry_run:
                return self.finish(f"would {self.verb}", self.progress.ids("todo"))
            if self.progress.ids("todo"):
                return self.outcome(wait=1)
        else:
            self.look()
            self.send()
        return self.outcome()

    def plan(self, selection: Selection) -> None:
        """Sort the selected instances into groups; nothing is changed."""
        # An earlier attempt to plan may have been throttled half way.
        self.state.clear()
        found = find(self.call, selection, self.progress)
        self.balancer.load()
        self._read([i["InstanceId"] for i in found])
        for instance in found:
            self.place(instance, self.seen.get(instance["InstanceId"], []))
        facts = self.balancer.facts
        self.state["facts"] = {name: facts[name] for name in ("port", "used")}
        self.state["at"] = self.call.now()
        self.note()
        self.progress.put("matched", [i["InstanceId"] for i in found])
        kept = ("InstanceId", "State", "VpcId", "Tags")
        self.state["instances"] = [{k: i[k] for k in kept if k in i} for i in found[:_SHOWN]]

    def place(self, instance: Instance, now: list[TargetState]) -> None:
        """Put an instance into its first group."""
        raise NotImplementedError

    def note(self) -> None:
        """Note at the plan what an operator should know."""

    def look(self) -> None:
        """Take note of how far things are."""
        todo, sent = self.progress.ids("todo"), self.progress.ids("sent")
        self._read([*todo, *sent])
        settled = self.call.now() - self.state["at"] > _SETTLED
        groups: dict[str, list[str]] = {"todo": [], "sent": [], "done": []}
        for instance in [*todo, *sent]:
            group = self.group(instance, self.seen.get(instance, []), instance in sent, settled)
            if group:
                groups[group].append(instance)
        self.progress.put("todo", groups["todo"])
        self.progress.put("sent", groups["sent"])
        self.progress.add("done", groups["done"])

    def group(self, instance: str, now: list[TargetState], sent: bool, settled: bool) -> str:
        """Where an instance stands now: "todo", "sent", "done", or "" when it has failed.

        settled: whether what is described cannot be older than the request any more.
        """
        raise NotImplementedError

    def _read(self, ids: list[str]) -> None:
        self.asked, self.seen = ids, self.balancer.states(ids)

    def send(self) -> None:
        """Request the change for those that still need it."""
        todo = self.progress.ids("todo")
        pace = Pace(_BUCKET, self.state.setdefault("pace", {}), self.call.now())
        left: list[str] = []
        for start in range(0, len(todo), self.balancer.batch):
            if start and self.call.remaining() < MARGIN:
                left, self.wait = todo[start:], 1
                break
            batch = todo[start : start + self.balancer.batch]
            outcome = send(self.call, batch, self.request, pace)
            self.progress.add("sent", outcome.accepted)
            if outcome.accepted:
                self.state["at"] = self.call.now()
            left += self._refused(outcome)
            if outcome.left:
                left += [*outcome.left, *todo[start + self.balancer.batch :]]
                self.wait = outcome.wait or 1
                break
        self.progress.put("todo", left)

    def request(self, ids: list[str]) -> object:
        """Make the call for some ids."""
        raise NotImplementedError

    def _refused(self, outcome: Sent) -> list[str]:
        """Note who failed; returns those worth another try."""
        denied = [f for f in outcome.failed if f[1] in aws_errors.DENIED]
        if denied and not self.progress.ids("sent") and not self.progress.ids("done"):
            raise AccessDenied(f"the role may not {self.verb} instances: {denied[0][1]}: {denied[0][2]}")
        again: list[str] = []
        starting = set(self.progress.ids("starting"))
        for ids, code, message in outcome.failed:
            retry = [i for i in ids if i in starting and code in ("InvalidTarget", "InvalidInstance")]
            again += retry
            self.progress.fail([i for i in ids if i not in retry], code, message)
        return again

    def outcome(self, wait: int | None = None) -> RegistrationResult | Pending:
        """Finished, or what is still awaited."""
        parts = []
        for group, text in (("todo", f"to be {self.past}"), ("sent", self.awaited())):
            if ids := self.progress.ids(group):
                named = ", ".join(self.described(i) for i in ids[:10])
                parts.append(f"{len(ids)} {text} ({named}{', ...' if len(ids) > 10 else ''})")
        if parts:
            return Pending(self.state, "; ".join(parts), wait=wait or self.wait, give_up=self.give_up)
        return self.finish(self.past, self.progress.ids("done"))

    def awaited(self) -> str:
        """What is awaited of those in `sent`."""
        raise NotImplementedError

    def described(self, instance: str) -> str:
        """An instance with the reason it is not ready."""
        reasons = {t.reason or t.state for t in self.seen.get(instance, []) if t.state != "healthy"}
        return f"{instance}: {', '.join(sorted(reasons))}" if reasons else instance

    def give_up(self) -> RegistrationResult:
        """The result at the end of the timeout."""
        for group in ("todo", "sent"):
            for instance in self.progress.ids(group):
                now = next(iter(self.seen.get(instance, [])), None)
                self.late(instance, now if group == "sent" else None)
            self.progress.put(group, [])
        return self.finish(self.past, self.progress.ids("done"))

    def late(self, instance: str, now: TargetState | None) -> None:
        """Note an instance that was not ready in time."""
        raise NotImplementedError

    def finish(self, verb: str, changed: list[str]) -> RegistrationResult:
        """The result."""
        shown = self.progress.ids("matched")[:_SHOWN]
        if set(shown) - set(self.asked):
            # Before anything is noted: AWS may throttle this, and then it is all done again.
            self._read(shown)
        failed = {f.id for f in self.progress.failed()}
        already = set(self.progress.ids("already"))
        self.progress.skip(sorted(already - failed), self.already)
        result = self.result
        self.progress.fill(result, changed=[i for i in changed if i not in already])
        result.warnings += self.state.get("warnings", [])
        result.targets = [t for i in shown for t in self.seen.get(i, [TargetState(i, 0, "", "", "")])]
        result.responses = {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": self.state["instances"]}]},
            **self.balancer.responses(shown),
        }
        result.summary = summary(verb, "instance", result.changed, len(result.skipped), result.failed)
        return result


class Attaching(Registration):
    """Attach, and wait until healthy."""

    verb, past, already = "attach", "attached", "already attached"

    def place(self, instance: Instance, now: list[TargetState]) -> None:
        """Refuse what cannot be registered, await what is registered already."""
        instance_id, state, vpc = instance["InstanceId"], state_of(instance), instance.get("VpcId", "")
        wanted = self.balancer.facts["vpc_id"]
        if state not in ("running", "pending"):
            hint = "" if state in _GONE else "; start it first"
            self.progress.fail([instance_id], "IncorrectInstanceState", f"'{{id}}' is {state}{hint}")
        elif wanted and vpc != wanted:
            where = vpc or "no VPC"
            self.progress.fail(
                [instance_id], "InvalidTarget", f"'{{id}}' is in {where}, {self.balancer.name} in {wanted}"
            )
        elif any(t.registered for t in now):
            self.progress.add("already", [instance_id])
            self.progress.add(self.group(instance_id, now, True, False), [instance_id])
        else:
            self.progress.add("todo", [instance_id])
            if state == "pending":
                self.progress.add("starting", [instance_id])

    def note(self) -> None:
        """Health is only checked for a load balancer."""
        if not self.balancer.facts["used"]:
            text = f"no load balancer uses {self.balancer.name}: the instances get no traffic and no health check"
            self.state["warnings"] = [text]

    def group(self, instance: str, now: list[TargetState], sent: bool, settled: bool) -> str:
        """Healthy is done, as is what nobody checks."""
        target = next((t for t in now if t.registered), None)
        if target is None:
            if sent and settled:
                text = "'{id}' was attached, and then detached by something else"
                self.progress.fail([instance], "Target.NotRegistered", text)
                return ""
            return "sent" if sent else "todo"
        if target.state in ("healthy", "unavailable") or not self.balancer.facts["used"]:
            return "done"
        if target.state == "unused" and settled:
            self.progress.fail([instance], target.error, f"'{{id}}' gets no traffic: {target.description}")
            return ""
        return "sent"

    def request(self, ids: list[str]) -> object:
        """Register."""
        return self.balancer.register(ids)

    def awaited(self) -> str:
        """Health."""
        return "to be healthy"

    def late(self, instance: str, now: TargetState | None) -> None:
        """The reason it is not healthy is the load balancer's."""
        if now is None:
            self.progress.fail([instance], "Timeout", "'{id}' was not attached in time")
        else:
            said = f": {now.description}" if now.description else ""
            self.progress.fail([instance], now.error, f"'{{id}}' is attached, but was {now.state} at the end{said}")


class Detaching(Registration):
    """Detach, and wait until connections are drained."""

    verb, past, already = "detach", "detached", "already draining"

    def place(self, instance: Instance, now: list[TargetState]) -> None:
        """Skip what is not registered, await what drains already."""
        instance_id = instance["InstanceId"]
        if not now:
            self.progress.skip([instance_id], "not attached")
        elif any(t.registered for t in now):
            self.progress.add("todo", [instance_id])
        else:
            self.progress.add("already", [instance_id])
            self.progress.add("sent", [instance_id])

    def note(self) -> None:
        """Nobody may be left to serve."""
        todo = self.progress.ids("todo")
        if todo and not set(self.balancer.facts["members"]) - set(todo):
            self.state["warnings"] = [f"no instance stays attached to {self.balancer.name}"]

    def group(self, instance: str, now: list[TargetState], sent: bool, settled: bool) -> str:
        """Done when it is not listed any more."""
        if not now:
            return "done"
        if any(t.registered for t in now):
            # Still described as it was, or attached again by something else: asking again harms nothing.
            return "sent" if sent and not settled else "todo"
        return "sent"

    def request(self, ids: list[str]) -> object:
        """Deregister."""
        return self.balancer.deregister(ids)

    def awaited(self) -> str:
        """Draining."""
        return "to finish their connections"

    def late(self, instance: str, now: TargetState | None) -> None:
        """What is not drained goes on draining in AWS."""
        text = "'{id}' was not detached in time" if now is None else "'{id}' is detached, but was draining at the end"
        self.progress.fail([instance], "Timeout", text)
