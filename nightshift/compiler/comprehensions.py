"""List and dict comprehensions, any(), all() and sum() over them: `$map` and `$filter`, kept as lists."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from nightshift.compiler import jsonata
from nightshift.compiler.context import Context
from nightshift.compiler.expressions import condition, expression
from nightshift.compiler.jsonata import Expr, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.narrowing import narrow
from nightshift.compiler.types import (
    ANY,
    BOOL,
    INT,
    STR,
    DictType,
    ListType,
    OptionalType,
    TupleType,
    Type,
    dict_of,
    join,
    list_of,
)


def iterable(ctx: Context, node: ast.expr) -> Expr:
    """What a `for` goes over, as a list: a list, the keys of a dict, or range(...)."""
    if isinstance(node, ast.Call) and ctx.static(node.func) is range:
        return _range_list(ctx, node)
    value = expression(ctx, node)
    if isinstance(value.type, ListType):
        return value
    if isinstance(value.type, TupleType):
        kind: Type | None = value.type.items[0]
        for item in value.type.items[1:]:
            kind = join(kind, item) if kind else None
        if kind is not None:
            return Expr(value.code, list_of(kind), value.binds, value.reads, value.total, value.template)
    if isinstance(value.type, DictType):
        return keys(value)
    hint = "Loops go over lists, range(...), enumerate(...) and the keys of a dict."
    raise Reject(node, "NS202", f"a loop over {value.type}", hint)


def keys(value: Expr) -> Expr:
    """The keys of a dict as a list, which JSONata's $keys gives only for two or more."""
    return Expr(f"$append([], $keys({value.argument()}))", list_of(STR), reads=value.reads)


def range_bounds(ctx: Context, node: ast.Call) -> tuple[Expr, Expr, int]:
    """(start, stop, step) of range(...); the step has to be a constant."""
    if node.keywords or not 1 <= len(node.args) <= 3:
        raise Reject(node, "NS207", "range takes one to three ints", "Write range(n) or range(start, stop, step).")
    values = [expression(ctx, a) for a in node.args]
    for argument, value in zip(node.args, values, strict=True):
        if value.type != INT:
            raise Reject(argument, "NS207", f"range of {value.type}", "range takes ints.")
    step = values[2].constant if len(values) == 3 else 1
    if not isinstance(step, int) or step == 0:
        raise Reject(node, "NS207", "the step of range must be a constant other than 0", "Write a literal step.")
    start = jsonata.constant(0) if len(values) == 1 else values[0]
    return start, values[0] if len(values) == 1 else values[1], step


def _range_list(ctx: Context, node: ast.Call) -> Expr:
    start, stop, step = range_bounds(ctx, node)
    if step != 1:
        raise Reject(node, "NS207", "a step in a range of a comprehension", "Filter instead: `if x % 2 == 0`.")
    last = jsonata.binary(stop, "-", jsonata.constant(1), INT, jsonata.ADD)
    return Expr(f"[{start.argument()}..{last.argument()}]", list_of(INT), reads=reads(start, stop))


Comprehension = ast.ListComp | ast.GeneratorExp | ast.DictComp


@contextmanager
def _items(ctx: Context, node: Comprehension) -> Iterator[tuple[str, Expr]]:
    """The name of the function's parameter, and the list it runs over, filtered by the `if`s."""
    if len(node.generators) != 1 or node.generators[0].is_async:
        hint = "Nest two comprehensions, or write a for statement."
        raise Reject(node, "NS201", "a comprehension takes one `for`", hint)
    generator = node.generators[0]
    source = iterable(ctx, generator.iter)
    assert isinstance(source.type, ListType)
    if not isinstance(generator.target, ast.Name):
        hint = "Use one name, and read the fields of the item."
        raise Reject(generator.target, "NS201", "a comprehension assigns one name", hint)
    parameter = ctx.names.variable(generator.target.id)
    item = Expr(f"${parameter}", source.type.item)
    with ctx.scope.binding({generator.target.id: item}), ctx.assuming(ctx.here, certain=False):
        for node_of_test in generator.ifs:
            test = condition(ctx, node_of_test)
            ctx.point = narrow(ctx, ctx.here, node_of_test, truth=True)
            code = f"$filter({source.argument()}, function(${parameter}) {{ {test.argument()} }})[]"
            source = Expr(code, source.type, reads=source.reads | test.reads)
        yield parameter, source


def list_comp(ctx: Context, node: ast.ListComp) -> Expr:
    """`[value for x in xs if test]`."""
    with _items(ctx, node) as (parameter, source):
        value = expression(ctx, node.elt)
    if isinstance(node.elt, ast.Name) and value.code == f"${parameter}":
        code = f"$append([], {source.argument()})"
    elif isinstance(value.type, ListType | TupleType | OptionalType) or value.type == ANY:
        # $map would merge the items of lists: fold instead.
        add = f"function($w, ${parameter}) {{ $append($w, {_kept_whole(value)}) }}"
        code = f"$reduce($append([], {source.argument()}), {add}, [])"
    else:
        code = f"$append([], $map({source.argument()}, function(${parameter}) {{ {value.argument()} }})[])"
    return Expr(code, list_of(value.type), reads=reads(source, value))


def _kept_whole(value: Expr) -> str:
    """A list of one item, which $append adds as it is, also when it is a list itself."""
    if isinstance(value.type, ListType | TupleType):
        return f"[{value.argument()}]" if value.code.startswith("[") else f"[[{value.argument()}]]"
    return f'($v := {value.argument()}; $type($v) = "array" ? [[$v]] : [$v])'


def dict_comp(ctx: Context, node: ast.DictComp) -> Expr:
    """`{key: value for x in xs if test}`."""
    with _items(ctx, node) as (parameter, source):
        key, value = expression(ctx, node.key), expression(ctx, node.value)
    if key.type != STR:
        raise Reject(node.key, "NS202", f"a dict key of type {key.type}", "Keys are str; write str(x).")
    one = f"function(${parameter}) {{ {{{key.argument()}: {value.within(jsonata.TERNARY)}}} }}"
    code = f"$merge($append([], $map({source.argument()}, {one})))"
    return Expr(code, dict_of(value.type), reads=reads(source, key, value))


def any_or_all(ctx: Context, node: ast.GeneratorExp | ast.ListComp, *, is_any: bool) -> Expr:
    """any(...) and all(...) of a comprehension."""
    with _items(ctx, node) as (parameter, source):
        test = condition(ctx, node.elt)
    wanted = test.argument() if is_any else f"$not({test.argument()})"
    found = f"$count($filter({source.argument()}, function(${parameter}) {{ {wanted} }}))"
    return Expr(f"{found} {'> 0' if is_any else '= 0'}", BOOL, jsonata.COMPARE, reads(source, test))


def generator_list(ctx: Context, node: ast.GeneratorExp) -> Expr:
    """A generator where a list does as well: sum(...), min(...), max(...)."""
    as_list = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
    return list_comp(ctx, as_list)
