"""Who is told of a run that needs someone, what, and how often, on moto's SES, SNS and DynamoDB."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from lambdas.alerts import handler, telling
from lambdas.alerts.told import CLAIM_SECONDS, Claims
from lambdas.tracker.record import ABORTED, SKIPPED, SUCCEEDED, TIMED_OUT
from nightshift.operating import Operating
from tests.alerts.conftest import TOPIC, Alerts

RUN = {"flow": "backup", "run": "night"}
LINK = "https://night.example.com/#/runs/backup/night"


def ask() -> list[str]:
    """Ask the alerts to tell of the run; who was told."""
    return handler.handler(RUN, None)["told"]


def test_the_mail_says_what_happened_to_what_why_and_what_to_do(alerts: Alerts) -> None:
    alerts.ended()
    assert ask() == ["ops@example.com", TOPIC]
    (mail,) = alerts.mails()
    assert mail["to"] == ["ops@example.com"]
    assert mail["subject"] == "[nightshift] Nightly backup failed: 1 of 3 resources (i-0abc)"
    told = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", mail["text"])
    assert told == (
        'Nightly backup (backup) failed at TIME Asia/Tokyo, 14 min after its start, in the step "stop instances". '
        "Its schedule had started it, due at TIME Asia/Tokyo.\n\n"
        "What failed:\n  i-0abc  IncorrectInstanceState: is pending\n\n"
        "Why: PartFailed: 1 of 3 resources failed\n\n"
        "What to do: Look at it.\n\n"
        f"More: {LINK}\n\n"
        "On the command line: nightshift report backup/night\n\n"
        "It is open until a later run succeeds, or somebody acknowledges it: "
        'nightshift acknowledge backup/night --comment "..."\n'
    )


def test_the_message_of_a_topic_is_one_that_chat_applications_show(alerts: Alerts) -> None:
    alerts.ended()
    ask()
    (delivered,) = alerts.messages()
    message = json.loads(delivered["Message"])
    assert (message["version"], message["source"]) == ("1.0", "custom")
    assert message["content"]["textType"] == "client-markdown"
    assert message["content"]["title"] == "Nightly backup failed: 1 of 3 resources (i-0abc)"
    assert message["content"]["nextSteps"] == ["Look at it.", f"More: {LINK}"]
    metadata = message["metadata"]
    assert (metadata["threadId"], metadata["eventType"]) == ("backup/night", "nightshift.run.failed")
    assert metadata["relatedResources"][0] == "i-0abc"
    context = metadata["additionalContext"]
    assert (context["state"], context["error"], context["link"]) == ("FAILED", "PartFailed", LINK)
    assert all(isinstance(value, str) for value in context.values())
    assert delivered["MessageAttributes"]["nightshift_event"]["Value"] == "run.failed"
    assert delivered["Subject"] == "[nightshift] Nightly backup failed: 1 of 3 resources (i-0abc)"


def test_a_subject_that_ascii_cannot_say_has_the_name_of_the_flow(alerts: Alerts) -> None:
    alerts.flow(notify=(TOPIC,), operating=Operating("夜間バックアップ"))
    alerts.ended()
    ask()
    (delivered,) = alerts.messages()
    assert delivered["Subject"] == "[nightshift] backup: failed"
    assert json.loads(delivered["Message"])["content"]["title"].startswith("夜間バックアップ failed")


def test_each_is_told_once_and_again_when_a_redrive_failed(alerts: Alerts) -> None:
    record = alerts.ended()
    ask()
    assert ask() == []
    assert (len(alerts.mails()), len(alerts.messages())) == (1, 1)
    alerts.ended(redrives=1, started=record.started)
    assert ask() == ["ops@example.com", TOPIC]


def test_a_topic_that_is_gone_neither_stops_nor_repeats_the_others(
    alerts: Alerts, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    gone = TOPIC + "-gone"
    alerts.flow(notify=(gone, "ops@example.com"))
    alerts.ended()
    assert ask() == ["ops@example.com"]
    assert ask() == []
    assert [vars(line)["recipient"] for line in caplog.records if line.levelname == "ERROR"] == [gone]
    assert '"AlertsRefused":[1.0]' in capsys.readouterr().out
    assert len(alerts.mails()) == 1


def test_who_cannot_be_told_now_is_told_by_the_next_try_alone(alerts: Alerts) -> None:
    alerts.ended()
    client = telling.aws.client("sesv2")
    slow = {"Error": {"Code": "TooManyRequestsException", "Message": "Maximum sending rate exceeded."}}

    def refuse(**kwargs: Any) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse("https://email", 429, HTTPHeaders(), None), slow

    client.meta.events.register("before-call.sesv2.SendEmail", refuse)
    with pytest.raises(telling.NotTold, match=r"ops@example\.com"):
        ask()
    client.meta.events.unregister("before-call.sesv2.SendEmail", refuse)
    assert ask() == ["ops@example.com"]
    assert (len(alerts.mails()), len(alerts.messages())) == (1, 1)


def test_a_claim_of_a_function_that_died_ends(table: Any) -> None:
    claims = Claims(table, "backup/night", "ended#0", now=1_000_000)
    assert claims.claim("ops@example.com")
    assert not claims.claim("ops@example.com")
    later = Claims(table, "backup/night", "ended#0", now=1_000_001 + CLAIM_SECONDS)
    assert later.claim("ops@example.com")
    later.keep("ops@example.com")
    assert not Claims(table, "backup/night", "ended#0", now=2_000_000).claim("ops@example.com")


@pytest.mark.parametrize(
    ("state", "fields", "subject"),
    [
        (TIMED_OUT, {"error": "States.Timeout"}, "timed out"),
        (ABORTED, {}, "was stopped from outside"),
        (SKIPPED, {"output": {"nightshift": {"kind": "overlap"}}, "skipped": "the run x is under way"}, "was skipped"),
    ],
)
def test_runs_are_told_that_ended_otherwise(alerts: Alerts, state: str, fields: dict[str, Any], subject: str) -> None:
    alerts.ended(state, **fields)
    assert len(ask()) == 2
    assert subject in alerts.mails()[0]["subject"]


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (SUCCEEDED, {}),
        (SKIPPED, {"output": {"nightshift": {"kind": "hold"}}, "skipped": "held by alice"}),
        ("FAILED", {"dry_run": True}),
        ("FAILED", {"ended": datetime.now(UTC) - timedelta(days=2)}),
    ],
)
def test_nobody_is_woken_for_nothing(alerts: Alerts, state: str, fields: dict[str, Any]) -> None:
    alerts.ended(state, **fields)
    assert ask() == []
    assert alerts.mails() == []


def test_whom_the_app_names_is_told_where_the_flow_names_nobody(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_NOTIFY", "night@example.com")
    alerts.flow(notify=())
    alerts.ended()
    assert ask() == []
    alerts.flow()
    assert ask() == ["night@example.com"]


def test_of_a_run_that_a_flow_called_that_flow_tells(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_NOTIFY", "night@example.com")
    alerts.ended(trigger={"type": "flow", "flow": "week"})
    assert ask() == ["ops@example.com", TOPIC]
    alerts.flow()
    assert ask() == []
