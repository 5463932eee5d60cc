"""What is refused before anything else looks at it: bodies that are too large, no JSON, or no JSON for everyone."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from lambdas.dashboard.problems import Invalid, TooLarge, UnsupportedMediaType

MOST_BYTES = 128 * 1024
"""Bytes of a body; the input of an execution may have 256 KiB ("StartExecution", Step Functions API Reference)."""


def check(event: Mapping[str, Any]) -> None:
    """Look at the body of an event. Raises TooLarge, UnsupportedMediaType, Invalid."""
    body = event.get("body")
    if not body:
        return
    if len(body) > MOST_BYTES * 4 // 3:
        raise _too_large()
    kind = str({k.lower(): v for k, v in (event.get("headers") or {}).items()}.get("content-type") or "")
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("the body has to be JSON; send it as content-type application/json")
    _check_json(_text(body, encoded=bool(event.get("isBase64Encoded"))))


def _text(body: str, *, encoded: bool) -> str:
    try:
        raw = base64.b64decode(body, validate=True) if encoded else body.encode()
        text = raw.decode()
    except (binascii.Error, UnicodeError):
        raise _no_json() from None
    if len(raw) > MOST_BYTES:
        raise _too_large()
    return text


def _check_json(text: str) -> None:
    """JSON, and such that it can be written again: no NaN, no half characters, no numbers or nesting without end."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise _no_json() from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _no_json() -> Invalid:
    return Invalid("the body cannot be read", {"body": "has to be JSON, in UTF-8"})


def _too_large() -> TooLarge:
    return TooLarge(f"the body has more than {MOST_BYTES // 1024} KiB")
