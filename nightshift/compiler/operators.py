"""Operators: which JSONata they are for operands of known types."""

from __future__ import annotations

import ast
from collections.abc import Callable

from nightshift.compiler import jsonata
from nightshift.compiler.instead import instead_of_operator
from nightshift.compiler.jsonata import Expr, binary, call, constant, reads
from nightshift.compiler.module import Reject
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
    UnionType,
    is_number,
    join,
    list_of,
    without_none,
)

_LONGEST_LINE = 1000
"""Characters of a text that is repeated in the definition."""


def said(node: ast.AST) -> str:
    """The source of a construct, for a message."""
    text = ast.unparse(node)
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"


def wrong_operands(node: ast.expr, left: Expr, right: Expr) -> Reject:
    """Why an operator does not take these operands."""
    for side in (left, right):
        if side.type in (ANY, UNKNOWN):
            hint = "Say what it is by an annotated assignment first: `value: int = ...`."
            return Reject(node, "NS203", f"the type of an operand of {said(node)} is not known", hint)
    hint = "Both sides need the same type: numbers, str or lists; str(x) and f-strings make text."
    if isinstance(node, ast.BinOp):
        hint = instead_of_operator(node.op, left.type, right.type) or hint
    if isinstance(node, ast.Compare) and isinstance(left.type, ListType | TupleType):
        hint = "Lists are compared by == only: compare what is in them, xs[0] < ys[0], or len(xs) < len(ys)."
    if isinstance(left.type, OptionalType) or isinstance(right.type, OptionalType):
        hint = "Test for None first: `if x is not None:`."
    return Reject(node, "NS202", f"{said(node)} of {left.type} and {right.type}", hint)


def arithmetic(node: ast.BinOp, left: Expr, right: Expr) -> Expr:
    """`left + right` and the like; raises Reject for types it is not defined for."""
    operator = type(node.op)
    if operator is ast.Add:
        added = _added(left, right)
        if added is not None:
            return added
    elif operator is ast.Mult and (repeated := _repeated(left, right)) is not None:
        return constant(repeated)
    elif is_number(left.type) and is_number(right.type) and operator in _ARITHMETIC:
        if operator in (ast.Div, ast.FloorDiv, ast.Mod) and right.constant == 0:
            raise Reject(node, "NS202", "division by zero", "Divide by something else.")
        if operator in (ast.FloorDiv, ast.Mod) and _wider(left, right) == FLOAT:
            hint = "Write int(a / b), or use whole numbers of a smaller unit."
            raise Reject(node, "NS202", f"{said(node)} of floats depends on how they are rounded", hint)
        return _ARITHMETIC[operator](left, right)
    raise wrong_operands(node, left, right)


def _repeated(left: Expr, right: Expr) -> str | None:
    """A constant text so many times: a line of a mail. None for anything else."""
    of_text = {left.type, right.type} == {STR, INT} and left.is_constant and right.is_constant
    text, times = (left.constant, right.constant) if left.type == STR else (right.constant, left.constant)
    if not of_text or len(text) * times > _LONGEST_LINE:
        return None
    made: str = text * times
    return made


def _added(left: Expr, right: Expr) -> Expr | None:
    if is_number(left.type) and is_number(right.type):
        return binary(left, "+", right, _wider(left, right), jsonata.ADD)
    if left.type == STR and right.type == STR:
        return binary(left, "&", right, STR, jsonata.ADD)
    if isinstance(left.type, ListType) and isinstance(right.type, ListType):
        item = join(left.type.item, right.type.item)
        if item is not None:
            return call("append", list_of(item), left, right)
    kinds = (left.type, right.type)
    if all(isinstance(kind, ListType | TupleType) for kind in kinds) and list_of(ANY) in kinds:
        # A list of anything takes a list literal of several types, too.
        return call("append", list_of(ANY), left, right)
    return None


def _wider(left: Expr, right: Expr) -> Type:
    return INT if left.type == INT and right.type == INT else FLOAT


def _div(left: Expr, right: Expr) -> Expr:
    return binary(left, "/", _divisor(right), FLOAT, jsonata.MULTIPLY)


def _divisor(right: Expr) -> Expr:
    """The right side of a division; Step Functions divides by 0 without failing and goes on with "Infinity"."""
    if right.is_constant:
        return right
    said = jsonata.text("division by zero")
    return Expr(f"($w := {right.argument()}; $w = 0 ? $error({said}) : $w)", right.type, reads=right.reads)


def _floor_div(left: Expr, right: Expr) -> Expr:
    return call("floor", _wider(left, right), _div(left, right))


def _modulo(left: Expr, right: Expr) -> Expr:
    # JSONata's % is exact, as Python's, but takes the sign of the dividend and not of the divisor. Adding 0 to what is
    # left makes 0 of -0.
    rest = f"$v := {left.argument()}; $w := {_divisor(right).argument()}; $r := $v % $w"
    code = f"({rest}; $r * $w < 0 ? $r + $w : $r + 0)"
    return Expr(code, _wider(left, right), reads=reads(left, right))


def _power(left: Expr, right: Expr) -> Expr:
    whole = left.type == INT and right.type == INT and right.is_constant and right.constant >= 0
    return call("power", INT if whole else FLOAT, left, right)


