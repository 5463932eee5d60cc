"""Asks people to approve: the function behind `approval(...)` in a flow.

The state machine hands over a task token and waits. The token stays in the app's table, where the dashboard and the
command line find it; the mail only says what is asked, and where to answer.
"""

from __future__ import annotations

import json
import os
import shlex
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.approval import waiting
from lambdas.approval.question import Question, question_of
from lambdas.contract.aws_errors import as_part_error
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.places import console_url
from lambdas.engine.recipients import recipients
from lambdas.runtime.clients import AwsClients
from lambdas.store.table import table

_MOST_CALLERS = 20
"""How far up the flows that called each other are asked who started them."""

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.approval"), utc=True)
aws = AwsClients()


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Keep the question until it is decided, and mail it.

    event: {"token": task token, "message": what is to be approved, "to": addresses as notify.email takes them, or null,
        "approvers": groups, "at_least": how many people, "allow_starter": whether one of them may have started the run,
        "timeout": seconds, "run": the run, as parts get it}.

    Returns {"question": its id}; the flow goes on with the answer that the last decision sends.
    Raises InvalidParameter when nobody can be asked, ServiceError and its kin when SES refuses.
    """
    run = event["run"]
    logger.structure_logs(append=False, run=run.get("id"), flow=run.get("flow"), step=run.get("step"))
    to, sender = recipients(event.get("to")), os.environ.get("NIGHTSHIFT_MAIL_FROM", "")
    if not to and not event.get("approvers"):
        raise InvalidParameter("approval needs somebody to ask: approval(message, to=...), or approvers=[...]")
    if to and not sender:
        raise InvalidParameter("no sender is configured: deploy with -c mail_from=ADDRESS, verified in SES")
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


def mail_text(question: Question, execution: str) -> str:
    """The mail: what is asked, until when, and where to answer."""
    page = os.environ.get("NIGHTSHIFT_DASHBOARD", "")
    run = f"{question.flow}/{question.run}"
    lines = [question.message, "", f"The flow {question.flow} waits for an answer, {_wanted(question)}.", ""]
    if page:
        lines += ["Approve or reject it here:", "", f"{page}#/runs/{run}"]
    else:
        lines += ["To approve it, with AWS credentials of this account:", "", answer_command(run, "approve")]
        lines += ["", "To reject it:", "", answer_command(run, "reject")]
    return "\n".join([*lines, "", f"The run: {console_url(execution) or execution}", ""])


def answer_command(run: str, action: str) -> str:
    """The command that answers."""
    return shlex.join(["nightshift", action, run, "--target", "aws", "--comment", "..."])


def _wanted(question: Question) -> str:
    people = f"of {question.at_least} people" if question.at_least > 1 else "of one person"
    groups = f" in {' or '.join(question.approvers)}" if question.approvers else ""
    who = "" if question.allow_starter or question.starter is None else f", not of {question.starter}, who started it"
    return f"{people}{groups}{who}, until {question.until:%Y-%m-%d %H:%M} UTC"


def _mail(question: Question, execution: str, sender: str) -> None:
    """Mail the question; one that cannot be mailed does not wait."""
    subject = f"[nightshift] {question.flow} asks for approval: {' '.join(question.message.split())}"
    content = {"Subject": _utf8(subject[:200]), "Body": {"Text": _utf8(mail_text(question, execution))}}
    try:
        aws.client("sesv2").send_email(
            FromEmailAddress=sender, Destination={"ToAddresses": list(question.to)}, Content={"Simple": content}
        )
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


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
