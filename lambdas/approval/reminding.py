"""Reminding people of questions that wait, each time once.

A reminder is written into its question before it is mailed, on the condition that nobody has answered in between. So an
invocation that Lambda repeats mails nothing twice, and nobody is reminded of what is decided. One that dies in between
loses a reminder; the next one comes.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.approval import waiting
from lambdas.approval.mails import reminder_of
from lambdas.approval.question import SHORTEST_REMINDER, Question, Reminder
from lambdas.contract import aws_errors
from lambdas.store import audit

INTERVAL_MINUTES = SHORTEST_REMINDER // 60
"""Between two looks."""

BY = "nightshift"
"""Who reminds, in the log of actions."""

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "nightshift.approval"), utc=True)


class NotReminded(Exception):
    """Some could not be mailed now; another try helps."""


def remind(table: Any, ses: Any, sender: str, now: datetime) -> list[str]:
    """Send the reminders that are due; the runs of the questions, one for each reminder.

    ses: client of the Amazon SES API v2. sender: its address. now: aware. Raises NotReminded.
    """
    sent, later = [], []
    for listed in waiting.listed(table, now=now):
        # One after the other: the first may be written before the second is asked for.
        for reminder in listed.due(now):
            kept = waiting.find(table, listed.flow, listed.run, listed.id)
            if kept is None or kept.question.asked != listed.asked:
                break
            if not any(due.escalation == reminder.escalation for due in kept.question.due(now)):
                continue
            try:
                sent += _send(table, ses, sender, kept, reminder)
            except Exception as error:
                if not aws_errors.is_temporary(error):
                    raise
                later.append(f"{listed.flow}/{listed.run} ({error})")
    if later:
        raise NotReminded(f"could not be reminded of now: {', '.join(later)}")
    return sent


def _send(table: Any, ses: Any, sender: str, kept: waiting.Kept, reminder: Reminder) -> list[str]:
    """Write a reminder down and mail it; nothing when somebody answers at this moment."""
    before = kept.question
    written = kept.change(table, replace(before, reminders=(*before.reminders, reminder)))
    if written is None:
        return []
    run = f"{before.flow}/{before.run}"
    try:
        reminder_of(before, reminder).send(ses, sender, reminder.to)
    except Exception as error:
        if aws_errors.is_temporary(error):
            written.change(table, before)
            raise
        logger.error(f"nobody can be reminded of {run}, and this is not tried again: {error}", to=reminder.to)
        return []
    logger.info("reminded", run=run, to=reminder.to, escalation=reminder.escalation)
    _tell(table, before, reminder)
    return [run]


def _tell(table: Any, question: Question, reminder: Reminder) -> None:
    action = "escalate" if reminder.escalation else "remind"
    audit.record(
        table,
        by=BY,
        action=action,
        flow=question.flow,
        details={"run": f"{question.flow}/{question.run}", "question": question.told, "to": ", ".join(reminder.to)},
        now=reminder.at,
        key=f"{question.id}-{action}",
    )
