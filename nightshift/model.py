"""A compiled flow: what the compiler hands to the stacks, the command line and the local runner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from lambdas.contract.errors import InvalidParameter
from lambdas.gate.decision import Rules
from lambdas.gate.overlap import Overlap
from lambdas.runs.step_table import StepTable
from nightshift.triggers import Alarm, Schedule, Topic

_GROUP = re.compile(r"[A-Za-z0-9_.+=@-]{1,128}")
"""A name of a group of a user pool; no space and no comma, which join the groups in the token of a user
("CreateGroup", Amazon Cognito User Pools API Reference)."""

MOST_RETRIES = 99
"""More tries than that do not help, and the history of a run has an end."""


@dataclass(frozen=True)
class FlowOptions:
    """What `@flow(...)` was given; InvalidParameter for a value it cannot have.

    timeout: seconds a run may take in all, or None.
    retry: how many times a part that failed for some resources, or that AWS refused, is tried again.
    overlap: what becomes of a start while a run is under way; without it "skip" with a schedule, else "allow".
    operators: groups of the user pool whose members may see and start it in the dashboard, besides `admin`.
    """

    schedule: Schedule | None = None
    on_alarm: Alarm | Topic | None = None
    timeout: int | None = None
    retry: int = 0
    overlap: Overlap | None = None
    operators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.schedule is not None and not isinstance(self.schedule, Schedule):
            raise InvalidParameter(
                f"schedule is {self.schedule!r}: write daily(...), monthly(...), cron(...), rate(...) or at(...)"
            )
        if self.on_alarm is not None and not isinstance(self.on_alarm, Alarm | Topic):
            raise InvalidParameter(f"on_alarm is {self.on_alarm!r}: write Alarm(...) or topic(...)")
        if not isinstance(self.retry, int) or not 0 <= self.retry <= MOST_RETRIES:
            raise InvalidParameter(f"retry is {self.retry!r}: write a number from 0 to {MOST_RETRIES}")
        if self.timeout == 0:
            raise InvalidParameter('timeout is 0: write seconds, or "90s", "30m", "3h"')
        if self.overlap is not None and self.overlap not in get_args(Overlap):
            raise InvalidParameter(f'overlap is {self.overlap!r}: write "skip", "queue" or "allow"')
        for group in self.operators:
            if not isinstance(group, str) or not _GROUP.fullmatch(group):
                raise InvalidParameter(
                    f"operators holds {group!r}: write names of groups, of letters, digits and _ . + = @ -"
                )

    @property
    def at_overlap(self) -> Overlap:
        """`overlap`, or what it is when it was not given."""
        return self.overlap or ("skip" if self.schedule else "allow")

    @property
    def rules(self) -> Rules:
        """What the gate has to know of its starts."""
        if self.schedule is None:
            return Rules(self.at_overlap)
        return Rules(self.at_overlap, self.schedule.timezone, self.schedule.days)

    @property
    def gated(self) -> bool:
        """Whether runs pass the gate: those of a flow that something starts, or whose runs mind each other."""
        return bool(self.schedule or self.on_alarm) or self.at_overlap != "allow"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a flow: what an operator fills in when starting it.

    type: as the flow's author wrote it ("str", "list[str]", "int | None").
    """

    name: str
    type: str
    default: Any = None
    required: bool = False


@dataclass(frozen=True)
class Placeholder:
    """A place in a definition for what only a deployment knows: the name of a function, or the ARN of a state machine.

    path: the keys that lead there. name: of the part ("ec2.stop_instances"), the function of nightshift's own
    ("nightshift.gate"), or the flow. flow: whether it stands for the state machine of a flow.
    """

    path: tuple[str | int, ...]
    name: str
    flow: bool = False


@dataclass(frozen=True)
class CompiledFlow:
    """A flow as a state machine definition.

    definition: ASL. placeholders: the places in it that `filled` fills; until then a FunctionName is
        "${ec2.stop_instances}", and the StateMachineArn of a called flow is "${flow:evening_stop}".
    parts: names of the parts used, sorted ("ec2.stop_instances").
    flows: names of the flows called, sorted.
    steps: what each state is.
    distributed: whether a Map of it runs in child executions.
    outline: what it does in words, a line for each statement, indented.
    events: how many events the history of a run gets at least, as far as constants tell.
    """

    name: str
    file: Path
    line: int
    doc: str
    definition: dict[str, Any]
    parts: tuple[str, ...]
    flows: tuple[str, ...]
    steps: StepTable
    placeholders: tuple[Placeholder, ...] = ()
    distributed: bool = False
    outline: tuple[str, ...] = ()
    events: int = 0
    parameters: tuple[Parameter, ...] = ()
    options: FlowOptions = field(default_factory=FlowOptions)
    source: str = ""

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions it invokes, by the name in their placeholder, sorted; nightshift's own included."""
        return tuple(sorted({place.name for place in self.placeholders if not place.flow}))

    def part_calls(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every call of a part in the definition: its name and its parameters, which may be expressions."""
        for place in self.placeholders:
            if place.name in self.parts:
                payload = _at(self.definition, place.path[:-1])["Payload"]
                yield payload["part"], payload["params"]

    def filled(self, value: Callable[[Placeholder], str], literal: Callable[[str], str] = str) -> dict[str, Any]:
        """The definition with its placeholders filled.

        value: what stands in the place. literal: how any other text is written.
        """
        places = {place.path: place for place in self.placeholders}

        def written(node: Any, path: tuple[str | int, ...]) -> Any:
            if isinstance(node, dict):
                return {key: written(inner, (*path, key)) for key, inner in node.items()}
            if isinstance(node, list):
                return [written(inner, (*path, index)) for index, inner in enumerate(node)]
            if path in places:
                return value(places[path])
            return literal(node) if isinstance(node, str) else node

        made: dict[str, Any] = written(self.definition, ())
        return made


def placeholders(definition: Mapping[str, Any], steps: StepTable) -> tuple[Placeholder, ...]:
    """The placeholders of a definition whose states are those of the table."""
    return tuple(_placeholders(definition, steps, ()))


def _placeholders(scope: Mapping[str, Any], steps: StepTable, path: tuple[str | int, ...]) -> Iterator[Placeholder]:
    for name, state in scope["States"].items():
        row, here = steps[name], (*path, "States", name)
        if state["Type"] == "Task":
            key = "StateMachineArn" if row.kind == "flow" else "FunctionName"
            yield Placeholder((*here, "Arguments", key), row.calls, flow=row.kind == "flow")
        for index, branch in enumerate(state.get("Branches", ())):
            yield from _placeholders(branch, steps, (*here, "Branches", index))
        if "ItemProcessor" in state:
            yield from _placeholders(state["ItemProcessor"], steps, (*here, "ItemProcessor"))


def _at(node: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        node = node[key]
    return node
