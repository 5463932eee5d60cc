"""The types of the flow language: what decides which JSONata an operation becomes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any


@dataclass(frozen=True)
class Type:
    """Base of all types; also, by name, the scalar ones."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class ListType(Type):
    """A list."""

    item: Type


@dataclass(frozen=True)
class TupleType(Type):
    """A list of known length whose items have types of their own: what `parallel` gives."""

    items: tuple[Type, ...]


@dataclass(frozen=True)
class DictType(Type):
    """A JSON object with any keys."""

    value: Type


@dataclass(frozen=True)
class RecordType(Type):
    """A JSON object with known fields, read as attributes.

    keyed: of a TypedDict, read by key; optional: its keys that may be missing. complete: all fields are there, as in
    the result of a part; what a run was started with may lack some. lenient: fields may be left out, and a flow may
    test for that; it reads them as if they were there, and where one is not, the state fails.
    """

    fields: tuple[tuple[str, Type], ...]
    keyed: bool = False
    complete: bool = False
    optional: frozenset[str] = frozenset()
    lenient: bool = False

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Answers of AWS have thousands of fields; each look into a cache would hash all of them.
        return hash((self.name, self.fields, self.keyed, self.complete, self.optional, self.lenient))

    def field(self, name: str) -> Type | None:
        """The type of a field, or None when there is no such field."""
        return dict(self.fields).get(name)


@dataclass(frozen=True)
class UnionType(Type):
    """One of several types, without None; with `OptionalType` around it, None too."""

    members: tuple[Type, ...]


@dataclass(frozen=True)
class OptionalType(Type):
    """A type or None.

    presumed: a field that may be left out. Tests see that; whatever else reads it takes it for being there.
    """

    inner: Type
    presumed: bool = False


@dataclass(frozen=True)
class LiteralType(Type):
    """One of a few constants, as a parameter declares them."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class StoredType(Type):
    """A value of which the state machine may hold a reference to the results bucket instead.

    origins: the fields of parts' results it may come from, as (state, field). deep: the value itself is none, but
    something inside it may be one, where the type no longer tells.
    """

    inner: Type
    origins: frozenset[tuple[str, str]]
    deep: bool = False


NOT_NONE = Type("not None")
"""What is known of a field after a test, whatever else its type is."""

STR, INT, FLOAT, BOOL, NONE = (Type(n) for n in ("str", "int", "float", "bool", "None"))
ANY = Type("Any")
UNKNOWN = Type("unknown")
"""The item type of an empty list or dict, until an assignment says more."""
SECRET = Type("secret")
"""A field of an answer of AWS that is kept out of the state machine."""
ERROR = Type("error")
"""The type of what was already reported: nothing more is said about it."""

SCALARS: dict[Any, Type] = {str: STR, int: INT, float: FLOAT, bool: BOOL, type(None): NONE, None: NONE, Any: ANY}
"""The types that are written by name."""


def list_of(item: Type) -> ListType:
    """`list[item]`."""
    return ListType(f"list[{item}]", item)


def dict_of(value: Type) -> DictType:
    """`dict[str, value]`."""
    return DictType(f"dict[str, {value}]", value)


def tuple_of(items: tuple[Type, ...]) -> TupleType:
    """`tuple[...]` of exactly these."""
    return TupleType(f"tuple[{', '.join(map(str, items))}]", items)


def stored(inner: Type, origins: frozenset[tuple[str, str]], *, deep: bool = False) -> Type:
    """`inner`, which may be a reference; `inner` itself when there is nothing it may come from."""
    return StoredType(inner.name, inner, origins, deep) if origins else inner


def optional(inner: Type) -> Type:
    """`inner | None`."""
    if isinstance(inner, StoredType):
        return stored(optional(inner.inner), inner.origins, deep=inner.deep)
    if inner in (NONE, ANY, ERROR) or isinstance(inner, OptionalType):
        return inner
    return OptionalType(f"{inner} | None", inner)


def presumed(kind: Type) -> Type:
    """`kind`, for a field that may be left out."""
    return kind if isinstance(kind, OptionalType) else OptionalType(str(kind), kind, presumed=True)


def may_be_none(kind: Type) -> bool:
    """Whether it is a type or None."""
    return isinstance(kind.inner if isinstance(kind, StoredType) else kind, OptionalType)


def without_none(kind: Type) -> Type:
    """`kind` after a test that it is not None."""
    if isinstance(kind, StoredType):
        return stored(without_none(kind.inner), kind.origins, deep=kind.deep)
    return kind.inner if isinstance(kind, OptionalType) else kind


def is_scalar(kind: Type) -> bool:
    """Whether a value is surely no list, which JSONata would merge into a list around it."""
    if isinstance(kind, OptionalType):
        return is_scalar(kind.inner)
    if isinstance(kind, UnionType):
        return all(map(is_scalar, kind.members))
    return kind in (STR, INT, FLOAT, BOOL, NONE) or isinstance(kind, LiteralType | RecordType | DictType)


@cache
def origins(kind: Type) -> frozenset[tuple[str, str]]:
    """Every field of a part's result from which a reference in a value of this type may come."""
    if isinstance(kind, StoredType):
        return kind.origins | origins(kind.inner)
    return frozenset().union(*map(origins, inside(kind)))


