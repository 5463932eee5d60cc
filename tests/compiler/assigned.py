"""Which variables are assigned on the ways to a state: Step Functions fails where one is read that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nightshift.compiler.jsonata import FUNCTIONS

_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|(?<=, )/(?:\\.|[^/\\])*/')
"""Texts, and regular expressions, in which quotes begin no text."""
_NAMES = re.compile(r"\$([^\W\d]\w*)")
_BOUND = re.compile(r"\$(\w+)\s*:=|function\(([^)]*)\)")


def reads(template: Any) -> set[str]:
    """The variables that the expressions of a field read."""
    if isinstance(template, dict):
        return set().union(*map(reads, template.values()))
    if isinstance(template, list):
        return set().union(*map(reads, template))
    if not (isinstance(template, str) and template.startswith("{%")):
        return set()
    code = _TEXTS.sub('""', template)
    bound = {name for one, many in _BOUND.findall(code) for name in (one, *_NAMES.findall(many)) if name}
    return set(_NAMES.findall(code)) - bound - FUNCTIONS - {"states"}


def ways(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where a state goes next, with what is assigned on the way."""
    for key in ("Next", "Default"):
        if key in state:
            yield state[key], state.get("Assign", {})
    for way in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield way["Next"], way.get("Assign", {})


def unassigned(
    scope: dict[str, Any], before: frozenset[str] = frozenset(), *, every_way: bool
) -> list[tuple[str, str]]:
    """(state, variable) for each read of a variable that is not assigned before.

    before: what is assigned around the scope. every_way: it has to be assigned on every way to the state; else on one,
    as after a `finally`, whose ways meet and part again.
    """
    states = scope["States"]
    known: dict[str, frozenset[str]] = {scope["StartAt"]: before}
    todo = [scope["StartAt"]]
    while todo:
        name = todo.pop()
        for target, assign in ways(states[name]):
            after = known[name] | assign.keys()
            if target in known:
                after = after & known[target] if every_way else after | known[target]
            if known.get(target) != after:
                known[target] = after
                todo.append(target)
    found = []
    for name, state in states.items():
        fields = {k: v for k, v in state.items() if k not in ("Comment", "Branches", "ItemProcessor", "Catch")}
        fields["Catch"] = [way.get("Assign", {}) for way in state.get("Catch", ())]
        found += [(name, variable) for variable in sorted(reads(fields) - known[name])]
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            distributed = inner.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
            found += unassigned(inner, frozenset() if distributed else known[name], every_way=every_way)
    return found
