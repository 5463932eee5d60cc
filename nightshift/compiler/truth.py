"""Python's truth of a value, as JSONata: empty text, lists and dicts, 0 and None are false."""

from __future__ import annotations

import ast
from dataclasses import replace

from nightshift.compiler import jsonata
from nightshift.compiler.jsonata import Expr, call, constant
from nightshift.compiler.module import Reject
from nightshift.compiler.spoken import typed
from nightshift.compiler.types import (
    BOOL,
    INT,
    NONE,
    STR,
    DictType,
    ListType,
    OptionalType,
    RecordType,
    StoredType,
    TupleType,
    is_number,
    list_of,
    of_literals,
)


def truth(node: ast.AST, value: Expr) -> Expr:
    """`bool(value)`, also of a value that may be stored; raises Reject where the type does not tell."""
    typed(node, value.type)
    if value.is_constant:
        return constant(bool(value.constant))
    if isinstance(value.type, StoredType):
        # A reference is an object with keys: as true as what is large.
        return truth(node, replace(value, type=value.type.inner))
    if isinstance(value.type, OptionalType) and value.type.presumed:
        there = Expr(f"$exists({value.code})", BOOL, reads=value.reads)
        inner = truth(node, replace(value, type=value.type.inner, total=True))
        return there if inner.constant is True else jsonata.binary(there, "and", inner, BOOL, jsonata.AND)
    kind = of_literals(value.type)
    if kind != value.type:
        return truth(node, replace(value, type=kind))
    if value.type == BOOL:
        return value
    if isinstance(value.type, OptionalType):
        if value.type.inner == BOOL:
            return Expr(f"{value.within(jsonata.COMPARE)} = true", BOOL, jsonata.COMPARE, value.reads)
        present = f"{value.within(jsonata.COMPARE)} != null"
        inner = _test(node, Expr(value.code, value.type.inner, value.binds, value.reads, value.total))
        if inner.is_constant:
            return Expr(present, BOOL, jsonata.COMPARE, value.reads)
        return Expr(f"{present} and {inner.within(jsonata.AND)}", BOOL, jsonata.AND, value.reads)
    return _test(node, value)


def _test(node: ast.AST, value: Expr) -> Expr:
    kind = value.type
    if is_number(kind):
        return Expr(f"{value.within(jsonata.COMPARE)} != 0", BOOL, jsonata.COMPARE, value.reads)
    if kind == STR:
        return Expr(f'{value.within(jsonata.COMPARE)} != ""', BOOL, jsonata.COMPARE, value.reads)
    if isinstance(kind, ListType | TupleType | DictType):
        return Expr(f"{count(value).code} > 0", BOOL, jsonata.COMPARE, value.reads)
    if kind == NONE:
        return constant(False)
    if isinstance(kind, RecordType):
        return (
            constant(True)
            if not kind.keyed
            else Expr(f"{value.within(jsonata.COMPARE)} != {{}}", BOOL, jsonata.COMPARE, value.reads)
        )
    hint = "Say what it is by an annotated assignment first: `value: bool = ...`, or compare it: `value == ...`."
    raise Reject(node, "NS203", f"whether '{ast.unparse(node)}' is true depends on its type, which is not known", hint)


def count(value: Expr) -> Expr:
    """How many items a list has, or how many keys a dict has."""
    if isinstance(value.type, DictType):
        return call("count", INT, call("keys", list_of(STR), value))
    return call("count", INT, value)
