"""The guard rails of a part: how many resources it may match, have under way at a time, and see fail.

What waits for its turn is in a group of its own for each stage, with the plan: a repeated invocation begins the same
resources. Nothing of it is read or written where a call has no rails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from lambdas.contract.errors import InvalidParameter, TooManyResources
from lambdas.contract.limits import MAX_RESOURCES, Limit, at_least_one, limit
from lambdas.contract.part import Call
from lambdas.contract.result import NOT_STARTED
from lambdas.engine.progress import Progress
from lambdas.engine.stage import DONE, Request, Skipped, Stage, Verdict, Work

AT_MOST = 10
"""Resources under way at a time where `max_failures` is given alone: those that have begun before it is known that too
many fail."""

_LATER = "later "
_LEFT = "left"
_NAMED = 5


class Rails:
    """The guard rails of one call.

    stages: those of the part, by name. verb, noun: what it does to what ("stop", "instance").
    population: how many resources of the kind there are where the call acts; None where nothing tells.
    railed: False for what a part does besides, to resources that nobody has selected.
    """

    def __init__(
        self,
        call: Call,
        progress: Progress,
        stages: Mapping[str, Stage],
        verb: str,
        noun: str,
        population: Callable[[Call], int] | None,
        *,
        railed: bool = True,
    ) -> None:
        self.call, self.progress, self.stages = call, progress, stages
        self.verb, self.noun, self.population = verb, noun, population
        given = call.params if railed else {}
        self.max_failures = limit("max_failures", given["max_failures"]) if "max_failures" in given else None
        self.at_most: int | None = None
        if "at_most" in given:
            self.at_most = at_least_one("at_most", given["at_most"])
        elif self.max_failures:
            self.at_most = AT_MOST
        if call.dry_run and not self.max_failures:
            # Where nothing is changed, waves only cost time.
            self.at_most = None
        self.whose, self.max_resources = self._allowed() if railed else ("", None)

    def select(self, verdicts: Iterable[tuple[str, Verdict]]) -> Iterator[tuple[str, Verdict]]:
        """The verdicts of a plan, but for those whose turn comes later.

        Raises TooManyResources when they are about more than `max_resources`.
        """
        verdicts = list(verdicts)
        selected = [resource for resource, verdict in verdicts if self._meant(verdict)]
        self._check(selected)
        if self.at_most is None:
            yield from verdicts
            return
        self.call.state["selected"] = self.call.state.get("selected", 0) + len(selected)
        later: dict[str, list[str]] = {}
        for resource, verdict in verdicts:
            if isinstance(verdict, str) and verdict in self._leading:
                later.setdefault(verdict, []).append(resource)
            else:
                yield resource, verdict
        for stage, ids in later.items():
            self.progress.add(_LATER + stage, ids)

    def admit(self) -> bool:
        """Let begin what may, or leave the rest where too many have failed; whether something begins."""
        later = self._later()
        if not later:
            return False
        assert self.at_most is not None, "nothing waits for its turn without a limit"
        if self._too_many_failed():
            self._leave(later)
            return False
        room = max(0, self.at_most - self._under_way())
        for stage, ids in later.items():
            taken = ids[:room]
            room -= len(taken)
            self.progress.put(_LATER + stage, ids[len(taken) :])
            self.progress.add(stage, taken)
        return self._later() != later

    def waiting(self) -> str:
        """What waits for its turn, in words."""
        count = sum(map(len, self._later().values()))
        return f"{count} to begin, {self.at_most} at a time" if count else ""

    def timed_out(self) -> None:
        """Put what has not begun in its stage: the time has ended for it, too."""
        for stage, ids in self._later().items():
            self.progress.put(_LATER + stage, [])
            self.progress.add(stage, ids)

    def left(self) -> str:
        """For the end of a summary: how many have not begun, and why."""
        count = len(self.progress.ids(_LEFT))
        return f"; {count} {NOT_STARTED}{self.call.state['stopped']}" if count else ""

    # Which of them there are

    @property
    def _leading(self) -> list[str]:
        """The stages on which a change follows, or in which it is made."""
        names = [name for name, stage in self.stages.items() if not stage.reads]
        last = max((i for i, n in enumerate(names) if isinstance(self.stages[n], Request | Work)), default=-1)
        return names[: last + 1]

    def _meant(self, verdict: Verdict) -> bool:
        if isinstance(verdict, str):
            return verdict == DONE or (verdict in self.stages and not self.stages[verdict].reads)
        return not isinstance(verdict, Skipped) or verdict.matched

    def _later(self) -> dict[str, list[str]]:
        return {name: ids for name in self.stages if (ids := self.progress.ids(_LATER + name))}

    def _under_way(self) -> int:
        others = {
            i
            for group in self.call.state.get("ids", {})
            if group.startswith("already ")
            for i in self.progress.ids(group)
        }
        begun = {i for name in self.stages for i in self.progress.ids(name)} - others
        return len(begun)

    def _too_many_failed(self) -> bool:
        failed = len({failure.id for failure in self.progress.failed()})
        if self.max_failures is None or failed <= self.max_failures.tolerated(self.call.state["selected"]):
            return False
        self.call.state["stopped"] = f"{failed} failed, and max_failures is {self.max_failures.given}"
        return True

    def _leave(self, later: Mapping[str, list[str]]) -> None:
        for stage, ids in later.items():
            self.progress.put(_LATER + stage, [])
            self.progress.add(_LEFT, ids)
            self.progress.skip(ids, f"{NOT_STARTED}{self.call.state['stopped']}")

    # How many there may be

    def _allowed(self) -> tuple[str, Limit | None]:
        if "max_resources" in self.call.params:
            return "", limit("max_resources", self.call.params["max_resources"])
        if default := os.environ.get(MAX_RESOURCES):
            return " of the app", limit(MAX_RESOURCES, default)
        return "", None

    def _check(self, selected: list[str]) -> None:
        if self.max_resources is None or (self.max_resources.percent and self.max_resources.number == 100):
            return
        total = 0
        if self.max_resources.percent and selected:
            if self.population is None:
                if self.whose:
                    return
                raise InvalidParameter(
                    f"max_resources={self.max_resources.given!r}: nothing tells how many {self.noun}s there are in "
                    "all; write a number"
                )
            total = self.population(self.call)
        most = self.max_resources.of(total)
        if len(selected) > most:
            raise TooManyResources(self._refusal(selected, most, total))

    def _refusal(self, selected: list[str], most: int, total: int) -> str:
        assert self.max_resources is not None, "there is a limit"
        names = ", ".join(selected[:_NAMED]) + (", ..." if len(selected) > _NAMED else "")
        of_all = f" of {total}" if self.max_resources.percent else ""
        return (
            f"the selection matches {len(selected)} {self.noun}s ({names}), and max_resources="
            f"{self.max_resources.given}{self.whose} allows to {self.verb} {most}{of_all}; nothing was changed. "
            f"Narrow the selection, or give this call max_resources={len(selected)} if it is right."
        )
