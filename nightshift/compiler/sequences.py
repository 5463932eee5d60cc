"""Parts of lists and text, and the order of lists: `xs[1:3]`, `sorted(xs, key=...)`."""

from __future__ import annotations

import ast
from operator import attrgetter, itemgetter

from nightshift.compiler.context import Context
from nightshift.compiler.expressions import expression, list_item
from nightshift.compiler.jsonata import TERNARY, Expr, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.types import INT, STR, ListType, is_number


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
    name = ctx.names.variable("item")
    keys = _keys(ctx, key, Expr(f"${name}", values.type.item, reads=frozenset({name})))
    # With its place in the list, so that those with equal keys keep their order in every implementation.
    record = ", ".join(f'"key{n}": {of.within(TERNARY)}' for n, of in enumerate(keys))
    keyed = f'$map({values.argument()}, function(${name}, $_i) {{ {{{record}, "at": $_i, "item": ${name}}} }})[]'
    after, sign = "$_l.at > $_r.at", "<" if descending else ">"
    for n in reversed(range(len(keys))):
        after = f"$_l.key{n} {sign} $_r.key{n} or ($_l.key{n} = $_r.key{n} and ({after}))"
    ordering = f"function($_l, $_r) {{ {after} }}"
    # Each item in brackets, so that one that is a list stays one.
    item = list_item(Expr('$lookup($_x, "item")', values.type.item))
    kept = f"$reduce($sort($append([], {keyed}), {ordering}), function($_w, $_x) {{ $append($_w, [{item}]) }}, [])"
    return Expr(kept, values.type, reads=values.reads | (reads(*keys) - {name}))


def _keys(ctx: Context, key: ast.expr, item: Expr) -> list[Expr]:
    """What is compared of an item: what the key gives for it, or each value of the tuple that it gives."""
    with ctx.assuming(ctx.here, certain=False):
        parameter, body = _applied(ctx, key)
        with ctx.scope.binding({parameter: item}):
            given = [expression(ctx, part) for part in (body.elts if isinstance(body, ast.Tuple) else [body])]
    for value in given:
        if value.type != STR and not is_number(value.type):
            hint = "Sort by text or numbers, or a tuple of those: key=lambda x: (x.state, x.size)."
            raise Reject(body, "NS207", f"sorted() by {value.type}", hint)
    return given


def _applied(ctx: Context, key: ast.expr) -> tuple[str, ast.expr]:
    """A key as an expression of one name: a lambda's own, else a call of the function."""
    if isinstance(key, ast.Lambda):
        if len(key.args.args) != 1 or key.args.defaults:
            raise Reject(key, "NS207", "the key of sorted() takes one item", "Write key=lambda x: x.field.")
        return key.args.args[0].arg, key.body
    # No Python variable has this name.
    name = "item."
    body: ast.expr = ast.Name(name, ast.Load())
    getter = ctx.static(key.func) if isinstance(key, ast.Call) else None
    if isinstance(key, ast.Call) and getter in (itemgetter, attrgetter):
        if len(key.args) != 1 or key.keywords or not isinstance(key.args[0], ast.Constant):
            raise Reject(key, "NS207", f"{ast.unparse(key)} as a key", "Write key=lambda x: x.field.")
        field = key.args[0]
        if getter is itemgetter:
            body = ast.Subscript(body, field, ast.Load())
        for part in str(field.value).split(".") if getter is attrgetter else ():
            body = ast.Attribute(body, part, ast.Load())
    elif isinstance(key, ast.Name):
        body = ast.Call(key, [body], [])
    else:
        raise Reject(key, "NS207", "the key of sorted() must be a function of one item", "Write key=lambda x: x.field.")
    for made in ast.walk(body):
        ast.copy_location(made, key)
    return name, body


def _kept(code: str, values: Expr) -> Expr:
    return Expr(f"$append([], {code})", values.type, reads=values.reads)
