"""The request for approval: the mail, the commands in it, and what happens when nobody can be asked."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from lambdas.approval import handler as approval
from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.runtime.clients import AwsClients

REGION = "eu-west-1"
TOKEN = "AQCk'$(touch x) AAAA=="
EVENT: dict[str, Any] = {
    "token": TOKEN,
    "message": "Delete 12 snapshots\nof group web?",
    "to": "ops@example.com;lead@example.com",
    "run": {
        "id": f"arn:aws:states:{REGION}:{DEFAULT_ACCOUNT_ID}:execution:nightshift-cleanup:1",
        "flow": "cleanup",
        "step": "approval",
        "call": 0,
        "item": None,
        "started": "2026-11-24T00:00:00Z",
        "dry_run": False,
    },
}


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The mails moto's SES took."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", "nightshift@example.com")
    with mock_aws():
        monkeypatch.setattr(approval, "aws", AwsClients())
        boto3.client("ses", REGION).verify_email_identity(EmailAddress="nightshift@example.com")
        yield ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages


def ask(**changed: Any) -> dict[str, str]:
    """Ask for approval as the state machine does."""
    return approval.handler({**EVENT, **changed}, SimpleNamespace())


def test_it_mails_what_is_to_be_approved(mails: list[Any]) -> None:
    ask()
    (mail,) = mails
    assert mail.destinations["ToAddresses"] == ["ops@example.com", "lead@example.com"]
    assert mail.subject == "[nightshift] cleanup asks for approval: Delete 12 snapshots of group web?"
    assert mail.body.startswith("Delete 12 snapshots\nof group web?\n")
    assert f"https://{REGION}.console.aws.amazon.com/states" in mail.body


def test_the_commands_in_the_mail_answer(mails: list[Any]) -> None:
    ask()
    commands = [shlex.split(line) for line in mails[0].body.splitlines() if line.startswith("aws ")]
    answers = []
    for command in commands:
        assert command[:5] == ["aws", "stepfunctions", "send-task-success", "--region", REGION]
        given = dict(zip(command[5::2], command[6::2], strict=True))
        assert given["--task-token"] == TOKEN
        answers.append(json.loads(given["--task-output"]))
    assert answers == [
        {"approved": True, "by": "", "comment": ""},
        {"approved": False, "by": "", "comment": ""},
    ]


def test_without_an_address_nobody_can_be_asked(mails: list[Any]) -> None:
    with pytest.raises(InvalidParameter, match="approval needs an address"):
        ask(to="")


def test_without_a_sender_nobody_can_be_asked(mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTSHIFT_MAIL_FROM")
    with pytest.raises(InvalidParameter, match="no sender is configured"):
        ask()


def test_a_sender_that_ses_refuses_fails_the_step(mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", "unknown@example.org")
    with pytest.raises(NightshiftError, match=r"unknown@example\.org"):
        ask()
    assert mails == []
