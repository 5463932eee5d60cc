"""What is made of a target, again and again, and which of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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


def beyond(completed: list[str], new: set[str], generation: int) -> list[str]:
    """Those of `completed` (the newest first) beyond the generations to keep; those in `new` are always kept."""
    others = [i for i in completed if i not in new]
    return others[max(0, generation - (len(completed) - len(others))) :]
