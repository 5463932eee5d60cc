"""The kernel of the parts: takes each resource through the stages of a part, as far as AWS lets it.

A part lists its stages from top to bottom, says in a plan where each resource begins, and hands the rest over:

    stages = [
        Batch("todo", "to be sent to stop", "'{id}' is not stopped in time", request=request),
        Stage("sent", "to be stopped", "'{id}' is not stopped in time", poll=poll),
    ]
    return Stages(call, stages, verb="stop", done="stopped", noun="instance").run(plan, StopInstancesResult())

Each resource stands in one stage and advances alone. An invocation polls those that wait, requests for those that may,
and answers with what is awaited, or with the result. Nothing is changed in the invocation that plans: the state machine
has the plan before, so that a request that is repeated after a crash still knows what was there. For the same reason a
resource makes at most one request in an invocation; what AWS answered is in the state before the next.

Verdicts: a plan, a poll, and what is made of an answer tell for each resource where it goes:

    "sent"                   a stage; also the one it is in
    DONE                     it is changed, verified; any other word is a group of its own at the end ("deleted")
    Already(state, stage)    it is or gets there without this call: it goes on, but counts as skipped
    Skipped(reason)          it is left alone
    Failed(code, message)    "{id}" in the message stands for its id

A resource without a verdict stays where it is; one that is new joins.

The state of a part is a `State`, besides its own notes. Its `v` is the version of the part's stages and notes: raise
it when they change, and give `upgrades` from the versions before, as an execution may meet newer code while it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from lambdas.contract import aws_errors
from lambdas.contract.errors import AccessDenied, StateOutdated
from lambdas.contract.part import Call, Pending, Result
from lambdas.contract.waits import as_it_passes
from lambdas.engine.pacing import Pace
from lambdas.engine.progress import Progress, summary
from lambdas.engine.rails import Rails
from lambdas.engine.sending import Sent, one_by_one, send
from lambdas.engine.stage import (
    DONE,
    Already,
    Batch,
    Each,
    Failed,
    Request,
    Skipped,
    Stage,
    State,
    Verdict,
    Verdicts,
    Work,
    quoted,
)

R = TypeVar("R", bound=Result)

__all__ = [
    "DONE",
    "Already",
    "Batch",
    "Each",
    "Failed",
    "Skipped",
    "Stage",
    "Stages",
    "State",
    "Verdict",
    "Verdicts",
    "Work",
    "quoted",
]

_FEW = 100
"""A refusal of more at once is no matter of a description that lags."""


class Stages:
    """The stages of one call of a part.

    verb, done, noun: "stop", "stopped", "instance". act: what a role without the permission may not do; default: the
        verb and the noun ("stop instances").
    at_once: the invocation that plans also makes requests, as repeating them does no harm and hides nothing.
    v, upgrades: version of the state, and how one of an earlier version (0: before there were any) becomes one of the
        next, in place; an upgrade that empties it has it planned again.
    population, railed: how many resources of the kind there are in all, for `max_resources` in percent; whether the
        guard rails of the call are about these resources.
    progress: the groups of ids. note: what a poll has to add to what is awaited. wait: seconds until the next
        invocation, for a part that knows better than `interval`.
    """

    def __init__(
        self,
        call: Call,
        stages: Iterable[Stage],
        *,
        verb: str,
        done: str,
        noun: str,
        act: str = "",
        at_once: bool = False,
        v: int = 1,
        upgrades: Mapping[int, Callable[[dict[str, Any]], None]] | None = None,
        population: Callable[[Call], int] | None = None,
        railed: bool = True,
    ) -> None:
        self.call = call
        self.stages = {stage.name: stage for stage in stages}
        self.done = f"would {verb}" if call.dry_run else done
        self.noun, self.act = noun, act or f"{verb} {noun}s"
        self.at_once = at_once
        self.v, self.upgrades = v, upgrades or {}
        self.state = cast(State, call.state)
        self.progress = Progress(call.state)
        self.rails = Rails(call, self.progress, self.stages, verb, noun, population, railed=railed)
        self.note = ""
        self.wait: int | None = None

    def run(
        self,
        plan: Callable[[], Verdicts],
        result: R,
        finish: Callable[[R], None] = lambda result: None,
    ) -> R | Pending:
        """One invocation.

        plan: where each selected resource begins; it changes nothing. It may be called again after throttling.
        result: an empty one, whose common fields are filled. finish: adds what is particular to the part.
        """
        self._result: Any = result
        self._details: Callable[[Any], None] = finish
        planned = self._planned()
        if not planned:
            self._plan(plan)
        if self.call.dry_run:
            outcome: R | Pending = self._dry_run()
            return outcome
        if planned or self.at_once:
            before = self._at_work()
            self._poll()
            self.rails.admit()
            self._request()
            if self.rails.admit() or self._at_work() - before:
                self._hurry(1)
        elif any(self.progress.ids(stage.name) for stage in self.stages.values() if isinstance(stage, Request | Work)):
            self._hurry(1)
        waiting = [text for stage in self.stages.values() if (text := self._waiting(stage))]
        if not waiting:
            self._finish()
            return result
        return self._pending([*waiting, later] if (later := self.rails.waiting()) else waiting)

    def since(self) -> float:
        """Seconds since AWS accepted the last request."""
        return self.call.now() - self.state.get("sent_at", 0)

    # Planning

    def _planned(self) -> bool:
        """Whether the state holds a plan; one of older code is upgraded first."""
        while self.state and (v := self.state.get("v", 0)) != self.v:
            if v not in self.upgrades:
                run = self.call.run
                raise StateOutdated(
                    f"step {run.step} of {run.id} was planned by version {v} of the code that has to {self.act}, "
                    f"and version {self.v} cannot go on from there. Look at the {self.noun}s it has to "
                    "do with, then start the flow again."
                )
            self.upgrades[v](self.call.state)
            if self.state:
                self.state["v"] = v + 1
        return bool(self.state) and not self.state.get("planning")

    def _plan(self, plan: Callable[[], Verdicts]) -> None:
        # An earlier attempt may have been throttled half way.
        self.call.state.clear()
        self.state["v"], self.state["planning"] = self.v, True
        self._move(list(self.rails.select(plan())))
        self.rails.admit()
        del self.state["planning"]

    def _move(self, verdicts: Verdicts) -> None:
        """Put resources where they go; they have left where they were."""
        groups: dict[Verdict, list[str]] = {}
        for resource, verdict in verdicts:
            groups.setdefault(verdict, []).append(resource)
        for verdict, ids in groups.items():
            match verdict:
                case Failed(code, message):
                    self.progress.fail(ids, code, message)
                case Skipped(reason, matched):
                    self.progress.skip(ids, reason)
                    self.progress.add("excluded", [] if matched else ids)
                case Already(reason, stage):
                    self.progress.add(f"already {reason}", ids)
                    self.progress.add(stage, ids)
                case _:
                    self.progress.add(verdict, ids)

    # Going on

    @property
    def _requests(self) -> list[Request]:
        return [stage for stage in self.stages.values() if isinstance(stage, Request)]

    def _at_work(self) -> set[str]:
        return {i for stage in self.stages.values() if isinstance(stage, Work) for i in self.progress.ids(stage.name)}

    def _before(self, stage: Stage) -> bool:
        """Whether a request follows on this stage, or is made in it."""
        names = list(self.stages)
        return any(names.index(request.name) >= names.index(stage.name) for request in self._requests)

    def _poll(self) -> None:
        """Poll the stages, the last first: what moves is not polled twice.

        An invocation that only comes to make the next requests leaves the others alone: a paced part comes back often.
        """
        brief = self.call.state.pop("brief", False)
        for stage in reversed(self.stages.values()):
            ids = self.progress.ids(stage.name)
            later = brief and not self._before(stage) and not isinstance(stage, Work)
            if ids and self.since() >= as_it_passes(stage.settle) and not later:
                self._ask(stage, ids)

    def _ask(self, stage: Stage, ids: list[str]) -> None:
        """Poll a stage; what it has told before AWS throttled it is kept."""
        verdicts: list[tuple[str, Verdict]] = []
        try:
            for verdict in stage.poll(ids) if stage.poll else ():
                verdicts.append(verdict)
        finally:
            self._judged(stage, ids, verdicts)

    def _judged(self, stage: Stage, ids: list[str], verdicts: list[tuple[str, Verdict]]) -> None:
        moved = {resource for resource, verdict in verdicts if verdict != stage.name}
        self.progress.put(stage.name, [i for i in ids if i not in moved])
        going = [(resource, verdict) for resource, verdict in verdicts if verdict != stage.name]
        self._move(list(self.rails.select(going)) if stage.reads else going)

    def _request(self) -> None:
        """Make the requests, the last stage first: a resource makes one, and its outcome is kept before the next."""
        before = {stage.name: self.progress.ids(stage.name) for stage in self._requests}
        for stage in reversed(self._requests):
            if not before[stage.name]:
                continue
            sent = self._send(stage, before[stage.name], dry_run=False)
            # Before anything is moved: AWS may throttle what has to be read for a verdict.
            verdicts = [*self._accepted(stage, sent), *self._refused(stage, sent)]
            # Those that came here since from a later stage have their turn in the next invocation.
            came = self.progress.ids(stage.name)[len(before[stage.name]) :]
            self.progress.put(stage.name, [*sent.left, *came])
            self._move(verdicts)
            if sent.accepted:
                self.state["sent_at"] = self.call.now()
                self.state.pop("slowed", None)
            if sent.refusal:
                self.state["slowed"] = f"AWS answers {sent.refusal}"
            if sent.left and not sent.slow:
                self._hurry(sent.wait or 1, brief=sent.wait is None or isinstance(stage, Batch))
        if any(set(self.progress.ids(name)).difference(ids) for name, ids in before.items()):
            self._hurry(1)

    def _hurry(self, seconds: int, *, brief: bool = True) -> None:
        self.wait = seconds if self.wait is None else min(self.wait, seconds)
        if brief:
            self.state["brief"] = True

    def _send(self, stage: Request, ids: list[str], *, dry_run: bool) -> Sent:
        permitted = "sent_at" in self.state
        match stage:
            case Batch():
                pace = Pace(stage.bucket, self.state.setdefault("pace", {}).setdefault(stage.name, {}), self.call.now())
                return send(
                    self.call,
                    ids,
                    lambda batch: stage.request(batch, dry_run),
                    pace,
                    stage.size,
                    stage.apart,
                    stage.alike,
                    permitted,
                )
            case Each():
                return one_by_one(
                    self.call,
                    ids,
                    lambda one: stage.request(one, dry_run),
                    stage.full,
                    stage.busy or {},
                    permitted or stage.denied == "one",
                )
        raise TypeError(f"{stage.name} makes no request")

    def _accepted(self, stage: Request, sent: Sent) -> Iterator[tuple[str, Verdict]]:
        names = [*self.stages, DONE]
        following = names[names.index(stage.name) + 1]
        told: set[str] = set()
        for ids, answer in sent.answers:
            verdicts = list(stage.then(ids, answer)) if stage.then else []
            told.update(resource for resource, _ in verdicts)
            yield from verdicts
        yield from ((resource, following) for resource in sent.accepted if resource not in told)

    def _refused(self, stage: Request, sent: Sent) -> Iterator[tuple[str, Verdict]]:
        denied = next((failure for failure in sent.failed if failure[1] in aws_errors.DENIED), None)
        none = not sent.accepted and not sent.left and "sent_at" not in self.state
        if (
            denied
            and stage.denied == "role"
            and none
            and not any(code in (stage.again or {}) for _, code, _ in sent.failed)
        ):
            raise AccessDenied(f"the role may not {self.act}: {denied[1]}: {denied[2].replace('{id}', denied[0][0])}")
        second = self.state.get("refused", [])
        for ids, code, message in sent.failed:
            passing = (stage.again or {}).get(code, "") if len(ids) <= _FEW and not self.call.dry_run else ""
            for resource in ids:
                if passing and resource not in second:
                    second.append(resource)
                    yield resource, passing
                else:
                    told = message.replace("{id}", resource)
                    verdict = stage.refused(resource, code, told) if stage.refused else None
                    unheeded = self.call.dry_run and verdict in self.stages
                    yield resource, Failed(code, message) if verdict is None or unheeded else verdict
        if second:
            self.state["refused"] = second

    # Ending

    def _dry_run(self) -> Any:
        """Ask AWS whether it would accept each request that the resources come to; nothing else is done."""
        for stage in self.stages.values():
            if stage.reads and (ids := self.progress.ids(stage.name)):
                self._ask(stage, ids)
                if waiting := self._waiting(stage):
                    return self._pending([waiting])
        if not self.progress.ids("asked"):
            coming: list[str] = []
            for stage in self.stages.values():
                coming += self.progress.ids(stage.name)
                self.progress.put(stage.name, [])
                if isinstance(stage, Request):
                    self.progress.put(f"ask {stage.name}", filter(stage.asks, coming))
                if isinstance(stage, Request | Work):
                    self.progress.put("asked", coming)
        for stage in self._requests:
            failed = {failure.id for failure in self.progress.failed()}
            ids = [i for i in self.progress.ids(f"ask {stage.name}") if i not in failed]
            sent = self._send(stage, ids, dry_run=True) if ids else Sent()
            self.progress.put(f"ask {stage.name}", sent.left)
            self._move([(i, verdict) for i, verdict in self._refused(stage, sent) if verdict != DONE])
            if sent.left:
                return Pending(self.call.state, f"{len(sent.left)} to be asked about", wait=sent.wait or 1)
        out = {failure.id for failure in self.progress.failed()} | {skipped.id for skipped in self.progress.skipped()}
        self.progress.add(DONE, [i for i in self.progress.ids("asked") if i not in out])
        self.progress.put("asked", [])
        # The next wave, as a run would begin it.
        return self._dry_run() if self.rails.admit() else self._finish()

    def _waiting(self, stage: Stage) -> str:
        ids = self.progress.ids(stage.name)
        if not ids:
            return ""
        text = stage.awaited if "{n" in stage.awaited else f"{{n}} {stage.awaited}"
        if not stage.named:
            return text.format(n=len(ids))
        names = ", ".join(map(stage.named, ids[:10])) + (", ..." if len(ids) > 10 else "")
        return (text if "{names}" in text else f"{text} ({{names}})").format(n=len(ids), names=names)

    def _pending(self, waiting: list[str]) -> Pending:
        text = "; ".join([*waiting, *filter(None, [self.state.get("slowed"), self.note])])
        return Pending(self.call.state, text, wait=self.wait, give_up=self._give_up)

    def _give_up(self) -> Result:
        """The result at the end of the timeout."""
        self.rails.timed_out()
        for stage in self.stages.values():
            ids = self.progress.ids(stage.name)
            self.progress.put(stage.name, [])
            self._move([(i, stage.late(i) if callable(stage.late) else Failed("Timeout", stage.late)) for i in ids])
        return self._finish()

    def _finish(self) -> Result:
        result: Result = self._result
        failed = {failure.id for failure in self.progress.failed()}
        others: set[str] = set()
        for group in [name for name in self.state.get("ids", {}) if name.startswith("already ")]:
            ids = self.progress.ids(group)
            others.update(ids)
            self.progress.skip(sorted(set(ids) - failed), group)
        self.progress.fill(result, changed=[i for i in self.progress.ids(DONE) if i not in others])
        result.summary = summary(self.done, self.noun, result.changed, len(result.skipped), result.failed)
        result.summary += self.rails.left()
        self._details(result)
        return result
