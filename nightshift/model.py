"""A compiled flow: what the compiler hands to the stacks, the command line and the local runner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from lambdas.contract.errors import InvalidParameter
from lambdas.gate.decision import Rules
from lambdas.gate.overlap import Overlap
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
class CompiledFlow:
    """A flow as a state machine definition.

    definition: ASL. A Task's FunctionName is the placeholder "${ec2.stop_instances}"; the StateMachineArn of a
        called flow is "${flow:evening_stop}".
    parts: names of the parts used, sorted ("ec2.stop_instances").
    flows: names of the flows called, sorted.
    steps: state name -> part name, for those Tasks that call a part.
    """

    name: str
    file: Path
    line: int
    doc: str
    definition: dict[str, Any]
    parts: tuple[str, ...]
    flows: tuple[str, ...]
    steps: dict[str, str]
    parameters: tuple[Parameter, ...] = ()
    options: FlowOptions = field(default_factory=FlowOptions)
    source: str = ""

    def part_calls(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every call of a part in the definition: its name and its parameters, which may be expressions."""
        return _part_calls(self.definition)


def _part_calls(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("part"), str) and isinstance(value.get("params"), dict):
            yield value["part"], value["params"]
        for inner in value.values():
            yield from _part_calls(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _part_calls(inner)
