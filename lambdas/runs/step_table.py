"""The step table of a flow: what each state of its state machine is, as the compiler knew it when it made the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal[
    "part",
    "flow",
    "approval",
    "gate",
    "wait",
    "parallel",
    "map",
    "poll",
    "if",
    "loop",
    "again",
    "choice",
    "raise",
    "return",
    "set",
]
"""What a state is.

part, flow, approval, gate: it calls a part, another flow, a person, or the gate. wait: it sleeps. parallel, map: it has
states inside. poll: it belongs to the wait loop of another step. if, loop: a test of the author. again: it tells which
`except` clause takes an error that is raised again. choice: another test, which the author did not write. raise: it
ends the run with an error. return: it ends the flow or a branch. set: it assigns variables.
"""


@dataclass(frozen=True)
class StepRow:
    """A state of a flow.

    title: what it does, in words. line: of the flow's file, 0 for a state that no line asks for.
    calls: the part, flow or function it calls, "" for none. loop: the other states of its wait loop.
    """

    kind: Kind
    title: str = ""
    line: int = 0
    calls: str = ""
    loop: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """The part it calls; "" for what calls none."""
        return self.calls if self.kind == "part" else ""


StepTable = Mapping[str, StepRow]
"""State name -> what it is, for every state of a flow, those inside of Parallel and Map included."""


def table_to_json(table: StepTable) -> dict[str, Any]:
    """The table as JSON data; what is empty is left out."""
    return {name: {key: value for key, value in asdict(row).items() if value} for name, row in table.items()}


def table_from_json(data: Mapping[str, Mapping[str, Any]]) -> dict[str, StepRow]:
    """The table of what `table_to_json` gave."""
    return {name: StepRow(**{**given, "loop": tuple(given.get("loop", ()))}) for name, given in data.items()}
