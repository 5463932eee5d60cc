"""Flows that never end, because each way through them calls a flow that never ends.

Constants are followed through the states, so that the first pass of a loop over what is written out, or of a `while`
that begins true, is known to be made.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lambdas.runs.step_table import StepTable
from nightshift.compiler.source_text import of_flow
from nightshift.compiler.verify import ends
from nightshift.errors import Diagnostic
from nightshift.model import CompiledFlow

Known = Mapping[str, str]
"""Variable -> its value as JSON text, for those that have the same on every way to a state."""


def endless(flows: Sequence[CompiledFlow]) -> list[Diagnostic]:
    """What is wrong with those of the flows that never end. Flows they call that are not among them do end."""
    never = {flow.name for flow in flows}
    while True:
        left = [flow for flow in flows if flow.name in never]
        ending = {f.name for f in left if not never & set(f.flows) or _returns(f.definition, f.steps, never, {})}
        if not ending:
            break
        never -= ending
    return [_endless(flow) for flow in flows if flow.name in never]


def _endless(flow: CompiledFlow) -> Diagnostic:
    called = "itself" if flow.name in flow.flows else f"{' or '.join(flow.flows)}, which calls it again"
    message = f"{flow.name!r} never ends: on every way it calls {called}"
    hint = "Let a way return without the call; a schedule or `while` repeats."
    return of_flow(flow, "NS406", message, hint)


def _returns(scope: Mapping[str, Any], table: StepTable, endless: set[str], known: Known) -> bool:
    """Whether a way leads to an end that is not behind a call of a flow that never returns itself.

    endless: the flows that never do. known: what holds around the scope. That the gate skips a run is no end.
    """
    states = scope["States"]
    before: dict[str, Known] = {scope["StartAt"]: known}
    todo = [scope["StartAt"]]
    while todo:
        name = todo.pop()
        state, row, known = states[name], table[name], before[name]
        called = row.kind == "flow" and row.calls in endless
        if called or not all(_returns(b, table, endless, around) for b, around in _inside(state, known)):
            continue
        if ends(state) and row.kind != "gate":
            return True
        for target, after in _ways(state, known):
            joined = after if target not in before else dict(before[target].items() & after.items())
            if before.get(target) != joined:
                before[target] = joined
                todo.append(target)
    return False


def _inside(state: Mapping[str, Any], known: Known) -> Iterator[tuple[Mapping[str, Any], Known]]:
    """The scopes in a state that are run for sure, each with what holds around it."""
    yield from ((branch, known) for branch in state.get("Branches", ()))
    items = _constant(state.get("Items"), known)
    if items is not None and json.loads(items):
        processor = state["ItemProcessor"]
        # The items of a Distributed Map see no variables.
        shared = processor.get("ProcessorConfig", {}).get("Mode") != "DISTRIBUTED"
        yield processor, known if shared else {}


def _ways(state: Mapping[str, Any], known: Known) -> Iterator[tuple[str, Known]]:
    """The states that may come next, each with what holds then."""
    for way in state.get("Catch", ()):
        yield way["Next"], _assigned(way, known)
    for way in state.get("Choices", ()):
        decided = _constant(way["Condition"], known)
        if decided != "false":
            yield way["Next"], _assigned(way, known)
        if decided == "true":
            return
    if target := state.get("Next") or state.get("Default"):
        yield target, _assigned(state, known)


def _assigned(way: Mapping[str, Any], known: Known) -> Known:
    values = {name: _constant(value, known) for name, value in way.get("Assign", {}).items()}
    kept = {name: value for name, value in known.items() if name not in values}
    return kept | {name: value for name, value in values.items() if value is not None}


def _constant(template: Any, known: Known) -> str | None:
    """What a field of a state is, as JSON text, as far as constants tell."""
    if isinstance(template, str) and template.startswith("{%"):
        return _evaluated(template.removeprefix("{%").removesuffix("%}"), known)
    said = json.dumps(template)
    return None if '"{%' in said else said


_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_FUNCTIONS: Mapping[str, tuple[type, Callable[[Any], Any]]] = {
    "count": (list, len),
    "min": (list, min),
    "append([], $keys": (dict, list),
}
"""By their name in JSONata: what they take, and the same in Python."""


def _evaluated(code: str, known: Known) -> str | None:
    """The value of the few expressions that begin a loop: a variable, how many items it has, a comparison."""
    code = code.strip()
    if re.fullmatch(r"\$\w+", code):
        return known.get(code[1:])
    for name, (taken, function) in _FUNCTIONS.items():
        start, end = f"${name}(", ")" * (1 + name.count("("))
        if code.startswith(start) and code.endswith(end):
            argument = json.loads(_evaluated(code[len(start) : -len(end)], known) or "null")
            return json.dumps(function(argument)) if isinstance(argument, taken) and argument else None
    compared = re.fullmatch(r"(\$\w+|\$count\(\$\w+\)) (<=|>=|!=|<|>|=) (.+)", code)
    if compared is None:
        return _written(code)
    left, right = (json.loads(_evaluated(side, known) or "null") for side in (compared[1], compared[3]))
    if type(left) is not type(right) or not isinstance(left, str | int):
        return None
    return json.dumps(_COMPARED[compared[2]](left, right))


def _written(code: str) -> str | None:
    """A constant as JSON text; a list stands in brackets of its own."""
    inner = code[1:-1] if code.startswith("(") and code.endswith(")") else code
    try:
        return json.dumps(json.loads(inner))
    except ValueError:
        return None
