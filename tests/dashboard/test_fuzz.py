"""Requests made from the OpenAPI document, valid and not: none may be answered with a 5xx, or against the document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from lambdas.dashboard.app import app
from lambdas.dashboard.document import document
from tests.dashboard.api import answer

CLAIMS = {"username": "alice", "token_use": "access", "cognito:groups": "[admin]"}
EXAMPLES = 5
"""Of each operation; all of it takes about 15 seconds."""


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """The function as a WSGI application."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    headers = [(k[5:].replace("_", "-"), v) for k, v in environ.items() if k.startswith("HTTP_")]
    if environ.get("CONTENT_TYPE"):
        headers.append(("content-type", environ["CONTENT_TYPE"]))
    target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
    got = answer(environ["REQUEST_METHOD"], target, headers, body, CLAIMS)
    start(f"{got.status} -", list(got.headers.items()))
    return [got.text.encode()]


schema = schemathesis.openapi.from_dict(document(app))
schema.app = application


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_is_too_much(case: Any, aws: Any) -> None:
    case.call_and_validate(checks=[not_a_server_error, content_type_conformance, response_schema_conformance])
