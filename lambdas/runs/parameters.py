"""The types of a flow's parameters, as its author annotated them: what fits one, in words, and as a field of a form."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Kind = str
"""A field of a form: "text", "integer", "number", "boolean", "choice", "list" or "json"."""

_KINDS = {"str": "text", "int": "integer", "float": "number", "bool": "boolean", "Literal": "choice", "list": "list"}


@dataclass(frozen=True)
class Field:
    """How a form asks for a parameter. item: the kind of a list's items. choices: the values of a choice."""

    kind: Kind
    item: Kind | None
    choices: tuple[Any, ...]
    nullable: bool


def parsed(annotation: str) -> ast.expr:
    """An annotation such as "list[str] | None", or any value for none."""
    return ast.parse(annotation or "Any", mode="eval").body


def fits(value: Any, kind: ast.expr) -> bool:
    """Whether a JSON value is of the type."""
    if isinstance(kind, ast.BinOp) or type_name(kind) == "Optional":
        return any(fits(value, member) for member in members(kind))
    name = type_name(kind)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    tests: dict[str, Callable[[], bool]] = {
        "Any": lambda: True,
        "None": lambda: value is None,
        "str": lambda: isinstance(value, str),
        "bool": lambda: isinstance(value, bool),
        "int": lambda: number and isinstance(value, int),
        "float": lambda: number,
        "Literal": lambda: any(type(value) is type(choice) and value == choice for choice in arguments(kind)),
        "list": lambda: isinstance(value, list) and all(fits(entry, item(kind)) for entry in value),
        "dict": lambda: isinstance(value, dict) and all(fits(entry, item(kind)) for entry in value.values()),
    }
    return tests.get(name, lambda: isinstance(value, dict))()


def accepted(annotation: str) -> str:
    """What a parameter of that annotation accepts, in words."""
    return words(parsed(annotation))


def form_field(annotation: str) -> Field:
    """How a form asks for a parameter of that annotation; what has no field of its own is asked for as JSON."""
    kinds = members(parsed(annotation))
    rest = [kind for kind in kinds if type_name(kind) != "None"]
    nullable = len(rest) < len(kinds)
    if len(rest) != 1:
        return Field("json", None, (), nullable)
    kind = _KINDS.get(type_name(rest[0]), "json")
    inner = item(rest[0]) if kind == "list" else rest[0]
    of_items = _KINDS.get(type_name(inner), "json") if kind == "list" else None
    if of_items == "list":
        return Field("json", None, (), nullable)
    choices = arguments(inner) if "choice" in (kind, of_items) else []
    return Field(kind, of_items, tuple(choices), nullable)


def words(kind: ast.expr) -> str:
    """What the type accepts, in words."""
    if isinstance(kind, ast.BinOp):
        return " or ".join(words(member) for member in members(kind))
    name = type_name(kind)
    if name == "list":
        return f"a list of {words(item(kind))} (a,b,c)"
    if name == "Literal":
        return " or ".join(str(choice) for choice in arguments(kind))
    return {
        "str": "text",
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "None": "null",
        "Any": "any JSON value",
    }.get(name, "a JSON object")


def members(kind: ast.expr) -> list[ast.expr]:
    """The types of a union; any other type alone."""
    if isinstance(kind, ast.BinOp):
        return [*members(kind.left), *members(kind.right)]
    if type_name(kind) == "Optional":
        return [item(kind), ast.Constant(None)]
    return [kind]


def type_name(kind: ast.expr) -> str:
    """The name of a type without what is in its brackets."""
    if isinstance(kind, ast.Constant):
        return str(kind.value)
    base = kind.value if isinstance(kind, ast.Subscript) else kind
    return base.attr if isinstance(base, ast.Attribute) else ast.unparse(base)


def item(kind: ast.expr) -> ast.expr:
    """The type of a list's items or a dict's values."""
    if not isinstance(kind, ast.Subscript):
        return ast.Name("Any")
    return kind.slice.elts[-1] if isinstance(kind.slice, ast.Tuple) else kind.slice


def arguments(kind: ast.expr) -> list[Any]:
    """The values of a Literal."""
    assert isinstance(kind, ast.Subscript)
    inner = kind.slice
    return [ast.literal_eval(e) for e in (inner.elts if isinstance(inner, ast.Tuple) else [inner])]
