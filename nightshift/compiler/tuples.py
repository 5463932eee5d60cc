"""Tuples beside lists: JSON has lists only, so where Python tells the two apart, a flow may not mix them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from nightshift.compiler.context import MISSING, Context
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.module import Reject
from nightshift.compiler.types import DictType, is_scalar
from nightshift.language import for_each, parallel

_HINT = "Write both as lists: [1, 2]."


Side = tuple[ast.expr, Expr]
"""An operand, as it is written and compiled."""
_Seen = set[tuple[str, str]]
"""The questions asked of names: one asked before adds nothing, and asked on each way it would take for ever."""


def check_tuples(ctx: Context, node: ast.Compare, operands: Sequence[Expr]) -> None:
    """Raise Reject where a comparison of a chain tells tuples from lists."""
    sides = list(zip([node.left, *node.comparators], operands, strict=True))
    for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
        if isinstance(operator, ast.Eq | ast.NotEq):
            not_mixed(ctx, node, left, right)


def not_mixed(ctx: Context, node: ast.expr, one: Side, other: Side) -> None:
    """Raise Reject where a tuple meets a list: Python never takes them for equal, and does not add them."""
    (left, left_value), (right, right_value) = one, other
    if any(is_scalar(value.type) and not isinstance(value.type, DictType) for value in (left_value, right_value)):
        return
    if _is_tuple(ctx, left) != _is_tuple(ctx, right) and not (_is_none(left) or _is_none(right)):
        said = "adds" if isinstance(node, ast.BinOp) else "compares"
        raise Reject(node, "NS202", f"'{ast.unparse(node)}' {said} a tuple and what is none", _HINT)
    inside = [_holds_tuple(side) or _gives_tuples(ctx, side, set()) for side in (left, right)]
    if isinstance(node, ast.Compare) and inside[0] != inside[1] and not (_is_empty(left) or _is_empty(right)):
        raise Reject(node, "NS202", f"'{ast.unparse(node)}' compares tuples inside with what is none", _HINT)


def _is_tuple(ctx: Context, node: ast.expr, seen: _Seen | None = None) -> bool:
    """Whether an expression gives a tuple, as far as it can be seen where it stands."""
    seen = set() if seen is None else seen
    if isinstance(node, ast.Tuple) or _divides(node):
        return True
    if isinstance(node, ast.Call):
        return any(isinstance(given, ast.Tuple) or _named(given) == "tuple" for given in _returned(ctx, node.func))
    if isinstance(node, ast.BinOp):
        return _is_tuple(ctx, node.left, seen)
    if isinstance(node, ast.IfExp):
        return _is_tuple(ctx, node.body, seen) or _is_tuple(ctx, node.orelse, seen)
    if isinstance(node, ast.Subscript):
        inside = _is_tuple if isinstance(node.slice, ast.Slice) else _gives_tuples
        return inside(ctx, node.value, seen)
    static = ctx.static(node)
    if static is not MISSING:
        return isinstance(static, tuple)
    if isinstance(node, ast.Name) and ("is", node.id) not in seen:
        seen.add(("is", node.id))
        held = ctx.frame.assigned.get(node.id, ())
        return any(_is_tuple(ctx, value, seen) for value in held) or any(
            _gives_tuples(ctx, each, seen) for each in _gone_over(ctx, node.id)
        )
    return False


def _gives_tuples(ctx: Context, node: ast.expr, seen: _Seen) -> bool:
    """Whether a list or dict may have tuples in it: their items, values or keys are unpacked, or read one by one."""
    static = ctx.static(node)
    if static is not MISSING:
        return isinstance(static, list | tuple | dict) and any(
            isinstance(item, tuple) for item in (static.values() if isinstance(static, dict) else static)
        )
    if isinstance(node, ast.Name):
        if ("gives", node.id) in seen:
            return False
        seen.add(("gives", node.id))
        return any(_gives_tuples(ctx, value, seen) for value in _put_in(ctx, node.id))
    if isinstance(node, ast.ListComp):
        return _is_tuple(ctx, node.elt, seen)
    if isinstance(node, ast.DictComp):
        return _is_tuple(ctx, node.value, seen)
    if isinstance(node, ast.Call) and (_pairs(ctx, node) or any(map(_holds_tuple, _returned(ctx, node.func)))):
        return True
    if isinstance(node, ast.Call) and ctx.static(node.func) in (parallel, for_each):
        return any(_is_tuple(ctx, ast.Call(branch, [], []), seen) for branch in node.args)
    tells = _is_tuple if isinstance(node, ast.List | ast.Tuple | ast.Dict) else _gives_tuples
    return any(tells(ctx, inner, seen) for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.expr))


def _gone_over(ctx: Context, name: str) -> Iterator[ast.expr]:
    """The lists and dicts whose items a loop gives to a name."""
    for node in ctx.frame.giving:
        if not isinstance(node, ast.For | ast.comprehension):
            continue
        if isinstance(node.target, ast.Name) and node.target.id == name:
            yield node.iter
        elif isinstance(node.target, ast.Tuple) and isinstance(node.iter, ast.Call):
            for place, target in enumerate(node.target.elts):
                if isinstance(target, ast.Name) and target.id == name:
                    yield from _in_step(ctx, node.iter, place)


def _in_step(ctx: Context, call: ast.Call, place: int) -> Sequence[ast.expr]:
    """What gives the value at this place of the items of enumerate(xs), zip(xs, ys) or d.items()."""
    function = ctx.static(call.func)
    if function is zip:
        return call.args[place : place + 1]
    if function is enumerate:
        return call.args[:1] if place == 1 else []
    is_items = isinstance(call.func, ast.Attribute) and call.func.attr == "items"
    return [call.func.value] if is_items and place == 1 and isinstance(call.func, ast.Attribute) else []


def _put_in(ctx: Context, name: str) -> Iterator[ast.expr]:
    """What is assigned to a name, and lists of what is appended to it or put under a key."""
    yield from ctx.frame.assigned.get(name, ())
    for node in ctx.frame.giving:
        owner: ast.expr | None = None
        given: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            owner, given = node.func.value, node.args
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            owner, given = node.targets[0].value, [node.value]
        if isinstance(owner, ast.Name) and owner.id == name:
            yield ast.List(given, ast.Load())


def _returned(ctx: Context, function: ast.expr) -> list[ast.expr]:
    """What a function of the file returns: the annotation of its result, else the expressions."""
    found = ctx.definition(function)
    if isinstance(found, ast.Lambda):
        return [found.body]
    if found is None or found.returns is not None:
        return [found.returns] if found is not None and found.returns is not None else []
    return [node.value for node in ast.walk(found) if isinstance(node, ast.Return) and node.value is not None]


def _named(annotation: ast.expr) -> str:
    """The name of the type that an annotation begins with."""
    owner = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return owner.id if isinstance(owner, ast.Name) else ""


def _pairs(ctx: Context, call: ast.Call) -> bool:
    """Whether it is enumerate(xs), zip(xs, ys) or d.items(), which give tuples."""
    is_items = isinstance(call.func, ast.Attribute) and call.func.attr == "items"
    return is_items or ctx.static(call.func) in (enumerate, zip)


def _divides(node: ast.AST) -> bool:
    """Whether it is `s.partition(...)`, which gives a tuple."""
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr in ("partition", "rpartition")


def _holds_tuple(node: ast.expr) -> bool:
    """Whether a list or dict that is written out, or an annotation of one, has a tuple inside."""
    if isinstance(node, ast.Subscript) and _named(node) in ("list", "dict"):
        return any(isinstance(inner, ast.Name) and inner.id == "tuple" for inner in ast.walk(node.slice))
    return isinstance(node, ast.List | ast.Dict) and any(
        isinstance(inner, ast.Tuple) or _divides(inner) for inner in ast.walk(node)
    )


def _is_empty(node: ast.expr) -> bool:
    """Whether it is `[]`, `{}` or nothing, in which neither tuples nor lists are."""
    return _is_none(node) or (isinstance(node, ast.List | ast.Tuple) and not node.elts) or _is_empty_dict(node)


def _is_empty_dict(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict) and not node.keys


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
