"""Whether a request came through CloudFront: it sends a secret that nobody else knows.

Source: "Restrict access to origins" and "Add custom headers to origin requests" (Amazon CloudFront Developer Guide);
an origin access control signs requests to Lambda function URLs and S3, and not to an HTTP API.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Mapping
from typing import Any

from lambdas.dashboard.problems import Forbidden

HEADER = "x-nightshift-origin"

_READ_AGAIN = 60
"""Seconds after which a secret that does not fit is read again: somebody may have changed it."""

_known: dict[str, tuple[str, float]] = {}


def check(event: Mapping[str, Any]) -> None:
    """Refuse a request without the secret, when there is one. Raises Forbidden."""
    secret = os.environ.get("NIGHTSHIFT_ORIGIN_SECRET")
    if not secret:
        return
    given = str({k.lower(): v for k, v in (event.get("headers") or {}).items()}.get(HEADER) or "")
    if not hmac.compare_digest(given.encode(), _value(secret, anew=False).encode()) and not hmac.compare_digest(
        given.encode(), _value(secret, anew=True).encode()
    ):
        raise Forbidden("this address answers the dashboard alone; open the dashboard")


def _value(secret: str, *, anew: bool) -> str:
    value, read = _known.get(secret, ("", float("-inf")))
    if read == float("-inf") or (anew and time.monotonic() - read > _READ_AGAIN):
        import boto3

        value = boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        _known[secret] = (value, time.monotonic())
    return value
