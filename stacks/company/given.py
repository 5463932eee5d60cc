"""Reads the values of context settings: JSON from cdk.json, or the same as text from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any


def entries(name: str, value: Any, *, known: Collection[str] = ()) -> dict[str, Any]:
    """A setting that is a JSON object. known: its entries, when they are fixed. Raises ValueError."""
    found = _decoded(value)
    if not isinstance(found, Mapping):
        raise ValueError(f"context {name} is {value!r}; write a JSON object")
    unknown = sorted(set(found) - set(known)) if known else []
    if unknown:
        raise ValueError(f"context {name} has {unknown[0]!r}; it takes {', '.join(known)}")
    return dict(found)


def texts(name: str, value: Any) -> tuple[str, ...]:
    """A setting that is a list of texts, or on the command line texts with commas between them. Raises ValueError."""
    found = _decoded(value)
    if isinstance(found, str):
        found = [part.strip() for part in found.split(",") if part.strip()]
    if not isinstance(found, list | tuple) or not all(isinstance(one, str) and one for one in found):
        raise ValueError(f"context {name} is {value!r}; write a list of texts")
    return tuple(found)


def matched(name: str, value: Any, pattern: str, wanted: str) -> str:
    """A text of a setting that has to look like something. wanted: what to write. Raises ValueError."""
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(f"context {name} is {value!r}; write {wanted}")
    return value


def truth(name: str, value: object) -> bool:
    """A yes or no of the context; on the command line it is text. Raises ValueError."""
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"context {name} is {value!r}; write true or false")
    return str(value).lower() == "true"


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
