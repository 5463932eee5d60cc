"""Python's type hints as types of the flow language."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

from lambdas.contract.part import Pending
from nightshift.compiler.types import (
    ANY,
    SCALARS,
    LiteralType,
    RecordType,
    Type,
    UnionType,
    dict_of,
    list_of,
    optional,
    tuple_of,
)


def from_hint(hint: Any) -> Type | None:
    """The type an annotation stands for, or None when the language has none for it."""
    try:
        if hint in SCALARS:
            return SCALARS[hint]
    except TypeError:
        pass
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, tuple) or hint in (list, tuple):
        return _from_sequence(origin or hint, args)
    if origin is dict or hint is dict:
        value = from_hint(args[1]) if args else ANY
        # JSON has no other keys than texts.
        return dict_of(value) if value and not {int, float, bool} & set(args[:1]) else None
    if origin is typing.Literal:
        return LiteralType(" or ".join(map(repr, args)), args)
    if origin in (typing.Union, types.UnionType):
        return _from_union(args)
    if isinstance(hint, typing.TypeVar):
        return ANY
    if dataclasses.is_dataclass(origin):
        return _from_fields(origin)
    if dataclasses.is_dataclass(hint) or typing.is_typeddict(hint):
        return _from_fields(hint)
    return None


_DECIDING = (
    "__post_init__",
    "__new__",
    "__init__",
    "__eq__",
    "__ne__",
    "__bool__",
    "__len__",
    "__getattribute__",
    "__getattr__",
    "__setattr__",
)
"""Methods by which an object is, holds or equals something else than its fields say."""

FIELDS_ONLY = "A state holds the fields only: leave {0} out, and let a function of the file make or compare them."
"""What to do about such a method."""


def own_method(hint: Any, asked: tuple[Any, ...] = ()) -> str:
    """Such a method of a dataclass in a type, as "Disk.__eq__", or ""; `asked` are the classes around."""
    inside = list(typing.get_args(hint))
    kind = typing.get_origin(hint) or hint
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in asked:
        for name in _DECIDING:
            method = getattr(kind, name, None)
            code = getattr(method, "__code__", None)
            # Those that @dataclass makes are of no file.
            if code is not None and code.co_filename != "<string>":
                return f"{kind.__name__}.{name}"
        if kind.__eq__ is object.__eq__:
            return f"eq=False of {kind.__name__}"
        inside += typing.get_type_hints(kind).values()
    return next(filter(None, (own_method(each, (*asked, kind)) for each in inside)), "")


def _from_sequence(origin: Any, args: tuple[Any, ...]) -> Type | None:
    if origin is tuple and args and args[-1] is not Ellipsis:
        items = [from_hint(a) for a in args]
        return tuple_of(tuple(i for i in items if i)) if all(items) else None
    item = from_hint(args[0]) if args else ANY
    return list_of(item) if item else None


def _from_union(args: tuple[Any, ...]) -> Type | None:
    members = [from_hint(a) for a in args if a not in (type(None), Pending)]
    known = tuple(m for m in members if m is not None)
    if len(known) != len(members):
        return None
    kind = known[0] if len(known) == 1 else UnionType(" | ".join(map(str, known)), known)
    return optional(kind) if type(None) in args else kind


def _from_fields(hint: Any) -> Type | None:
    fields = []
    for name, annotation in typing.get_type_hints(hint).items():
        kind = from_hint(annotation)
        if kind is None:
            return None
        fields.append((name, kind))
    optional_keys = frozenset(getattr(hint, "__optional_keys__", ())) | _not_required(hint)
    return RecordType(hint.__name__, tuple(fields), typing.is_typeddict(hint), optional=optional_keys)


def _not_required(hint: Any) -> frozenset[str]:
    """Keys under NotRequired, which a TypedDict does not see where annotations are text (`from __future__`)."""
    told = typing.get_type_hints(hint, include_extras=True).items()
    return frozenset(name for name, annotation in told if typing.get_origin(annotation) is typing.NotRequired)
