"""What a role needs of the company's key, by what else it may do: exactly that, and by way of the service alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nightshift.views.company_iam import WRITE
from stacks.settings import Settings
from stacks.template.cloudformation import Json, statement
from stacks.template.permissions import substituted


def key_statements(settings: Settings, statements: Iterable[Mapping[str, Any]]) -> list[dict[str, Json]]:
    """What a role with these statements needs of the company's key; nothing when there is none."""
    return [substituted(made) for made in settings.company.access.key_statements(statements)]


def state_machine_statements(settings: Settings, flows: Iterable[str]) -> list[dict[str, Json]]:
    """What the role of a state machine needs of the company's key. flows: its own and those it calls.

    Source: "Data at rest encryption in Step Functions" (Step Functions Developer Guide).
    """
    if not settings.company.key_arn:
        return []
    machines = [settings.state_machine_arn(flow) for flow in flows]
    about = {"StringEquals": {"kms:EncryptionContext:aws:states:stateMachineArn": machines}}
    return [statement(list(WRITE), settings.company.key_arn, condition=about)]
