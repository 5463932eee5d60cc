"""The function behind `approval(...)`; it exists when a flow asks for approval."""

from __future__ import annotations

from lambdas.approval.waiting import WAITING
from stacks.settings import Settings
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, arn, statement
from stacks.template.functions import Code, function
from stacks.template.reach import executions, not_of_others

LOGICAL_ID = "Approval"


def approval(settings: Settings, code: Code, page: Json | None) -> Resources:
    """The function that asks for approval: it keeps the question, and mails it from the app's address.

    page: where the dashboard is, with a slash at its end; None without one.

    SES asks about the sender's identity and its default configuration set, in the sandbox also about the identities of
    the recipients; `ses:FromAddress` keeps all of them to that address ("Identity and access management in Amazon SES",
    Amazon SES Developer Guide).
    """
    asked = [arn("ses", "identity/*"), arn("ses", "configuration-set/*")]
    only = {"StringEquals": {"ses:FromAddress": settings.mail_from}}
    return function(
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
        ],
        timeout=60,
        memory=256,
    )
