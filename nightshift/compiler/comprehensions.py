"""List and dict comprehensions, any(), all() and sum() over them: `$map` and `$filter`, kept as lists."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from nightshift.compiler import jsonata
from nightshift.compiler.context import Context
from nightshift.compiler.expressions import condition, expression, list_item
from nightshift.compiler.jsonata import Expr, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.narrowing import narrow
from nightshift.compiler.types import (
    ANY,
    BOOL,
    INT,
    STR,
    UNKNOWN,
    DictType,
    ListType,
    OptionalType,
    TupleType,
    Type,
    dict_of,
    join,
    list_of,
    tuple_of,
)
from nightshift.compiler.unpacking import unpacked


def iterable(ctx: Context, node: ast.expr, *, pairs: bool = False) -> Expr:
    """What a `for` goes over, as a list: a list, the keys of a dict, or range(...).

    pairs: whether the items are unpacked where they go; then also zip(...), enumerate(...) and d.items().
    """
    if pairs and (found := listed_pairs(ctx, node)) is not None:
        return found
    if isinstance(node, ast.Call) and ctx.static(node.func) is range:
        return _range_list(ctx, node)
    value = expression(ctx, node)
    if isinstance(value.type, ListType):
        return value
    if (listed := as_list(value)) is not None:
        return listed
    if isinstance(value.type, DictType):
        return keys(value)
    hint = "Loops go over lists, range(...), enumerate(...) and the keys of a dict."
    if value.type == STR:
        said = ast.unparse(node)
        hint = f"Go over its characters by number: `for i in range(len({said})):`, {said}[i]."
    if isinstance(value.type, OptionalType):
        hint = f"Test for None first: `if {ast.unparse(node)} is not None:`, or go over {ast.unparse(node)} or []."
    raise Reject(node, "NS202", f"a loop over {value.type}", hint)


def as_list(value: Expr) -> Expr | None:
    """A tuple as a list; None for what is none, or has items of several types."""
    kind: Type | None = UNKNOWN if isinstance(value.type, TupleType) else None
    for item in value.type.items if isinstance(value.type, TupleType) else ():
        kind = join(kind, item) if kind else None
    return replace(value, type=list_of(kind)) if kind is not None else None


def listed_pairs(ctx: Context, node: ast.expr) -> Expr | None:
    """zip(...), enumerate(...) and d.items() as a list of tuples; None for what is none of them."""
    found = _records(ctx, node, None)
    if found is None:
        return None
    source, kinds = found
    values = [list_item(Expr(f"$_e.n{n}", kind)) for n, kind in enumerate(kinds)]
    code = f"$reduce({source.argument()}, function($_w, $_e) {{ $append($_w, [[{', '.join(values)}]]) }}, [])"
    return Expr(code, list_of(tuple_of(tuple(kinds))), reads=source.reads)


def keys(value: Expr) -> Expr:
    """The keys of a dict as a list, which JSONata's $keys gives only for two or more."""
    return Expr(f"$append([], $keys({value.argument()}))", list_of(STR), reads=value.reads)


_COUNT = "Write a literal step, or count: i = start, `while i < stop:`, and at the end of its body i += step."
_STEPS = "Compute it from a range of steps: [start + step * i for i in range(n)]."


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
        raise Reject(node, "NS207", "the step of range must be a constant other than 0", _COUNT)
    start = jsonata.constant(0) if len(values) == 1 else values[0]
    return start, values[0] if len(values) == 1 else values[1], step


def _range_list(ctx: Context, node: ast.Call) -> Expr:
    start, stop, step = range_bounds(ctx, node)
    if step != 1:
        raise Reject(node, "NS207", "a step in a range of a comprehension", _STEPS)
    last = jsonata.binary(stop, "-", jsonata.constant(1), INT, jsonata.ADD)
    return Expr(f"[{start.argument()}..{last.argument()}]", list_of(INT), reads=reads(start, stop))


Comprehension = ast.ListComp | ast.GeneratorExp | ast.DictComp


@dataclass
class _Each:
    """What a comprehension runs over: `source`, a list, of whose items the function's `parameter` is one.

    items: what the names it assigns stand for. lets: where those are several, their assignments.
    """

    parameter: str
    source: Expr
    items: dict[str, Expr]
    lets: str = ""

    def function(self, code: str, before: str = "") -> str:
        """A function of an item. before: a parameter that comes first."""
        return f"function({before}${self.parameter}) {{ {f'({self.lets}{code})' if self.lets else code} }}"


