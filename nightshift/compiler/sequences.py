"""Parts of lists and text, and the order of lists: `xs[1:3]`, `sorted(xs, key=...)`."""

from __future__ import annotations

import ast

from nightshift.compiler.context import Context
from nightshift.compiler.expressions import expression
from nightshift.compiler.jsonata import Expr, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.types import INT, STR, ListType, Type, is_number, is_scalar


def sliced(ctx: Context, node: ast.expr) -> Expr:
    """`xs[a:b]` of a list or a text; a bound that is negative counts from the end, one that is too large is the end."""
    bounds = node.slice if isinstance(node, ast.Subscript) else None
    if not isinstance(node, ast.Subscript) or not isinstance(bounds, ast.Slice):
        raise Reject(node, "NS201", "a slice of several dimensions is not part of the flow language", "Write xs[a:b].")
    if bounds.step is not None:
        hint = "Take every item, or filter in a comprehension."
        raise Reject(bounds.step, "NS201", "a slice with a step is not part of the flow language", hint)
    owner = expression(ctx, node.value)
    if owner.type != STR and not isinstance(owner.type, ListType):
        raise Reject(node, "NS202", f"a slice of {owner.type}", "Lists and text have parts.")
    given = [_bound(ctx, bound) for bound in (bounds.lower, bounds.upper)]
    length = "$length($v)" if owner.type == STR else "$count($v)"
    lower, upper = _position(given[0], "0"), _position(given[1], "$_n")
    part = "$substring($v, $_a, $max([$_b - $_a, 0]))"
    if owner.type != STR:
        part = "$append([], $filter($v, function($_x, $_i) { $_i >= $_a and $_i < $_b })[])"
    code = f"($v := {owner.argument()}; $_n := {length}; $_a := {lower}; $_b := {upper}; {part})"
    return Expr(code, owner.type, reads=reads(owner, *(bound for bound in given if bound is not None)))


def _bound(ctx: Context, node: ast.expr | None) -> Expr | None:
    bound = expression(ctx, node) if node is not None else None
    if bound is not None and bound.type != INT:
        assert node is not None
        raise Reject(node, "NS202", f"a slice from or to {bound.type}", "Slices take ints.")
    return bound


def _position(bound: Expr | None, otherwise: str) -> str:
    if bound is None:
        return otherwise
    if bound.is_constant and bound.constant >= 0:
        return bound.code
    return f"($w := {bound.argument()}; $w < 0 ? $max([$w + $_n, 0]) : $w)"


def ordered(ctx: Context, values: Expr, key: ast.expr | None, *, descending: bool) -> Expr:
    """`sorted(values, key=..., reverse=...)`: stable, as Python's is, also in descending order."""
    assert isinstance(values.type, ListType)
    if key is None:
        code = f"$sort({values.argument()})"
        return _kept(f"$reverse({code})" if descending else code, values)
    if not (isinstance(key, ast.Lambda) and len(key.args.args) == 1 and not key.args.defaults):
        raise Reject(key, "NS207", "the key of sorted() must be a lambda of one item", "Write key=lambda x: x.field.")
    if not is_scalar(values.type.item):
        raise Reject(
            key, "NS207", f"sorted() with a key of {values.type}", "It takes a list of records, str or numbers."
        )
    of = _key(ctx, key, values.type.item)
    sign = "<" if descending else ">"
    # With its place in the list, so that those with equal keys keep their order in every implementation.
    keyed = f'$map({values.argument()}, function($_x, $_i) {{ {{"key": {of.argument()}, "at": $_i, "item": $_x}} }})[]'
    after = f"function($_l, $_r) {{ $_l.key {sign} $_r.key or ($_l.key = $_r.key and $_l.at > $_r.at) }}"
    kept = _kept(f"$map($sort($append([], {keyed}), {after}), function($_x) {{ $_x.item }})[]", values)
    return Expr(kept.code, values.type, reads=values.reads | (of.reads - {"_x"}))


def _key(ctx: Context, key: ast.Lambda, item: Type) -> Expr:
    with ctx.scope.binding({key.args.args[0].arg: Expr("$_x", item)}), ctx.assuming(ctx.here, certain=False):
        value = expression(ctx, key.body)
    if value.type != STR and not is_number(value.type):
        raise Reject(key.body, "NS207", f"sorted() by {value.type}", "Sort by text or numbers.")
    return value


def _kept(code: str, values: Expr) -> Expr:
    return Expr(f"$append([], {code})", values.type, reads=values.reads)
