"""The head of a `for`: what it goes over, how many passes it makes, and what its variables are in each."""

from __future__ import annotations

import ast

from nightshift.compiler import ir
from nightshift.compiler.assignments import target_variable
from nightshift.compiler.comprehensions import iterable, keys, range_bounds
from nightshift.compiler.context import Context, read
from nightshift.compiler.expressions import expression
from nightshift.compiler.jsonata import ADD, MULTIPLY, Expr, binary, constant, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.truth import count
from nightshift.compiler.types import INT, DictType, ListType
from nightshift.compiler.unpacking import unpacked


def counted(ctx: Context, node: ast.For, name: str) -> ir.For:
    """The loop, without its body."""
    call = node.iter if isinstance(node.iter, ast.Call) else None
    function = ctx.static(call.func) if call else None
    counter = ctx.temporary("pass", INT)
    loop = ir.For([], counter, constant(0), [], [], [], name, ast.unparse(node.iter), ast.unparse(node.target))
    if call is not None and function is range:
        _over_range(ctx, node, call, loop)
    elif call is not None and function is enumerate:
        _enumerated(ctx, node, call, loop)
    elif call is not None and function is zip:
        _side_by_side(ctx, node, call, loop)
    elif call is not None and isinstance(call.func, ast.Attribute) and call.func.attr == "items":
        _over_dict(ctx, node, call, loop)
    else:
        _over_items(ctx, iterable(ctx, node.iter), node.target, loop)
    return loop


def _targets(node: ast.For, count: int) -> list[ast.expr]:
    if not isinstance(node.target, ast.Tuple) or len(node.target.elts) != count:
        raise Reject(
            node.target, "NS102", f"this loop gives {count} values", "Write `for i, x in ...`, a name for each."
        )
    return node.target.elts


def _over_range(ctx: Context, node: ast.For, call: ast.Call, loop: ir.For) -> None:
    start, stop, step = range_bounds(ctx, call)
    first = _once(ctx, loop, "start", start)
    last = _once(ctx, loop, "stop", stop)
    counter = read(loop.counter)
    variable = target_variable(ctx, node.target, INT)
    stepped = counter if step == 1 else binary(counter, "*", constant(step), INT, MULTIPLY)
    value = stepped if first.constant == 0 else binary(first, "+", stepped, INT, ADD)
    loop.each.append((variable, value))
    if first.constant == 0 and step == 1:
        loop.count = last
        return
    if first.is_constant and last.is_constant:
        loop.count = constant(len(range(first.constant, last.constant, step)))
        return
    code = f"$ceil(({last.argument()} - {first.within(ADD)}) / {step if step > 0 else f'({step})'})"
    loop.count = Expr(code, INT, reads=reads(first, last))


def _enumerated(ctx: Context, node: ast.For, call: ast.Call, loop: ir.For) -> None:
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "start")]
    if not 1 <= len(call.args) <= 2 or len(given) > 2 or len(given) != len(call.args) + len(call.keywords):
        raise Reject(call, "NS207", "wrong arguments for enumerate()", "Write enumerate(xs) or enumerate(xs, start=1).")
    index, item = _targets(node, 2)
    _over_items(ctx, iterable(ctx, given[0], pairs=isinstance(item, ast.Tuple)), item, loop)
    number = read(loop.counter)
    if len(given) == 2:
        start = expression(ctx, given[1])
        if start.type != INT:
            raise Reject(given[1], "NS207", f"start of {start.type}", "enumerate() counts from an int.")
        number = binary(number, "+", _once(ctx, loop, "start", start), INT, ADD)
    loop.each.append((target_variable(ctx, index, INT), number))


def _side_by_side(ctx: Context, node: ast.For, call: ast.Call, loop: ir.For) -> None:
    if call.keywords or len(call.args) < 2:
        raise Reject(call, "NS207", "wrong arguments for zip()", "Write zip(xs, ys).")
    counts = []
    for argument, target in zip(call.args, _targets(node, len(call.args)), strict=True):
        _over_items(ctx, iterable(ctx, argument), target, loop)
        counts.append(loop.count)
    code = f"$min([{', '.join(count.argument() for count in counts)}])"
    loop.count = Expr(code, INT, reads=reads(*counts))


def _over_items(ctx: Context, items: Expr, target: ast.expr, loop: ir.For) -> None:
    assert isinstance(items.type, ListType)
    kept = _once(ctx, loop, "items", items)
    item = Expr(f"{kept.code}[${loop.counter.name}]", items.type.item, reads=kept.reads | {loop.counter.name})
    # As the constant it is, from which the events of a run are estimated.
    loop.count = constant(len(items.constant)) if items.is_constant else count(kept)
    _each(ctx, loop, target, item)


def _each(ctx: Context, loop: ir.For, target: ast.expr, item: Expr) -> None:
    """What a pass assigns: an item to a name, or the values in it to several."""
    if isinstance(target, ast.Tuple):
        for name, value in zip(target.elts, unpacked(target, item), strict=True):
            _each(ctx, loop, name, value)
        return
    loop.each.append((target_variable(ctx, target, item.type), item))


def _over_dict(ctx: Context, node: ast.For, call: ast.Call, loop: ir.For) -> None:
    assert isinstance(call.func, ast.Attribute)
    key_target, value_target = _targets(node, 2)
    owner = expression(ctx, call.func.value)
    if not isinstance(owner.type, DictType):
        raise Reject(call, "NS206", f"{owner.type} has no method 'items'", "Loop over a dict, or a list.")
    kept = _once(ctx, loop, "dict", owner)
    _over_items(ctx, keys(owner), key_target, loop)
    (_, key) = loop.each[-1]
    value = Expr(f"$lookup({kept.code}, {key.code})", owner.type.value, reads=kept.reads | key.reads)
    _each(ctx, loop, value_target, value)


def _once(ctx: Context, loop: ir.For, wanted: str, value: Expr) -> Expr:
    """A value that the loop reads at each pass, taken before it starts."""
    if value.is_constant and not isinstance(value.constant, list):
        return value
    variable = ctx.temporary(wanted, value.type)
    loop.setup.append((variable, value))
    return read(variable)
