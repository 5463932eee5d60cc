"""`nightshift approvals`, `approve` and `reject`: what waits for people, and their answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lambdas.approval import waiting
from lambdas.approval.deciding import decide
from lambdas.approval.question import LONGEST_COMMENT, Question
from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.store.audit import short_name
from nightshift.cli.output import print_json, print_table
from nightshift.cli.target import app_names, client, operator, table
from nightshift.cli.tracking import run_named


class NothingAsked(NightshiftError):
    """The run asks nothing, or more than one thing."""


def approvals(target: str, *, as_json: bool) -> None:
    """List the questions that wait, the first to time out first. Raises NoTable."""
    found = waiting.listed(table(target))
    if as_json:
        print_json([_told(question) for question in found])
    elif not found:
        print("nothing waits for approval")
    else:
        headings = ("run", "id", "asks", "approved by", "until", "question")
        print_table(headings, [_row(question) for question in found])


def answer(target: str, run: str, *, approved: bool, comment: str, question: str | None, as_json: bool) -> None:
    """Approve or reject what a run asks, and print what that comes to.

    run: as `nightshift runs` shows it, or an ARN. question: which of several, by its id.
    Raises InvalidParameter, NothingAsked, MayNotDecide, NotWaiting.
    """
    if len(comment) > LONGEST_COMMENT:
        raise InvalidParameter(f"--comment has {len(comment)} characters; write {LONGEST_COMMENT} at most")
    flow, name = run_named(run, app_names(target))
    app_table, by = table(target), operator(target)
    chosen = _chosen(waiting.listed(app_table), flow, name, question)
    decided = decide(
        app_table,
        client(target, "stepfunctions"),
        chosen,
        by=by,
        # On the local AWS nobody signs in, and there are no groups.
        groups=None if target == "local" or not chosen.approvers else _groups(short_name(by)),
        approved=approved,
        comment=comment,
    )
    if as_json:
        print_json(_told(decided))
        return
    left = decided.at_least - len(decided.decisions)
    more = f"; {left} more {'has' if left == 1 else 'have'} to approve" if decided.outcome is None else ""
    print(f"{flow}/{name} is {'approved' if approved else 'rejected'} by {short_name(by)}{more}")


def _chosen(found: list[Question], flow: str, run: str, id_: str | None) -> Question:
    """The question of a run. Raises NothingAsked."""
    asked = [question for question in found if (question.flow, question.run) == (flow, run)]
    chosen = [question for question in asked if id_ in (None, question.id)]
    if len(chosen) == 1:
        return chosen[0]
    if not asked:
        raise NothingAsked(f"{flow}/{run} asks nothing now; `nightshift approvals` lists what waits")
    listed = ", ".join(f"{question.id} ({question.message})" for question in asked)
    raise NothingAsked(f"{flow}/{run} asks {listed}; say which with --question ID")


def _groups(name: str) -> list[str]:
    """The groups of the user of the dashboard who is called like the session of the AWS credentials; none without."""
    cognito, own = client("aws", "cognito-idp"), app_names("aws").app
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
    pool = next((pool["Id"] for page in pages for pool in page["UserPools"] if pool["Name"] == own), None)
    if pool is None:
        return []
    try:
        groups = cognito.get_paginator("admin_list_groups_for_user").paginate(UserPoolId=pool, Username=name)
        return [group["GroupName"] for page in groups for group in page["Groups"]]
    except cognito.exceptions.UserNotFoundException:
        return []


def _row(question: Question) -> tuple[str, ...]:
    asks = " or ".join(question.approvers) or ", ".join(question.to)
    people = f"{question.at_least} of {asks}" if question.at_least > 1 else asks
    approved = ", ".join(short_name(decision.by) for decision in question.decisions)
    until = question.until.astimezone().strftime("%Y-%m-%d %H:%M %Z")
    run, message = f"{question.flow}/{question.run}", " ".join(question.message.split())
    return run, question.id, people, approved, until, message


def _told(question: Question) -> dict[str, Any]:
    outcomes = {None: "waiting", True: "approved", False: "rejected"}
    return {
        "run": f"{question.flow}/{question.run}",
        "id": question.id,
        "question": question.message,
        "to": list(question.to),
        "approvers": list(question.approvers),
        "at_least": question.at_least,
        "started_by": question.starter,
        "asked": _moment(question.asked),
        "until": _moment(question.until),
        "remind_seconds": question.remind,
        "escalate_to": list(question.escalate_to),
        "escalate_at": _moment(question.escalates) if question.escalates else None,
        "reminders": [{"at": _moment(r.at), "to": list(r.to), "escalation": r.escalation} for r in question.reminders],
        "outcome": outcomes[question.outcome],
        "decisions": [
            {"by": d.by, "approved": d.approved, "comment": d.comment, "at": _moment(d.at)} for d in question.decisions
        ],
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
