"""The mails of a question: what is asked, until when, and where to answer; once more while nobody answers."""

from __future__ import annotations

import os
import shlex

from lambdas.approval.question import Question, Reminder
from lambdas.contract.places import console_url
from lambdas.contract.waits import spoken
from lambdas.runtime.text_mail import TextMail


def mail_of(question: Question, execution: str) -> TextMail:
    """The mail that asks first. execution: ARN of the run."""
    lines = [question.message, "", f"The flow {question.flow} waits for an answer, {_wanted(question)}.", ""]
    lines += [*_where(question), "", f"The run: {console_url(execution) or execution}", ""]
    return TextMail(f"[nightshift] {question.flow} asks for approval: {_line(question)}", "\n".join(lines))


def reminder_of(question: Question, reminder: Reminder) -> TextMail:
    """The mail that reminds, or that tells those to whom it is escalated."""
    left = spoken((question.until - reminder.at).total_seconds())
    waited = spoken((reminder.at - question.asked).total_seconds())
    lines = [question.message, ""]
    lines += [f"The flow {question.flow} has waited for an answer for {waited}, {_wanted(question)}.", ""]
    if reminder.escalation:
        asked = ", ".join((*question.approvers, *question.to))
        lines += [f"You are told because it is not decided yet. Asked were {asked}.", ""]
    lines += [f"{decision.by} approved it." for decision in question.decisions]
    lines += [f"Time left: {left}. After that the step fails, and what it asks for is not done.", ""]
    lines += [*_where(question), ""]
    kind = "Not decided" if reminder.escalation else "Reminder"
    return TextMail(f"[nightshift] {kind}, {left} left: {question.flow} asks: {_line(question)}", "\n".join(lines))


def answer_command(run: str, action: str) -> str:
    """The command that answers."""
    return shlex.join(["nightshift", action, run, "--target", "aws", "--comment", "..."])


def _where(question: Question) -> list[str]:
    page = os.environ.get("NIGHTSHIFT_DASHBOARD", "")
    run = f"{question.flow}/{question.run}"
    if page:
        return ["Approve or reject it here:", "", f"{page}#/runs/{run}"]
    lines = ["To approve it, with AWS credentials of this account:", "", answer_command(run, "approve")]
    return [*lines, "", "To reject it:", "", answer_command(run, "reject")]


def _wanted(question: Question) -> str:
    people = f"of {question.at_least} people" if question.at_least > 1 else "of one person"
    groups = f" in {' or '.join(question.approvers)}" if question.approvers else ""
    who = "" if question.allow_starter or question.starter is None else f", not of {question.starter}, who started it"
    return f"{people}{groups}{who}, until {question.until:%Y-%m-%d %H:%M} UTC"


def _line(question: Question) -> str:
    return " ".join(question.message.split())
