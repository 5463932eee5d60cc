"""What a run is started with, as the values that the parameters of its flow declare."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def as_declared(function: Callable[..., Any], args: Sequence[Any], given: Mapping[str, Any]) -> inspect.BoundArguments:
    """All arguments of a flow, with objects of JSON where its parameters are dataclasses made into those.

    Tuples are lists, in defaults, too: as JSON, which a flow gets, has none.

    Raises TypeError for a value of another type than its parameter declares, as the state machine does, and where
    Python itself would not take the arguments.
    """
    signature = inspect.signature(function)
    hints = typing.get_type_hints(function)
    bound = signature.bind(*args, **given)
    for name, value in bound.arguments.items():
        hint = hints.get(name, _of_default(signature.parameters[name].default))
        bound.arguments[name] = _typed(with_lists(value), hint, f"parameter {name}")
    bound.apply_defaults()
    bound.arguments |= {name: with_lists(value) for name, value in bound.arguments.items()}
    return bound


def with_lists(value: Any) -> Any:
    """A value with lists for its tuples, also inside of lists, dicts and dataclasses."""
    if isinstance(value, list | tuple):
        return [with_lists(item) for item in value]
    if type(value) is dict:
        return {key: with_lists(item) for key, item in value.items()}
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    made = copy.copy(value)
    for field in dataclasses.fields(value):
        object.__setattr__(made, field.name, with_lists(getattr(value, field.name)))
    return made


def _of_default(default: Any) -> Any:
    """What a parameter without annotation takes: what its default is."""
    if default is None:
        return type(None)
    if isinstance(default, list | dict):
        kinds = {type(item) for item in (default.values() if isinstance(default, dict) else default)}
        item = kinds.pop() if len(kinds) == 1 else Any
        return dict[str, item] if isinstance(default, dict) else list[item]  # type: ignore[valid-type]
    return type(default) if isinstance(default, bool | int | float | str) else Any


def _typed(value: Any, hint: Any, where: str) -> Any:
    """`value` with the dataclasses that `hint` names; raises TypeError where it is of another type."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _typed(value, _member(value, args, hint, where), where)
    if not _holds(value, hint):
        raise TypeError(f"{where} has to be {getattr(hint, '__name__', hint) if not args else hint}, not {value!r}")
    if isinstance(value, list) and origin is list and args:
        return [_typed(item, args[0], where) for item in value]
    if isinstance(value, dict) and origin is dict and args:
        return {key: _typed(item, args[1], where) for key, item in value.items()}
    if isinstance(value, Mapping) and (dataclasses.is_dataclass(hint) or typing.is_typeddict(hint)):
        fields = typing.get_type_hints(hint)
        made = {name: _typed(field, fields.get(name, Any), f"{name} of {where}") for name, field in value.items()}
        return made if typing.is_typeddict(hint) else hint(**made)
    return int(value) if hint is int else value


def _member(value: Any, members: Sequence[Any], hint: Any, where: str) -> Any:
    """The first type of a union that a value is of, whatever is inside of it."""
    for member in members:
        if _holds(value, member):
            return member
    raise TypeError(f"{where} has to be {hint}, not {value!r}")


_CONTAINERS: dict[Any, Any] = {list: list, tuple: list | tuple, dict: Mapping}


def _holds(value: Any, hint: Any) -> bool:
    """Whether a value is of a type, apart from what is inside of it."""
    origin = typing.get_origin(hint) or hint
    if origin is typing.Literal:
        return any(type(value) is type(choice) and value == choice for choice in typing.get_args(hint))
    if origin in _CONTAINERS:
        return isinstance(value, _CONTAINERS[origin])
    if typing.is_typeddict(hint):
        return isinstance(value, Mapping)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return isinstance(value, Mapping | hint)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return number and value == value // 1
    if hint is float:
        return number
    return isinstance(value, hint) if hint in (str, bool, type(None)) else True
