"""Where a run in several accounts or Regions did what: of each place whether it went well, and what failed.

Step Functions tells a place by what a part is asked, what it replies and what a wave of `for_each` assigns. The local
AWS does not tell the states inside of a Map: there the reply names the place, and so does the data behind a cause.

Source: "StateExitedEventDetails" (Step Functions API Reference).
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdas.contract.causes import Cause, Diagnosis, Place, place_of

State = Literal["failed", "running", "not_started", "done"]

LISTED_BY = "organizations.list_accounts"
"""The part whose targets a run means to act in."""

_TARGET = {"account", "name", "region", "role_arn"}
_WAVE = {"results", "done", "failed"}
_RETRIED = {"Throttled", "Unavailable"}


@dataclass(frozen=True)
class Trouble:
    """What failed in a place."""

    error: str
    cause: str
    failures: tuple[Diagnosis, ...] = ()


@dataclass
class Seen:
    """What is known of a place.

    results: of the parts that are done there. trouble: what failed, by the step. open: steps that are at work.
    went_well: what `for_each` said of it in the end, None while it has not.
    """

    place: Place
    results: list[Mapping[str, Any]] = field(default_factory=list)
    trouble: dict[Hashable, Trouble] = field(default_factory=dict)
    open: set[Hashable] = field(default_factory=set)
    went_well: bool | None = None

    def state(self) -> State:
        """How it went: what `for_each` said, else whether something failed; resources that failed count in any case."""
        broken = any(result.get("failed") for result in self.results)
        if broken or self.went_well is False or (self.trouble and self.went_well is None):
            return "failed"
        if self.went_well or not self.open:
            return "done" if self.went_well or self.results else "not_started"
        return "running"


@dataclass
class Places:
    """The places of a run, in the order in which they came up; fed by its history."""

    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    hidden: bool = False
    """Whether a Map has histories of its own (Distributed Map), so that what was begun there is not all told."""

    def asked(self, step: Hashable, target: Any) -> None:
        """A step asks a part; again after an error, which then counts no more. target: what the part is given."""
        if place := _place(target):
            seen = self._at(place)
            seen.open.add(step)
            seen.trouble.pop(step, None)

    def replied(self, step: Hashable, result: Mapping[str, Any]) -> None:
        """A part is done."""
        if result.get("part") == LISTED_BY:
            for target in result["targets"] if isinstance(result.get("targets"), list) else ():
                if place := _place(target):
                    self._at(place)
        if not result.get("region"):
            return
        seen = self._at(Place(str(result.get("account") or ""), str(result["region"])))
        seen.open.discard(step)
        seen.results.append(result)
        # Where steps cannot be told apart, a reply after such an error is that of the repetition.
        for again in [key for key, trouble in seen.trouble.items() if key != step and trouble.error in _RETRIED]:
            if isinstance(again, str):
                del seen.trouble[again]

    def failed(self, step: Hashable, error: str, cause: Cause) -> None:
        """A step failed; where is said by the cause, or by what the step was asked."""
        acting = [seen for seen in self.seen.values() if step in seen.open]
        if cause.place is not None:
            acting = [self._at(cause.place)]
        for seen in acting:
            told = step in seen.open
            seen.open.discard(step)
            seen.trouble[step if told else error] = Trouble(error, cause.message, cause.failures)

    def assigned(self, variables: Iterable[str]) -> None:
        """What a Map assigned, as JSON texts: a wave of `for_each` says which items are done and which failed."""
        for wave in filter(_is_wave, map(_json, variables)):
            self.hidden = False
            for item in wave["done"]:
                self._end(item, went_well=True)
            for failure in wave["failed"]:
                if seen := self._end(failure["item"], went_well=False):
                    seen.trouble = seen.trouble or {"": Trouble(failure["error"], failure["cause"])}

    def _end(self, item: Any, *, went_well: bool) -> Seen | None:
        place = _place(item)
        if place is None:
            return None
        seen = self._at(place)
        seen.went_well = went_well and seen.went_well is not False
        return seen

    def _at(self, place: Place) -> Seen:
        seen = self.seen.setdefault((place.account, place.region), Seen(place))
        if place.name and not seen.place.name:
            seen.place = place
        return seen


def _place(target: Any) -> Place | None:
    return place_of(target) if isinstance(target, Mapping) and target.keys() >= _TARGET else None


def _is_wave(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == _WAVE


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
