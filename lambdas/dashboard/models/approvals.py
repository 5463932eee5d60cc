"""Questions of flows that wait for people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lambdas.approval.question import LONGEST_COMMENT
from lambdas.dashboard.models.common import Answer, GivenMoment, Moment, Request

QuestionId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$", description="`id` of a question of the run")]


class ApprovalDecision(Answer):
    """What somebody has answered."""

    by: str
    approved: bool
    comment: str
    time: Moment


class ApprovalReminder(Answer):
    """A mail to those who have not answered. escalation: whether it was the first to those in `escalate_to`."""

    time: Moment
    to: list[str]
    escalation: bool


class Approval(Answer):
    """A question that `approval(...)` asks.

    id: tells it from others of the run, whose name is `run`. step: the state's name, a node of the flow's tree.
    to: who was mailed. approvers: groups whose members decide; none: the operators of the flow. at_least: how many
    people have to approve; one rejection is enough. starter: who started the run. until: when nobody waits any more.
    remind: seconds between reminders, null without. escalate_to: who is mailed, too, `escalate_at`, null without.
    reminders: those that were mailed, the first first. outcome: what it has come to. refusal: why this user may not
    decide, null when they may: they started the run, are in none of the groups, or are no operator of the flow.
    """

    id: str
    flow: str
    run: str
    step: str
    message: str
    to: list[str]
    approvers: list[str]
    at_least: int
    starter: str | None
    asked: Moment
    until: Moment
    decisions: list[ApprovalDecision]
    remind: int | None
    escalate_to: list[str]
    escalate_at: Moment | None
    reminders: list[ApprovalReminder]
    outcome: Literal["waiting", "approved", "rejected"]
    refusal: Literal["starter", "group", "operator"] | None


class Approvals(Answer):
    """The questions that wait in flows the user may see, the first to time out first."""

    approvals: list[Approval]


class DecisionRequest(Request):
    """An answer. asked: of the question as it was shown; one that was asked anew since is not decided."""

    approved: bool
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""
    asked: GivenMoment
