"""Making something of each target (a snapshot of a volume, an image of an instance) and waiting until it is completed.

What is made carries the run and the call as tags from the creating request on. So any invocation may be repeated: it
looks up what the lost one made before it creates again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.progress import Progress
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts

SHOWN = 100
"""Targets and products whose details a result carries."""

_CHUNK = 100
_LOST = 120
"""Seconds after which a product that AWS does not describe any more has been deleted, not merely not yet shown."""

R = TypeVar("R", bound=MakingResult)


class Making(ABC, Generic[R]):
    """What a part knows of its targets and products; `run` is one invocation.

    `made` maps a target to its product; `about` in the state holds the first targets as AWS describes them.
    """

    # As in: would `verb` 3 `noun`s; 3 `noun`s `done`; deleted 2 old `products`.
    verb: ClassVar[str]
    done: ClassVar[str]
    noun: ClassVar[str]
    product: ClassVar[str]
    products: ClassVar[str]
    result: ClassVar[type[Any]]
    gone: ClassVar[str]
    """The code with which AWS says that a product is deleted."""
    busy: ClassVar[Mapping[str, int]] = {}
    """Codes that delay one target, with the seconds to wait."""
    full: ClassVar[frozenset[str]] = frozenset()
    """Codes that delay all that is left."""
    asks: ClassVar[bool] = True
    """Whether the API has DryRun, so that a dry run makes the requests with it."""

    def __init__(self, call: Call) -> None:
        self.call, self.state, self.progress = call, call.state, Progress(call.state)
        self.made: dict[str, str] = {}
        self._details: dict[str, Any] = {}
        todo = Each(
            "todo",
            f"{self.noun}s to {self.verb}",
            f"no {self.product} of '{{id}}' could be started in time",
            poll=self._taken_over,
            request=self._create,
            then=self._created,
            busy=self.busy,
            full=self.full,
            asks=lambda target: self.asks,
        )
        waiting = Stage("waiting", f"{self.noun}s whose {self.product} is pending", self._late, poll=self._poll)
        upgrades = {0: self.upgrade}
        self.stages = Stages(
            call,
            self.stages_of(todo, waiting),
            verb=self.verb,
            done=self.done,
            noun=self.noun,
            upgrades=upgrades,
            population=lambda call: self.population(),
        )

    # What the subclass knows of AWS.

    @abstractmethod
    def targets(self) -> dict[str, Any]:
        """The targets by id, as `create` needs them; None for one that `describe` tells of when its turn comes."""

    @abstractmethod
    def population(self) -> int:
        """How many targets there are in all, where the call acts."""

    @abstractmethod
    def describe(self, targets: list[str]) -> dict[str, Any]:
        """Each of the targets as `create` needs it, or Failed."""

    @abstractmethod
    def create(self, target: Any, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        """Make the product; its id and AWS's answer, trimmed."""

    @abstractmethod
    def of_call(self) -> list[Made]:
        """What this call has made, in this or an earlier invocation."""

    @abstractmethod
    def by_id(self, products: list[str]) -> list[Made]:
        """The products that exist."""

    @abstractmethod
    def fill(self, result: R, details: list[Made]) -> None:
        """Add what is particular to the result; `details` are those of the first products."""

    def stages_of(self, todo: Each, waiting: Stage) -> list[Stage]:
        """All stages: that in which a product is requested, that in which it is awaited, and others around them."""
        return [todo, waiting]

    def begin(self, targets: dict[str, Any]) -> Verdicts:
        """Where the targets begin."""
        return ((target, "todo") for target in targets)

    def hurry(self, seconds: int) -> None:
        """Have the next invocation come in so many seconds, or sooner."""
        self.stages.wait = min(self.stages.wait or seconds, seconds)

    def called(self, product: str) -> str:
        """A product as messages call it."""
        return product

    # One invocation.

    def run(self) -> R | Pending:
        """Make what is missing, and wait until it is completed."""
        outcome = self.make()
        return outcome if isinstance(outcome, Pending) else self.finish(outcome)

    def make(self) -> R | Pending:
        """What is still awaited, or the result without its details."""
        self.made = dict(zip(self.progress.ids("made of"), self.progress.ids("made"), strict=True))
        result: R = self.result()
        outcome = self.stages.run(self._plan, result)
        self.progress.put("made of", self.made)
        self.progress.put("made", self.made.values())
        return with_end(outcome, lambda: self.finish(result)) if isinstance(outcome, Pending) else outcome

    def _plan(self) -> Verdicts:
        targets = self.targets()
        self.progress.put("matched", targets)
        self.state["about"] = {t: details for t, details in list(targets.items())[:SHOWN] if details}
        return self.begin(targets)

    @cached_property
    def found(self) -> list[Made]:
        """What this call had made when the invocation began."""
        return self.of_call()

    def _taken_over(self, targets: list[str]) -> Verdicts:
        """Of which targets a lost invocation has made something."""
        for product in sorted(self.found, key=lambda m: (m.at, m.id)):
            self.made.setdefault(product.target, product.id)
        return ((t, self._standing(t)) for t in targets if t in self.made)

    def _poll(self, targets: list[str]) -> Verdicts:
        return ((t, self._standing(t)) for t in targets)

    def _standing(self, target: str) -> Verdict:
        """Where a target is, as AWS describes its product."""
        product = self._seen.get(self.made[target])
        if product is None and self._shown:
            return Failed(self.gone, f"{self.called(self.made[target])} of '{{id}}' was deleted")
        if product is None or product.state == "pending":
            return "waiting"
        if product.state == "completed":
            return DONE
        reason = product.reason or "AWS gives no reason"
        return Failed(f"{self.product.capitalize()}Error", f"{self.called(product.id)} of '{{id}}' failed: {reason}")

    @cached_property
    def _seen(self) -> dict[str, Made]:
        """The products of this call, by their ids."""
        seen = {m.id: m for m in self.found}
        lost = sorted(set(self.made.values()) - set(seen))
        return seen | {m.id: m for m in self.by_id(lost)} if lost and self._shown else seen

    @property
    def _shown(self) -> bool:
        """Whether AWS describes everything that exists of what was made."""
        return self.stages.since() > _LOST

    def _create(self, target: str, dry_run: bool) -> Verdict:
        details = self._described(target)
        if isinstance(details, Failed):
            return details
        self.made[target], answer = self.create(details, dry_run=dry_run)
        if len(self.state.setdefault("answers", [])) < SHOWN:
            self.state["answers"].append(answer)
        return "waiting"

    def _created(self, targets: list[str], verdict: Verdict) -> Verdicts:
        return ((t, verdict) for t in targets)

    def _described(self, target: str) -> Any:
        if target in self.state["about"]:
            return self.state["about"][target]
        if target not in self._details:
            matched = self.progress.ids("matched")
            start = matched.index(target)
            self._details = self.describe(matched[start : start + _CHUNK])
        return self._details[target]

    def _late(self, target: str) -> Failed:
        return Failed("Timeout", f"{self.called(self.made[target])} of '{{id}}' did not complete in time")

    # Results.

    def warn(self, text: str) -> None:
        """Add a warning to the result."""
        self.state["warnings"] = [*self.state.get("warnings", []), text][:SHOWN]

    def finish(self, result: R) -> R:
        """Add the details: of the first hundred products."""
        result.matched = sorted({*self.progress.ids("matched"), *(f.id for f in self.progress.failed())})
        result.warnings = self.state.get("warnings", [])
        self.fill(result, self.by_id(list(self.made.values())[:SHOWN]) if self.made else [])
        return result

    def upgrade(self, state: dict[str, Any]) -> None:
        """Read a state of before states had versions, in place."""
        state["sent_at"] = state.pop("created_at", 0)


def with_end(pending: Pending, finish: Callable[[], Result]) -> Pending:
    """`pending` whose result at the end of the timeout gets its details by `finish`."""

    def give_up() -> Result:
        if pending.give_up:
            pending.give_up()
        return finish()

    return replace(pending, give_up=give_up)
