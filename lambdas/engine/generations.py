"""What is made of a target, again and again, and which of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Result


@dataclass(frozen=True)
class Made:
    """A product as AWS describes it.

    target: what it was made of.
    state: "pending", "completed" or "failed".
    reason: AWS's reason for a failure.
    at: time of creation, sortable.
    raw: AWS's description, trimmed.
    """

    id: str
    target: str
    state: str
    reason: str
    at: str
    raw: dict[str, Any]


@dataclass
class MakingResult(Result):
    """Result of a part that makes something of each target.

    deleted: ids of what rotation deleted.
    """

    deleted: list[str] = field(default_factory=list)


def at_least_one(generation: int | None) -> None:
    """Raise InvalidParameter for a number of generations that would keep none."""
    if generation is not None and generation < 1:
        raise InvalidParameter(f"generation={generation} would keep none; write 1 or more")


def beyond(completed: list[str], new: set[str], generation: int) -> list[str]:
    """Those of `completed` (the newest first) beyond the generations to keep; those in `new` are always kept."""
    others = [i for i in completed if i not in new]
    return others[max(0, generation - (len(completed) - len(others))) :]


def beyond_new(completed: Mapping[str, list[Made]], generation: int) -> list[Made]:
    """What would be beyond the generations once each target has a new product.

    completed: by target, the newest first. Several targets may share their generations: copies of snapshots of one
        volume.
    """
    groups: dict[tuple[str, ...], list[Made]] = {}
    new: dict[tuple[str, ...], int] = {}
    for kept in completed.values():
        key = tuple(m.id for m in kept)
        groups[key], new[key] = kept, new.get(key, 0) + 1
    return [m for key, kept in groups.items() for m in kept[max(0, generation - new[key]) :]]
