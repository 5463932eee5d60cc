"""One request for each resource, where the API takes no list: paced, carried on, one failure stopping no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from lambdas.contract import aws_errors
from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.pacing import MARGIN
from lambdas.engine.progress import Progress, summary

R = TypeVar("R", bound=Result)


class Each:
    """Groups of ids in the state: `todo` and `done`.

    verb, done: "delete", "deleted". noun: "snapshot".
    request: makes the call for one id, with DryRun or not.
    settled: codes with which AWS says that there is nothing left to do.
    in_use: codes for a resource that something else still uses: asked for once more later, then left alone.
    """

    def __init__(
        self,
        call: Call,
        *,
        verb: str,
        done: str,
        noun: str,
        request: Callable[[str, bool], object],
        settled: Iterable[str] = (),
        in_use: Iterable[str] = (),
    ) -> None:
        self.call = call
        self.verb = verb
        self.done_verb = done
        self.noun = noun
        self.request = request
        self.settled = frozenset(settled)
        self.in_use = frozenset(in_use)
        self.progress = Progress(call.state)

    @property
    def planned(self) -> bool:
        """Whether the targets are settled."""
        return "planned" in self.call.state

    def plan(self, targets: Iterable[str], progress: Progress) -> None:
        """Settle the targets."""
        self.call.state.clear()
        self.call.state.update(progress.state)
        self.call.state["planned"] = True
        self.progress.put("todo", targets)

    def run(self, planned_before: bool, result: R) -> R | Pending:
        """One invocation; the plan is given to the state machine before anything is changed."""
        todo = self.progress.ids("todo")
        if todo and not planned_before and not self.call.dry_run:
            return self._pending(todo, 1, result)
        again: list[str] = []
        for index, target in enumerate(todo):
            late = bool(index) and self.call.remaining() < MARGIN
            outcome = "stop" if late else self._one(target)
            if outcome == "stop":
                self.progress.put("todo", again + todo[index:])
                return self._pending(again + todo[index:], 1 if late else None, result)
            again += [target] if outcome == "again" else []
        self.progress.put("todo", again)
        return self._pending(again, None, result) if again else self._finish(result)

    def _one(self, target: str) -> str:
        """Make one request: "settled", "again" when in use for the first time, "stop" when AWS asks to slow down."""
        try:
            self.request(target, self.call.dry_run)
        except Exception as error:
            code = aws_errors.code(error)
            if aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
                return "stop"
            if not code:
                raise
            if code in self.in_use:
                used = self.call.state.setdefault("used", [])
                if target not in used:
                    used.append(target)
                    return "again"
                self.progress.skip([target], aws_errors.message(error))
                return "settled"
            if code not in self.settled and code != aws_errors.DRY_RUN:
                self.progress.fail([target], code, aws_errors.message(error))
                return "settled"
        self.progress.add("done", [target])
        return "settled"

    def _pending(self, left: list[str], wait: int | None, result: Result) -> Pending:
        shown = ", ".join(left[:10]) + (", ..." if len(left) > 10 else "")
        text = f"{len(left)} {self.noun}s to {self.verb} ({shown})"
        return Pending(self.call.state, text, wait=wait, give_up=lambda: self._give_up(result))

    def _give_up(self, result: Result) -> Result:
        self.progress.fail(
            self.progress.ids("todo"), "Timeout", f"the time ended before '{{id}}' could be {self.done_verb}"
        )
        return self._finish(result)

    def _finish(self, result: R) -> R:
        self.progress.fill(result, changed=self.progress.ids("done"))
        verb = f"would {self.verb}" if self.call.dry_run else self.done_verb
        result.summary = summary(verb, self.noun, result.changed, len(result.skipped), result.failed)
        return result
