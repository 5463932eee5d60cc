"""The function behind `approval(...)`, which exists when a flow asks for approval, and the rule by which it reminds."""

from __future__ import annotations

from lambdas.approval.reminding import INTERVAL_MINUTES
from lambdas.approval.waiting import WAITING
from stacks.settings import Settings
from stacks.shared.operations import function_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, arn, statement
from stacks.template.functions import Code, function
from stacks.template.reach import executions, not_of_others
from stacks.template.rules import rule

LOGICAL_ID = "Approval"


def approval(settings: Settings, code: Code, page: Json | None, *, reminds: bool) -> Resources:
    """The function that asks for approval: it keeps the question, and mails it from the app's address.

    page: where the dashboard is, with a slash at its end; None without one. reminds: whether a flow reminds of its
    questions; only then is the function invoked every few minutes, and may read what waits.

    SES asks about the sender's identity and its default configuration set, in the sandbox also about the identities of
    the recipients; `ses:FromAddress` keeps all of them to that address ("Identity and access management in Amazon SES",
    Amazon SES Developer Guide).
    """
    asked = [arn("ses", "identity/*"), arn("ses", "configuration-set/*")]
    only = {"StringEquals": {"ses:FromAddress": settings.mail_from}}
    made = function(
        settings,
        LOGICAL_ID,
        "nightshift.approval",
        handler="lambdas.approval.handler.handler",
        description="Asks people to approve",
        code=code,
        environment={
            "NIGHTSHIFT_MAIL_FROM": settings.mail_from,
            "NIGHTSHIFT_TABLE": settings.table,
            **({"NIGHTSHIFT_DASHBOARD": page} if page else {}),
        },
        statements=[
            statement("ses:SendEmail", asked, condition=only),
            table_statement(["dynamodb:DeleteItem", "dynamodb:PutItem"], [WAITING]),
            # Who started the run, and the runs that called it.
            statement("states:DescribeExecution", executions(settings)),
            not_of_others(settings, ["states:DescribeExecution"]),
            *(_reminding() if reminds else []),
        ],
        timeout=60,
        memory=256,
    )
    if reminds:
        every = {"ScheduleExpression": f"rate({INTERVAL_MINUTES} minutes)"}
        made |= rule(settings, LOGICAL_ID, "Reminders of what waits for approval", every)
        made["ApprovalErrors"] = function_alarm(
            settings, LOGICAL_ID, "approval-errors", "People are not asked or reminded: look at the log of approval"
        )
    return made


def _reminding() -> list[dict[str, Json]]:
    """What reminding needs: to read what waits, to write reminders into it, and to tell the log of actions."""
    return [
        table_statement(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"], [WAITING]),
        table_statement("dynamodb:PutItem", ["AUDIT#*"]),
    ]
