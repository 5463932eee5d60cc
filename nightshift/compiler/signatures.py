"""What parts and flows take and give, read from their signatures."""

from __future__ import annotations

import ast
import difflib
import inspect
import typing
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from lambdas.contract.part import Part
from nightshift.compiler.hints import from_hint
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject
from nightshift.compiler.types import (
    ANY,
    STR,
    DictType,
    ListType,
    LiteralType,
    OptionalType,
    RecordType,
    TupleType,
    Type,
    UnionType,
    an,
    assignable,
    plain,
)
from nightshift.flow import Flow

_ALMOST = 0.8
"""How alike two names are of which one is the other with a slip."""


@dataclass(frozen=True)
class Signature:
    """Parameters by name with their types, those that are required, and the type of the result."""

    name: str
    parameters: dict[str, Type]
    required: frozenset[str]
    result: Type


@cache
def part_signature(part: Part[..., Any]) -> Signature:
    """The signature of a part as a flow sees it: without its `Call`, with the common parameters."""
    result = from_hint(typing.get_type_hints(part.function).get("return")) or ANY
    parameters = {name: from_hint(parameter.hint) or ANY for name, parameter in part.parameters.items()}
    required = frozenset(name for name, parameter in part.parameters.items() if parameter.required)
    return Signature(part.name, parameters, required, result)


@cache
def flow_signature(flow: Flow[..., Any]) -> Signature:
    """The signature of a flow that another flow calls."""
    hints = typing.get_type_hints(flow.function)
    result = from_hint(hints["return"]) if "return" in hints else None
    own = inspect.signature(flow.function).parameters.values()
    parameters = {parameter.name: from_hint(hints.get(parameter.name, Any)) or ANY for parameter in own}
    required = frozenset(parameter.name for parameter in own if parameter.default is inspect.Parameter.empty)
    return Signature(flow.name, parameters, required, result or ANY)


@lru_cache(10_000)
def first_sentence(doc: str | None) -> str:
    """The first sentence of a docstring, without its full stop."""
    text = " ".join(inspect.cleandoc(doc or "").split("\n\n")[0].split())
    return text.split(". ")[0].rstrip(".")


def bind(node: ast.Call, signature: Signature, given: dict[str, tuple[ast.expr, Expr]]) -> dict[str, Expr]:
    """The arguments of a call by parameter, checked; raises Reject for the first that does not fit."""
    for name, (where, value) in given.items():
        kind = signature.parameters.get(name)
        if kind is None:
            hint = did_you_mean(name, list(signature.parameters), "It takes {}.")
            raise Reject(where, "NS301", f"{signature.name} has no parameter {name!r}", hint)
        if not fits(value, kind):
            hint = f"Give {an(kind)}."
            raise Reject(where, "NS303", f"{name} of {signature.name} is {kind}, not {_given(value)}", hint)
    missing = sorted(signature.required - set(given))
    if missing:
        said = ", ".join(missing)
        raise Reject(node, "NS302", f"{signature.name} needs {said}", f"Add {missing[0]}=...")
    return {name: value for name, (_, value) in given.items()}


def did_you_mean(name: str, known: list[str], otherwise: str) -> str:
    """A hint that names what was probably meant, or all there is: `tag` is rather `instance_tag` than `target`."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=_ALMOST)
    near = near or [each for each in known if name in each.split("_")] or difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else otherwise.format(", ".join(known))


def _given(value: Expr) -> str:
    return repr(value.constant) if value.is_constant else str(value.type)


def fits(value: Expr, kind: Type) -> bool:
    """Whether a value may be given for a parameter; a constant may be one of a Literal."""
    if isinstance(kind, OptionalType) and value.is_constant and value.constant is not None:
        return fits(value, kind.inner)
    if isinstance(kind, UnionType):
        return any(fits(value, member) for member in kind.members) or assignable(value.type, kind)
    if isinstance(kind, LiteralType) and (value.is_constant or value.type == STR):
        # 1 and True are equal, and two values.
        return value.is_constant and (value.type, value.constant) in [(constant(v).type, v) for v in kind.values]
    if value.is_constant and isinstance(value.constant, list | dict):
        return _holds(value.constant, kind)
    given = plain(value.type)
    if isinstance(given, RecordType) and isinstance(kind, DictType):
        # A part is given JSON, in which a record is an object like any other.
        return all(assignable(field, kind.value) for _, field in given.fields)
    return assignable(given, kind)


def _holds(value: Any, kind: Type) -> bool:
    """Whether a constant list or dict is of a type; a dict may be a TypedDict."""
    if isinstance(value, list) and isinstance(kind, ListType):
        return all(fits(constant(item), kind.item) for item in value)
    if isinstance(value, list) and isinstance(kind, TupleType):
        pairs = zip(value, kind.items, strict=False)
        return len(value) == len(kind.items) and all(fits(constant(item), own) for item, own in pairs)
    if isinstance(value, dict) and isinstance(kind, DictType):
        return all(fits(constant(item), kind.value) for item in value.values())
    if isinstance(value, dict) and isinstance(kind, RecordType) and kind.keyed:
        fields = dict(kind.fields)
        missing = fields.keys() - value.keys() - kind.optional
        return not missing and all(key in fields and fits(constant(item), fields[key]) for key, item in value.items())
    return assignable(constant(value).type, kind)
