"""The processes of Auto Scaling groups, which can be suspended and resumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call, Pending
from lambdas.engine.selection import Selection, parse_ids
from lambdas.engine.stages import DONE, Each, Skipped, Stages
from lambdas.parts.autoscaling._groups import BUSY, NOUN, Group, Groups, GroupsResult, population

PROCESSES = (
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
)
"""Amazon EC2 Auto Scaling User Guide, "Types of processes"."""


def chosen(given: str | list[str] | None) -> list[str]:
    """The processes that a parameter names; all of them for none.

    Raises InvalidParameter for one that does not exist.
    """
    named = parse_ids(given) or list(PROCESSES)
    if wrong := [name for name in named if name not in PROCESSES]:
        raise InvalidParameter(f"{wrong[0]!r} is no process; there are {', '.join(PROCESSES)}")
    return named


def switch(
    call: Call,
    selection: Selection,
    processes: list[str],
    request: Callable[..., Any],
    *,
    suspend: bool,
    result: Any,
) -> Any | Pending:
    """Suspend or resume processes of groups, and see that it is so. request: the operation of the client."""
    groups = Groups(call, selection)

    def so(group: Group) -> bool:
        return all((name in group["Suspended"]) is suspend for name in processes)

    def asked(name: str, dry_run: bool) -> Any:
        return request(AutoScalingGroupName=name, ScalingProcesses=processes)

    verb, done = ("suspend", "suspended") if suspend else ("resume", "resumed")
    todo = Each(
        "todo",
        f"to be {done}",
        f"'{{id}}' was not {done} in time",
        poll=groups.poll(lambda group: DONE if so(group) else "todo"),
        request=asked,
        then=lambda names, answer: ((name, "todo") for name in names),
        asks=lambda name: False,
        busy=BUSY,
    )
    stages = Stages(call, [todo], verb=verb, done=done, noun=NOUN, population=population)

    def begin(group: Group) -> str | Skipped:
        return Skipped("already so") if so(group) else "todo"

    def finish(found: GroupsResult) -> None:
        groups.show(found)
        found.responses["Processes"] = processes

    return stages.run(lambda: groups.plan(stages, begin), result, finish)