def inside(kind: Type) -> tuple[Type, ...]:
    """The types that a type is made of."""
    if isinstance(kind, ListType):
        return (kind.item,)
    if isinstance(kind, DictType):
        return (kind.value,)
    if isinstance(kind, OptionalType):
        return (kind.inner,)
    if isinstance(kind, RecordType):
        return tuple(field for _, field in kind.fields)
    if isinstance(kind, TupleType):
        return kind.items
    return kind.members if isinstance(kind, UnionType) else ()


@cache
def plain(kind: Type) -> Type:
    """The type as an annotation gives it: without what is known of references, and of fields that are there."""
    if isinstance(kind, StoredType):
        return plain(kind.inner)
    if isinstance(kind, ListType):
        return list_of(plain(kind.item))
    if isinstance(kind, DictType):
        return dict_of(plain(kind.value))
    if isinstance(kind, OptionalType):
        return optional(plain(kind.inner))
    if isinstance(kind, RecordType):
        return replace(kind, fields=tuple((name, plain(field)) for name, field in kind.fields), complete=False)
    if isinstance(kind, TupleType):
        return tuple_of(tuple(map(plain, kind.items)))
    return UnionType(kind.name, tuple(map(plain, kind.members))) if isinstance(kind, UnionType) else kind


def complete(kind: Type) -> Type:
    """The type of a value all of whose records have all their fields."""
    if isinstance(kind, ListType):
        return list_of(complete(kind.item))
    if isinstance(kind, DictType):
        return dict_of(complete(kind.value))
    if isinstance(kind, OptionalType):
        return optional(complete(kind.inner))
    if isinstance(kind, RecordType):
        return replace(kind, fields=tuple((name, complete(field)) for name, field in kind.fields), complete=True)
    return kind


def declared_as(source: Type, declared: Type) -> Type:
    """`declared`, for a value of type `source`: where that may hold references is still known."""
    found = origins(source)
    if plain(source) == declared or not found:
        return source if plain(source) == declared else declared
    deep = not (isinstance(source, StoredType) and not source.deep and not origins(source.inner))
    return stored(declared, found, deep=deep)


def of_literals(kind: Type) -> Type:
    """The type that the constants of a Literal have, for what is done with its value; other types stay."""
    if isinstance(kind, OptionalType):
        return optional(of_literals(kind.inner))
    if not isinstance(kind, LiteralType):
        return kind
    kinds = tuple(dict.fromkeys(SCALARS[type(value)] for value in kind.values if value is not None))
    several = kinds[0] if len(kinds) == 1 else UnionType(" | ".join(map(str, kinds)), kinds)
    return optional(several) if None in kind.values else several


def is_number(kind: Type) -> bool:
    """Whether it is an int or a float (a bool is not taken for a number)."""
    return kind in (INT, FLOAT)


def of_constant(value: Any) -> Type | None:
    """The type of a Python constant, or None when it cannot be written as JSON.

    What is of a subclass (an enum, a defaultdict) behaves otherwise than what JSON holds of it.
    """
    if value is None or type(value) in (bool, int, float, str):
        return SCALARS[type(value)] if _has_json(value) else None
    if type(value) in (list, tuple):
        kinds = [of_constant(v) for v in value]
        joined = _joined_items(kinds, list_of)
        several = isinstance(value, tuple) and isinstance(joined, ListType) and joined.item == ANY
        return tuple_of(tuple(kind for kind in kinds if kind is not None)) if several else joined
    if type(value) is dict and all(type(key) is str and _has_json(key) for key in value):
        return _joined_items([of_constant(v) for v in value.values()], dict_of)
    return None


ERROR_RECORD = "error"
"""The name of the type of `e` in `except ... as e`; its text is its cause."""

FITS_JSON = "Use a finite number, of whole ones at most 2 ** 53, or text without lone surrogates."
"""What to write instead of a scalar that cannot be written as JSON."""


def _has_json(value: bool | float | str | None) -> bool:
    """Whether a scalar can be written as JSON, and is read again as it is: Step Functions rounds as floats are."""
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, int):
        return abs(value) <= 2**53
    return not isinstance(value, float) or math.isfinite(value)