_ARITHMETIC: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Sub: lambda a, b: binary(a, "-", b, _wider(a, b), jsonata.ADD),
    ast.Mult: lambda a, b: binary(a, "*", b, _wider(a, b), jsonata.MULTIPLY),
    ast.Div: _div,
    ast.FloorDiv: _floor_div,
    ast.Mod: _modulo,
    ast.Pow: _power,
}


def character(owner: Expr, index: Expr) -> Expr:
    """`text[i]`; $substring gives nothing, where Python raises, outside of the text."""
    at = "$w" if index.is_constant and index.constant >= 0 else "($w < 0 ? $w + $length($v) : $w)"
    missing = jsonata.text("index out of range of a text")
    code = (
        f"($v := {owner.argument()}; $w := {index.argument()}; "
        f'$v := $w < -$length($v) ? "" : $substring($v, {at}, 1); $v = "" ? $error({missing}) : $v)'
    )
    return Expr(code, STR, reads=reads(owner, index))


def compared(node: ast.Compare, operator: ast.cmpop, a: Expr, b: Expr) -> Expr:
    """One comparison of a chain."""
    if isinstance(operator, ast.In | ast.NotIn):
        found = _contains(node, a, b)
        return call("not", BOOL, found) if isinstance(operator, ast.NotIn) else found
    if isinstance(operator, ast.Is | ast.IsNot) and b.type != NONE:
        raise Reject(node, "NS202", "`is` compares with None only", "Write == or !=.")
    if isinstance(operator, ast.Eq | ast.Is | ast.NotEq | ast.IsNot):
        if not _comparable(a.type, b.type):
            hint = "They are never equal; convert one: str(x), int(x)."
            if BOOL in (a.type, b.type):
                hint = "Write int(...) of the bool, as which Python compares it; or the bool itself as the test."
            raise Reject(node, "NS202", f"{said(node)} compares {a.type} with {b.type}", hint)
        if isinstance(a.type, OptionalType) and a.type.presumed and b.type == NONE:
            there = Expr(f"$exists({a.code})", BOOL, reads=a.reads)
            return call("not", BOOL, there) if isinstance(operator, ast.Eq | ast.Is) else there
        if a.type == b.type == NONE:
            return constant(isinstance(operator, ast.Eq | ast.Is))
        sign = "=" if isinstance(operator, ast.Eq | ast.Is) else "!="
        left, right = _as_numbers(a, b)
        return binary(left, sign, right, BOOL, jsonata.COMPARE)
    both_text = a.type == STR and b.type == STR
    if not both_text and not (is_number(a.type) and is_number(b.type)):
        raise wrong_operands(node, a, b)
    return binary(a, _ORDER[type(operator)], b, BOOL, jsonata.COMPARE)


def _as_numbers(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """The operands with True as 1 and False as 0, as which Python compares them with numbers."""
    if not _mixes(left.type, right.type):
        return left, right
    return _as_number(left), _as_number(right)


def _mixes(a: Type, b: Type) -> bool:
    """Whether one may be a bool where the other is a number."""
    return any(_may_be(x, (BOOL,)) and _may_be(y, (INT, FLOAT)) for x, y in ((a, b), (b, a)))


def _as_number(value: Expr) -> Expr:
    if not _may_be(value.type, (BOOL,)):
        return value
    code = f'($v := {value.argument()}; $type($v) = "boolean" ? ($v ? 1 : 0) : $v)'
    return Expr(code, value.type, reads=value.reads)


def _may_be(kind: Type, wanted: tuple[Type, ...]) -> bool:
    if isinstance(kind, OptionalType):
        return _may_be(kind.inner, wanted)
    if isinstance(kind, UnionType):
        return any(_may_be(member, wanted) for member in kind.members)
    return kind == ANY or kind in wanted


_ORDER: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _comparable(left: Type, right: Type) -> bool:
    if NONE in (left, right):
        return True
    a, b = without_none(left), without_none(right)
    both = (a == BOOL) == (b == BOOL) or all(_may_be(side, (BOOL,)) for side in (a, b))
    return (join(a, b) is not None and both) or ANY in (a, b) or ERROR in (a, b)


def _contains(node: ast.Compare, item: Expr, container: Expr) -> Expr:
    kind = container.type
    if kind == STR and item.type == STR:
        return call("contains", BOOL, container, item)
    if isinstance(kind, TupleType | ListType):
        items = kind.items if isinstance(kind, TupleType) else (kind.item,)
        if any(_mixes(item.type, t) for t in items):
            hint = "Say what it is by an annotated assignment first, or compare: any(x == y for y in ys)."
            raise Reject(node, "NS202", f"{said(node)} may compare bools with numbers", hint)
        if all(t in (STR, INT, FLOAT, BOOL, UNKNOWN) for t in map(without_none, items)):
            return binary(item, "in", container, BOOL, jsonata.COMPARE)
        hint = "`in` looks for str, numbers and bool; compare fields instead: any(x.id == y for x in xs)."
        raise Reject(node, "NS202", f"`in` of {kind}", hint)
    if (isinstance(kind, DictType) or (isinstance(kind, RecordType) and kind.keyed)) and item.type == STR:
        return binary(item, "in", call("keys", list_of(STR), container), BOOL, jsonata.COMPARE)
    raise wrong_operands(node, item, container)
