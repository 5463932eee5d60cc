"""The trigger of the user pool that gives users of the company's sign-in the groups they have here.

Cognito invokes it before it makes tokens ("Pre token generation Lambda trigger", Amazon Cognito Developer Guide); the
API reads the groups in the access token.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Answer a pre token generation event, version 2.

    Local users keep the groups of the user pool, whatever else is written about them: only who comes by the company's
    provider has groups of the company.
    """
    request = event["request"]
    attributes = request.get("userAttributes") or {}
    configured = (request.get("groupConfiguration") or {}).get("groupsToOverride") or []
    if not _of_company(attributes):
        return event
    mapping: dict[str, str] = json.loads(os.environ["NIGHTSHIFT_GROUPS"])
    mapped = {mapping[group] for group in _listed(attributes.get("custom:groups")) if group in mapping}
    groups = sorted({*configured, *mapped})
    event["response"] = {"claimsAndScopeOverrideDetails": {"groupOverrideDetails": {"groupsToOverride": groups}}}
    return event


def _of_company(attributes: dict[str, str]) -> bool:
    try:
        identities = json.loads(attributes.get("identities") or "[]")
    except ValueError:
        return False
    return any(identity.get("providerName") == os.environ["NIGHTSHIFT_PROVIDER"] for identity in identities)


def _listed(text: str | None) -> list[str]:
    """The groups in an attribute: a JSON list (OIDC), or texts in brackets, as Cognito writes those of SAML."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        found = re.split(r"\s*,\s*", (text or "").strip().removeprefix("[").removesuffix("]"))
    return [str(group) for group in found] if isinstance(found, list) else [str(found)]
