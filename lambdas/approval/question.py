"""A question that waits for people: whom it asks, who has answered, and what that comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lambdas.engine.recipients import recipients
from lambdas.store.audit import short_name

LONGEST_COMMENT = 500
Refusal = Literal["starter", "group"]
"""Why somebody may not decide: they started the run, or are in none of the groups asked."""

SHORTEST_REMINDER = 300
"""Seconds: how often is looked for whom to remind."""

MOST_REMINDERS = 100
"""Of one question; each is kept with it, in an item of the table."""

_LONGEST_MESSAGE = 4000
_LONGEST_TOLD = 500
_A_DAY = 86400


@dataclass(frozen=True)
class Decision:
    """What somebody answered. at: when; aware."""

    by: str
    approved: bool
    comment: str
    at: datetime


@dataclass(frozen=True)
class Reminder:
    """That people were mailed once more. at: when; aware. to: their addresses. escalation: whether the first time."""

    at: datetime
    to: tuple[str, ...]
    escalation: bool


@dataclass(frozen=True)
class Question:
    """What `approval(...)` asks.

    flow, run: the flow, and the name of the execution. id: tells it from other questions of the run. step: the state.
    message: what is to be approved. to: who was mailed. approvers: groups whose members decide; none: the operators of
    the flow. at_least: how many people have to approve. allow_starter: whether one of them may be who started the run.
    starter: who that was, None when nobody did. asked, until: when it was asked, and when the step times out; aware.
    remind: seconds between reminders, None without. escalate_to: who is told, too, `escalate_after` seconds after that.
    reminders: those that were sent, the first first.
    """

    flow: str
    run: str
    id: str
    step: str
    message: str
    to: tuple[str, ...]
    approvers: tuple[str, ...]
    at_least: int
    allow_starter: bool
    starter: str | None
    asked: datetime
    until: datetime
    decisions: tuple[Decision, ...] = ()
    remind: int | None = None
    escalate_to: tuple[str, ...] = ()
    escalate_after: int | None = None
    reminders: tuple[Reminder, ...] = ()

    @property
    def outcome(self) -> bool | None:
        """What is decided; None while more people have to answer. One rejection is enough."""
        if any(not decision.approved for decision in self.decisions):
            return False
        return True if len(self.decisions) >= self.at_least else None

    @property
    def told(self) -> str:
        """The beginning of what is asked, for the log of actions."""
        return self.message[:_LONGEST_TOLD]

    @property
    def escalates(self) -> datetime | None:
        """When those in `escalate_to` are told, if nothing is decided until then; None without."""
        return None if self.escalate_after is None else self.asked + timedelta(seconds=self.escalate_after)

    @property
    def escalated(self) -> bool:
        """Whether those in `escalate_to` were told."""
        return any(reminder.escalation for reminder in self.reminders)

    def due(self, now: datetime) -> tuple[Reminder, ...]:
        """The reminders that are due. now: aware. One whose time was missed is not made up for: the next one comes."""
        if self.outcome is not None or self.until <= now:
            return ()
        waited = (now - self.asked).total_seconds()
        due = []
        if self.escalates is not None and self.escalates <= now and not self.escalated:
            due.append(Reminder(now, self.escalate_to, escalation=True))
        if self.remind is not None:
            sent = [
                (reminder.at - self.asked).total_seconds() for reminder in self.reminders if not reminder.escalation
            ]
            if waited // self.remind > max(sent, default=0) // self.remind:
                to = (*self.to, *(self.escalate_to if self.escalated else ()))
                due.append(Reminder(now, tuple(dict.fromkeys(to)), escalation=False))
        return tuple(due)

    def refusal(self, by: str, groups: Collection[str] | None) -> Refusal | None:
        """Why somebody may not decide, None when they may. groups: theirs; None: of all groups."""
        if self.starter is not None and not self.allow_starter and _person(by) == _person(self.starter):
            return "starter"
        if self.approvers and groups is not None and not set(self.approvers) & set(groups):
            return "group"
        return None

    def decided(self, decision: Decision) -> tuple[Decision, ...]:
        """The decisions with one more. A person counts once, and may still reject what they have approved."""
        others = (kept for kept in self.decisions if _person(kept.by) != _person(decision.by))
        return (*others, decision)

    def decision_of(self, by: str) -> Decision | None:
        """What somebody has answered; None when they have not."""
        return next((decision for decision in self.decisions if _person(decision.by) == _person(by)), None)


def question_of(event: Mapping[str, Any], *, to: Iterable[str], starter: str | None, now: datetime) -> Question:
    """The question in a request of a state machine. starter: who started the run. now: aware."""
    run = event["run"]
    # As exact as the dashboard's API tells it, and hears it again.
    moment = now.astimezone(UTC).replace(microsecond=now.microsecond // 1000 * 1000)
    return Question(
        flow=run["flow"],
        run=run["id"].rpartition(":")[2],
        id=question_id(run),
        step=run["step"],
        message=str(event["message"])[:_LONGEST_MESSAGE],
        to=tuple(to),
        approvers=tuple(event.get("approvers") or ()),
        at_least=event.get("at_least", 1),
        allow_starter=event.get("allow_starter", False),
        starter=starter,
        asked=moment,
        until=moment + timedelta(seconds=event.get("timeout", _A_DAY)),
        remind=event.get("remind"),
        escalate_to=tuple(recipients(event.get("escalate_to"))),
        escalate_after=event.get("escalate_after"),
    )


def question_id(run: Mapping[str, Any]) -> str:
    """What names a question within its run: the step, its pass in a loop, the item. A redrive asks the same again."""
    key = f"{run['step']}|{run['call']}|{run['item']}"
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def answer(outcome: bool, decisions: Iterable[Decision]) -> dict[str, Any]:
    """What `approval(...)` returns in the flow. Names and comments are those of the people that it comes from."""
    told = sorted(decisions, key=lambda decision: decision.at)
    those = [decision for decision in told if decision.approved == outcome]
    return {
        "approved": outcome,
        "by": ", ".join(decision.by for decision in those),
        "comment": "; ".join(decision.comment for decision in those if decision.comment),
        "decisions": [{"by": d.by, "approved": d.approved, "comment": d.comment} for d in told],
    }


def local_answer(*, approved: bool, at_least: int) -> dict[str, Any]:
    """The answer where there are no people to ask: under CPython, in tests and in the simulation."""
    people = ["local"] if at_least == 1 or not approved else [f"local {number + 1}" for number in range(at_least)]
    return answer(approved, [Decision(name, approved, "", datetime.min) for name in people])


def _person(by: str) -> str:
    """Somebody, whichever way they came: a user of the dashboard, or the session of a role of the same name."""
    return short_name(by).casefold()
