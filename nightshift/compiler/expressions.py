"""Python expressions to JSONata, by the types of their operands."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

from nightshift.compiler import jsonata
from nightshift.compiler.context import MISSING, Context, module_attribute, name
from nightshift.compiler.formatting import joined_string
from nightshift.compiler.instead import ONE_DICT
from nightshift.compiler.jsonata import Expr, binary, call, constant, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.narrowing import as_tested, narrow
from nightshift.compiler.operators import arithmetic, character, compared, said, wrong_operands
from nightshift.compiler.signatures import did_you_mean
from nightshift.compiler.stored import readable, whole
from nightshift.compiler.truth import truth
from nightshift.compiler.tuples import check_added, check_compared
from nightshift.compiler.types import (
    ANY,
    BOOL,
    FITS_JSON,
    INT,
    SECRET,
    STR,
    UNKNOWN,
    DictType,
    ListType,
    OptionalType,
    RecordType,
    TupleType,
    Type,
    dict_of,
    is_number,
    is_scalar,
    join,
    list_of,
    of_constant,
    origins,
    presumed,
    tuple_of,
    without_none,
)

TYPED = "typed"
"""The attribute of a dict literal that is a TypedDict where it stands: what compiles it."""

_INSTEAD: dict[type[ast.expr], str] = {
    ast.Lambda: "Use a lambda only as a branch of parallel(...) or for_each(...); else write def f(x): return ...",
    ast.Set: "Write a list.",
    ast.SetComp: "Write a list comprehension; of texts a dict keeps each once: list({x: x for x in xs}).",
    ast.NamedExpr: "Assign in a statement of its own; for a `while` before it, and again at the end of its body.",
    ast.Await: "A flow waits by itself: call the part without `await`.",
    ast.Yield: "Return a list.",
    ast.YieldFrom: "Return a list.",
    ast.Starred: "Write the items out, or add lists with +.",
    ast.GeneratorExp: "Write a list comprehension; a generator may stand in any(), all() and sum().",
}


def expression(ctx: Context, node: ast.expr) -> Expr:
    """Compile an expression whose value is read; raises Reject for one outside the language."""
    return readable(ctx, carried(ctx, node))


def carried(ctx: Context, node: ast.expr) -> Expr:
    """Compile an expression whose value is only taken along: it may be a reference (`stored.py`)."""
    value = possibly_absent(ctx, node)
    if isinstance(value.type, OptionalType) and value.type.presumed:
        return replace(value, type=value.type.inner)
    return value


def possibly_absent(ctx: Context, node: ast.expr) -> Expr:
    """Compile an expression whose value is tested: where a field may be left out, its type says so."""
    compile_node = _COMPILERS.get(type(node))
    if compile_node is None:
        hint = _INSTEAD.get(type(node), "docs/language.md lists the expressions of the flow language.")
        raise Reject(node, "NS201", f"{said(node)} is not part of the flow language", hint)
    return compile_node(ctx, node)


def condition(ctx: Context, node: ast.expr) -> Expr:
    """An expression as a test: true or false, as Python's truth is."""
    if isinstance(node, ast.BoolOp):
        return _conditions(ctx, node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return call("not", BOOL, condition(ctx, node.operand))
    return truth(node, possibly_absent(ctx, node))


def _constant(ctx: Context, node: ast.Constant) -> Expr:
    if isinstance(node.value, bytes | complex) or node.value is ...:
        raise Reject(node, "NS208", f"{said(node)} cannot be written as JSON", "Write a str, a number, True or None.")
    if of_constant(node.value) is None:
        raise Reject(node, "NS208", f"{said(node)} cannot be written as JSON", FITS_JSON)
    return constant(node.value)


def _bin_op(ctx: Context, node: ast.BinOp) -> Expr:
    left, right = expression(ctx, node.left), expression(ctx, node.right)
    if isinstance(node.op, ast.Add):
        check_added(ctx, node, left, right)
    return arithmetic(node, left, right)


def _unary_op(ctx: Context, node: ast.UnaryOp) -> Expr:
    if isinstance(node.op, ast.Not):
        return condition(ctx, node)
    operand = expression(ctx, node.operand)
    if not is_number(operand.type) or isinstance(node.op, ast.Invert):
        raise Reject(node, "NS202", f"{said(node)} of {operand.type}", "Only numbers have a sign.")
    if operand.is_constant:
        return constant(-operand.constant if isinstance(node.op, ast.USub) else operand.constant)
    if isinstance(node.op, ast.UAdd):
        return operand
    return Expr(f"-{operand.within(jsonata.UNARY)}", operand.type, jsonata.UNARY, operand.reads)


def _bool_op(ctx: Context, node: ast.BoolOp) -> Expr:
    """`and` / `or` as a value: of bools JSONata's own operators, else the operand that decides."""
    is_or = isinstance(node.op, ast.Or)
    tested: list[tuple[ast.expr, Expr]] = []
    kind: Type = UNKNOWN
    with _sequence(ctx, node) as operands:
        for operand in operands:
            value = (carried if operand is node.values[-1] else possibly_absent)(ctx, operand)
            decided = None if operand is node.values[-1] else truth(operand, value).constant
            if decided is not (not is_or):
                tested.append((operand, value))
            elif is_or and isinstance(value.type, ListType | DictType):
                # An empty one never decides, but may tell of what there are lists.
                kind = value.type
            if decided is is_or:
                break
    if all(value.type == BOOL for _, value in tested):
        return _joined(node, [value for _, value in tested])
    *before, (_, result) = tested
    kind = join(kind, result.type) or result.type
    result = replace(result, type=kind)
    for operand, value in reversed(before):
        merged = join(without_none(value.type) if is_or else value.type, kind)
        if merged is None:
            raise wrong_operands(node, value, result)
        kind = merged
        test = truth(operand, value).within(jsonata.TERNARY)
        ways = (value, result) if is_or else (result, value)
        code = f"{test} ? {ways[0].within(jsonata.TERNARY)} : {ways[1].within(jsonata.TERNARY)}"
        result = Expr(code, kind, jsonata.TERNARY, reads(value, result))
    return result


def _conditions(ctx: Context, node: ast.BoolOp) -> Expr:
    """`and` / `or` as a test. What comes after an operand that always decides is never evaluated, and left out."""
    values: list[Expr] = []
    with _sequence(ctx, node) as operands:
        for operand in operands:
            values.append(condition(ctx, operand))
            if values[-1].constant is isinstance(node.op, ast.Or):
                break
    return _joined(node, values)


def _joined(node: ast.BoolOp, values: list[Expr]) -> Expr:
    is_and = isinstance(node.op, ast.And)
    binds = jsonata.AND if is_and else jsonata.OR
    result, *others = [value for value in values if value.constant is not is_and] or [constant(is_and)]
    for value in others:
        result = binary(result, "and" if is_and else "or", value, BOOL, binds)
    return result


@contextmanager
def _sequence(ctx: Context, node: ast.BoolOp) -> Iterator[Iterator[ast.expr]]:
    """The operands, each compiled with what the ones before it have decided."""
    point, certain = ctx.point, ctx.certain

    def operands() -> Iterator[ast.expr]:
        for operand in node.values:
            yield operand
            ctx.point = narrow(ctx, ctx.here, operand, truth=isinstance(node.op, ast.And))
            ctx.certain = False

    try:
        yield operands()
    finally:
        ctx.point, ctx.certain = point, certain


def _if_exp(ctx: Context, node: ast.IfExp) -> Expr:
    test = condition(ctx, node.test)
    if test.is_constant:
        return carried(ctx, node.body if test.constant else node.orelse)
    with ctx.assuming(narrow(ctx, ctx.here, node.test, truth=True), certain=False):
        then = carried(ctx, node.body)
    with ctx.assuming(narrow(ctx, ctx.here, node.test, truth=False), certain=False):
        orelse = carried(ctx, node.orelse)
    kind = join(then.type, orelse.type)
    if kind is None:
        hint = "Both ways of a conditional expression need one type."
        raise Reject(node, "NS202", f"{said(node)} is {then.type} or {orelse.type}", hint)
    code = f"{test.within(jsonata.TERNARY)} ? {then.within(jsonata.TERNARY)} : {orelse.within(jsonata.TERNARY)}"
    return Expr(code, kind, jsonata.TERNARY, reads(test, then, orelse))


def _list(ctx: Context, node: ast.List | ast.Tuple) -> Expr:
    return list_literal(node, [expression(ctx, item) for item in node.elts])


def list_literal(node: ast.List | ast.Tuple, items: list[Expr]) -> Expr:
    """A list or tuple of these items."""
    kind = _one_type(items)
    constants = bool(items) and all(item.is_constant for item in items)
    shape = tuple_of(tuple(i.type for i in items)) if isinstance(node, ast.Tuple) or kind is None else list_of(kind)
    if constants and kind is not None:
        return replace(constant([item.constant for item in items]), type=list_of(kind))
    if constants:
        return replace(constant([item.constant for item in items]), type=shape)
    literal = f"[{', '.join(list_item(item) for item in items)}]"
    return Expr(literal, shape, reads=reads(*items), template=[i.asl() for i in items])


def list_item(item: Expr) -> str:
    """An item of a list literal: JSONata merges an array among the items, unless it is written as a constructor."""
    if is_scalar(item.type) or isinstance(item.template, list):
        return item.argument()
    if isinstance(item.type, ListType | TupleType):
        return f"[{item.argument()}]"
    return f'($v := {item.argument()}; $type($v) = "array" ? [[$v]] : [$v])'


def _dict(ctx: Context, node: ast.Dict) -> Expr:
    if TYPED in vars(node):
        return cast(Expr, vars(node)[TYPED](ctx, node))
    keys = [_key(ctx, node, key) for key in node.keys]
    values = [expression(ctx, value) for value in node.values]
    kind = _one_type(values)
    if kind is None:
        values = [whole(ctx, value) if origins(value.type) else value for value in values]
    if all(isinstance(key.constant, str) for key in keys):
        return dict_literal([key.constant for key in keys], values)
    pairs = [f"{{{k.argument()}: {v.within(jsonata.TERNARY)}}}" for k, v in zip(keys, values, strict=True)]
    return Expr(f"$merge([{', '.join(pairs)}])", dict_of(kind or ANY), reads=reads(*keys, *values))


def _key(ctx: Context, node: ast.Dict, key: ast.expr | None) -> Expr:
    compiled = expression(ctx, key) if key is not None else None
    if compiled is None or compiled.type != STR:
        hint = "Write the keys as strings: str(x)." if key is not None else ONE_DICT
        raise Reject(key or node, "NS208", "a dict literal needs keys of str", hint)
    return compiled


def _one_type(values: list[Expr]) -> Type | None:
    """The type that fits all of them; None when there is none."""
    kind: Type | None = UNKNOWN
    for value in values:
        kind = join(kind, value.type) if kind else None
    return kind


def dict_literal(keys: list[str], values: list[Expr]) -> Expr:
    """A dict of these; of any values where no single type fits them."""
    if all(value.is_constant for value in values):
        return constant(dict(zip(keys, (v.constant for v in values), strict=True)))
    return dict_display(dict(zip(keys, values, strict=True)), _one_type(values) or ANY)


def dict_display(values: dict[str, Expr], kind: Type) -> Expr:
    """`{"key": value}` with values of one type."""
    pairs = ", ".join(f"{jsonata.text(k)}: {v.within(jsonata.TERNARY)}" for k, v in values.items())
    template = {k: v.asl() for k, v in values.items()}
    return Expr(f"{{{pairs}}}", dict_of(kind), reads=reads(*values.values()), template=template)


def _subscript(ctx: Context, node: ast.Subscript) -> Expr:
    if isinstance(node.slice, ast.Slice):
        return _COMPILERS[ast.Slice](ctx, node)
    owner, index = expression(ctx, node.value), expression(ctx, node.slice)
    kind = owner.type
    if isinstance(kind, ListType | TupleType) and index.type == INT:
        item = _item_type(node, kind, index)
        code = f"{owner.within(jsonata.ATOM - 1)}[{index.argument()}]"
        return Expr(code, item, reads=reads(owner, index), total=False)
    if isinstance(kind, DictType | RecordType) or kind == ANY:
        value = _value_type(node, kind, index)
        code = f"$lookup({owner.argument()}, {index.argument()})"
        return Expr(code, as_tested(ctx, node, value), reads=reads(owner, index), total=False)
    if kind == STR and index.type == INT:
        return character(owner, index)
    if isinstance(kind, OptionalType):
        hint = "Test for None first: `if x is not None:`."
        raise Reject(node, "NS202", f"{said(node.value)} may be None", hint)
    raise Reject(node, "NS202", f"{kind} indexed by {index.type}", "Lists take an int, dicts a str.")


def _item_type(node: ast.expr, kind: ListType | TupleType, index: Expr) -> Type:
    if isinstance(kind, ListType):
        return kind.item
    if index.is_constant and -len(kind.items) <= index.constant < len(kind.items):
        chosen: Type = kind.items[index.constant]
        return chosen
    hint = f"It has {len(kind.items)} items of their own types: write a constant index, or unpack it."
    raise Reject(node, "NS202", f"{said(node)} is not one of the items", hint)


def _value_type(node: ast.Subscript, kind: Type, index: Expr) -> Type:
    if index.type != STR:
        hint = "Dicts take a str as key." if kind != ANY else "Say that it is a list first: `items: list[Any] = ...`."
        raise Reject(node, "NS202", f"{kind} indexed by {index.type}", hint)
    if isinstance(kind, RecordType) and not kind.keyed:
        raise Reject(node, "NS202", f"{kind} is a record", "Read its fields as attributes: result.changed.")
    if isinstance(kind, RecordType):
        names = [name for name, _ in kind.fields]
        field = kind.field(index.constant) if index.is_constant else None
        if field is None:
            hint = did_you_mean(str(index.constant), names, "It has {}.")
            raise Reject(node, "NS204", f"{kind} has no key {ast.unparse(node.slice)}", hint)
        return field
    return kind.value if isinstance(kind, DictType) else ANY


def _attribute(ctx: Context, node: ast.Attribute) -> Expr:
    value = ctx.static(node)
    if value is not MISSING:
        return module_attribute(ctx, node, value)
    owner = expression(ctx, node.value)
    if isinstance(owner.type, RecordType):
        if owner.type.keyed:
            raise Reject(
                node, "NS204", f"{owner.type} is read by key", f'Write {ast.unparse(node.value)}["{node.attr}"].'
            )
        kind = owner.type.field(node.attr)
        if kind is not None:
            if kind == SECRET:
                hint = "AWS marks it as sensitive: what needs it has to read it itself."
                raise Reject(node, "NS323", f"{node.attr} of {owner.type} is kept out of the state machine", hint)
            code = f"{owner.within(jsonata.ATOM - 1)}.{_field(node.attr)}"
            kind = presumed(kind) if owner.type.lenient else kind
            return Expr(code, as_tested(ctx, node, kind), reads=owner.reads, total=owner.type.complete)
        hint = did_you_mean(node.attr, [field for field, _ in owner.type.fields], "Its fields are {}.")
        raise Reject(node, "NS204", f"{owner.type} has no field {node.attr!r}", hint)
    if isinstance(owner.type, OptionalType):
        raise Reject(node, "NS202", f"{said(node.value)} may be None", "Test for None first: `if x is not None:`.")
    if owner.type == ANY:
        hint = 'Read it by key: x["name"], or return a typed result.'
        raise Reject(node, "NS203", f"the type of {said(node.value)} is not known", hint)
    hint = "Only results of parts have fields; a dict is read by key."
    raise Reject(node, "NS204", f"{owner.type} has no field {node.attr!r}", hint)


def _field(field: str) -> str:
    return field if field not in ("and", "or", "in") else f"`{field}`"


def _compare(ctx: Context, node: ast.Compare) -> Expr:
    of_none = isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value is None
    operands = [(possibly_absent if of_none else expression)(ctx, node.left), expression(ctx, node.comparators[0])]
    # Python looks at the third only when the comparison of the first two was true.
    with ctx.assuming(ctx.here, certain=False):
        operands += [expression(ctx, operand) for operand in node.comparators[1:]]
    check_compared(ctx, node, operands)
    # Records, and what is in lists and dicts, are compared with all that is in them.
    operands = [whole(ctx, operand) if origins(operand.type) and not of_none else operand for operand in operands]
    result = compared(node, node.ops[0], operands[0], operands[1])
    for operator, left, right in zip(node.ops[1:], operands[1:], operands[2:], strict=False):
        result = binary(result, "and", compared(node, operator, left, right), BOOL, jsonata.AND)
    return result


_COMPILERS: dict[type[ast.expr], Callable[[Context, Any], Expr]] = {
    ast.Constant: _constant,
    ast.Name: name,
    ast.BinOp: _bin_op,
    ast.UnaryOp: _unary_op,
    ast.BoolOp: _bool_op,
    ast.IfExp: _if_exp,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Dict: _dict,
    ast.Subscript: _subscript,
    ast.Attribute: _attribute,
    ast.Compare: _compare,
    ast.JoinedStr: lambda ctx, node: joined_string(ctx, node, expression),
}


def register(
    call: Callable[[Context, ast.Call], Expr],
    list_comp: Callable[[Context, ast.ListComp], Expr],
    dict_comp: Callable[[Context, ast.DictComp], Expr],
    sliced: Callable[[Context, ast.Subscript], Expr],
) -> None:
    """Take in what is compiled by modules that need this one themselves."""
    _COMPILERS.update({ast.Call: call, ast.ListComp: list_comp, ast.DictComp: dict_comp})
    _COMPILERS[ast.Slice] = sliced
