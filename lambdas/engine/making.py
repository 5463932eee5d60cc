"""Making something of each target (a snapshot of a volume, an image of an instance) and keeping N generations.

Plan, create, wait until completed, plan the rotation, delete. What is planned is given to the state machine before it
is done, and what is made carries the run and the call as tags from the creating request on. So any invocation may be
repeated: it finds what the lost one did.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from lambdas.contract import aws_errors
from lambdas.contract.errors import AccessDenied
from lambdas.contract.part import Call, Pending
from lambdas.engine.generations import Made, MakingResult, beyond
from lambdas.engine.pacing import MARGIN
from lambdas.engine.progress import Progress, summary

SHOWN = 100
"""Targets and products whose details a result carries."""

_CHUNK = 100
_LOST = 120
"""Seconds after which a product that AWS does not describe any more has been deleted, not merely not yet shown."""


R = TypeVar("R", bound=MakingResult)


class Making(ABC, Generic[R]):
    """Groups of ids in the state: `todo` targets to be worked on, `waiting` targets whose product is pending, `done`
    targets whose product is completed; `made` maps target to product; `delete` products to go, `deleted` gone."""

    # As in: would `verb` 3 `noun`s, 3 `noun`s `done_verb`, 2 old `products`.
    verb: ClassVar[str]
    done_verb: ClassVar[str]
    noun: ClassVar[str]
    product: ClassVar[str]
    products: ClassVar[str]
    gone: ClassVar[frozenset[str]]
    """Codes with which AWS says that a product is deleted."""
    in_use: ClassVar[frozenset[str]] = frozenset()
    """Codes for a product that something else still uses: it stays, and that is no failure."""
    target_busy: ClassVar[dict[str, int]] = {}
    """Codes that delay one target, with the seconds to wait."""
    account_busy: ClassVar[frozenset[str]] = frozenset()
    """Codes that delay all that is left."""

    def __init__(self, call: Call, generation: int | None) -> None:
        self.call = call
        self.generation = generation
        self.state = call.state
        self.progress = Progress(call.state)
        self.wait: int | None = None
        self.found: list[Made] = []

    # What the subclass knows of AWS.

    @abstractmethod
    def of_call(self) -> list[Made]:
        """What this call has made, in this or an earlier invocation."""

    @abstractmethod
    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        """What is completed of each target, by this flow, the newest first."""

    @abstractmethod
    def describe(self, targets: list[str]) -> dict[str, Any]:
        """The targets as `create` needs them; those that are gone are noted as failed."""

    @abstractmethod
    def create(self, target: Any, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        """Make the product; its id and AWS's answer, trimmed."""

    @abstractmethod
    def delete(self, product: str, *, dry_run: bool) -> None:
        """Delete a product."""

    def goes_with(self, product: Made) -> list[str]:
        """What is deleted after a product because it was made with it."""
        return []

    @abstractmethod
    def by_id(self, products: list[str]) -> list[Made]:
        """The products that exist."""

    @abstractmethod
    def fill(self, result: R, details: list[Made], kept: list[Made]) -> R:
        """Add what is particular to the result: details of the first new products, and of the generations kept."""

    @abstractmethod
    def empty(self) -> R:
        """An empty result."""

    @property
    def planned(self) -> bool:
        """Whether the targets are settled."""
        return "about" in self.state

    def plan(self, targets: dict[str, Any], progress: Progress) -> None:
        """Settle the targets."""
        self.state.clear()
        self.state.update(progress.state)
        self.progress.put("todo", targets)
        self.progress.put("matched", targets)
        self.state["about"] = dict(list(targets.items())[:SHOWN])

    def run(self, planned_before: bool) -> R | Pending:
        """One invocation."""
        if self.call.dry_run:
            return self._dry_run()
        if not planned_before and self.progress.ids("todo"):
            self.wait = 1
            return self._pending()
        if self.state.get("rotating"):
            return self._delete()
        if self.progress.ids("todo") or self.progress.ids("waiting"):
            self._look()
            self._create()
        if self.progress.ids("todo") or self.progress.ids("waiting"):
            return self._pending()
        return self._rotate()

    def _pending(self) -> Pending:
        parts = []
        for group, text in (("todo", f"to {self.verb}"), ("waiting", f"whose {self.product} is pending")):
            if ids := self.progress.ids(group):
                shown = ", ".join(ids[:10]) + (", ..." if len(ids) > 10 else "")
                parts.append(f"{len(ids)} {self.noun}s {text} ({shown})")
        return Pending(self.state, "; ".join(parts), wait=self.wait, give_up=self.give_up)

    # Creating

    def _look(self) -> None:
        """Take note of what this call has made so far."""
        self.found = self.of_call()
        by_target: dict[str, list[Made]] = {}
        for product in sorted(self.found, key=lambda m: (m.at, m.id)):
            by_target.setdefault(product.target, []).append(product)
        todo = self.progress.ids("todo")
        adopted = {t: by_target[t][0].id for t in todo if t in by_target}
        made = self.made() | adopted
        self._set_made(made)
        self.progress.put("todo", [t for t in todo if t not in adopted])
        self._sort(self.progress.ids("waiting") + list(adopted), made, {m.id: m for m in self.found})

    def _sort(self, targets: list[str], made: dict[str, str], seen: dict[str, Made]) -> None:
        """Move targets whose product has completed or failed out of `waiting`."""
        waiting, done = [], []
        lost = {made[t] for t in targets if made[t] not in seen}
        gone: set[str] = set()
        if lost and self.call.now() - self.state.get("created_at", 0) > _LOST:
            seen = seen | {m.id: m for m in self.by_id(sorted(lost))}
            gone = lost - set(seen)
        for target in targets:
            product = seen.get(made[target])
            if made[target] in gone:
                code = min(self.gone, default="NotFound")
                self.progress.fail([target], code, f"{made[target]} of '{{id}}' was deleted")
            elif product is None or product.state == "pending":
                waiting.append(target)
            elif product.state == "completed":
                done.append(target)
            else:
                reason = product.reason or "AWS gives no reason"
                name = f"{self.product.capitalize()}Error"
                self.progress.fail([target], name, f"{product.id} of '{{id}}' failed: {reason}")
        self.progress.put("waiting", waiting)
        self.progress.add("done", done)

    def _create(self) -> None:
        """Create what is missing, as far as quotas, the token bucket and the time of this invocation allow."""
        todo = self.progress.ids("todo")
        left: list[str] = []
        made = self.made()
        created = 0
        stop = False
        for start in range(0, len(todo), _CHUNK):
            chunk = todo[start : start + _CHUNK]
            described = {} if stop else self._described(chunk)
            for target in chunk:
                if stop or (created and self.call.remaining() < MARGIN):
                    left.append(target)
                    stop, self.wait = True, self.wait or (1 if not stop else None)
                elif target in described:
                    outcome, product = self._create_one(target, described[target])
                    stop = outcome == "stop"
                    if product:
                        created += 1
                        made[target] = product
                        self.progress.add("waiting", [target])
                    elif outcome != "failed":
                        left.append(target)
        if created:
            self.state["created_at"] = self.call.now()
        self._set_made(made)
        self.progress.put("todo", left)

    def _described(self, chunk: list[str]) -> dict[str, Any]:
        known = {t: self.state["about"][t] for t in chunk if t in self.state["about"]}
        unknown = [t for t in chunk if t not in known]
        return known | (self.describe(unknown) if unknown else {})

    def _create_one(self, target: str, described: Any) -> tuple[str, str | None]:
        """Create one product: ("created", id), or "later", "stop" (everything later), "failed" without id."""
        try:
            product, answer = self.create(described, dry_run=False)
        except Exception as error:
            return self._refused(target, error), None
        if len(self.state.setdefault("answers", [])) < SHOWN:
            self.state["answers"].append(answer)
        return "created", product

    def _refused(self, target: str, error: Exception) -> str:
        code = aws_errors.code(error)
        if code in self.target_busy:
            self.wait = self.target_busy[code]
            return "later"
        if code in self.account_busy or aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
            # An unavailable service may have created it all the same: the next look will tell.
            return "stop"
        if not code:
            raise error
        text = aws_errors.message(error)
        if aws_errors.is_denied(error) and not self.made():
            raise AccessDenied(f"the role may not {self.verb} {self.noun}s: {code}: {text}") from error
        self.progress.fail([target], code, text)
        return "failed"

    def made(self) -> dict[str, str]:
        """Target -> product of this call."""
        return dict(zip(self.progress.ids("made of"), self.progress.ids("made"), strict=True))

    def _set_made(self, made: dict[str, str]) -> None:
        self.progress.put("made of", made)
        self.progress.put("made", made.values())

    # Rotating

    def _rotate(self) -> R | Pending:
        """Settle what is deleted: duplicates of a lost invocation, and what is beyond the generations."""
        done = self.progress.ids("done")
        made = self.made()
        self.found = self.of_call() if done and not self.found else self.found
        finished = set(done)
        doubles = [m.id for m in self.found if m.target in finished and m.id != made[m.target] and m.state != "failed"]
        doomed = list(doubles)
        if self.generation and done:
            completed = self.of_flow(done)
            for target in done:
                kept = [m.id for m in completed[target] if m.id not in doubles]
                if made[target] not in kept:
                    # Not shown as completed by this description yet: without it there is no count to rely on.
                    return Pending(self.state, f"{made[target]} to be listed as completed", give_up=self.give_up)
                old = set(beyond(kept, set(made.values()), self.generation))
                doomed += [i for m in completed[target] if m.id in old for i in (m.id, *self.goes_with(m))]
        doomed = list(dict.fromkeys(doomed))
        self.state["rotating"] = True
        self.progress.put("delete", doomed)
        self.progress.put("doomed", doomed)
        if doomed:
            return self._deleting(len(doomed), wait=1)
        return self._delete()

    def _deleting(self, count: int, wait: int | None) -> Pending:
        done = self.progress.ids("done")
        shown = ", ".join(done[:10]) + (", ..." if len(done) > 10 else "")
        text = f"{count} old {self.products} of {shown} to be deleted"
        return Pending(self.state, text, wait=wait, give_up=self.give_up)

    def _delete(self) -> R | Pending:
        doomed = self.progress.ids("delete")
        again: list[str] = []
        for index, product in enumerate(doomed):
            late = bool(index) and self.call.remaining() < MARGIN
            outcome = "stop" if late else self._delete_one(product)
            if outcome == "stop":
                self.progress.put("delete", again + doomed[index:])
                return self._deleting(len(doomed) - index, wait=1 if late else None)
            again += [product] if outcome == "again" else []
        self.progress.put("delete", again)
        if again:
            return Pending(self.state, f"{', '.join(again[:10])} to be free of use", give_up=self.give_up)
        return self.finish()

    def _delete_one(self, product: str) -> str:
        """Delete one: "settled", "again" when it is in use for the first time, "stop" when AWS asks to slow down."""
        try:
            self.delete(product, dry_run=False)
        except Exception as error:
            code, text = aws_errors.code(error), aws_errors.message(error)
            if aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
                return "stop"
            if not code:
                raise
            if code in self.in_use and product not in self.state.setdefault("used", []):
                # A snapshot is in use for a moment longer than the image that was just deregistered.
                self.state["used"].append(product)
                return "again"
            if code in self.in_use:
                self.progress.skip([product], f"kept beyond its generations: {text}")
                self.progress.add("excluded", [product])
                return "settled"
            if code not in self.gone:
                self.progress.fail([product], code, text)
                return "settled"
        self.progress.add("deleted", [product])
        return "settled"

    # Results

    def _dry_run(self) -> R | Pending:
        """Ask AWS whether it would create and delete; nothing is changed."""
        asked = {*self.progress.ids("done"), *(f.id for f in self.progress.failed())}
        todo = [t for t in self.progress.ids("todo") if t not in asked]
        for start in range(0, len(todo), _CHUNK):
            for index, (target, described) in enumerate(self._described(todo[start : start + _CHUNK]).items()):
                if (start or index) and self.call.remaining() < MARGIN:
                    return Pending(self.state, f"{len(todo) - start - index} {self.noun}s to be asked about", wait=1)
                self._ask(partial(self.create, described, dry_run=True), target, "done")
        self.progress.put("todo", [])
        self.progress.put("deleted", [])
        done = self.progress.ids("done")
        if self.generation and done:
            doomed = self._beyond_new(done, self.generation)
            self.progress.put("doomed", doomed)
            for old in doomed:
                self._ask(partial(self.delete, old, dry_run=True), old, "deleted")
        return self.finish()

    def _beyond_new(self, targets: list[str], generation: int) -> list[str]:
        """What rotation would delete once each of `targets` has a new product."""
        groups: dict[tuple[str, ...], list[Made]] = {}
        new: dict[tuple[str, ...], int] = {}
        for kept in self.of_flow(targets).values():
            # Several targets may share their generations: copies of snapshots of one volume.
            key = tuple(m.id for m in kept)
            groups[key], new[key] = kept, new.get(key, 0) + 1
        spare = [m for key, kept in groups.items() for m in kept[max(0, generation - new[key]) :]]
        return [i for m in spare for i in (m.id, *self.goes_with(m))]

    def _ask(self, request: Callable[[], Any], resource: str, group: str) -> None:
        try:
            request()
        except Exception as error:
            code = aws_errors.code(error)
            if code != aws_errors.DRY_RUN:
                if not code or aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
                    raise
                self.progress.fail([resource], code, aws_errors.message(error))
                return
        self.progress.add(group, [resource])

    def give_up(self) -> R:
        """The result at the end of the timeout."""
        text = f"no {self.product} of '{{id}}' could be started in time"
        self.progress.fail(self.progress.ids("todo"), "Timeout", text)
        made = self.made()
        for target in self.progress.ids("waiting"):
            self.progress.fail([target], "Timeout", f"{made[target]} of '{{id}}' did not complete in time")
        self.progress.fail(self.progress.ids("delete"), "Timeout", "'{id}' was not deleted in time")
        return self.finish()

    def warn(self, text: str) -> None:
        """Add a warning to the result."""
        self.state["warnings"] = [*self.state.get("warnings", []), text][:SHOWN]

    def finish(self) -> R:
        """The result, with the details of the first hundred."""
        done = self.progress.ids("done")
        made = self.made()
        result = self.empty()
        self.progress.fill(result, changed=done)
        doomed = set(self.progress.ids("doomed"))
        result.matched = sorted({*self.progress.ids("matched"), *(f.id for f in result.failed)} - doomed)
        result.deleted = self.progress.ids("deleted")
        kept_in_use = [f"{s.id} {s.reason}" for s in result.skipped if s.id in doomed]
        result.warnings = self.state.get("warnings", []) + kept_in_use
        details = self.by_id(list(made.values())[:SHOWN]) if made else []
        kept = self.of_flow(done) if self.generation and made else {}
        gone = set(result.deleted)
        generations = [m for t in done for m in kept.get(t, []) if m.id not in gone][:SHOWN]
        self.fill(result, details, generations)
        verb = f"would {self.verb}" if self.call.dry_run else self.done_verb
        result.summary = summary(verb, self.noun, done, len(result.skipped), result.failed)
        if result.deleted:
            verb = "would delete" if self.call.dry_run else "deleted"
            result.summary += f"; {verb} {len(result.deleted)} old {self.products}"
        return result
