"""The function behind `approval(...)`; it exists when a flow asks for approval."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.cloudformation import Resources, arn, statement
from stacks.template.functions import Code, function

LOGICAL_ID = "Approval"


def approval(settings: Settings, code: Code) -> Resources:
    """The function that mails requests for approval. It may send from the app's address, and nothing else.

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
        description="Mails requests for approval",
        code=code,
        environment={"NIGHTSHIFT_MAIL_FROM": settings.mail_from},
        statements=[statement("ses:SendEmail", asked, condition=only)],
        timeout=60,
        memory=256,
    )
