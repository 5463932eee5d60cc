"""Who may decide a question, how many have to, and what the flow is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.approval import waiting
from lambdas.approval.deciding import MayNotDecide, NotWaiting, decide
from lambdas.approval.question import Question
from lambdas.store import audit
from tests.approval.questions import Tasks, ask
from tests.tables import table

__all__ = ["table"]

ANN, BOB = "ann", "bob"


def say(
    table: Any,
    tasks: Tasks,
    question: Question,
    by: str = ANN,
    *,
    approved: bool = True,
    comment: str = "",
    groups: tuple[str, ...] | None = ("leads",),
    now: datetime | None = None,
) -> Question:
    """Somebody decides."""
    return decide(table, tasks, question, by=by, groups=groups, approved=approved, comment=comment, now=now)


def audited(table: Any) -> list[tuple[str, str, dict[str, str]]]:
    """Who did what, the first first."""
    now = datetime.now(UTC)
    events = audit.page(table, None, since=now - timedelta(minutes=5), until=now)[0]
    return [(event.by, event.action, event.details) for event in reversed(events)]


def test_the_flow_is_told_who_decided_with_which_comment(table: Any) -> None:
    tasks = Tasks("token-1")
    say(table, tasks, ask(table), comment=" fine by me ")
    said = {"by": ANN, "approved": True, "comment": "fine by me"}
    assert tasks.outputs == [{"approved": True, "by": ANN, "comment": "fine by me", "decisions": [said]}]
    assert waiting.listed(table) == []
    about = {"run": "evening_stop/tonight", "question": "Stop 12 instances?", "comment": "fine by me"}
    assert audited(table) == [(ANN, "approve", about)]


def test_two_people_are_two_and_one_is_one(table: Any) -> None:
    tasks, question = Tasks("token-1"), ask(table, at_least=2)
    for by in (ANN, "arn:aws:sts::123456789012:assumed-role/Lead/Ann"):
        assert say(table, tasks, question, by).outcome is None
    assert (tasks.outputs, len(waiting.listed(table)[0].decisions)) == ([], 1)
    assert say(table, tasks, question, BOB, comment="ok").outcome is True
    (told,) = tasks.outputs
    assert (told["approved"], told["by"], told["comment"]) == (True, "ann, bob", "ok")
    assert [by for by, *_ in audited(table)] == [ANN, BOB]


def test_one_rejection_ends_it_also_of_who_had_approved(table: Any) -> None:
    tasks, question = Tasks("token-1"), ask(table, at_least=3)
    say(table, tasks, question)
    say(table, tasks, question, BOB)
    say(table, tasks, question, approved=False, comment="wrong group")
    (told,) = tasks.outputs
    assert (told["approved"], told["by"], told["comment"]) == (False, ANN, "wrong group")
    assert [decision["by"] for decision in told["decisions"]] == [BOB, ANN]
    with pytest.raises(NotWaiting):
        say(table, tasks, question, "carol")


def test_who_is_in_another_group_is_refused(table: Any) -> None:
    tasks, question = Tasks("token-1"), ask(table)
    with pytest.raises(MayNotDecide, match="asks leads, and you are in none"):
        say(table, tasks, question, groups=("admin", "service-desk"))
    assert (tasks.outputs, audited(table)) == ([], [])
    say(table, tasks, question, groups=None)
    assert tasks.outputs


@pytest.mark.parametrize("starter", [ANN, "arn:aws:sts::123456789012:assumed-role/Admin/ann"])
def test_who_started_the_run_is_refused_unless_allowed(table: Any, starter: str) -> None:
    tasks = Tasks("token-1")
    for approved in (True, False):
        with pytest.raises(MayNotDecide, match="you started this run"):
            say(table, tasks, ask(table, starter=starter), approved=approved)
    say(table, tasks, ask(table, starter=starter, allow_starter=True))
    assert len(tasks.outputs) == 1


def test_a_question_whose_time_is_over_is_not_decided(table: Any) -> None:
    tasks, question = Tasks("token-1"), ask(table)
    with pytest.raises(NotWaiting):
        say(table, tasks, question, now=question.until)
    assert waiting.listed(table, now=question.until) == []
    assert tasks.outputs == []


def test_a_question_that_was_asked_anew_is_not_decided_by_what_was_seen(table: Any) -> None:
    tasks, before = Tasks("token-2"), ask(table)
    after = ask(table, token="token-2", message="Stop 4,000 instances?", now=before.asked + timedelta(seconds=1))
    with pytest.raises(NotWaiting):
        say(table, tasks, before)
    say(table, tasks, after)
    assert len(tasks.outputs) == 1


def test_a_task_that_waits_no_longer_takes_its_question_with_it(table: Any) -> None:
    question = ask(table)
    with pytest.raises(NotWaiting):
        say(table, Tasks(), question)
    assert waiting.listed(table) == []


def test_an_answer_that_step_functions_did_not_take_can_be_given_again(table: Any) -> None:
    tasks, question = Tasks("token-1"), ask(table)
    tasks.refuses = iter(["ThrottlingException"])
    with pytest.raises(ClientError):
        say(table, tasks, question, comment="go")
    assert len(waiting.listed(table)) == 1
    with pytest.raises(NotWaiting):
        say(table, tasks, question, BOB, approved=False)
    say(table, tasks, question, comment="once more")
    assert [told["comment"] for told in tasks.outputs] == ["go"]
    assert len(audited(table)) == 1


def test_a_run_that_has_ended_asks_nothing(table: Any) -> None:
    ask(table)
    waiting.forget_run(table, "evening_stop", "ton")
    assert len(waiting.listed(table)) == 1
    waiting.forget_run(table, "evening_stop", "tonight")
    assert waiting.listed(table) == []
