"""`for_each` within guard rails, as it runs under CPython: in waves, and no further wave after too many failures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from lambdas.contract.errors import FanOutStopped, NightshiftError
from lambdas.contract.limits import at_least_one, limit
from lambdas.contract.result import FanOut, ItemFailure
from lambdas.contract.target import Target, where, whose

T = TypeVar("T")
R = TypeVar("R")

CAUSE = 500
"""Characters of a cause that are kept of an item that failed: those of hundreds have to fit a state."""

_TARGET = {field.name for field in fields(Target)}

SHOWN = 10
"""Items that a message names."""

CAUSES = 20
"""Causes that a report tells."""


def fan_out(
    items: Sequence[T],
    function: Callable[[T], R],
    *,
    at_most: int,
    max_failures: int | str,
    in_alarm: Callable[[], bool],
    alarm: str,
    on_failure: str,
) -> FanOut[T, R]:
    """Run `function` for each item, wave after wave; see `nightshift.language.for_each`.

    in_alarm: whether the alarm that stops it is in the state ALARM now.
    Raises FanOutStopped when it has stopped early, unless on_failure is "continue".
    """
    at_least_one("at_most", at_most)
    tolerated = limit("max_failures", max_failures).tolerated(len(items))
    made: FanOut[T, R] = FanOut()
    at = 0
    while not made.stopped and at < len(items):
        if in_alarm():
            made.stopped = f"the alarm {alarm} is in ALARM"
            break
        for item in items[at : at + at_most]:
            _one(made, item, function)
        at += at_most
        if len(made.failed) > tolerated:
            made.stopped = f"{len(made.failed)} of {len(items)} failed, and max_failures is {max_failures}"
    made.left = list(items[at:])
    made.summary = f"{len(made.done)} of {len(items)} done, {len(made.failed)} failed, {len(made.left)} not started"
    made.report = report(made)
    if made.stopped and on_failure == "fail":
        raise FanOutStopped(message(made))
    return made


def _one(made: FanOut[T, R], item: T, function: Callable[[T], R]) -> None:
    try:
        result = function(item)
    except NightshiftError as error:
        made.failed.append(ItemFailure(item, error.error, error.cause[:CAUSE]))
    else:
        made.results.append(result)
        made.done.append(item)


def message(made: FanOut[Any, Any]) -> str:
    """The cause of FanOutStopped: why, what failed first, and what was left."""
    text = f"{made.stopped}: {made.summary}"
    if made.failed:
        text += f"; first {made.failed[0].error}: {made.failed[0].cause}"
    if made.left and all(named(item) for item in made.left[:SHOWN]):
        text += f"; not started: {', '.join(named(item) for item in made.left[:SHOWN])}"
    return text


def report(made: FanOut[Any, Any]) -> str:
    """What a mail says: each cause once, what was not begun, and the accounts in which all went well in one line.

    `nightshift.compiler.fan_out_report` says the same in JSONata.
    """
    causes = list(dict.fromkeys(_told(failure) for failure in made.failed))
    lines = [made.summary, *(f"- {cause}" for cause in causes[:CAUSES])]
    if len(causes) > CAUSES:
        lines.append(f"- and {len(causes) - CAUSES} more")
    troubled = {_account(item) for item in [*(failure.item for failure in made.failed), *made.left]}
    whole = dict.fromkeys(_account(item) for item in made.done if _account(item) not in troubled)
    part = [named(item) for item in made.done if _account(item) in troubled]
    for title, all_names in (
        ("Not started", [named(item) for item in made.left]),
        ("Done", [*whole]),
        ("Done there", part),
    ):
        if names := [name for name in all_names if name]:
            more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
            lines.append(f"{title}: {', '.join(names[:SHOWN] + more)}")
    return "\n".join(lines)


def _told(failure: ItemFailure) -> str:
    """A cause with the place or the item it is about, which errors at a target say themselves."""
    cause = failure.cause
    return cause if cause.startswith(_account(failure.item)) else f"{named(failure.item)}: {cause}"


def _account(item: Any) -> str:
    """The account of a target; any other item is one by itself."""
    if _is_target(item):
        return whose(_plain(item)) or named(item)
    return named(item)


def named(item: Any) -> str:
    """What a message calls an item: a text itself, a target by account and Region; "" for any other."""
    if _is_target(item):
        return where(_plain(item))
    return item if isinstance(item, str) else ""


def _is_target(item: Any) -> bool:
    return isinstance(_plain(item), dict) and _plain(item).keys() >= _TARGET


def _plain(item: Any) -> Any:
    return vars(item) if isinstance(item, Target) else item
