"""Holds the two ways of a run against each other: what the compiled flow did, CPython has to do, too."""

from __future__ import annotations

import json
import os
import pickle
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from nightshift.testing.result import RunResult

_IDS = re.compile(r"\b(?:i|vol|snap|ami|eni|r|cmd)-[0-9a-f]{8,17}\b|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_TIMES = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
_OF_THE_RUN = re.compile(r'("nightshift:(?:run|call)": )"[^"]*"')
_LATER = ("Throttled", "Unavailable")
"""Errors that Step Functions tries again after, which CPython does not (docs/language.md, "Differences")."""

Inventory = Mapping[str, Mapping[str, Any]]
Seen = tuple[RunResult, Inventory]


class Disagreement(AssertionError):
    """The compiled flow did something else than the Python function."""


def elsewhere(do: Callable[[], Any]) -> Any:
    """What `do` returns, done in a copy of this process, so that nothing of it happens here.

    Raises RuntimeError with what was raised there.
    """
    if not hasattr(os, "fork"):
        raise RuntimeError("nightshift.testing.run needs a system with fork: Linux, macOS, or WSL on Windows")
    read, write = os.pipe()
    with warnings.catch_warnings():
        # Of a process with other threads, as those of pytest-xdist; the copy only computes.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            os.close(read)
            with os.fdopen(write, "wb") as out:
                out.write(_answer(do))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        answer = told.read()
    os.waitpid(child, 0)
    if not answer:
        raise RuntimeError("the run under CPython ended without an answer")
    failed, value = pickle.loads(answer)
    if failed:
        raise RuntimeError(value)
    return value


def _answer(do: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps((False, do()))
    except BaseException as error:
        return pickle.dumps((True, f"{type(error).__name__}: {error}"))


def compare(compiled: Seen, python: Seen, before: Inventory, *, retry: int, side_by_side: bool) -> None:
    """Raise Disagreement when a run did something else under CPython.

    before: what there was. retry: of the flow. side_by_side: whether it has branches, which CPython runs one after
    the other.
    """
    mine, other = compiled[0], python[0]
    if other.error and (retry or other.error in _LATER):
        return
    for what, one, two in (
        ("ends with", mine.error or "success", other.error or "success"),
        ("returns", _shown(mine.value, before, side_by_side), _shown(other.value, before, side_by_side)),
        ("calls", _calls(mine, before), _calls(other, before)),
        ("leaves", _things(compiled[1], before), _things(python[1], before)),
    ):
        if one != two:
            raise Disagreement(
                f"compiled, the flow {what} {one}\nunder CPython, it {what} {two}\n"
                'docs/language.md, "Differences", lists where the two are not the same'
                + (f"\nCPython: {other.error}: {other.cause}" if other.error else "")
            )


def _shown(value: Any, before: Inventory, side_by_side: bool) -> str:
    """A value as text, with the same word for each new id, and for times where they cannot be the same."""
    text = json.dumps(value, sort_keys=True, default=str)
    known: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return found[0] if found[0] in before else known.setdefault(found[0], f"(new {len(known) + 1})")

    text = _OF_THE_RUN.sub(r"\1(this run)", _IDS.sub(named, text))
    return _TIMES.sub("(a time)", text) if side_by_side else text


def _calls(result: RunResult, before: Inventory) -> list[tuple[str, list[str]]]:
    """The calls of parts with what they changed, in an order that does not depend on who was first."""
    return sorted(
        (call.part, sorted(i if i in before else "(new)" for i in call.result.get("changed") or ()))
        for call in result.calls
        if "." in call.part
    )


def _things(after: Inventory, before: Inventory) -> dict[str, int]:
    """What there is afterwards, without new ids and what names the run."""
    found: Counter[str] = Counter()
    for id_, item in after.items():
        tags = {k: v for k, v in item["tags"].items() if not k.startswith("nightshift:")}
        kept = {k: item[k] for k in ("state", "type", "size") if k in item}
        found[f"{id_ if id_ in before else id_.partition('-')[0]} {kept} {_IDS.sub('(new)', str(tags))}"] += 1
    return dict(sorted(found.items()))
