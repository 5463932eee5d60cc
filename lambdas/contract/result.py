"""What a part gives back when it is finished."""

from __future__ import annotations

from dataclasses import dataclass, field, is_dataclass
from typing import Any

Json = Any
"""A value that `json.dumps` takes."""


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
    matched: ids the selection found.
    changed: ids this call changed, each verified.
    skipped: ids left alone, with the reason (already in the wanted state, excluded, ...).
    failed: ids that failed, with error code and message.
    warnings: what an operator should know though nothing failed.
    summary: one line of text.
    responses: API responses by name (`DescribeInstancesResponse`, ...), for mail templates.
    """

    part: str = ""
    matched: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    summary: str = ""
    responses: dict[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """The result as it travels through the state machine."""
        return {name: _plain(value) for name, value in vars(self).items()}


def _plain(value: Any) -> Json:
    """A field of a result as JSON. What is JSON already is taken as it is: `asdict` would copy every text."""
    if is_dataclass(value):
        return {name: _plain(part) for name, part in vars(value).items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
