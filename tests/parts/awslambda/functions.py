"""Functions on moto, whose answers a test gives."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from moto.awslambda.models import LambdaBackend

from tests.parts.driver import client

ROLE = "arn:aws:iam::123456789012:role/register"
Answer = Callable[[str], tuple[dict[str, str], Any]]
"""What a function answers to a payload: headers, and what it returned."""


def function(name: str) -> str:
    """A function; its name."""
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=f"arn:aws:iam::123456789012:role/{name}",
        Handler="register.handler",
        Code={"ZipFile": b"nothing"},
    )
    return name


def well(payload: str) -> tuple[dict[str, str], Any]:
    """It ends well."""
    log = base64.b64encode(f"START\ngot {payload}\nEND".encode()).decode()
    return {"x-amz-log-result": log, "x-amz-executed-version": "$LATEST"}, {"entered": True}


def failing(payload: str) -> tuple[dict[str, str], Any]:
    """It raises an error."""
    log = base64.b64encode(b"Traceback").decode()
    return {"x-amz-function-error": "Unhandled", "x-amz-log-result": log}, {
        "errorType": "ValueError",
        "errorMessage": "no such snapshot",
    }


def answering(patch: pytest.MonkeyPatch, invoked: list[tuple[str, str]], answer: Answer = well) -> None:
    """Let the functions of moto run without Docker. invoked: gets the name and the payload of each invocation."""

    def invoke(backend: Any, name: str, qualifier: Any, body: Any, headers: Any, answered: dict[str, str]) -> bytes:
        found = backend.get_function(name, qualifier)
        kind = headers.get("X-Amz-Invocation-Type")
        if kind == "DryRun":
            return b""
        payload = body.decode() if isinstance(body, bytes) else str(body)
        invoked.append((found.function_name, payload))
        more, told = answer(payload)
        answered.update(more)
        return b"" if kind == "Event" else json.dumps(told).encode()

    patch.setattr(LambdaBackend, "invoke", invoke)
