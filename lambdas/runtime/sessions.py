"""Sessions with other credentials than the function's own: those of a role, and access keys from a secret."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.contract.call import Run
from lambdas.contract.errors import InvalidParameter

if TYPE_CHECKING:
    import botocore.session
    from botocore.credentials import RefreshableCredentials

EXTERNAL_ID = "NIGHTSHIFT_EXTERNAL_ID"
"""The environment variable with the external id that roles of other accounts ask for."""

_ROLE_SECONDS = 3600
"""Roles are chained (the function's role assumes another): one hour is the most STS gives then.
AWS Identity and Access Management User Guide, "Methods to assume a role"."""

_SECRET_SECONDS = 3600
"""How long access keys from a secret are used before it is read again: a rotation is noticed within the hour."""

_LONGEST_NAME = 64
_SHORTEST_FLOW = 16
"""Characters of the name of a session ("AssumeRole", AWS STS API Reference), and of the flow in it at least."""


def session_name(run: Run) -> str:
    """The name of the sessions of a run, "<flow>@<execution>": CloudTrail of the other account shows it."""
    flow, execution = (re.sub(r"[^\w+=,.@-]", "-", text, flags=re.ASCII) for text in (run.flow, run.id.split(":")[-1]))
    room = max(_LONGEST_NAME - len(execution) - 1, _SHORTEST_FLOW)
    return f"{flow[:room]}@{execution}"[:_LONGEST_NAME]


def renewed(fetch: Callable[[], dict[str, Any]], method: str) -> RefreshableCredentials:
    """Credentials that come from `fetch`, and again before they end."""
    from botocore.credentials import RefreshableCredentials

    return RefreshableCredentials.create_from_metadata(metadata=fetch(), refresh_using=fetch, method=method)


def with_credentials(session: botocore.session.Session, made: RefreshableCredentials) -> botocore.session.Session:
    """The session with credentials that renew themselves."""
    # The only way to give a session such credentials.
    session._credentials = made  # type: ignore[attr-defined]
    return session


def role_keys(sts: Any, role_arn: str, name: str) -> dict[str, Any]:
    """The credentials of a role. name: that of the session."""
    external = os.environ.get(EXTERNAL_ID)
    more = {"ExternalId": external} if external else {}
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=name, DurationSeconds=_ROLE_SECONDS, **more)
    keys = answer["Credentials"]
    return {
        "access_key": keys["AccessKeyId"],
        "secret_key": keys["SecretAccessKey"],
        "token": keys["SessionToken"],
        "expiry_time": keys["Expiration"].isoformat(),
    }


def secret_keys(secretsmanager: Any, name: str) -> dict[str, Any]:
    """The access keys in a secret. Raises InvalidParameter when it has none."""
    text = secretsmanager.get_secret_value(SecretId=name).get("SecretString", "")
    try:
        keys = json.loads(text)
        access_key, secret_key = keys["access_key_id"], keys["secret_access_key"]
    except (ValueError, KeyError, TypeError):
        # Nothing of the secret may get into a message or a traceback.
        keys = None
    if not keys:
        raise InvalidParameter(f"secret {name} must hold JSON with access_key_id and secret_access_key")
    until = datetime.now(UTC) + timedelta(seconds=_SECRET_SECONDS)
    return {
        "access_key": access_key,
        "secret_key": secret_key,
        "token": keys.get("session_token"),
        "expiry_time": until.isoformat(),
    }
