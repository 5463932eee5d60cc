"""The function that tells people of runs that need them, and the alarms that say it could not."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lambdas.alerts.recipients import is_address, is_topic
from lambdas.alerts.told import CLAIM_SECONDS
from lambdas.alerts.watch import INTERVAL_MINUTES, WATCH
from lambdas.alerts.webhook import Webhook, is_webhook, webhook
from lambdas.outside.hosts import HOSTS, find, hosts
from lambdas.tracker import keys, opened, queries
from nightshift.model import CompiledFlow
from nightshift.views.iam import arn_of_secret
from stacks.settings import Settings
from stacks.shared.operations import function_alarm, operations_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, arn, statement, sub
from stacks.template.functions import Code, function
from stacks.template.rules import rule

LOGICAL_ID, FUNCTION = "Alerts", "nightshift.alerts"

_POLICY_ROOM = 8000
"""Characters left for ARNs of topics in the role's inline policies, of 10,240 ("IAM quotas", IAM User Guide)."""


def recipients(settings: Settings, flows: Iterable[CompiledFlow]) -> list[str]:
    """Everybody who may be told, sorted: whom the app names, and whom its flows name."""
    named = {one for flow in flows for one in flow.options.notify or ()}
    return sorted(named | set(settings.notify))


def alerts(settings: Settings, flows: Iterable[CompiledFlow], code: Code, dashboard: Json | None) -> Resources:
    """The alerts with their permissions and alarms; nothing when nobody is to be told and no flow has deadlines.

    code: the code asset with the catalogue of the flows in it. dashboard: its address, if there is one.
    Raises ValueError when more is named than the role can have, or a webhook of a host that is not in `http_hosts`.
    """
    flows = list(flows)
    named = recipients(settings, flows)
    watched = any(flow.options.deadlines for flow in flows)
    if not named and not watched:
        return {}
    hooks = _webhooks(settings, named)
    made = function(
        settings,
        LOGICAL_ID,
        FUNCTION,
        handler="lambdas.alerts.handler.handler",
        description="Tells people of runs that need them, and watches deadlines",
        code=code,
        environment={
            "NIGHTSHIFT_TABLE": settings.table,
            "NIGHTSHIFT_MAIL_FROM": settings.mail_from,
            **({"NIGHTSHIFT_NOTIFY": ",".join(settings.notify)} if settings.notify else {}),
            **({"NIGHTSHIFT_DASHBOARD": dashboard} if dashboard else {}),
            **({HOSTS: " ".join(settings.http_hosts)} if hooks else {}),
        },
        statements=[
            table_statement("dynamodb:Query", ["RUN#*"]),
            table_statement("dynamodb:PutItem", ["TOLD#*"]),
            *_sending(settings, named, hooks),
            *(_watching() if watched else []),
        ],
        timeout=CLAIM_SECONDS,
        memory=256,
    )
    if watched:
        every = {"ScheduleExpression": f"rate({INTERVAL_MINUTES} minutes)"}
        made |= rule(settings, LOGICAL_ID, "Late starts, late ends, and runs that take unusually long", every)
    made["AlertsErrors"] = function_alarm(
        settings, LOGICAL_ID, "alerts-errors", "Somebody is not told of a run that needs him: look at the log of alerts"
    )
    made["AlertsRefused"] = operations_alarm(
        settings,
        "alerts-refused",
        "An address, a topic or a webhook takes no messages: look at the log of alerts, and correct notify",
        namespace=settings.app,
        metric="AlertsRefused",
        dimensions={"service": FUNCTION},
    )
    return made


def _watching() -> list[dict[str, Json]]:
    """What looking at deadlines needs: runs and holds, its own cursor, and opening what is late."""
    return [
        table_statement(["dynamodb:GetItem", "dynamodb:PutItem"], [WATCH]),
        table_statement("dynamodb:PutItem", [opened.OPEN]),
        table_statement("dynamodb:BatchGetItem", ["FLOW#*"]),
        table_statement("dynamodb:Query", ["RUNS#*"], indexes=[keys.OF_FLOW, keys.OF_FLOW_BY_STATE]),
        table_statement(["dynamodb:BatchGetItem", "dynamodb:PutItem"], [f"{queries.USUAL}*"]),
    ]


def _webhooks(settings: Settings, named: list[str]) -> list[Webhook]:
    """The webhooks among those who are told. Raises ValueError for one of a host that the app may not reach."""
    listed = hosts(settings.http_hosts)
    found = [webhook(one) for one in named if is_webhook(one)]
    for hook in found:
        if find(listed, hook.host, hook.port) is None:
            raise ValueError(
                f"notify names a webhook of {hook.url.netloc}, which is not in http_hosts "
                f"({', '.join(settings.http_hosts) or 'none'}); add it there"
            )
    return found


def _sending(settings: Settings, named: list[str], hooks: list[Webhook]) -> list[dict[str, Json]]:
    """What sending needs: mails from the app's address, messages to exactly the topics that are named,
    and the secrets of exactly those webhooks.

    Of mails, SES asks for the same as for requests for approval (`stacks/shared/approval.py`).
    """
    topics: list[Json] = [one for one in named if is_topic(one)]
    secrets = sorted({arn_of_secret(hook.secret) for hook in hooks if hook.secret})
    if len(json.dumps([topics, secrets])) > _POLICY_ROOM:
        also = f" and {len(secrets)} secrets" if secrets else ""
        raise ValueError(
            f"notify names {len(topics)} topics{also} in all, more than a policy of IAM holds; let flows share some"
        )
    mailed = [arn("ses", "identity/*"), arn("ses", "configuration-set/*")]
    only = {"StringEquals": {"ses:FromAddress": settings.mail_from}}
    return [
        *([statement("ses:SendEmail", mailed, condition=only)] if any(map(is_address, named)) else []),
        *([statement("sns:Publish", topics)] if topics else []),
        *([statement("secretsmanager:GetSecretValue", [sub(one) for one in secrets])] if secrets else []),
    ]
