"""Parts that tell people."""

from __future__ import annotations

from typing import Any

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client


def _email(aws: FaultyAws) -> dict[str, Any]:
    client("ses").verify_email_identity(EmailAddress="nightshift@example.com")
    return {"to": "ops@example.com;boss@example.com", "subject": "good morning", "body": "All is well."}


def _publish(aws: FaultyAws) -> dict[str, Any]:
    return {"topic_arn": client("sns").create_topic(Name="night")["TopicArn"], "message": "All is well."}


SCENARIOS = [
    Scenario("to two", "notify.email", _email),
    Scenario("a text", "notify.publish", _publish),
]
