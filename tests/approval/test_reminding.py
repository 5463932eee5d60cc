"""Reminders of questions that wait, and telling others: when, to whom, and never twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.approval import handler as approval
from lambdas.approval import waiting
from lambdas.approval.deciding import decide
from lambdas.approval.question import Question, question_of
from lambdas.approval.reminding import NotReminded, remind
from lambdas.runtime.clients import AwsClients
from lambdas.store import audit
from lambdas.store.table import table as own_table
from tests.approval.questions import NOW, Tasks, request
from tests.tables import table

__all__ = ["table"]

SENDER, TEAM, BOSS = "nightshift@example.com", "ops@example.com", "boss@example.com"


class Mails:
    """Amazon SES, as far as it takes mails: `refuses` holds the error codes of the next ones."""

    def __init__(self, *refuses: str) -> None:
        self.refuses = list(refuses)
        self.sent: list[tuple[list[str], str, str]] = []

    def send_email(self, **mail: Any) -> None:
        """Take a mail."""
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses.pop(0), "Message": "no"}}, "SendEmail")
        content = mail["Content"]["Simple"]
        text = content["Body"]["Text"]["Data"]
        self.sent.append((mail["Destination"]["ToAddresses"], content["Subject"]["Data"], text))


def asked(table: Any, **changed: Any) -> Question:
    """A question of NOW, for eight hours; reminds every hour, and of the boss after three."""
    given = {"to": TEAM, "timeout": 28800, "remind": 3600, "escalate_to": BOSS, "escalate_after": 10800, **changed}
    question = question_of(request(**given), to=[TEAM], starter=None, now=NOW)
    waiting.ask(table, question, "token-1")
    return question


def after(table: Any, mails: Mails, minutes: int) -> list[str]:
    """Look for whom to remind so long after NOW."""
    return remind(table, mails, SENDER, NOW + timedelta(minutes=minutes))


def test_each_hour_reminds_once_and_says_how_long_is_left(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DASHBOARD", "https://ops.example.com/")
    mails = Mails()
    asked(table)
    assert [after(table, mails, minutes) for minutes in (55, 60, 60, 65, 115)] == [
        [],
        ["evening_stop/tonight"],
        [],
        [],
        [],
    ]
    assert after(table, mails, 120) == ["evening_stop/tonight"]
    assert [to for to, _, _ in mails.sent] == [[TEAM], [TEAM]]
    _, subject, text = mails.sent[0]
    assert subject == "[nightshift] Reminder, 7 h left: evening_stop asks: Stop 12 instances?"
    assert "has waited for an answer for 1 h, of one person in leads, until 2026-11-25 05:00 UTC" in text
    assert "Time left: 7 h." in text
    assert "\nhttps://ops.example.com/#/runs/evening_stop/tonight\n" in text


def test_after_three_hours_the_boss_is_told_once_and_reminded_with_the_others(table: Any) -> None:
    mails = Mails()
    asked(table)
    after(table, mails, 175)
    mails.sent.clear()
    after(table, mails, 180)
    assert [(to, subject.split(":")[0]) for to, subject, _ in mails.sent] == [
        ([BOSS], "[nightshift] Not decided, 5 h left"),
        ([TEAM], "[nightshift] Reminder, 5 h left"),
    ]
    assert f"Asked were leads, {TEAM}." in mails.sent[0][2]
    after(table, mails, 240)
    assert [to for to, _, _ in mails.sent[2:]] == [[TEAM, BOSS]]


def test_what_was_missed_is_not_made_up_for(table: Any) -> None:
    mails = Mails()
    asked(table, escalate_to=None, escalate_after=None)
    after(table, mails, 299)
    assert len(mails.sent) == 1


@pytest.mark.parametrize("approved", [True, False])
def test_nobody_is_reminded_of_what_is_decided(table: Any, *, approved: bool) -> None:
    mails, question = Mails(), asked(table)
    moment = NOW + timedelta(minutes=59)
    decide(table, Tasks("token-1"), question, by="ann", groups=["leads"], approved=approved, comment="", now=moment)
    assert (after(table, mails, 240), mails.sent) == ([], [])


def test_a_decision_that_the_flow_has_not_taken_yet_ends_the_reminders(table: Any) -> None:
    mails, question = Mails(), asked(table)
    tasks = Tasks("token-1")
    tasks.refuses = iter(["ThrottlingException"])
    with pytest.raises(ClientError):
        decide(table, tasks, question, by="ann", groups=None, approved=True, comment="", now=NOW)
    assert (len(waiting.listed(table, now=NOW)), after(table, mails, 60), mails.sent) == (1, [], [])


def test_a_first_approval_of_two_is_told_and_does_not_end_them(table: Any) -> None:
    mails, question = Mails(), asked(table, at_least=2)
    decide(table, Tasks("token-1"), question, by="ann", groups=None, approved=True, comment="", now=NOW)
    after(table, mails, 60)
    assert "\nann approved it.\n" in mails.sent[0][2]


def test_a_question_whose_time_is_over_reminds_of_nothing(table: Any) -> None:
    mails = Mails()
    asked(table)
    assert (after(table, mails, 480), mails.sent) == ([], [])


def test_what_ses_throttles_is_tried_again_and_what_it_refuses_is_not(table: Any) -> None:
    mails = Mails("TooManyRequestsException")
    asked(table)
    with pytest.raises(NotReminded, match="evening_stop/tonight"):
        after(table, mails, 60)
    assert after(table, mails, 60) == ["evening_stop/tonight"]
    mails.refuses = ["MessageRejected"]
    assert [after(table, mails, 120), after(table, mails, 125), len(mails.sent)] == [[], [], 1]


def test_an_invocation_that_died_after_writing_mails_nothing_when_lambda_repeats_it(table: Any) -> None:
    class Died(BaseException):
        pass

    class Dies(Mails):
        def send_email(self, **mail: Any) -> None:
            super().send_email(**mail)
            raise Died

    mails = Dies()
    asked(table)
    with pytest.raises(Died):
        after(table, mails, 60)
    assert after(table, mails, 60) == []
    assert len(mails.sent) == 1


def test_each_reminder_is_kept_with_the_question_and_in_the_log_of_actions(table: Any) -> None:
    asked(table)
    after(table, Mails(), 180)
    (question,) = waiting.listed(table, now=NOW)
    assert [(reminder.to, reminder.escalation) for reminder in question.reminders] == [
        ((BOSS,), True),
        ((TEAM,), False),
    ]
    moment = NOW + timedelta(minutes=180)
    events, _ = audit.page(table, None, since=moment, until=moment + timedelta(seconds=1))
    about = {"run": "evening_stop/tonight", "question": "Stop 12 instances?"}
    assert sorted((event.by, event.action, event.details) for event in events) == [
        ("nightshift", "escalate", {**about, "to": BOSS}),
        ("nightshift", "remind", {**about, "to": TEAM}),
    ]


def test_the_rule_invokes_it(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    own_table.cache_clear()
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", SENDER)
    aws = AwsClients()
    monkeypatch.setattr(approval, "aws", aws)
    aws.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    question = question_of(
        request(to=TEAM, remind=3600), to=[TEAM], starter=None, now=datetime.now(UTC) - timedelta(minutes=70)
    )
    waiting.ask(table, question, "token-1")
    event = {"detail-type": "Scheduled Event", "source": "aws.events"}
    assert approval.handler(event, None) == {"reminded": ["evening_stop/tonight"]}
    assert approval.handler(event, None) == {"reminded": []}
