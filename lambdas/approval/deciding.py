"""Deciding a question: written down, told to the log of actions, and handed to the flow that waits for it."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from lambdas.approval import waiting
from lambdas.approval.question import LONGEST_COMMENT, Decision, Question, Refusal, answer
from lambdas.contract.errors import NightshiftError
from lambdas.store import audit

_GONE = ("InvalidToken", "TaskDoesNotExist", "TaskTimedOut")
_TRIES = 5


class NotWaiting(NightshiftError):
    """Nobody waits for the answer any more: it was decided, it timed out, or the run has ended."""

    def __init__(self) -> None:
        super().__init__(
            "this is no longer asked: it was decided, its time is over, or the run has ended; look at the run"
        )


class MayNotDecide(NightshiftError):
    """The question asks somebody else."""

    def __init__(self, question: Question, why: Refusal) -> None:
        super().__init__(
            "you started this run, and it asks somebody else; approval(..., allow_starter=True) would take you, too"
            if why == "starter"
            else f"this asks {' or '.join(question.approvers)}, and you are in none of these groups"
        )


def decide(
    table: Any,
    step_functions: Any,
    question: Question,
    *,
    by: str,
    groups: Collection[str] | None,
    approved: bool,
    comment: str,
    now: datetime | None = None,
) -> Question:
    """Approve or reject; the question as it is then, with its `outcome`.

    question: as it was shown; one that was asked anew since is not decided. by: who decides. groups: theirs; None: of
    all groups. comment: is cut at 500 characters. now: aware; default: the clock. Deciding the same again changes
    nothing, and hands the answer to the flow if that had failed.
    Raises MayNotDecide, NotWaiting.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    for _ in range(_TRIES):
        kept = waiting.find(table, question.flow, question.run, question.id)
        if kept is None or kept.question.asked != question.asked or kept.question.until <= moment:
            raise NotWaiting
        if why := kept.question.refusal(by, groups):
            raise MayNotDecide(question, why)
        settled = kept.question.outcome is not None
        if settled and kept.question.outcome != approved:
            raise NotWaiting
        said = kept.question.decision_of(by)
        if settled or (said is not None and said.approved == approved):
            # Told once more, in case that what wrote it ended before it told: it is the same audit event.
            _tell(table, question, *([said] if said else ()))
            return _handed_over(table, step_functions, kept)
        decision = Decision(by, approved, comment.strip()[:LONGEST_COMMENT], moment)
        added = kept.add(table, decision)
        if added is not None:
            _tell(table, question, decision)
            return _handed_over(table, step_functions, added)
    raise NightshiftError("others decide the same at this moment; look at it again")


def _handed_over(table: Any, step_functions: Any, kept: waiting.Kept) -> Question:
    question = kept.question
    if question.outcome is None:
        return question
    output = json.dumps(answer(question.outcome, question.decisions), ensure_ascii=False)
    try:
        step_functions.send_task_success(taskToken=kept.token, output=output)
    except step_functions.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        waiting.forget(table, question)
        raise NotWaiting from None
    waiting.forget(table, question)
    return question


def _tell(table: Any, question: Question, *decisions: Decision) -> None:
    for decision in decisions:
        details = {"run": f"{question.flow}/{question.run}", "question": question.told}
        details |= {"comment": decision.comment} if decision.comment else {}
        action = "approve" if decision.approved else "reject"
        audit.record(
            table,
            by=decision.by,
            action=action,
            flow=question.flow,
            details=details,
            now=decision.at,
            key=question.id,
        )
