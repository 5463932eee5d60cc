"""An HTTP request as the event that API Gateway would make of it.

Source: "AWS Lambda proxy integrations for HTTP APIs", payload format version 2.0 (API Gateway Developer Guide).
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote


def event(
    method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes, claims: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The event of a request.

    target: path and query as they are in the request line. claims: of the token that the authorizer has accepted; None
    for a request without one, which API Gateway would not let through.
    """
    path, _, query = target.partition("?")
    path = unquote(path)
    found = joined((name.lower(), value) for name, value in headers)
    text, encoded = _body(found.get("content-type", ""), body)
    now = datetime.now(UTC)
    context: dict[str, Any] = {
        "accountId": "anonymous",
        "apiId": "local",
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        "requestId": uuid.uuid4().hex,
        "routeKey": "ANY /api/{proxy+}",
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": dict(claims), "scopes": None}}
    return {
        "version": "2.0",
        "routeKey": context["routeKey"],
        "rawPath": path,
        "rawQueryString": query,
        "headers": found,
        "queryStringParameters": joined(parse_qsl(query, keep_blank_values=True)),
        "requestContext": context,
        "body": text,
        "isBase64Encoded": encoded,
    }


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values of the same name, in one, separated by commas."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _body(kind: str, body: bytes) -> tuple[str | None, bool]:
    if not body:
        return None, False
    if kind.startswith(("application/json", "text/")):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True
