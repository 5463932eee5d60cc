"""These tests have the app's table with a run that failed, a catalogue with its flow, and moto's SES and SNS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.alerts import telling
from lambdas.runtime.clients import AwsClients
from lambdas.store.table import table as the_table
from lambdas.tracker.record import FAILED, Counts, Record
from lambdas.tracker.store import save
from nightshift.operating import Operating
from nightshift.triggers import Schedule
from nightshift.views.catalogue_file import entry
from stacks.settings import Settings
from tests.stacks.compiled import compiled
from tests.tables import REGION, table
from tests.tracker.views import TRIGGER, arn

__all__ = ["table"]

TOPIC = f"arn:aws:sns:{REGION}:123456789012:night"
FAILURES = [{"id": "i-0abc", "error": "IncorrectInstanceState", "message": "is pending", "hint": "Look at it."}]


@dataclass
class Alerts:
    """The alerts with what they need. catalogue: a file. queue: URL of a queue that gets what the topic gets."""

    table: Any
    catalogue: Path
    queue: str

    def flow(self, **options: Any) -> None:
        """Deploy the flow `backup`, of a schedule in Tokyo, with these options."""
        at_ten = Schedule(("cron(0 22 * * ? *)",), "Asia/Tokyo")
        given: dict[str, Any] = {"schedule": at_ten, "operating": Operating("Nightly backup")} | options
        made = compiled("backup", **given)
        text = json.dumps({"backup": entry(made, self.catalogue.parent, Settings().names)})
        self.catalogue.write_text(text, encoding="utf-8")

    def ended(self, state: str = FAILED, *, output: Any = None, **fields: Any) -> Record:
        """Record a run that ended a minute ago."""
        now = datetime.now(UTC).replace(microsecond=0)
        given: dict[str, Any] = {
            "started": now - timedelta(minutes=15),
            "ended": now - timedelta(minutes=1),
            "trigger": TRIGGER,
            "error": "PartFailed" if state == FAILED else "",
            "counts": Counts(matched=3, failed=1),
        }
        record = Record("backup", "night", arn("backup", "night"), state, **(given | fields))
        step = {"label": "stop instances", "part": "ec2.stop_instances", "state": "failed", "counts": None}
        detail = {"steps": [step], "output": output, "cause": "1 of 3 resources failed", "failures": FAILURES}
        return save(self.table, record, detail)

    def mails(self) -> list[dict[str, Any]]:
        """The mails that SES took."""
        from moto.ses.models import ses_backends

        sent = ses_backends["123456789012"][REGION].sent_messages
        return [{"to": m.destinations["ToAddresses"], "subject": m.subject, "text": m.body} for m in sent]

    def messages(self) -> list[dict[str, Any]]:
        """The messages on the topic, as SNS delivers them to a queue."""
        found = boto3.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]


@pytest.fixture
def alerts(table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alerts]:
    """The alerts of an app that names nobody, with a verified sender, a topic and a queue behind it."""
    catalogue = tmp_path / "flows.json"
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(catalogue))
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", "nightshift@example.com")
    monkeypatch.setenv("NIGHTSHIFT_DASHBOARD", "https://night.example.com/")
    monkeypatch.setattr(telling, "aws", AwsClients())
    the_table.cache_clear()
    boto3.client("sesv2").create_email_identity(EmailIdentity="nightshift@example.com")
    queue = boto3.client("sqs").create_queue(QueueName="pager")["QueueUrl"]
    topic = boto3.client("sns").create_topic(Name="night")["TopicArn"]
    boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:pager", ReturnSubscriptionArn=True
    )
    made = Alerts(table, catalogue, queue)
    made.flow(notify=("ops@example.com", TOPIC))
    yield made
    the_table.cache_clear()
