"""Python expressions to JSONata, by the types of their operands."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nightshift.compiler import jsonata
from nightshift.compiler.context import MISSING, Context, module_constant, name
from nightshift.compiler.formatting import joined_string
from nightshift.compiler.jsonata import Expr, binary, call, constant, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.narrowing import narrow
from nightshift.compiler.truth import truth
from nightshift.compiler.types import (
    ANY,
    BOOL,
    ERROR,
    FLOAT,
    INT,
    NONE,
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
    join,
    list_of,
    tuple_of,
    without_none,
)

_INSTEAD: dict[type[ast.expr], str] = {
    ast.Lambda: "Use a lambda only as a branch of parallel(...) or for_each(...).",
    ast.Set: "Write a list.",
    ast.SetComp: "Write a list comprehension.",
    ast.NamedExpr: "Assign in a statement of its own.",
    ast.Await: "A flow waits by itself: call the part without `await`.",
    ast.Yield: "Return a list.",
    ast.YieldFrom: "Return a list.",
    ast.Starred: "Write the items out, or add lists with +.",
    ast.Slice: 'Take single items, or filter: "[x for x in xs if ...]".',
    ast.GeneratorExp: "Write a list comprehension; a generator may stand in any(), all() and sum().",
}


def expression(ctx: Context, node: ast.expr) -> Expr:
    """Compile an expression; raises Reject for one outside the language."""
    compile_node = _COMPILERS.get(type(node))
    if compile_node is None:
        hint = _INSTEAD.get(type(node), "docs/language.md lists the expressions of the flow language.")
        raise Reject(node, "NS201", f"{_said(node)} is not part of the flow language", hint)
    return compile_node(ctx, node)


def condition(ctx: Context, node: ast.expr) -> Expr:
    """An expression as a test: true or false, as Python's truth is."""
    if isinstance(node, ast.BoolOp):
        return _boolean(ctx, node, condition)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return call("not", BOOL, condition(ctx, node.operand))
    return truth(node, expression(ctx, node))


def _said(node: ast.AST) -> str:
    text = ast.unparse(node)
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"


def _constant(ctx: Context, node: ast.Constant) -> Expr:
    if isinstance(node.value, bytes | complex) or node.value is ...:
        raise Reject(node, "NS208", f"{_said(node)} cannot be written as JSON", "Write a str, a number, True or None.")
    return constant(node.value)


def _bin_op(ctx: Context, node: ast.BinOp) -> Expr:
    left, right = expression(ctx, node.left), expression(ctx, node.right)
    operator = type(node.op)
    if operator is ast.Add:
        added = _added(left, right)
        if added is not None:
            return added
    elif is_number(left.type) and is_number(right.type) and operator in _ARITHMETIC:
        if operator in (ast.Div, ast.FloorDiv, ast.Mod) and right.constant == 0:
            raise Reject(node, "NS202", "division by zero", "Divide by something else.")
        return _ARITHMETIC[operator](left, right)
    raise _wrong_operands(node, left, right)


def _wrong_operands(node: ast.expr, left: Expr, right: Expr) -> Reject:
    for side in (left, right):
        if side.type in (ANY, UNKNOWN):
            hint = "Say what it is by an annotated assignment first: `value: int = ...`."
            return Reject(node, "NS203", f"the type of an operand of {_said(node)} is not known", hint)
    hint = "Both sides need the same type: numbers, str or lists; str(x) and f-strings make text."
    if isinstance(left.type, OptionalType) or isinstance(right.type, OptionalType):
        hint = "Test for None first: `if x is not None:`."
    return Reject(node, "NS202", f"{_said(node)} of {left.type} and {right.type}", hint)


def _added(left: Expr, right: Expr) -> Expr | None:
    if is_number(left.type) and is_number(right.type):
        return binary(left, "+", right, _wider(left, right), jsonata.ADD)
    if left.type == STR and right.type == STR:
        return binary(left, "&", right, STR, jsonata.ADD)
    if isinstance(left.type, ListType) and isinstance(right.type, ListType):
        item = join(left.type.item, right.type.item)
        if item is not None:
            return call("append", list_of(item), inline_list(left), inline_list(right))
    return None


def _wider(left: Expr, right: Expr) -> Type:
    return INT if left.type == INT and right.type == INT else FLOAT


