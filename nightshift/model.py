"""A compiled flow: what the compiler hands to the stacks, the command line and the local runner."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nightshift.triggers import Alarm, Schedule, Topic

Overlap = Literal["skip", "queue", "allow"]


@dataclass(frozen=True)
class FlowOptions:
    """What `@flow(...)` was given.

    timeout: seconds a run may take in all, or None.
    retry: how many times a part that failed for some resources, or that AWS refused, is tried again.
    """

    schedule: Schedule | None = None
    on_alarm: Alarm | Topic | None = None
    overlap: Overlap = "skip"
    operators: tuple[str, ...] = ()
    timeout: int | None = None
    retry: int = 0


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
