"""Asks people to approve: the function behind `approval(...)` in a flow.

The state machine hands over a task token and waits. The token stays in the app's table, where the dashboard and the
command line find it; the mail only says what is asked, and where to answer. Where a flow reminds of its questions, a
rule of EventBridge invokes the function every few minutes.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from lambdas.approval import waiting
from lambdas.approval.mails import mail_of
from lambdas.approval.question import Question, question_of
from lambdas.approval.reminding import logger, remind
from lambdas.contract.aws_errors import as_part_error
from lambdas.contract.errors import InvalidParameter
from lambdas.engine.recipients import mail_sender, recipients
from lambdas.runtime.clients import AwsClients
from lambdas.store.table import table

_MOST_CALLERS = 20
"""How far up the flows that called each other are asked who started them."""

aws = AwsClients()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Keep the question until it is decided, and mail it; at a scheduled event, remind of those that wait.

    event: {"token": task token, "message": what is to be approved, "to": addresses as notify.email takes them, or null,
        "approvers": groups, "at_least": how many people, "allow_starter": whether one of them may have started the run,
        "timeout": seconds, "run": the run, as parts get it, and, if the flow gives them, "remind": seconds,
        "escalate_to": addresses, "escalate_after": seconds}.

    Returns {"question": its id}; the flow goes on with the answer that the last decision sends. At a scheduled event
    {"reminded": ids of the questions}.
    Raises InvalidParameter when nobody can be asked, ServiceError and its kin when SES refuses, NotReminded.
    """
    if event.get("detail-type") == "Scheduled Event":
        logger.structure_logs(append=False)
        sender = os.environ.get("NIGHTSHIFT_MAIL_FROM", "")
        return {"reminded": remind(table(), aws.client("sesv2"), sender, datetime.now(UTC))}
    run = event["run"]
    logger.structure_logs(append=False, run=run.get("id"), flow=run.get("flow"), step=run.get("step"))
    to = recipients(event.get("to"))
    if not to and not event.get("approvers"):
        raise InvalidParameter("approval needs somebody to ask: approval(message, to=...), or approvers=[...]")
    sender = mail_sender() if to or event.get("escalate_to") else ""
    try:
        question = question_of(event, to=to, starter=_starter(run["id"]), now=datetime.now(UTC))
        waiting.ask(table(), question, event["token"])
        if to:
            _mail(question, run["id"], sender)
    except Exception as error:
        logger.error(f"nobody could be asked: {error}")
        raise as_part_error(error) or error from None
    logger.info("asked for approval", to=to, approvers=list(question.approvers), until=question.until.isoformat())
    return {"question": question.id}


def _mail(question: Question, execution: str, sender: str) -> None:
    """Mail the question; one that cannot be mailed does not wait."""
    try:
        mail_of(question, execution).send(aws.client("sesv2"), sender, question.to)
    except Exception:
        waiting.forget(table(), question)
        raise


def _starter(execution: str) -> str | None:
    """Who started a run by hand, or the run that called it; None when a schedule or an alarm did."""
    states = aws.client("stepfunctions")
    for _ in range(_MOST_CALLERS):
        given = json.loads(states.describe_execution(executionArn=execution).get("input") or "{}")
        trigger = (given.get("nightshift") or {}).get("trigger") or {}
        if trigger.get("type") != "flow":
            by = trigger.get("by")
            return str(by) if by else None
        execution = trigger["execution"]
    return None