def _joined_items(kinds: list[Type | None], container: Any) -> Type | None:
    if any(kind is None for kind in kinds):
        return None
    joined: Type = UNKNOWN
    for kind in kinds:
        assert kind is not None
        joined = join(joined, kind) or ANY
    result: Type = container(joined)
    return result


def assignable(source: Type, target: Type) -> bool:
    """Whether a value of `source` may stand where `target` is declared. Any fits everywhere, unchecked."""
    source, target = plain(source), plain(target)
    if source in (target, UNKNOWN) or {ANY, ERROR} & {source, target}:
        return True
    if isinstance(target, OptionalType):
        return source == NONE or assignable(without_none(source), target.inner)
    if isinstance(source, UnionType):
        return all(assignable(member, target) for member in source.members)
    if isinstance(target, UnionType):
        return any(assignable(source, member) for member in target.members)
    if isinstance(source, LiteralType):
        return all(assignable(SCALARS[type(v)], target) for v in source.values)
    if isinstance(source, ListType) and isinstance(target, ListType):
        return assignable(source.item, target.item)
    if isinstance(source, TupleType):
        if isinstance(target, TupleType):
            pairs = zip(source.items, target.items, strict=False)
            return len(source.items) == len(target.items) and all(assignable(s, t) for s, t in pairs)
        return isinstance(target, ListType) and all(assignable(i, target.item) for i in source.items)
    if isinstance(target, DictType):
        if isinstance(source, RecordType):
            return source.keyed and all(assignable(kind, target.value) for _, kind in source.fields)
        return isinstance(source, DictType) and assignable(source.value, target.value)
    if isinstance(source, RecordType) and isinstance(target, RecordType):
        # A part that takes "any result" takes every record that has at least its fields.
        return source.keyed == target.keyed and all(
            (own := source.field(name)) and assignable(own, kind) for name, kind in target.fields
        )
    return (source, target) == (INT, FLOAT)


def join(left: Type, right: Type) -> Type | None:
    """The type of a value that is one or the other; None when no single type fits both."""
    if left == right:
        return left
    if left in (UNKNOWN, ERROR):
        return right
    if right in (UNKNOWN, ERROR):
        return left
    if ANY in (left, right):
        return stored(ANY, origins(left) | origins(right), deep=True)
    if isinstance(left, StoredType) or isinstance(right, StoredType):
        return _joined_stored(left, right)
    if NONE in (left, right):
        return optional(right if left == NONE else left)
    if isinstance(left, OptionalType) or isinstance(right, OptionalType):
        inner = join(without_none(left), without_none(right))
        return optional(inner) if inner else None
    if isinstance(left, ListType) and isinstance(right, ListType):
        item = join(left.item, right.item)
        return list_of(item) if item else None
    if isinstance(left, DictType) and isinstance(right, DictType):
        value = join(left.value, right.value)
        return dict_of(value) if value else None
    if plain(left) == plain(right):
        return _joined_parts(left, right)
    if assignable(left, right):
        return declared_as(left, right)
    return declared_as(right, left) if assignable(right, left) else None


def _joined_stored(left: Type, right: Type) -> Type | None:
    sides = [side if isinstance(side, StoredType) else stored(side, origins(side), deep=True) for side in (left, right)]
    inner = join(*(side.inner if isinstance(side, StoredType) else side for side in sides))
    if inner is None:
        return None
    deep = any(isinstance(side, StoredType) and side.deep for side in sides)
    return stored(inner, frozenset().union(*map(origins, sides)), deep=deep)


def _joined_parts(left: Type, right: Type) -> Type | None:
    """Of two records or tuples that differ only in where references may be."""
    pairs = [join(a, b) for a, b in zip(inside(left), inside(right), strict=True)]
    parts = tuple(part for part in pairs if part is not None)
    if isinstance(left, RecordType):
        assert isinstance(right, RecordType)
        fields = tuple(zip((name for name, _ in left.fields), parts, strict=True))
        return replace(left, fields=fields, complete=left.complete and right.complete)
    return tuple_of(parts) if isinstance(left, TupleType) else declared_as(right, plain(left))


def join_or_any(left: Type, right: Type) -> Type:
    """The type of a value that is one or the other; Any when no single type fits both."""
    return join(left, right) or stored(ANY, origins(left) | origins(right), deep=True)


def an(kind: object) -> str:
    """A type for a message, with its article: "an int", "a str"; one that is written as its values has none."""
    said = str(kind)
    if said.startswith("'"):
        return said
    return f"{'an' if re.match('[AEIOaeio]|un', said) else 'a'} {said}"
