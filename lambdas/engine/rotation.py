"""Keeping the newest generations of what a flow makes of a target, once the new one is completed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from lambdas.contract.id_packing import unpack
from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN, Making, with_end
from lambdas.engine.progress import Progress, summary
from lambdas.engine.stages import DONE, Each, Skipped, Stages, Verdict, Verdicts

R = TypeVar("R", bound=MakingResult)


class Rotating(Making[R]):
    """Makes something of each target, and then deletes what its retention does not keep.

    The deletions have stages and a state of their own, `rotation`: what is to be deleted is settled once, and given to
    the state machine before anything goes.
    """

    again: ClassVar[frozenset[str]] = frozenset()
    """Codes for a product that AWS may delete a moment later."""

    def __init__(self, call: Call, retention: Retention) -> None:
        super().__init__(call)
        self.retention = retention

    # What the subclass knows of AWS.

    @abstractmethod
    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        """What is completed of each target, by this flow, the newest first."""

    @abstractmethod
    def delete(self, product: str, *, dry_run: bool) -> None:
        """Delete a product."""

    def goes_with(self, product: Made) -> list[str]:
        """What is deleted after a product because it was made with it."""
        return []

    @abstractmethod
    def not_deleted(self, product: str, code: str, message: str) -> Verdict | None:
        """What it means that AWS refused to delete a product; None for a failure."""

    # One invocation.

    def run(self) -> R | Pending:
        """Make, and when all that could be made is completed, rotate."""
        if isinstance(made := self.make(), Pending):
            return made
        if "rotation" not in self.state and (waiting := self._unlisted()):
            return Pending(self.state, waiting, give_up=lambda: self.finish(made))
        call = replace(self.call, state=self.state.setdefault("rotation", {}))
        deleting = Each(
            "delete",
            f"old {self.products} to be deleted",
            "'{id}' was not deleted in time",
            request=lambda product, dry_run: self.delete(product, dry_run=dry_run),
            denied="one",
            again=dict.fromkeys(self.again, "delete"),
            refused=self._refused,
            asks=lambda product: self.asks,
        )
        stages = Stages(call, [deleting], verb="delete", done="deleted", noun=self.product, railed=False)
        rotated = Result()
        outcome = stages.run(self._doomed, rotated)
        if isinstance(outcome, Pending):
            return replace(with_end(outcome, lambda: self.finish(made, rotated)), state=self.state)
        return self.finish(made, rotated)

    def _unlisted(self) -> str:
        """Without the new product in the list of the completed ones there is no count to rely on."""
        if not self._rotates or self.call.dry_run:
            return ""
        lists = {t: [m.id for m in completed] for t, completed in self._completed.items()}
        missing = [self.made[t] for t, completed in lists.items() if self.made[t] not in completed]
        return f"{missing[0]} to be listed as completed" if missing else ""

    @property
    def _rotates(self) -> bool:
        return bool(self.retention and self.progress.ids(DONE))

    @cached_property
    def _completed(self) -> dict[str, list[Made]]:
        return self.of_flow(self.progress.ids(DONE))

    def _doomed(self) -> Verdicts:
        """Duplicates of a lost invocation, and what is beyond the generations."""
        doomed = [] if self.call.dry_run else self._doubles()
        if self._rotates:
            now = self.call.now()
            dry = self.call.dry_run
            old = self.retention.beyond_new(self._completed, now) if dry else self._beyond(set(doomed), now)
            doomed += [i for product in old for i in (product.id, *self.goes_with(product))]
        return ((product, "delete") for product in dict.fromkeys(doomed))

    def _doubles(self) -> list[str]:
        done = set(self.progress.ids(DONE))
        mine = [m for m in self.found if m.target in done and m.state != "failed"] if done else []
        return [i for m in mine if m.id != self.made[m.target] for i in (m.id, *self.goes_with(m))]

    def _beyond(self, doubles: set[str], now: float) -> Iterator[Made]:
        new = set(self.made.values())
        for completed in self._completed.values():
            yield from self.retention.beyond([m for m in completed if m.id not in doubles], new, now)

    def _refused(self, product: str, code: str, message: str) -> Verdict | None:
        verdict = self.not_deleted(product, code, message)
        return Skipped(f"kept beyond its generations: {verdict.reason}") if isinstance(verdict, Skipped) else verdict

    # Results.

    def finish(self, result: R, rotated: Result | None = None) -> R:
        """Add the details, and what became of the old products."""
        result = super().finish(result)
        if rotated is None:
            return result
        result.deleted = self.deleted
        result.skipped += rotated.skipped
        result.failed += rotated.failed
        result.warnings = result.warnings + [f"{kept.id} {kept.reason}" for kept in rotated.skipped]
        made, deleted = (f"would {self.verb}", "would delete") if self.call.dry_run else (self.done, "deleted")
        result.summary = summary(made, self.noun, result.changed, len(result.skipped), result.failed)
        result.summary += self.stages.rails.left()
        if result.deleted:
            result.summary += f"; {deleted} {len(result.deleted)} old {self.products}"
        return result

    @property
    def deleted(self) -> list[str]:
        """What rotation has deleted, in that order."""
        return Progress(self.state.get("rotation", {})).ids(DONE)

    def kept(self) -> list[Made]:
        """The first generations of the targets, now that the rest is deleted."""
        gone = set(self.deleted)
        found = self.of_flow(self.progress.ids(DONE)) if self.retention and self.made else {}
        return [m for of_target in found.values() for m in of_target if m.id not in gone][:SHOWN]

    def upgrade(self, state: dict[str, Any]) -> None:
        """Read a state of before states had versions, in place: the deletions were among the targets."""
        super().upgrade(state)
        groups = state.get("ids", {})
        doomed = set(unpack(groups.pop("doomed", None)))
        rotation: dict[str, Any] = {"v": 1, "refused": state.pop("used", [])}
        rotation["ids"] = {DONE: groups.pop("deleted", []), "delete": groups.pop("delete", [])}
        for kind in ("skipped", "failed"):
            entries = state.pop(kind, [])
            rotation[kind] = [entry for entry in entries if doomed.intersection(unpack(entry[-1]))]
            state[kind] = [entry for entry in entries if entry not in rotation[kind]]
        if state.pop("rotating", False):
            state["rotation"] = rotation
