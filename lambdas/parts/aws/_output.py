"""What AWS answered, as JSON: by the shape of the output, so that a flow finds what the compiler promised it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambdas.contract.part import Json

_EMPTY: dict[str, Any] = {"list": list, "map": dict}
_BYTES = "$bytes"
"""No field of AWS has such a name."""

_LONGEST = 60
"""Characters of a value that a message shows."""


def secret(shape: Any) -> bool:
    """Whether AWS marks a value as sensitive: itself, or what a list or a map of it holds."""
    if shape.metadata.get("sensitive"):
        return True
    inner = {"list": ("member",), "map": ("key", "value")}.get(shape.type_name, ())
    return any(getattr(shape, name).metadata.get("sensitive") for name in inner)


def shown(value: Any, shape: Any) -> str:
    """A value of a request as a message shows it: cut where it is long, and *** for all that AWS marks as sensitive."""
    text = repr(_without_secrets(value, shape)).replace("'***'", "***")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _without_secrets(value: Any, shape: Any) -> Any:
    if shape is None:
        return value
    if secret(shape):
        return "***"
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: _without_secrets(item, shape.members.get(name)) for name, item in value.items()}
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: _without_secrets(item, shape.value) for key, item in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_without_secrets(item, shape.member) for item in value]
    return value


def plain(value: Any, shape: Any) -> Json:
    """An answer as JSON, but for bytes, which the results bucket takes.

    Lists and maps that AWS left out are empty, but in a union, of which one member is set. What AWS marks as sensitive
    is left out: a state is no place for it.
    """
    if shape is None:
        return {}
    kind = shape.type_name
    if kind == "structure" and getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        return _structure(value, shape)
    if kind == "list":
        return [plain(item, shape.member) for item in value]
    if kind == "map":
        return {str(key): plain(item, shape.value) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if kind == "blob":
        return value.read() if hasattr(value, "read") else bytes(value)
    # botocore reads policies and templates into dicts, whose models say that they are text.
    return json.dumps(value, ensure_ascii=False) if kind == "string" and not isinstance(value, str) else value


def kept(value: Any) -> Json:
    """An answer of `plain` as a state can hold it, its bytes as text; `restored` is the way back."""
    if isinstance(value, dict):
        return {name: kept(item) for name, item in value.items()}
    if isinstance(value, list):
        return [kept(item) for item in value]
    return {_BYTES: base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def restored(value: Any) -> Any:
    """What `kept` was given."""
    if isinstance(value, dict):
        found = value.get(_BYTES)
        return {name: restored(item) for name, item in value.items()} if found is None else base64.b64decode(found)
    return [restored(item) for item in value] if isinstance(value, list) else value


def _is_union(shape: Any) -> bool:
    # The model of DynamoDB does not say so of its attribute values.
    return bool(shape.is_tagged_union) or shape.name == "AttributeValue"


def _structure(value: Mapping[str, Any], shape: Any) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for name, member in shape.members.items():
        if secret(member) and member.type_name != "blob":
            continue
        if value.get(name) is not None:
            made[name] = plain(value[name], member)
        elif member.type_name in _EMPTY and not _is_union(shape):
            made[name] = _EMPTY[member.type_name]()
    return made


def completed(value: Any, shape: Any) -> Any:
    """`value`, with None for each field that AWS left out: under CPython a field that is not there is None."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            value[name] = completed(value.get(name), member)
    elif shape.type_name == "list":
        return [completed(item, shape.member) for item in value]
    elif shape.type_name == "map":
        for key, item in value.items():
            value[key] = completed(item, shape.value)
    return value


def imagined(shape: Any, given: Mapping[str, Any], around: tuple[str, ...] = ()) -> Json:
    """An answer to a call that a dry run does not make: what the call names by the same name, and empty values."""
    if shape is None or shape.name in around:
        return {}
    kind = shape.type_name
    if kind == "structure":
        made = {}
        for name, member in shape.members.items():
            if secret(member) or member.name in (*around, shape.name):
                continue
            known = isinstance(given.get(name), str | int | float | bool) and member.type_name not in ("list", "map")
            made[name] = given[name] if known else imagined(member, given, (*around, shape.name))
        return made
    return _EMPTY[kind]() if kind in _EMPTY else _NOTHING.get(kind, "(dry run)")


_NOTHING: dict[str, Any] = {
    "boolean": False,
    "integer": 0,
    "long": 0,
    "float": 0.0,
    "double": 0.0,
    "timestamp": "1970-01-01T00:00:00+00:00",
}
