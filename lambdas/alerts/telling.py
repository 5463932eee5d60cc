"""Telling a story to whoever is responsible: each once, whatever becomes of the others.

Who cannot be told now (SES, SNS or a webhook is throttling or does not answer) is tried again by Lambda's retries; who
can never be told (no such topic, an address SES refuses, a webhook that answers 404) is a line in the log and a metric
that raises an alarm.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from aws_lambda_powertools import Logger, Metrics

from lambdas.alerts.messages import mail_of, notification_of, subject_of
from lambdas.alerts.recipients import is_topic, told
from lambdas.alerts.story import Story
from lambdas.alerts.told import Claims
from lambdas.alerts.webhook import is_webhook, post
from lambdas.contract import aws_errors
from lambdas.engine.recipients import mail_sender
from lambdas.runs.catalogue import FlowEntry
from lambdas.runtime.clients import AwsClients

_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.alerts")

logger = Logger(service=_SERVICE, utc=True)
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "nightshift"), service=_SERVICE)
aws = AwsClients()


class NotTold(Exception):
    """Some could not be told now; another try helps."""


def recipients_of(entry: FlowEntry | None) -> tuple[str, ...]:
    """Who is told of a flow: those whom it names, else those whom the app names (NIGHTSHIFT_NOTIFY)."""
    if entry is not None and entry.notify is not None:
        return tuple(entry.notify)
    default = os.environ.get("NIGHTSHIFT_NOTIFY", "")
    return told(default) if default else ()


def tell(story: Story, recipients: Sequence[str], claims: Claims) -> list[str]:
    """Tell each who was not told before; those who were told now. Raises NotTold."""
    done, later = [], []
    for recipient in recipients:
        if not claims.claim(recipient):
            continue
        try:
            _send(story, recipient, claims.occasion)
        except Exception as error:
            if aws_errors.is_temporary(error):
                claims.give_back(recipient)
                later.append(f"{recipient} ({error})")
                continue
            logger.error(f"could not be told and is not tried again: {error}", recipient=recipient)
            metrics.add_metric("AlertsRefused", "Count", 1)
            metrics.flush_metrics()
        else:
            logger.info("told", recipient=recipient)
            done.append(recipient)
        claims.keep(recipient)
    if later:
        raise NotTold(f"could not be told now: {', '.join(later)}")
    return done


def _send(story: Story, recipient: str, occasion: str) -> None:
    if is_webhook(recipient):
        post(aws, recipient, notification_of(story, occasion), occasion)
        return
    if is_topic(recipient):
        attributes = {"flow": story.flow, "state": story.state, "event": story.event}
        aws.client("sns", region=recipient.split(":")[3]).publish(
            TopicArn=recipient,
            Subject=subject_of(story),
            Message=json.dumps(notification_of(story, occasion), ensure_ascii=False),
            MessageAttributes={
                f"nightshift_{name}": {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
        return
    mail_of(story).send(aws.client("sesv2"), mail_sender(), [recipient])
