"""What a test tells about a variable that may be None."""

from __future__ import annotations

import ast

from nightshift.compiler.context import Context, named
from nightshift.compiler.scope import Flowing, joined
from nightshift.compiler.types import NONE, NOT_NONE, Type, may_be_none, without_none


def narrow(ctx: Context, point: Flowing, test: ast.expr, *, truth: bool) -> Flowing:
    """What holds after `test` was true, or false."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return narrow(ctx, point, test.operand, truth=not truth)
    if isinstance(test, ast.BoolOp):
        return _bool_op(ctx, point, test, truth)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and _is_none(test.comparators[0]):
        is_none = isinstance(test.ops[0], ast.Is | ast.Eq)
        if is_none or isinstance(test.ops[0], ast.IsNot | ast.NotEq):
            return _narrowed(ctx, point, test.left, to_none=is_none == truth)
    if isinstance(test, ast.Name | ast.Attribute | ast.Subscript) and truth:
        return _narrowed(ctx, point, test, to_none=False)
    return point


def _bool_op(ctx: Context, point: Flowing, test: ast.BoolOp, truth: bool) -> Flowing:
    decided_by_all = isinstance(test.op, ast.And) == truth
    if decided_by_all:
        for operand in test.values:
            point = narrow(ctx, point, operand, truth=truth)
        return point
    ways, before = [], point
    for operand in test.values:
        ways.append(narrow(ctx, before, operand, truth=truth))
        before = narrow(ctx, before, operand, truth=not truth)
    return joined(ways) or point


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _narrowed(ctx: Context, point: Flowing, node: ast.expr, *, to_none: bool) -> Flowing:
    if not isinstance(node, ast.Name):
        path = _path(ctx, point, node)
        return point.narrow(path, NONE if to_none else NOT_NONE) if path else point
    found = named(ctx, point, node)
    if found is None or found.variable is None or not may_be_none(found.type):
        return point
    return point.narrow(found.variable, NONE if to_none else without_none(found.type))


def as_tested(ctx: Context, node: ast.Attribute | ast.Subscript, kind: Type) -> Type:
    """The type of a field with what tests have told of it."""
    if not may_be_none(kind):
        return kind
    path = _path(ctx, ctx.here, node)
    tested = dict(ctx.here.narrowed).get(path) if path else None
    return without_none(kind) if tested == NOT_NONE else tested or kind


def _path(ctx: Context, point: Flowing, node: ast.expr) -> str | None:
    """The name of a variable in the state machine with the fields read of it; None for another expression."""
    if isinstance(node, ast.Name):
        found = named(ctx, point, node)
        return found.variable if found is not None else None
    if isinstance(node, ast.Attribute):
        step = node.attr
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        step = repr(node.slice.value)
    else:
        return None
    owner = _path(ctx, point, node.value)
    return f"{owner}.{step}" if owner else None