def _floor_div(left: Expr, right: Expr) -> Expr:
    return call("floor", _wider(left, right), binary(left, "/", right, FLOAT, jsonata.MULTIPLY))


def _modulo(left: Expr, right: Expr) -> Expr:
    # JSONata's % takes the sign of the dividend, Python's that of the divisor.
    code = f"($v := {left.argument()}; $w := {right.argument()}; $v - $w * $floor($v / $w))"
    return Expr(code, _wider(left, right), reads=reads(left, right))


def _power(left: Expr, right: Expr) -> Expr:
    whole = left.type == INT and right.type == INT and right.is_constant and right.constant >= 0
    return call("power", INT if whole else FLOAT, left, right)


_ARITHMETIC: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Sub: lambda a, b: binary(a, "-", b, _wider(a, b), jsonata.ADD),
    ast.Mult: lambda a, b: binary(a, "*", b, _wider(a, b), jsonata.MULTIPLY),
    ast.Div: lambda a, b: binary(a, "/", b, FLOAT, jsonata.MULTIPLY),
    ast.FloorDiv: _floor_div,
    ast.Mod: _modulo,
    ast.Pow: _power,
}


def _unary_op(ctx: Context, node: ast.UnaryOp) -> Expr:
    if isinstance(node.op, ast.Not):
        return condition(ctx, node)
    operand = expression(ctx, node.operand)
    if not is_number(operand.type) or isinstance(node.op, ast.Invert):
        raise Reject(node, "NS202", f"{_said(node)} of {operand.type}", "Only numbers have a sign.")
    if operand.is_constant:
        return constant(-operand.constant if isinstance(node.op, ast.USub) else operand.constant)
    if isinstance(node.op, ast.UAdd):
        return operand
    return Expr(f"-{operand.within(jsonata.UNARY)}", operand.type, jsonata.UNARY, operand.reads)


def _bool_op(ctx: Context, node: ast.BoolOp) -> Expr:
    """`and` / `or` as a value: of bools JSONata's own operators, else the operand that decides."""
    tested: list[tuple[ast.expr, Expr]] = []
    with _sequence(ctx, node) as operands:
        tested.extend((operand, expression(ctx, operand)) for operand in operands)
    if all(value.type == BOOL for _, value in tested):
        return _boolean(ctx, node, expression)
    *before, (_, result) = tested
    kind = result.type
    for operand, value in reversed(before):
        is_or = isinstance(node.op, ast.Or)
        merged = join(without_none(value.type) if is_or else value.type, kind)
        if merged is None:
            raise _wrong_operands(node, value, result)
        kind = merged
        test = truth(operand, value).within(jsonata.TERNARY)
        ways = (value, result) if is_or else (result, value)
        code = f"{test} ? {ways[0].within(jsonata.TERNARY)} : {ways[1].within(jsonata.TERNARY)}"
        result = Expr(code, kind, jsonata.TERNARY, reads(value, result))
    return result


def _boolean(ctx: Context, node: ast.BoolOp, compile_operand: Callable[[Context, ast.expr], Expr]) -> Expr:
    is_and = isinstance(node.op, ast.And)
    binds = jsonata.AND if is_and else jsonata.OR
    with _sequence(ctx, node) as operands:
        values = [compile_operand(ctx, operand) for operand in operands]
    result = values[0]
    for value in values[1:]:
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
    with ctx.assuming(narrow(ctx, ctx.here, node.test, truth=True), certain=False):
        then = expression(ctx, node.body)
    with ctx.assuming(narrow(ctx, ctx.here, node.test, truth=False), certain=False):
        orelse = expression(ctx, node.orelse)
    kind = join(then.type, orelse.type)
    if kind is None:
        hint = "Both ways of a conditional expression need one type."
        raise Reject(node, "NS202", f"{_said(node)} is {then.type} or {orelse.type}", hint)
    code = f"{test.within(jsonata.TERNARY)} ? {then.within(jsonata.TERNARY)} : {orelse.within(jsonata.TERNARY)}"
    return Expr(code, kind, jsonata.TERNARY, reads(test, then, orelse))


