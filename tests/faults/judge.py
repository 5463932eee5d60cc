"""Whether a disturbed run kept the promise: the same world, or a failure that says what it left."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.machine import Ended
from tests.faults.world import World


@dataclass(frozen=True)
class Case:
    """The end of a run: how, and the world then."""

    ended: Ended
    world: World


def violations(before: World, normal: Case, case: Case, operation: str, passes: bool, names: bool = True) -> list[str]:
    """What is wrong with `case`, compared to the undisturbed run.

    operation: the API operation the fault hit, which an error may name while nothing has been changed.
    passes: whether the fault passes, so that it may not fail the flow.
    names: whether an error has to name what was changed, or the operation.
    """
    if case.ended.crash:
        return [f"crashed: {case.ended.crash}"]
    if case.ended.error == normal.ended.error:
        wrong = _difference("the world", normal.world, case.world)
        for name in ("matched", "changed", "failed", "skipped"):
            expected, found = normal.ended.result.get(name), case.ended.result.get(name)
            if expected != found:
                wrong.append(f"{name} is {found}, not {expected}")
        return wrong
    if not case.ended.error:
        return [f"succeeded, but the undisturbed run failed with {normal.ended.error}"]
    wrong = [f"a fault that passes failed the flow: {_said(case)}"] if passes else []
    added, removed = case.world - before, before - case.world
    twice = [item for item in added - (normal.world - before) if item.thing]
    lost = [item for item in removed - (before - normal.world) if item.thing]
    wrong += [f"created twice, or unasked: {item}" for item in twice]
    wrong += [f"deleted what should live: {item}" for item in lost]
    if not names:
        return wrong
    touched = {item.owner for item in [*added, *removed]}
    unnamed = [owner for owner in touched if not any(alias in case.ended.cause for alias in owner.split("|"))]
    wrong += [f"changed {owner}, and the error does not name it: {_said(case)}" for owner in unnamed]
    everything = {alias for item in [*before, *case.world] for alias in item.owner.split("|")}
    if not touched and not any(name in case.ended.cause for name in [operation, *everything]):
        wrong.append(f"names neither resource nor operation: {_said(case)}")
    return wrong


def _said(case: Case) -> str:
    return f"{case.ended.error}: {case.ended.cause}"


def _difference(what: str, expected: World, found: World) -> list[str]:
    return [f"{what} has too much: {dict(found - expected)}"] * bool(found - expected) + [
        f"{what} lacks: {dict(expected - found)}"
    ] * bool(expected - found)
