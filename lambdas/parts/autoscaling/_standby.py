"""The way of instances of Auto Scaling groups into standby, and back into service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.progress import SHOWN, Progress
from lambdas.engine.selection import Selection
from lambdas.engine.stages import DONE, Already, Each, Failed, Skipped, Stage, Stages, Verdict, Verdicts
from lambdas.parts.autoscaling._groups import BUSY, NAME, by_name
from lambdas.parts.ec2._shared.instances import find, population

PAGE = 50
"""Instances on one page. Amazon EC2 Auto Scaling API Reference, "DescribeAutoScalingInstances"."""


@dataclass(frozen=True)
class MemberState:
    """An instance as the part found and left it.

    previous_state, state: its lifecycle state in the group, "InService", "Standby", ...
    """

    instance_id: str
    auto_scaling_group_name: str
    previous_state: str
    state: str


@dataclass
class StandbyResult(Result):
    """Result of a part that moves instances into standby or out of it.

    instances: the first 100 matched instances of groups, before and after.
    """

    instances: list[MemberState] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """A way. begins, through, ends: the states of an instance on it; `through` are the beginnings of their names."""

    verb: str
    done: str
    begins: str
    through: tuple[str, ...]
    ends: str


ENTER = Way("move", "in standby", "InService", ("EnteringStandby",), "Standby")
EXIT = Way("move", "in service", "Standby", ("Pending",), "InService")


def go(
    call: Call,
    selection: Selection,
    way: Way,
    request: Callable[[str, str], Any],
    result: Any,
    room: Callable[[dict[str, Any]], int] = lambda group: SHOWN,
) -> Any | Pending:
    """Let instances go their way.

    request: asks for an instance of a group (group, id). room: how many instances of a group may go.
    """

    def plan() -> Verdicts:
        ids = [instance["InstanceId"] for instance in find(call, selection, Progress(call.state))]
        found = members(call, ids)
        groups = by_name(call, sorted({member[NAME] for member in found.values()}))
        left = {name: room(group) for name, group in groups.items()}
        call.state["of"] = {id_: member[NAME] for id_, member in found.items()}
        call.state["about"] = {id_: [member["LifecycleState"]] * 2 for id_, member in list(found.items())[:SHOWN]}
        for id_ in sorted(ids):
            verdict = begin(found.get(id_))
            if verdict == "todo" and left[call.state["of"][id_]] < 1:
                verdict = at_minimum(call.state["of"][id_])
            elif verdict == "todo":
                left[call.state["of"][id_]] -= 1
            yield id_, verdict

    def begin(member: dict[str, Any] | None) -> Verdict:
        if member is None:
            return Skipped("is in no Auto Scaling group")
        state = member["LifecycleState"]
        if state == way.ends:
            return Already(state, DONE)
        if state.startswith(way.through):
            return Already(state, "sent")
        return "todo" if state == way.begins else Failed("ValidationError", f"'{{id}}' is {state}")

    def poll(stage: str) -> Callable[[list[str]], Verdicts]:
        def judged(ids: list[str]) -> Verdicts:
            found = members(call, ids)
            for id_ in ids:
                if id_ not in found:
                    yield id_, Failed("ValidationError", "'{id}' is in its group no more")
                    continue
                state = found[id_]["LifecycleState"]
                if id_ in call.state["about"]:
                    call.state["about"][id_][1] = state
                if state.startswith("Terminat"):
                    yield id_, Failed("ValidationError", f"'{{id}}' is {state}")
                else:
                    yield id_, DONE if state == way.ends else "sent" if state.startswith(way.through) else stage

        return judged

    def finish(shown: StandbyResult) -> None:
        about = call.state["about"]
        shown.instances = [MemberState(id_, call.state["of"][id_], before, now) for id_, (before, now) in about.items()]
        told = [{"InstanceId": m.instance_id, NAME: m.auto_scaling_group_name} for m in shown.instances]
        shown.responses = {"DescribeAutoScalingInstancesResponse": {"AutoScalingInstances": told}}

    late = f"'{{id}}' is not {way.done} in time"
    stages = [
        Each(
            "todo",
            "to be moved",
            late,
            poll=poll("todo"),
            request=lambda id_, dry: request(call.state["of"][id_], id_),
            asks=lambda id_: False,
            busy=BUSY,
        ),
        Stage("sent", f"to be {way.done}", late, poll=poll("sent")),
    ]
    moving = Stages(call, stages, verb=way.verb, done=way.done, noun="instance", population=population)
    return moving.run(plan, result, finish)


def at_minimum(group: str) -> Failed:
    """The failure of an instance that its group cannot spare."""
    return Failed("ValidationError", f"'{{id}}' cannot leave {group}, which is at its minimum: lower that before")


def members(call: Call, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Of these instances those that are in a group: its name, and the state in it."""
    client, found = call.client("autoscaling"), dict[str, dict[str, Any]]()
    for start in range(0, len(ids), PAGE):
        answer = client.describe_auto_scaling_instances(InstanceIds=ids[start : start + PAGE])
        for member in answer["AutoScalingInstances"]:
            found[member["InstanceId"]] = {k: member[k] for k in (NAME, "LifecycleState")}
    return found
