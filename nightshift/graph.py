"""A flow's state machine as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdas.history import poll_waits
from nightshift.model import CompiledFlow

_SHAPES = {
    "Task": ("[", "]"),
    "Choice": ("{", "}"),
    "Wait": ("([", "])"),
    "Pass": ("[/", "/]"),
    "Fail": ("[[", "]]"),
    "Succeed": ("((", "))"),
}


def mermaid(flow: CompiledFlow) -> str:
    """The graph of a flow, in Mermaid's flowchart syntax.

    The wait loop of a part (look, done?, wait) is drawn as the one step it is; dotted arrows are errors caught.
    """
    drawing = _Drawing(flow)
    body = drawing.machine(flow.definition, "  ")
    return "\n".join(["flowchart TD", *body]) + "\n"


class _Drawing:
    def __init__(self, flow: CompiledFlow) -> None:
        self._flow = flow
        self._polls = poll_waits(flow.definition, flow.steps)
        self._ids: dict[str, str] = {}
        self._ends = 0

    def machine(self, definition: dict[str, Any], indent: str) -> list[str]:
        """Nodes and arrows of a machine, or of a branch of one."""
        states: dict[str, dict[str, Any]] = definition["States"]
        skipped = self._loops(states)
        self._ends += 1
        start, end = f"start{self._ends}", f"end{self._ends}"
        lines = [f"{indent}{start}(( ))", f"{indent}{end}((( )))"]
        for name, state in states.items():
            if name not in skipped:
                lines += self._node(name, state, indent)
        lines.append(f"{indent}{start} --> {self._id(definition['StartAt'])}")
        for name, state in states.items():
            if name not in skipped:
                for target, label, dotted in self._arrows(state, states):
                    arrow = "-.->" if dotted else "-->"
                    said = f'|"{_escaped(label)}"|' if label else ""
                    lines.append(f"{indent}{self._id(name)} {arrow}{said} {self._id(target) if target else end}")
        return lines

    def _loops(self, states: dict[str, dict[str, Any]]) -> set[str]:
        """The Choice and Wait states of wait loops."""
        waits = self._polls & states.keys()
        return waits | {name for name, state in states.items() if waits & {t for t, _ in _choices(state)}}

    def _node(self, name: str, state: dict[str, Any], indent: str) -> list[str]:
        inner = [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]
        if inner:
            limit = state.get("MaxConcurrency")
            title = f"{name}, {limit} at a time" if limit else name
            lines = [f'{indent}subgraph {self._id(name)}["{_escaped(title)}"]']
            for machine in inner:
                lines += self.machine(machine, indent + "  ")
            return [*lines, f"{indent}end"]
        opening, closing = _SHAPES[state["Type"]]
        return [f'{indent}{self._id(name)}{opening}"{_escaped(name)}"{closing}']

    def _arrows(
        self, state: dict[str, Any], states: dict[str, dict[str, Any]]
    ) -> Iterator[tuple[str | None, str, bool]]:
        """Where a state leads: the next state (None is the end), what the arrow says, whether it is an error."""
        for target, condition in _choices(state):
            yield target, condition, False
        if "Next" in state:
            yield self._past_loop(state["Next"], states), "", False
        elif state.get("End") or state["Type"] == "Succeed":
            yield None, "", False
        for catcher in state.get("Catch", []):
            # The first name is the class the author wrote; the others are its subclasses.
            first, *others = catcher["ErrorEquals"]
            yield catcher["Next"], f"{first} and {len(others)} below it" if others else first, True

    def _past_loop(self, name: str, states: dict[str, dict[str, Any]]) -> str:
        targets = [target for target, _ in _choices(states[name])]
        if not self._polls.intersection(targets):
            return name
        return next(target for target in targets if target not in self._polls)

    def _id(self, name: str) -> str:
        return self._ids.setdefault(name, f"s{len(self._ids) + 1}")


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
