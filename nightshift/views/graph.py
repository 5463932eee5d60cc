"""A flow's state machine as a graph: for the dashboard, and as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from nightshift.model import CompiledFlow

Kind = Literal["start", "end", "task", "choice", "wait", "pass", "fail", "succeed", "group"]

_SHAPES = {
    "task": ("[", "]"),
    "choice": ("{", "}"),
    "wait": ("([", "])"),
    "pass": ("[/", "/]"),
    "fail": ("[[", "]]"),
    "succeed": ("((", "))"),
}


@dataclass(frozen=True)
class Edge:
    """An arrow. caught: an error that is caught leads here."""

    source: str
    target: str
    label: str
    caught: bool


@dataclass(frozen=True)
class Node:
    """A state, or the start or end of a machine. id: the state's name; a start or end has one that no state has.

    inner: the machines inside of a Parallel or a Map.
    """

    id: str
    label: str
    kind: Kind
    part: str = ""
    inner: tuple[Machine, ...] = ()


@dataclass(frozen=True)
class Machine:
    """A machine, or a branch of one. nodes: its states; start and end are no states."""

    start: Node
    end: Node
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def all_nodes(self, parent: str = "") -> Iterator[tuple[Node, str]]:
        """Every node with the id of the one it is inside of, those of inner machines included."""
        yield self.start, parent
        yield self.end, parent
        for node in self.nodes:
            yield node, parent
            for machine in node.inner:
                yield from machine.all_nodes(node.id)

    def all_edges(self) -> Iterator[Edge]:
        """Every arrow, those of inner machines included."""
        yield from self.edges
        for node in self.nodes:
            for machine in node.inner:
                yield from machine.all_edges()


def graph(flow: CompiledFlow) -> Machine:
    """The graph of a flow. The wait loop of a part (poll, done?, wait) is the one step it is."""
    return _Graph(flow).machine(flow.definition)


def mermaid(flow: CompiledFlow) -> str:
    """The graph of a flow, in Mermaid's flowchart syntax; dotted arrows are errors caught."""
    return "\n".join(["flowchart TD", *_Drawing().machine(graph(flow), "  ")]) + "\n"


class _Graph:
    def __init__(self, flow: CompiledFlow) -> None:
        self._flow = flow
        self._polls = {name for name, row in flow.steps.items() if row.kind == "poll"}
        self._count = 0

    def machine(self, definition: dict[str, Any]) -> Machine:
        states: dict[str, dict[str, Any]] = definition["States"]
        self._count += 1
        # No state's name has this sign.
        start, end = Node(f"\u25b6{self._count}", "", "start"), Node(f"\u25a0{self._count}", "", "end")
        made = Machine(start, end)
        made.edges.append(Edge(start.id, definition["StartAt"], "", False))
        for name, state in states.items():
            if name not in self._polls:
                made.nodes.append(self._node(name, state))
                for target, label, caught in self._arrows(state, states):
                    made.edges.append(Edge(name, end.id if target is None else target, label, caught))
        return made

    def _node(self, name: str, state: dict[str, Any]) -> Node:
        inner = [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]
        if inner:
            limit = state.get("MaxConcurrency")
            title = f"{name}, {limit} at a time" if limit else name
            return Node(name, title, "group", inner=tuple(self.machine(machine) for machine in inner))
        return Node(name, name, state["Type"].lower(), self._flow.steps[name].part)

    def _arrows(
        self, state: dict[str, Any], states: dict[str, dict[str, Any]]
    ) -> Iterator[tuple[str | None, str, bool]]:
        """Where a state leads: the next state (None is the end), what the arrow says, whether it is an error."""
        for target, condition in _choices(state):
            yield target, condition, False
        if "Next" in state:
            yield from ((target, label, False) for target, label in self._past_loop(state["Next"], states))
        elif state.get("End") or state["Type"] == "Succeed":
            yield None, "", False
        for catcher in state.get("Catch", []):
            # The first name is the class the author wrote; the others are its subclasses.
            first, *others = catcher["ErrorEquals"]
            yield catcher["Next"], f"{first} and {len(others)} below it" if others else first, True

    def _past_loop(self, name: str, states: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
        """Where a state leads whose next is that one: past the Choice of its wait loop, if it has one."""
        if name not in self._polls:
            return [(name, "")]
        past = [(target, label) for target, label in _choices(states[name]) if target not in self._polls]
        return past if len(past) > 1 else [(target, "") for target, _ in past]


class _Drawing:
    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._ends = 0

    def machine(self, machine: Machine, indent: str) -> list[str]:
        """Nodes and arrows of a machine, or of a branch of one."""
        self._ends += 1
        start, end = f"start{self._ends}", f"end{self._ends}"
        self._ids |= {machine.start.id: start, machine.end.id: end}
        lines = [f"{indent}{start}(( ))", f"{indent}{end}((( )))"]
        for node in machine.nodes:
            lines += self._node(node, indent)
        for edge in machine.edges:
            arrow = "-.->" if edge.caught else "-->"
            said = f'|"{_escaped(edge.label)}"|' if edge.label else ""
            lines.append(f"{indent}{self._id(edge.source)} {arrow}{said} {self._id(edge.target)}")
        return lines

    def _node(self, node: Node, indent: str) -> list[str]:
        if node.inner:
            lines = [f'{indent}subgraph {self._id(node.id)}["{_escaped(node.label)}"]']
            for machine in node.inner:
                lines += self.machine(machine, indent + "  ")
            return [*lines, f"{indent}end"]
        opening, closing = _SHAPES[node.kind]
        return [f'{indent}{self._id(node.id)}{opening}"{_escaped(node.label)}"{closing}']

    def _id(self, name: str) -> str:
        return self._ids.setdefault(name, f"s{len(self._ids) + 1 - 2 * self._ends}")


def _choices(state: dict[str, Any]) -> list[tuple[str, str]]:
    """The targets of a Choice with their conditions; none for any other state."""
    if state["Type"] != "Choice":
        return []
    found = [(rule["Next"], _plain(rule["Condition"])) for rule in state["Choices"]]
    return [*found, *([(state["Default"], "otherwise")] if "Default" in state else [])]


def _plain(expression: Any) -> str:
    return str(expression).removeprefix("{%").removesuffix("%}").strip()


def _escaped(text: str) -> str:
    """Text inside a quoted Mermaid label."""
    for sign, code in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("\n", " ")):
        text = text.replace(sign, code)
    return text
