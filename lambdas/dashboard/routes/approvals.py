"""Approvals: what waits for whom, and the answers."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from lambdas.approval import waiting
from lambdas.approval.deciding import MayNotDecide, NotWaiting, decide
from lambdas.approval.question import Question
from lambdas.dashboard import deployment, starting
from lambdas.dashboard.access import check_seen, seen, user
from lambdas.dashboard.models.approvals import (
    Approval,
    ApprovalDecision,
    ApprovalReminder,
    Approvals,
    DecisionRequest,
    QuestionId,
)
from lambdas.dashboard.models.common import FlowName, RunName
from lambdas.dashboard.models.flows import Started
from lambdas.dashboard.problems import Conflict, Forbidden
from lambdas.dashboard.routes.flows import IdempotencyKey
from lambdas.dashboard.routes.runs import parameters_of
from lambdas.dashboard.routing import new_router
from lambdas.runs.catalogue import catalogue
from lambdas.store.table import table

router = new_router()


@router.get("/api/approvals", operation_id="list_approvals", summary="What waits for approval", tags=["approvals"])
def list_approvals() -> Approvals:
    """The questions that wait, without those of flows that the user may not see."""
    flows = None if user().admin else seen()
    found = [question for question in waiting.listed(table()) if flows is None or question.flow in flows]
    return Approvals(approvals=[_approval(question) for question in found])


@router.post(
    "/api/approvals/<flow>/<name>/<question>",
    operation_id="decide",
    summary="Approve or reject",
    tags=["approvals"],
)
def decide_question(
    flow: Annotated[FlowName, Path()],
    name: Annotated[RunName, Path()],
    question: Annotated[QuestionId, Path()],
    body: Annotated[DecisionRequest, Body()],
) -> Approval:
    """Answer a question. The flow goes on as soon as enough people have approved, or one has rejected."""
    waits = _waiting(flow, name, question)
    if waits.asked != body.asked:
        raise Conflict(str(NotWaiting()))
    asking = user()
    if not waits.approvers and _is_no_operator(flow):
        raise Forbidden("this asks the operators of the flow, and you are in none of their groups")
    try:
        decided = decide(
            table(),
            deployment.step_functions(),
            waits,
            by=asking.name,
            groups=asking.groups,
            approved=body.approved,
            comment=body.comment,
        )
    except MayNotDecide as error:
        raise Forbidden(str(error)) from None
    except NotWaiting as error:
        raise Conflict(str(error)) from None
    return _approval(decided)


@router.post(
    "/api/approvals/<flow>/<name>/<question>/dry-run",
    operation_id="dry_run_question",
    summary="Dry run of the flow that asks",
    tags=["approvals"],
)
def dry_run_question(
    flow: Annotated[FlowName, Path()],
    name: Annotated[RunName, Path()],
    question: Annotated[QuestionId, Path()],
    idempotency_key: IdempotencyKey = None,
) -> Started:
    """Start a dry run with the parameters of the run that asks, for who decides: it takes the approval as given."""
    waits = _waiting(flow, name, question)
    if _is_no_operator(flow) and _approval(waits).refusal is not None:
        raise Forbidden("only who decides, and operators of the flow, see what it would do next")
    return starting.start(
        catalogue()[flow],
        parameters_of(flow, name),
        dry_run=True,
        key=idempotency_key,
        details={"question": waits.message},
    )


def _waiting(flow: str, name: str, question: str) -> Question:
    """A question that the user may see. Raises NotFound, and Conflict when it waits no longer."""
    check_seen(flow)
    kept = waiting.find(table(), flow, name, question)
    if kept is None:
        raise Conflict(str(NotWaiting()))
    return kept.question


def _approval(question: Question) -> Approval:
    asking = user()
    operators = not question.approvers and _is_no_operator(question.flow)
    return Approval(
        id=question.id,
        flow=question.flow,
        run=question.run,
        step=question.step,
        message=question.message,
        to=list(question.to),
        approvers=list(question.approvers),
        at_least=question.at_least,
        starter=question.starter,
        asked=question.asked,
        until=question.until,
        decisions=[
            ApprovalDecision(by=d.by, approved=d.approved, comment=d.comment, time=d.at) for d in question.decisions
        ],
        remind=question.remind,
        escalate_to=list(question.escalate_to),
        escalate_at=question.escalates,
        reminders=[ApprovalReminder(time=r.at, to=list(r.to), escalation=r.escalation) for r in question.reminders],
        outcome="waiting" if question.outcome is None else "approved" if question.outcome else "rejected",
        refusal="operator" if operators else question.refusal(asking.name, asking.groups),
    )


def _is_no_operator(flow: str) -> bool:
    entry = catalogue().get(flow)
    return not user().admin and (entry is None or not user().may(entry))
