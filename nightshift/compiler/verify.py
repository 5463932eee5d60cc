"""What Step Functions asks of any definition, checked on the one that was made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lambdas.runs.step_table import StepTable
from nightshift.model import inner_scopes

MAX_BYTES = 1_000_000
"""Step Functions Developer Guide, "Quotas related to state machines": a definition is at most 1 MB."""
MAX_PAYLOAD = 262_144
"""The same, "Quotas related to state machine executions" and "Variables": bytes of an input, output or variable."""
MAX_STATE_NAME = 80
MAX_DEPTH = 100
"""Operations nested in one another that Step Functions evaluates; measured, the documentation gives no number."""

Finding = tuple[str, str, str, int]
"""Code, message, what to do, and the line; 0 for the flow as a whole."""

_TOKEN = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[(\[{]|[)\]}]|[,;:]+=?|\b(?:and|or|in)\b|[-+*/%&=<>!?]+",
)


def verify(definition: dict[str, Any], table: StepTable) -> list[Finding]:
    """What Step Functions would refuse or fail in the definition whose states are those of the table."""
    found: list[Finding] = []
    size = len(json.dumps(definition, separators=(",", ":")).encode())
    if size > MAX_BYTES:
        message = f"the state machine has {size:,} bytes, Step Functions takes {MAX_BYTES:,}"
        found.append(("NS501", message, "Move some of it to a flow of its own and call that.", 0))
    for scope, line in _scopes(definition, table, 0):
        if not any(ends(state) and table[name].kind != "gate" for name, state in scope["States"].items()):
            found.append(("NS406", "no way leads to an end", "Leave the loop with `break` or `return`.", line))
        _check_transitions(scope)
        for name, state in scope["States"].items():
            found += _check_state(state, table[name].line)
    return found


def ends(state: Mapping[str, Any]) -> bool:
    """Whether a state ends its scope."""
    return bool(state.get("End")) or state["Type"] in ("Fail", "Succeed")


def _scopes(scope: dict[str, Any], table: StepTable, line: int) -> Iterator[tuple[dict[str, Any], int]]:
    yield scope, line
    for name, state in scope["States"].items():
        for inner in inner_scopes(state):
            yield from _scopes(inner, table, table[name].line)


def _check_state(state: Mapping[str, Any], line: int) -> Iterator[Finding]:
    own = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor", "Comment")}
    deepest = max((depth(code) for code in _expressions(own)), default=0)
    if deepest > MAX_DEPTH:
        message = f"an expression nests {deepest} operations, Step Functions evaluates about {MAX_DEPTH}"
        yield "NS503", message, "Assign a part of it to a variable first.", line
    carried = [own.get("Arguments"), own.get("Output"), own.get("ItemSelector"), *own.get("Assign", {}).values()]
    size = max(map(_constant_bytes, carried))
    if size > MAX_PAYLOAD:
        message = f"a constant of {size:,} bytes, Step Functions carries {MAX_PAYLOAD:,}"
        yield "NS501", message, "Write less of it, or let a part read it from where it is kept.", line


def _constant_bytes(template: Any) -> int:
    """How many bytes of a field are written out, whatever its expressions give."""
    if isinstance(template, dict | list):
        return sum(map(_constant_bytes, template.values() if isinstance(template, dict) else template))
    if not isinstance(template, str) or template.startswith("{%"):
        return 0
    return len(json.dumps(template, ensure_ascii=False).encode(errors="replace"))


def _expressions(template: Any) -> Iterator[str]:
    if isinstance(template, str) and template.startswith("{%"):
        yield template.removeprefix("{%").removesuffix("%}")
    for inner in template.values() if isinstance(template, dict) else template if isinstance(template, list) else ():
        yield from _expressions(inner)


@lru_cache(10_000)
def depth(code: str) -> int:
    """How deep the operations of a JSONata expression nest, at most.

    Operators of one level count as nested in one another, as those that bind to the left are.
    """
    levels = [0]
    deepest = 0
    for token in _TOKEN.findall(code):
        if token in "([{":
            levels.append(0)
        elif token in ")]}" and len(levels) > 1:
            levels.pop()
        elif token[0] in ",;" or (token[0] == ":" and len(levels) > 1):
            levels[-1] = 0
        elif token[0] not in "\"'":
            levels[-1] += 1
        deepest = max(deepest, sum(levels) + len(levels) - 1)
    return deepest


def _check_transitions(scope: dict[str, Any]) -> None:
    """Raise AssertionError for a definition that only a fault of the compiler can have made."""
    states = scope["States"]
    targets = {scope["StartAt"]}
    for name, state in states.items():
        assert len(name) <= MAX_STATE_NAME, f"state name too long: {name}"
        for way in (state, *state.get("Choices", ()), *state.get("Catch", ())):
            targets |= {way[key] for key in ("Next", "Default") if key in way}
    assert targets == set(states), f"states and transitions differ: {targets ^ set(states)}"
