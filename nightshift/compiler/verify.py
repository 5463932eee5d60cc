"""What Step Functions asks of any definition, checked on the one that was made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

MAX_BYTES = 1_000_000
"""Step Functions Developer Guide, "Quotas related to state machines": a definition is at most 1 MB."""
MAX_STATE_NAME = 80

Finding = tuple[str, str, str]


def verify(definition: dict[str, Any]) -> list[Finding]:
    """(code, message, what to do) for each rule that the definition breaks."""
    found: list[Finding] = []
    size = len(json.dumps(definition).encode())
    if size > MAX_BYTES:
        message = f"the state machine has {size:,} bytes, Step Functions takes {MAX_BYTES:,}"
        found.append(("NS501", message, "Move some of it to a flow of its own and call that."))
    if not any(_ends(state) for state in definition["States"].values()):
        found.append(("NS406", "no way leads to an end", "Leave the loop with `break` or `return`."))
    for scope in _scopes(definition):
        _check_transitions(scope)
    return found


def _ends(state: dict[str, Any]) -> bool:
    return bool(state.get("End")) or state["Type"] in ("Fail", "Succeed")


def _scopes(scope: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield scope
    for state in scope["States"].values():
        for inner in (*state.get("Branches", ()), *filter(None, (state.get("ItemProcessor"),))):
            yield from _scopes(inner)


def _check_transitions(scope: dict[str, Any]) -> None:
    """Raise AssertionError for a definition that only a fault of the compiler can have made."""
    states = scope["States"]
    targets = {scope["StartAt"]}
    for name, state in states.items():
        assert len(name) <= MAX_STATE_NAME, f"state name too long: {name}"
        for way in (state, *state.get("Choices", ()), *state.get("Catch", ())):
            targets |= {way[key] for key in ("Next", "Default") if key in way}
    assert targets == set(states), f"states and transitions differ: {targets ^ set(states)}"
