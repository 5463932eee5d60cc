"""The function behind `approval(...)`: what is kept, what is mailed, and what happens when nobody can be asked."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from lambdas.approval import handler as approval
from lambdas.approval import waiting
from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.runtime.clients import AwsClients
from lambdas.store.table import table as own_table
from tests.approval.questions import request
from tests.tables import REGION, table

__all__ = ["table"]

TOKEN = "AQCk'$(touch x) AAAA=="


@pytest.fixture
def mails(table: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The mails moto's SES took."""
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", "nightshift@example.com")
    monkeypatch.setenv("NIGHTSHIFT_DASHBOARD", "https://ops.example.com/")
    monkeypatch.setattr(approval, "aws", AwsClients())
    own_table.cache_clear()
    boto3.client("ses").verify_email_identity(EmailAddress="nightshift@example.com")
    sent: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return sent


def started(flow: str, /, **trigger: Any) -> str:
    """The ARN of a run with that trigger."""
    client = boto3.client("stepfunctions")
    definition = '{"StartAt": "x", "States": {"x": {"Type": "Wait", "Seconds": 60, "End": true}}}'
    role = "arn:aws:iam::123456789012:role/any"
    machine = client.create_state_machine(name=f"nightshift-{flow}", definition=definition, roleArn=role)
    given = json.dumps({"nightshift": {"dry_run": False, "trigger": trigger}})
    run = client.start_execution(stateMachineArn=machine["stateMachineArn"], name="tonight", input=given)
    return str(run["executionArn"])


def ask(execution: str = "", **changed: Any) -> dict[str, str]:
    """Ask for approval as the state machine does."""
    run = {**request()["run"], "id": execution or started("evening_stop", type="schedule")}
    given = {"token": TOKEN, "message": "Stop 12 instances\nof group web?", "to": "ops@example.com;lead@example.com"}
    return approval.handler(request(**given, run=run) | changed, SimpleNamespace())


def test_the_question_waits_in_the_table(mails: list[Any], table: Any) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    answer = ask(approvers=["leads", "owners"], at_least=2)
    (question,) = waiting.listed(table)
    assert answer == {"question": question.id}
    assert (question.flow, question.run, question.step) == ("evening_stop", "tonight", "approval")
    assert (question.approvers, question.at_least, question.starter) == (("leads", "owners"), 2, None)
    assert question.until - question.asked == timedelta(hours=2)
    assert before <= question.asked <= datetime.now(UTC)
    kept = waiting.find(table, "evening_stop", "tonight", question.id)
    assert kept is not None
    assert kept.token == TOKEN


def test_it_mails_what_is_asked_and_where_to_answer(mails: list[Any]) -> None:
    ask(started("evening_stop", type="manual", by="ann"), at_least=2)
    (mail,) = mails
    assert mail.destinations["ToAddresses"] == ["ops@example.com", "lead@example.com"]
    assert mail.subject == "[nightshift] evening_stop asks for approval: Stop 12 instances of group web?"
    assert mail.body.startswith("Stop 12 instances\nof group web?\n")
    assert "waits for an answer, of 2 people in leads, not of ann, who started it, until " in mail.body
    assert "\nhttps://ops.example.com/#/runs/evening_stop/tonight\n" in mail.body
    assert f"https://{REGION}.console.aws.amazon.com/states" in mail.body
    assert TOKEN not in mail.body


def test_without_a_dashboard_it_mails_the_commands(mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTSHIFT_DASHBOARD")
    ask()
    commands = [shlex.split(line) for line in mails[0].body.splitlines() if line.startswith("nightshift ")]
    assert [command[:5] for command in commands] == [
        ["nightshift", action, "evening_stop/tonight", "--target", "aws"] for action in ("approve", "reject")
    ]
    assert TOKEN not in mails[0].body


@pytest.mark.parametrize(
    ("trigger", "starter"),
    [({"type": "manual", "by": "ann"}, "ann"), ({"type": "schedule", "schedule": "nightly"}, None), ({}, None)],
)
def test_who_started_the_run_is_known(mails: list[Any], table: Any, trigger: dict[str, str], starter: str) -> None:
    ask(started("evening_stop", **trigger))
    assert waiting.listed(table)[0].starter == starter


def test_who_started_the_run_that_called_it_is_known(mails: list[Any], table: Any) -> None:
    outer = started("outer", type="manual", by="ann")
    inner = started("inner", type="flow", flow="outer", execution=outer)
    ask(started("evening_stop", type="flow", flow="inner", execution=inner))
    assert waiting.listed(table)[0].starter == "ann"


def test_a_group_is_asked_without_a_mail(mails: list[Any], table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTSHIFT_MAIL_FROM")
    ask(to=None)
    assert (len(waiting.listed(table)), mails) == (1, [])


def test_without_anybody_nobody_can_be_asked(mails: list[Any], table: Any) -> None:
    with pytest.raises(InvalidParameter, match="approval needs somebody to ask"):
        ask(to="", approvers=[])
    assert waiting.listed(table) == []


def test_without_a_sender_nobody_can_be_asked(mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTSHIFT_MAIL_FROM")
    with pytest.raises(InvalidParameter, match="no sender is configured"):
        ask()


def test_a_sender_that_ses_refuses_fails_the_step(
    mails: list[Any], table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", "unknown@example.org")
    with pytest.raises(NightshiftError, match=r"unknown@example\.org"):
        ask()
    assert (mails, waiting.listed(table)) == ([], [])


def test_a_request_of_before_is_understood(mails: list[Any], table: Any) -> None:
    """State machines that were deployed before give no more than these."""
    run = {**request()["run"], "id": started("evening_stop", type="schedule")}
    approval.handler({"token": TOKEN, "message": "Go on?", "to": "ops@example.com", "run": run}, SimpleNamespace())
    (question,) = waiting.listed(table)
    assert (question.approvers, question.at_least, question.until - question.asked) == ((), 1, timedelta(days=1))
