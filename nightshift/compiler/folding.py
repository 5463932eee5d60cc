"""Folds states that only assign or end into their neighbours: each state entered costs a transition and an event.

All expressions of one state read the values from before it, so an expression that moves over an assignment has the
assigned value written in. What moves into a Task with a Catch must not be able to fail: there it would be caught.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nightshift.compiler.jsonata import BLOCK, NO_CONSTANT, Expr
from nightshift.compiler.states import Edge, Label, State, reachable

_TOKEN = re.compile(r'(?<=, )/(?:\\.|[^/\\])+/|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|\$[^\W\d]\w*')
"""Regular expressions, texts, quoted names and variables; the quotes of an expression begin no text."""
_HARMLESS = re.compile(
    r"\$\w+(?: \+ 1)?|\$states\.result(?:\.Payload\.result|\.Output)?|\$states\.input\.(?:result|item|index)"
)
"""Expressions that cannot fail: a variable, a counter, and what a state was given or gave."""
_SHORT = 120
"""Characters of an expression that may be written more than once."""
_LONGEST_ENTERING = 1500
_WITH_OUTPUT = ("Task", "Parallel", "Map", "Wait", "Pass")
_CAUGHT = ("Task", "Parallel", "Map")
_LONGEST_TITLE = 300


def fold(start: Label, *, handing_on: bool) -> None:
    """Fold what can be folded in the scope that begins at `start`, a Pass that assigns what is given.

    handing_on: whether the state after it may do that instead.
    """
    while any(_fold_into_predecessors(state, ways) for state, ways in _entered(start)):
        pass
    begin = start.resolve()
    if begin.type == "Pass" and not begin.fields and begin.next is not None:
        if not begin.next.assign:
            start.state, start.alias = None, begin.next.next
        elif handing_on:
            _give_to_next(start, begin, begin.next)


def _entered(start: Label) -> list[tuple[State, list[tuple[State, Edge]]]]:
    states = reachable(start)
    ways: dict[State, list[tuple[State, Edge]]] = {state: [] for state in states}
    for state in states:
        for edge in state.edges():
            ways[edge.next.resolve()].append((state, edge))
    return [(state, ways[state]) for state in states if state is not start.resolve()]


def _fold_into_predecessors(state: State, ways: list[tuple[State, Edge]]) -> bool:
    if state.type != "Pass":
        return False
    if state.next is None and "Assign" in state.fields:
        return False
    if state.next is None:
        # Each of them, not the first only.
        return sum(_ends(owner, edge, state) for owner, edge in ways) > 0
    if state.fields or state.next.next.resolve() is state:
        return False
    if not state.next.assign:
        for _, edge in ways:
            edge.next = state.next.next
        return True
    return len(ways) == 1 and _assigns(*ways[0], state, state.next)


def _assigns(owner: State, edge: Edge, state: State, own: Edge) -> bool:
    """Make the assignments of a Pass on the edge that leads to it."""
    moved = {name: _moved(value, edge.assign) for name, value in own.assign.items()}
    if not all(value is not None and _may_move(owner, edge, value.asl()) for value in moved.values()):
        return False
    edge.assign = {**edge.assign, **{name: value for name, value in moved.items() if value is not None}}
    edge.next = own.next
    _say(owner, state)
    return True


def _ends(owner: State, edge: Edge, state: State) -> bool:
    """End the scope with the state before the one that only gives its Output."""
    if edge is not owner.next or owner.type not in _WITH_OUTPUT or "Output" in owner.fields:
        return False
    output = _output(state.fields["Output"], edge.assign)
    if output is None or not _may_move(owner, edge, output):
        return False
    # The variables are not needed any more, but a value that cannot be had has to fail, whether it is given or not.
    given = _code(state.fields["Output"])
    unsure = {name: value.asl() for name, value in edge.assign.items() if f"${name}" != given and _may_fail(value)}
    if unsure and owner.catch:
        return False
    owner.fields |= {"Output": output, **({"Assign": unsure} if unsure else {})}
    owner.next = None
    _say(owner, state)
    return True


def _may_fail(value: Expr) -> bool:
    return not value.total or bool(re.search(r"\$(?:error|number|power|parse)\(", value.code))


def _output(template: Any, given: Mapping[str, Expr]) -> Any:
    """An Output with values written in: an object or an expression."""
    code = _code(template)
    if code is None or code[1:] not in given:
        return _written(template, given)
    value = given[code[1:]]
    return value.asl() if isinstance(value.template, dict) else value.evaluated()


def _say(owner: State, state: State) -> None:
    """The title of a state tells also what was folded into it, where a line of the flow asked for it."""
    title = f"{owner.row.title}; {state.row.title}"
    if state.row.line and len(title) <= _LONGEST_TITLE:
        owner.row = replace(owner.row, title=title)


def _may_move(owner: State, edge: Edge, template: Any) -> bool:
    """Whether an expression means the same on an edge of the state before."""
    if "$states.input" in str(template) and owner.type in _CAUGHT:
        return False
    return not (owner.catch and edge is owner.next and not _is_harmless(template))


def _is_harmless(template: Any) -> bool:
    if isinstance(template, dict):
        return all(map(_is_harmless, template.values()))
    if isinstance(template, list):
        return all(map(_is_harmless, template))
    code = _code(template)
    return code is None or code in ("null", "true", "false") or bool(_HARMLESS.fullmatch(code) or _TEXT.fullmatch(code))


_TEXT = re.compile(r'"(?:\\.|[^"\\])*"')


def entering(start: Label) -> dict[str, Any]:
    """Take away the Pass that a scope begins with, and give what it assigns, for the states before to assign.

    There are several; what is too long to be written for each stays in its Pass.
    """
    begin = start.resolve()
    if begin.type != "Pass" or begin.fields or begin.next is None:
        return {}
    if any(edge.next.resolve() is begin for state in reachable(start) for edge in state.edges()):
        return {}
    assign = {name: value.asl() for name, value in begin.next.assign.items()}
    if len(str(assign)) > _LONGEST_ENTERING:
        return {}
    start.state, start.alias = None, begin.next.next
    return assign


def _give_to_next(start: Label, begin: State, edge: Edge) -> None:
    """Let the state after the Pass `begin` read what is given itself, check it first of all, and hand it on."""
    first = edge.next.resolve()
    given = {name: value.unchecked or value for name, value in edge.assign.items()}
    checks = {
        name: f"{{% $type({value.code}) %}}"
        for name, value in edge.assign.items()
        if value.unchecked not in (None, value)
    }
    if sum(way.next.resolve() is first for state in reachable(start) for way in state.edges()) > 1:
        return
    if checks and (first.catch or "part" not in first.fields.get("Arguments", {}).get("Payload", {})):
        return
    inner = {key: first.fields[key] for key in ("Branches", "ItemProcessor") if key in first.fields}
    if not all(map(_may_wait, given.values())) or given.keys() & names_in(inner):
        return
    fields = {key: _written(value, given) for key, value in first.fields.items() if key not in inner}
    edges = [_handed(way, given) for way in first.edges()]
    if any(value is None for key, value in fields.items() if first.fields[key] is not None) or None in edges:
        return
    needed = {name for state in reachable(edge.next) if state is not first for name in _read_by(state)}
    kept = {name: value for name, value in given.items() if name in needed}
    for way, handed in zip(first.edges(), edges, strict=True):
        assert handed is not None
        way.assign, way.condition = {**kept, **handed.assign}, handed.condition
    first.fields = {key: fields.get(key, value) for key, value in first.fields.items()}
    if checks:
        payload = {**first.fields["Arguments"]["Payload"], "given": checks}
        first.fields["Arguments"] = {**first.fields["Arguments"], "Payload": payload}
    start.state, start.alias = None, edge.next


def _may_wait(value: Expr) -> bool:
    """Whether a value may be taken later: it is short, and taking it cannot fail."""
    called = set(re.findall(r"\$(\w+)\(", value.code)) - {"exists"}
    return not called and not _may_fail(value) and len(value.code) <= _SHORT


def _handed(edge: Edge, given: Mapping[str, Expr]) -> Edge | None:
    """The edge with the values written in; None where that cannot be done."""
    assign = {name: _moved(value, given) for name, value in edge.assign.items()}
    condition = _moved(edge.condition, given) if edge.condition is not None else None
    if None in assign.values() or (condition is None) != (edge.condition is None):
        return None
    return replace(edge, assign=assign, condition=condition)  # type: ignore[arg-type]


def _read_by(state: State) -> set[str]:
    names = names_in(state.fields)
    for edge in state.edges():
        names |= set().union(*(value.reads for value in edge.assign.values()))
        names |= edge.condition.reads if edge.condition is not None else set()
    return names


def names_in(template: Any) -> set[str]:
    """The variables that the expressions of a field may read."""
    if isinstance(template, dict):
        return set().union(*map(names_in, template.values()))
    if isinstance(template, list):
        return set().union(*map(names_in, template))
    code = _code(template)
    return {token[1:] for token in _TOKEN.findall(code) if token.startswith("$")} if code else set()


def _code(template: Any) -> str | None:
    """The JSONata of a field; None for a constant."""
    if isinstance(template, str) and template.startswith("{%"):
        return template.removeprefix("{%").removesuffix("%}").strip()
    return None


def _moved(value: Expr, given: Mapping[str, Expr]) -> Expr | None:
    """An expression with the values of variables written in; None where that cannot be done."""
    if not value.reads & given.keys():
        return value
    template = _written(value.template, given) if value.template is not NO_CONSTANT else NO_CONSTANT
    code = _substituted(value.code, given) if value.code else ""
    if template is None or code is None:
        return None
    reads = (value.reads - given.keys()).union(*(given[name].reads for name in value.reads & given.keys()))
    return replace(value, code=code, binds=BLOCK, reads=reads, template=template)


def _written(template: Any, given: Mapping[str, Expr]) -> Any:
    """A field with the values of variables written in; None where that cannot be done."""
    if isinstance(template, dict | list):
        items: Iterable[Any] = template.items() if isinstance(template, dict) else enumerate(template)
        made = {key: _written(inner, given) for key, inner in items}
        if any(inner is None and template[key] is not None for key, inner in made.items()):
            return None
        return made if isinstance(template, dict) else list(made.values())
    code = _code(template)
    if code is None or not names_in(template) & given.keys():
        return template
    if code.startswith("$") and code[1:] in given:
        value = given[code[1:]]
        return value.evaluated() if value.code and isinstance(value.template, list | dict) else value.asl()
    written = _substituted(code, given)
    return None if written is None else f"{{% {written} %}}"


def _substituted(code: str, given: Mapping[str, Expr]) -> str | None:
    names = names_in(f"{{% {code} %}}") & given.keys()
    bound = {name for one, many in _BOUND.findall(code) for name in (one, *re.findall(r"\w+", many))}
    # A regular expression may hold quotes, which would be taken for those of a text.
    if names & bound or any(not 0 < len(given[name].code) <= _SHORT for name in names) or re.search(r"[(,]\s*/", code):
        return None

    def value(token: re.Match[str]) -> str:
        name = token[0][1:]
        if token[0][0] != "$" or name not in given:
            return token[0]
        inner = given[name]
        return inner.code if _LITERAL.fullmatch(inner.code) else f"({inner.code})"

    return _TOKEN.sub(value, code)


_LITERAL = re.compile(r'"[^"]*"|[\d.]+|true|false|null')
_BOUND = re.compile(r"\$(\w+)\s*:=|function\(([^)]*)\)")