@contextmanager
def _items(ctx: Context, node: Comprehension) -> Iterator[_Each]:
    """What the comprehension runs over, filtered by the `if`s."""
    if len(node.generators) != 1 or node.generators[0].is_async:
        hint = "Write a for statement that adds them: ys = ys + x.ys; or nest two, for a list of lists."
        raise Reject(node, "NS201", "a comprehension takes one `for`", hint)
    generator = node.generators[0]
    each = _in_step(ctx, generator) if isinstance(generator.target, ast.Tuple) else _one_by_one(ctx, generator)
    with ctx.scope.binding(each.items), ctx.assuming(ctx.here, certain=False):
        for node_of_test in generator.ifs:
            test = condition(ctx, node_of_test)
            ctx.point = narrow(ctx, ctx.here, node_of_test, truth=True)
            source = each.source
            code = f"$filter({source.argument()}, {each.function(test.argument())})[]"
            each.source = Expr(code, source.type, reads=source.reads | test.reads)
        yield each


def _one_by_one(ctx: Context, generator: ast.comprehension) -> _Each:
    source = iterable(ctx, generator.iter)
    assert isinstance(source.type, ListType)
    if not isinstance(generator.target, ast.Name):
        hint = "Use one name, and read the fields of the item."
        raise Reject(generator.target, "NS201", "a comprehension assigns names only", hint)
    parameter = ctx.names.variable(generator.target.id)
    return _Each(parameter, source, {generator.target.id: Expr(f"${parameter}", source.type.item)})


def _in_step(ctx: Context, generator: ast.comprehension) -> _Each:
    """`for i, x in enumerate(xs)`, `for x, y in zip(xs, ys)`, `for k, v in d.items()`: over objects of one each."""
    assert isinstance(generator.target, ast.Tuple)
    target = generator.target
    found = _records(ctx, generator.iter, target)
    parameter = ctx.names.variable("each")
    if found is None:
        source = iterable(ctx, generator.iter)
        assert isinstance(source.type, ListType)
        values = unpacked(target, Expr(f"${parameter}", source.type.item))
    else:
        source, kinds = found
        if len(kinds) != len(target.elts):
            hint = "Write `for i, x in ...`, a name for each."
            raise Reject(target, "NS102", f"this gives {len(kinds)} values", hint)
        values = [Expr(f"${parameter}.n{n}", kind) for n, kind in enumerate(kinds)]
    each = _Each(parameter, source, {})
    for name, value in zip(target.elts, values, strict=True):
        _named(ctx, each, name, value)
    return each


def _named(ctx: Context, each: _Each, target: ast.expr, value: Expr) -> None:
    """Give a value in the item its name, or those inside of it theirs."""
    if isinstance(target, ast.Tuple):
        for name, inside in zip(target.elts, unpacked(target, value), strict=True):
            _named(ctx, each, name, inside)
        return
    if not isinstance(target, ast.Name):
        raise Reject(target, "NS201", "a comprehension assigns names only", "Use one name for each value.")
    variable = ctx.names.variable(target.id)
    each.items[target.id] = Expr(f"${variable}", value.type)
    each.lets += f"${variable} := {value.code}; "


def _records(ctx: Context, node: ast.expr, target: ast.Tuple | None) -> tuple[Expr, list[Type]] | None:
    """enumerate(xs), zip(xs, ys), d.items(): as objects with the fields n0, n1, and the types of those.

    target: the names they go to, of which some may be for what is in a value.
    """
    inner = [isinstance(name, ast.Tuple) for name in target.elts] if target is not None else []
    call = node if isinstance(node, ast.Call) else None
    function = ctx.static(call.func) if call else None
    if call is not None and function is enumerate:
        return _numbered(ctx, call, pairs=inner[1:] == [True])
    if call is not None and function is zip:
        return _zipped(ctx, call)
    if call is not None and isinstance(call.func, ast.Attribute) and call.func.attr == "items":
        return _of_dict(ctx, call, call.func.value)
    return None


def _numbered(ctx: Context, call: ast.Call, *, pairs: bool) -> tuple[Expr, list[Type]]:
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "start")]
    if not 1 <= len(call.args) <= 2 or len(given) > 2 or len(given) != len(call.args) + len(call.keywords):
        raise Reject(call, "NS207", "wrong arguments for enumerate()", "Write enumerate(xs) or enumerate(xs, start=1).")
    items = iterable(ctx, given[0], pairs=pairs)
    start = expression(ctx, given[1]) if len(given) == 2 else jsonata.constant(0)
    if start.type != INT:
        raise Reject(given[1], "NS207", f"start of {start.type}", "enumerate() counts from an int.")
    assert isinstance(items.type, ListType)
    one = 'function($_x, $_i) { {"n0": $_i + $_s, "n1": $_x} }'
    code = f"($_s := {start.argument()}; $append([], $map({items.argument()}, {one})[]))"
    return Expr(code, list_of(ANY), reads=reads(items, start)), [INT, items.type.item]


