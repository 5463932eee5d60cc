"""JSON as the types a flow declares for it: what a run is started with becomes the dataclasses of its parameters."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any


def as_declared(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a flow, with objects of JSON where its parameters are dataclasses made into those.

    given: by name. Raises TypeError for an object that has not the fields of its class.
    """
    hints = typing.get_type_hints(function)
    return {name: typed(value, hints.get(name, Any)) for name, value in given.items()}


def typed(value: Any, hint: Any) -> Any:
    """`value` with the dataclasses that `hint` names; other values, and those that are instances, stay."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(value, Mapping) and dataclasses.is_dataclass(hint) and isinstance(hint, type):
        fields = typing.get_type_hints(hint)
        return hint(**{name: typed(field, fields.get(name, Any)) for name, field in value.items()})
    if isinstance(value, list) and origin is list and args:
        return [typed(item, args[0]) for item in value]
    if isinstance(value, dict) and origin is dict and args:
        return {key: typed(item, args[1]) for key, item in value.items()}
    if origin in (typing.Union, types.UnionType):
        wanted = next((a for a in args if _holds(value, a)), Any)
        return typed(value, wanted)
    return value


def _holds(value: Any, hint: Any) -> bool:
    kinds = {dict: Mapping, list: list}
    made_of = Mapping if dataclasses.is_dataclass(hint) else kinds.get(typing.get_origin(hint) or hint)
    return made_of is not None and isinstance(value, made_of)
