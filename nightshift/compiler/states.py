"""States and the edges between them, until they are written as ASL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.runs.step_table import StepRow
from nightshift.compiler.jsonata import Expr


@dataclass(eq=False)
class Label:
    """A place to go to; its state may be made later."""

    state: State | None = None
    alias: Label | None = None

    def resolve(self) -> State:
        """The state it stands for."""
        label = self
        while label.alias is not None:
            label = label.alias
        assert label.state is not None
        return label.state


@dataclass(eq=False)
class Edge:
    """A way out of a state, with the assignments made on it.

    condition: of a Choice rule. errors: of a Catcher.
    """

    next: Label
    assign: dict[str, Expr] = field(default_factory=dict)
    condition: Expr | None = None
    errors: tuple[str, ...] = ()


@dataclass(eq=False)
class State:
    """A state: its own fields, and the ways out. Without `next` it ends the scope.

    name: fixed by the front end, or None to be given one like `wanted` when written.
    row: what the step table says of it. loop: the other states of its wait loop.
    """

    wanted: str
    type: str
    row: StepRow
    fields: dict[str, Any] = field(default_factory=dict)
    next: Edge | None = None
    rules: list[Edge] = field(default_factory=list)
    catch: list[Edge] = field(default_factory=list)
    name: str | None = None
    loop: tuple[State, ...] = ()

    def edges(self) -> Iterator[Edge]:
        """All ways out, the usual one first."""
        if self.next is not None:
            yield self.next
        yield from self.rules
        yield from self.catch


def reachable(start: Label) -> list[State]:
    """Every state that can be entered, in the order a reader would follow them."""
    found: dict[State, None] = {}
    stack = [start.resolve()]
    while stack:
        state = stack.pop()
        if state in found:
            continue
        found[state] = None
        ways = [*state.rules, *([state.next] if state.next else []), *state.catch]
        stack.extend(edge.next.resolve() for edge in reversed(ways))
    return list(found)


def to_asl(start: Label, unique: Callable[[str], str], table: dict[str, StepRow]) -> dict[str, Any]:
    """StartAt and States. `unique` gives a free state name; the rows of the states are added to `table`."""
    states = reachable(start)
    for state in states:
        if state.name is None:
            state.name = unique(state.wanted)
    for state in states:
        assert state.name is not None
        table[state.name] = replace(state.row, loop=tuple(other.name for other in state.loop if other.name))
    return {"StartAt": start.resolve().name, "States": {state.name: _state(state) for state in states}}


def _state(state: State) -> dict[str, Any]:
    written: dict[str, Any] = {"Type": state.type, **state.fields}
    if state.rules:
        written["Choices"] = [
            {"Condition": rule.condition.asl() if rule.condition else True, **_edge(rule)} for rule in state.rules
        ]
    if state.catch:
        written["Catch"] = [{"ErrorEquals": list(way.errors), **_edge(way)} for way in state.catch]
    if state.next is not None:
        written |= _edge(state.next, "Default" if state.type == "Choice" else "Next")
    elif state.type != "Fail":
        written["End"] = True
    return written


def _edge(edge: Edge, key: str = "Next") -> dict[str, Any]:
    assign = {"Assign": {name: value.asl() for name, value in edge.assign.items()}} if edge.assign else {}
    return {**assign, key: edge.next.resolve().name}