def _zipped(ctx: Context, call: ast.Call) -> tuple[Expr, list[Type]]:
    if call.keywords or len(call.args) < 2:
        raise Reject(call, "NS207", "wrong arguments for zip()", "Write zip(xs, ys).")
    lists = [iterable(ctx, argument) for argument in call.args]
    kinds = [each.type.item for each in lists if isinstance(each.type, ListType)]
    lets = "".join(f"$_z{n} := {each.argument()}; " for n, each in enumerate(lists))
    least = f"$min([{', '.join(f'$count($_z{n})' for n in range(len(lists)))}])"
    record = ", ".join(f'"n{n}": $_z{n}[$_i]' for n in range(len(lists)))
    code = f"({lets}$append([], $map([0..{least} - 1], function($_i) {{ {{{record}}} }})[]))"
    return Expr(code, list_of(ANY), reads=reads(*lists)), kinds


def _of_dict(ctx: Context, call: ast.Call, node: ast.expr) -> tuple[Expr, list[Type]]:
    owner = expression(ctx, node)
    if not isinstance(owner.type, DictType) or call.args or call.keywords:
        raise Reject(call, "NS206", f"{owner.type} has no method 'items'", "Go over a dict, or a list.")
    one = 'function($_k) { {"n0": $_k, "n1": $lookup($_d, $_k)} }'
    code = f"($_d := {owner.argument()}; $append([], $map($append([], $keys($_d)), {one})[]))"
    return Expr(code, list_of(ANY), reads=owner.reads), [STR, owner.type.value]


def list_comp(ctx: Context, node: ast.ListComp) -> Expr:
    """`[value for x in xs if test]`."""
    with _items(ctx, node) as each:
        value = expression(ctx, node.elt)
    source = each.source
    if isinstance(node.elt, ast.Name) and value.code == f"${each.parameter}":
        code = f"$append([], {source.argument()})"
    elif isinstance(value.type, ListType | TupleType | OptionalType) or value.type == ANY:
        # $map would merge the items of lists: fold instead.
        add = each.function(f"$append($w, {_kept_whole(value)})", "$w, ")
        code = f"$reduce($append([], {source.argument()}), {add}, [])"
    else:
        code = f"$append([], $map({source.argument()}, {each.function(value.argument())})[])"
    return Expr(code, list_of(value.type), reads=reads(source, value))


def _kept_whole(value: Expr) -> str:
    """A list of one item, which $append adds as it is, also when it is a list itself."""
    if isinstance(value.type, ListType | TupleType):
        return f"[{value.argument()}]" if value.code.startswith("[") else f"[[{value.argument()}]]"
    return f'($v := {value.argument()}; $type($v) = "array" ? [[$v]] : [$v])'


def dict_comp(ctx: Context, node: ast.DictComp) -> Expr:
    """`{key: value for x in xs if test}`."""
    with _items(ctx, node) as each:
        key, value = expression(ctx, node.key), expression(ctx, node.value)
    if key.type != STR:
        raise Reject(node.key, "NS202", f"a dict key of type {key.type}", "Keys are str; write str(x).")
    source, one = each.source, each.function(f"{{{key.argument()}: {value.within(jsonata.TERNARY)}}}")
    code = f"$merge($append([], $map({source.argument()}, {one})))"
    return Expr(code, dict_of(value.type), reads=reads(source, key, value))


def any_or_all(ctx: Context, node: ast.GeneratorExp | ast.ListComp, *, is_any: bool) -> Expr:
    """any(...) and all(...) of a comprehension."""
    with _items(ctx, node) as each:
        test = condition(ctx, node.elt)
    wanted = test.argument() if is_any else f"$not({test.argument()})"
    source = each.source
    # "[]", so that one item that is an empty list counts as one.
    found = f"$count($filter({source.argument()}, {each.function(wanted)})[])"
    return Expr(f"{found} {'> 0' if is_any else '= 0'}", BOOL, jsonata.COMPARE, reads(source, test))


def generator_list(ctx: Context, node: ast.GeneratorExp) -> Expr:
    """A generator where a list does as well: sum(...), min(...), max(...)."""
    as_list = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
    return list_comp(ctx, as_list)
