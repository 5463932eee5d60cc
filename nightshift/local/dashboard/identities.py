"""Whom one can be on the local AWS, where nobody signs in: an admin, an operator of each group that flows name, and two
approvers of each group that they ask: some ask for two people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambdas.dashboard.access import ADMIN
from lambdas.runs.catalogue import FlowEntry

HEADER = "x-nightshift-identity"
"""The request header that says who asks; a page of another site cannot send it."""


def identities(flows: Iterable[FlowEntry]) -> dict[str, list[str]]:
    """Name -> groups."""
    flows = list(flows)
    operators = sorted({group for flow in flows for group in flow.operators} - {ADMIN})
    approvers = sorted({group for flow in flows for group in flow.approvers})
    return {
        ADMIN: [ADMIN],
        **{f"{group}-operator": [group] for group in operators},
        **{f"{group}-approver{number}": [group] for group in approvers for number in ("", "-2")},
    }


def claims(name: str, known: Mapping[str, list[str]]) -> dict[str, Any] | None:
    """The claims of the token that user would have, as API Gateway passes them on; None for a user there is not."""
    groups = known.get(name)
    if groups is None:
        return None
    return {"sub": name, "username": name, "token_use": "access", "cognito:groups": f"[{' '.join(groups)}]"}
