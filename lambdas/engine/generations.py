"""What is made of a target, again and again, and which of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Result, seconds


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


@dataclass(frozen=True)
class Retention:
    """What is kept of the completed products of a target: all that one of these keeps. Without any, everything is kept.

    generation: so many of the newest. keep: those that are not older, "30d".
    daily, weekly, monthly: the newest of each of the last so many days, weeks and months (UTC) in which there is one.
    """

    generation: int | None = None
    keep: str | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None

    def __post_init__(self) -> None:
        """Raise InvalidParameter for a number that would keep none, and for an age that is no duration."""
        for name in ("generation", "daily", "weekly", "monthly"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise InvalidParameter(f"{name}={number} would keep none; write 1 or more")
        if self.keep is not None:
            seconds(self.keep)

    def __bool__(self) -> bool:
        """Whether anything is ever deleted."""
        return self != Retention()

    def beyond(self, completed: list[Made], new: set[str], now: float) -> list[Made]:
        """Those of `completed` (the newest first) that nothing keeps; those in `new` are always kept."""
        kept = set(new)
        fresh = [m for m in completed if m.id in new]
        others = [m for m in completed if m.id not in new]
        kept.update(m.id for m in others[: max(0, (self.generation or 0) - len(fresh))])
        if self.keep is not None:
            kept.update(m.id for m in others if now - _moment(m).timestamp() <= seconds(self.keep))
        for number, period in ((self.daily, "%Y-%m-%d"), (self.weekly, "%G-%V"), (self.monthly, "%Y-%m")):
            newest: dict[str, str] = {}
            for made in [*fresh, *others] if number else ():
                newest.setdefault(format(_moment(made), period), made.id)
            kept.update(list(newest.values())[:number])
        return [m for m in others if m.id not in kept]

    def beyond_new(self, completed: Mapping[str, list[Made]], now: float) -> list[Made]:
        """What nothing would keep any more once each target has a new product.

        completed: by target, the newest first. Several targets may share their products: copies of snapshots of one
            volume.
        """
        groups: dict[tuple[str, ...], list[Made]] = {}
        new: dict[tuple[str, ...], list[Made]] = {}
        at = datetime.fromtimestamp(now, UTC).isoformat()
        for target, kept in completed.items():
            key = tuple(m.id for m in kept)
            groups[key] = kept
            new.setdefault(key, []).append(Made(f"new of {target}", target, "completed", "", at, {}))
        return [m for key, kept in groups.items() for m in self.beyond(new[key] + kept, {m.id for m in new[key]}, now)]


def _moment(made: Made) -> datetime:
    return datetime.fromisoformat(made.at).astimezone(UTC)