def _list(ctx: Context, node: ast.List | ast.Tuple) -> Expr:
    items = [expression(ctx, item) for item in node.elts]
    if items and all(item.is_constant for item in items):
        return constant([item.constant for item in items])
    kind: Type | None = UNKNOWN
    for item in items:
        kind = join(kind, item.type) if kind else None
    literal = f"[{', '.join(_item(item) for item in items)}]"
    shape = tuple_of(tuple(i.type for i in items)) if isinstance(node, ast.Tuple) or kind is None else list_of(kind)
    return Expr(literal, shape, reads=reads(*items), template=[i.asl() for i in items])


def _item(item: Expr) -> str:
    # An array constructor merges the items of an array among its items, unless that is written as a constructor.
    listed = isinstance(without_none(item.type), ListType | TupleType) and not item.code.startswith("[")
    if isinstance(item.type, OptionalType) and listed:
        return f"{item.within(jsonata.COMPARE)} = null ? null : [{item.argument()}]"
    return f"[{item.argument()}]" if listed else item.argument()


def _dict(ctx: Context, node: ast.Dict) -> Expr:
    keys: list[str] = []
    for key in node.keys:
        compiled = expression(ctx, key) if key is not None else None
        if compiled is None or not isinstance(compiled.constant, str):
            hint = "Write the keys as strings; for other keys use a dict comprehension."
            raise Reject(key or node, "NS208", "a dict literal needs constant string keys", hint)
        keys.append(compiled.constant)
    values = [expression(ctx, value) for value in node.values]
    if all(value.is_constant for value in values):
        return constant(dict(zip(keys, (v.constant for v in values), strict=True)))
    kind: Type = UNKNOWN
    for value in values:
        kind = join(kind, value.type) or ANY
    pairs = ", ".join(f"{jsonata.text(k)}: {v.within(jsonata.TERNARY)}" for k, v in zip(keys, values, strict=True))
    template = {k: v.asl() for k, v in zip(keys, values, strict=True)}
    return Expr(f"{{{pairs}}}", dict_of(kind), reads=reads(*values), template=template)


def _subscript(ctx: Context, node: ast.Subscript) -> Expr:
    if isinstance(node.slice, ast.Slice):
        return expression(ctx, node.slice)
    owner, index = expression(ctx, node.value), expression(ctx, node.slice)
    kind = owner.type
    if isinstance(kind, ListType | TupleType) and index.type == INT:
        item = _item_type(node, kind, index)
        code = f"{inline_list(owner).within(jsonata.ATOM - 1)}[{index.argument()}]"
        return Expr(code, item, reads=reads(owner, index), total=False)
    if isinstance(kind, DictType | RecordType) or kind == ANY:
        value = _value_type(node, kind, index)
        code = f"$lookup({owner.argument()}, {index.argument()})"
        return Expr(code, value, reads=reads(owner, index), total=False)
    if isinstance(kind, OptionalType):
        hint = "Test for None first: `if x is not None:`."
        raise Reject(node, "NS202", f"{_said(node.value)} may be None", hint)
    hint = "Lists take an int, dicts a str."
    raise Reject(node, "NS202", f"{kind} indexed by {index.type}", hint)


def _item_type(node: ast.expr, kind: ListType | TupleType, index: Expr) -> Type:
    if isinstance(kind, ListType):
        return kind.item
    if index.is_constant and -len(kind.items) <= index.constant < len(kind.items):
        chosen: Type = kind.items[index.constant]
        return chosen
    hint = f"It has {len(kind.items)} items of their own types: write a constant index, or unpack it."
    raise Reject(node, "NS202", f"{_said(node)} is not one of the items", hint)


def _value_type(node: ast.expr, kind: Type, index: Expr) -> Type:
    if index.type != STR:
        raise Reject(node, "NS202", f"{kind} indexed by {index.type}", "Dicts take a str as key.")
    if isinstance(kind, RecordType):
        raise Reject(node, "NS202", f"{kind} is a record", "Read its fields as attributes: result.changed.")
    return kind.value if isinstance(kind, DictType) else ANY


