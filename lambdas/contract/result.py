"""What a part, or a fan-out over many items, gives back when it is finished."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, is_dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Json = Any
"""A value that `json.dumps` takes."""

to_text = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""JSON as text, as short as it can be. Results and states are trees: no circles are looked for."""

_JSON = frozenset((str, dict, int, float, bool, type(None)))
"""Types whose values are JSON already."""

NOT_STARTED = "not started: "
"""Begins the reason of a resource that was left because too many others had failed."""


@dataclass(frozen=True)
class Skipped:
    """A resource the part left alone, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class Failure:
    """A resource the part could not act on: its id, AWS's error code and message."""

    id: str
    error: str
    message: str


@dataclass
class Result:
    """What every part returns; parts add their own fields in a subclass.

    part: name of the part ("ec2.stop_instances").
    account, region: where it acted, when it was given a `target`; else "".
    matched: ids the selection found.
    changed: ids this call changed, each verified.
    skipped: ids left alone, with the reason (already in the wanted state, excluded, ...).
    failed: ids that failed, with error code and message.
    warnings: what an operator should know though nothing failed.
    summary: one line of text.
    responses: API responses by name (`DescribeInstancesResponse`, ...), for mail templates.
    """

    part: str = ""
    account: str = ""
    region: str = ""
    matched: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    summary: str = ""
    responses: dict[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """The result as it travels through the state machine."""
        return {name: plain(value) for name, value in vars(self).items()}


@dataclass
class ItemFailure:
    """An item that failed: the name of its error, and the beginning of its cause."""

    item: Any
    error: str
    cause: str


@dataclass
class FanOut(Generic[T, R]):
    """What `for_each` within guard rails has done.

    results: what the function returned for the items that are done, in their order. done: those items.
    failed: the items that failed. left: those that were not begun. stopped: why not, or "".
    summary: one line of text. report: what a mail says: each cause once with the accounts it is about, what was not
    begun, and where all went well in one line.
    """

    results: list[R] = field(default_factory=list)
    done: list[T] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)
    left: list[T] = field(default_factory=list)
    stopped: str = ""
    summary: str = ""
    report: str = ""


def plain(value: Any) -> Json:
    """A value as JSON, of a field of a result or of a parameter.

    What is JSON already is taken as it is: `asdict` would copy every text.
    """
    if type(value) in _JSON:
        return value
    if isinstance(value, list):
        return [item if type(item) in _JSON else plain(item) for item in value]
    return {name: plain(part) for name, part in vars(value).items()} if is_dataclass(value) else value
