"""Tuples beside lists: JSON has lists only, so where Python tells the two apart, a flow may not mix them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from nightshift.compiler.context import Context
from nightshift.compiler.file_shapes import Shapes
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.module import Reject, SourceFile
from nightshift.compiler.shapes import LISTS, TUPLES, items_of, mixed
from nightshift.compiler.types import (
    ANY,
    UNKNOWN,
    DictType,
    ListType,
    RecordType,
    StoredType,
    TupleType,
    Type,
    inside,
)

_COMPARED = "Write both as lists, [1, 2] and list(xs), or compare what is in them: x[0] == y[0]."
_ADDED = "Write both as lists: [1, 2], list(xs)."
_DEEPEST = 4

_found: WeakKeyDictionary[SourceFile, Shapes] = WeakKeyDictionary()

_Side = tuple[ast.expr, Type]
"""An operand, as it is written, and its type."""


def check_compared(ctx: Context, node: ast.Compare, operands: Sequence[Expr]) -> None:
    """Raise Reject where a comparison of a chain may tell a tuple from a list."""
    sides = list(zip([node.left, *node.comparators], [operand.type for operand in operands], strict=True))
    for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
        if isinstance(operator, ast.Is | ast.IsNot) or _alike(ctx, operator, left, right):
            continue
        message = f"'{ast.unparse(node)}' may compare a tuple with a list, which Python never takes for equal"
        raise Reject(node, "NS202", message, _COMPARED)


def check_added(ctx: Context, node: ast.BinOp, left: Expr, right: Expr) -> None:
    """Raise Reject where + may add a tuple and a list, which Python refuses."""
    if not all(isinstance(value.type, ListType | TupleType) for value in (left, right)):
        return
    one, other = (_shapes(ctx).of(side)[0] for side in (node.left, node.right))
    if (one & LISTS and other & TUPLES) or (one & TUPLES and other & LISTS):
        raise Reject(node, "NS202", f"'{ast.unparse(node)}' may add a tuple and a list", _ADDED)


def check_changed(ctx: Context, where: ast.AST, name: ast.Name) -> None:
    """Raise Reject where what is changed in place may be a tuple, which Python does not change."""
    if _shapes(ctx).of(name)[0] & TUPLES:
        raise Reject(where, "NS202", f"{name.id!r} may be a tuple, which cannot be changed", "Make a list: list(xs).")


def _shapes(ctx: Context) -> Shapes:
    source = ctx.source.flow_file
    if source not in _found:
        _found[source] = Shapes(source)
    return _found[source]


def _alike(ctx: Context, operator: ast.cmpop, left: _Side, right: _Side) -> bool:
    """Whether two values surely have tuples in the same places, or cannot both have any."""
    (one, one_type), (other, other_type) = left, right
    within = isinstance(operator, ast.In | ast.NotIn)
    levels = min(_levels(one_type), _levels(other_type) - within)
    if levels <= 0:
        return True
    if isinstance(one, ast.Tuple | ast.List) and type(one) is type(other) and not within:
        assert isinstance(other, ast.Tuple | ast.List)
        pairs = zip(_items(one, one_type), _items(other, other_type), strict=False)
        return len(one.elts) != len(other.elts) or all(_alike(ctx, operator, a, b) for a, b in pairs)
    shapes = _shapes(ctx)
    found = shapes.of(other)
    return not mixed(shapes.of(one), items_of(found) if within else found, levels)


def _items(node: ast.Tuple | ast.List, kind: Type) -> list[_Side]:
    kinds = kind.items if isinstance(kind, TupleType) else [kind.item if isinstance(kind, ListType) else ANY]
    return [(item, kinds[min(place, len(kinds) - 1)]) for place, item in enumerate(node.elts)]


def _levels(kind: Type) -> int:
    """In how many levels of a value of a type there may be lists, dicts or records."""
    if isinstance(kind, StoredType):
        return _levels(kind.inner)
    if kind in (ANY, UNKNOWN):
        return _DEEPEST
    own = isinstance(kind, ListType | TupleType | DictType | RecordType)
    return min(_DEEPEST, own + max(map(_levels, inside(kind)), default=0))