def _attribute(ctx: Context, node: ast.Attribute) -> Expr:
    value = ctx.static(node)
    if value is not MISSING:
        return module_constant(node, ast.unparse(node), value)
    owner = expression(ctx, node.value)
    if isinstance(owner.type, RecordType):
        kind = owner.type.field(node.attr)
        if kind is not None:
            code = f"{owner.within(jsonata.ATOM - 1)}.{_field(node.attr)}"
            return Expr(code, kind, reads=owner.reads)
        known = ", ".join(field for field, _ in owner.type.fields)
        raise Reject(node, "NS204", f"{owner.type} has no field {node.attr!r}", f"Its fields are {known}.")
    if isinstance(owner.type, OptionalType):
        raise Reject(node, "NS202", f"{_said(node.value)} may be None", "Test for None first: `if x is not None:`.")
    if owner.type == ANY:
        hint = 'Read it by key: x["name"], or return a typed result.'
        raise Reject(node, "NS203", f"the type of {_said(node.value)} is not known", hint)
    hint = "Only results of parts have fields; a dict is read by key."
    raise Reject(node, "NS204", f"{owner.type} has no field {node.attr!r}", hint)


def _field(field: str) -> str:
    return field if field not in ("and", "or", "in") else f"`{field}`"


def inline_list(value: Expr) -> Expr:
    """A list whose items the state machine reads: one that may be kept in the results bucket fails clearly."""
    if not (isinstance(value.type, ListType) and value.type.stored):
        return value
    said = jsonata.text("this list is too long to be read in a flow; give it to a part, or narrow the selection")
    code = f'($v := {value.argument()}; $type($v) = "object" ? $error({said}) : $v)'
    return Expr(code, list_of(value.type.item), reads=value.reads)


def _compare(ctx: Context, node: ast.Compare) -> Expr:
    operands = [expression(ctx, operand) for operand in (node.left, *node.comparators)]
    nodes = [node.left, *node.comparators]
    result: Expr | None = None
    for i, operator in enumerate(node.ops):
        one = _compared(node, operator, (nodes[i], operands[i]), (nodes[i + 1], operands[i + 1]))
        result = one if result is None else binary(result, "and", one, BOOL, jsonata.AND)
    assert result is not None
    return result


def _compared(
    node: ast.Compare, operator: ast.cmpop, left: tuple[ast.expr, Expr], right: tuple[ast.expr, Expr]
) -> Expr:
    a, b = left[1], right[1]
    if isinstance(operator, ast.In | ast.NotIn):
        found = _contains(node, a, b)
        return call("not", BOOL, found) if isinstance(operator, ast.NotIn) else found
    if isinstance(operator, ast.Is | ast.IsNot) and b.type != NONE:
        raise Reject(node, "NS202", "`is` compares with None only", "Write == or !=.")
    if isinstance(operator, ast.Eq | ast.Is | ast.NotEq | ast.IsNot):
        if not _comparable(a.type, b.type):
            hint = "They are never equal; convert one: str(x), int(x)."
            raise Reject(node, "NS202", f"{_said(node)} compares {a.type} with {b.type}", hint)
        sign = "=" if isinstance(operator, ast.Eq | ast.Is) else "!="
        return binary(a, sign, b, BOOL, jsonata.COMPARE)
    both_text = a.type == STR and b.type == STR
    if not both_text and not (is_number(a.type) and is_number(b.type)):
        raise _wrong_operands(node, a, b)
    return binary(a, _ORDER[type(operator)], b, BOOL, jsonata.COMPARE)


_ORDER: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _comparable(left: Type, right: Type) -> bool:
    if NONE in (left, right):
        return True
    a, b = without_none(left), without_none(right)
    return (join(a, b) is not None and (a == BOOL) == (b == BOOL)) or ANY in (a, b) or ERROR in (a, b)


def _contains(node: ast.Compare, item: Expr, container: Expr) -> Expr:
    kind = container.type
    if kind == STR and item.type == STR:
        return call("contains", BOOL, container, item)
    if isinstance(kind, TupleType | ListType):
        items = kind.items if isinstance(kind, TupleType) else (kind.item,)
        if all(t in (STR, INT, FLOAT, BOOL, UNKNOWN) for t in map(without_none, items)):
            return binary(item, "in", inline_list(container), BOOL, jsonata.COMPARE)
        hint = "`in` looks for str, numbers and bool; compare fields instead: any(x.id == y for x in xs)."
        raise Reject(node, "NS202", f"`in` of {kind}", hint)
    if isinstance(kind, DictType) and item.type == STR:
        return binary(item, "in", call("keys", list_of(STR), container), BOOL, jsonata.COMPARE)
    raise _wrong_operands(node, item, container)


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
) -> None:
    """Take in what is compiled by modules that need this one themselves."""
    _COMPILERS.update({ast.Call: call, ast.ListComp: list_comp, ast.DictComp: dict_comp})
