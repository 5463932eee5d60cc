"""The function behind `approval(...)`; it exists when a flow asks for approval."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.cloudformation import Resources, statement, sub
from stacks.template.functions import Code, function

LOGICAL_ID = "Approval"


def approval(settings: Settings, code: Code) -> Resources:
    """The function that mails requests for approval. It may send from the app's address, and nothing else."""
    domain = settings.mail_from.rpartition("@")[2]
    identities = [
        sub(f"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:identity/{name}")
        for name in (settings.mail_from, domain)
    ]
    return function(
        settings,
        LOGICAL_ID,
        "nightshift.approval",
        handler="lambdas.approval.handler.handler",
        description="Mails requests for approval",
        code=code,
        environment={"NIGHTSHIFT_MAIL_FROM": settings.mail_from},
        statements=[
            statement("ses:SendEmail", identities, condition={"StringEquals": {"ses:FromAddress": settings.mail_from}})
        ],
        timeout=60,
        memory=256,
    )
