"""Values as text: f-strings and `str(x)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from nightshift.compiler import jsonata
from nightshift.compiler.context import Context
from nightshift.compiler.format_specs import formatted
from nightshift.compiler.jsonata import Expr, call, constant
from nightshift.compiler.module import Reject
from nightshift.compiler.rounding import MOST_DECIMALS
from nightshift.compiler.types import (
    BOOL,
    ERROR_RECORD,
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
    an,
)

_IN_A_ROW = 8
"""Texts that are put together one after the other, which reads best."""

Compile = Callable[[Context, ast.expr], Expr]


def joined_string(ctx: Context, node: ast.JoinedStr, compile_expression: Compile) -> Expr:
    """An f-string."""
    pieces: list[Expr] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            # Of f"{x=}" Python makes the text "x=" and the value.
            before = part.conversion == ord("r") and pieces and pieces[-1].is_constant and str(pieces[-1].constant)
            said = ast.unparse(part.value) + "="
            shown = said if before and before.replace(" ", "").endswith(said.replace(" ", "")) else ""
            pieces.append(_formatted(part, compile_expression(ctx, part.value), shown))
        else:
            pieces.append(compile_expression(ctx, part))
    if not pieces:
        return constant("")
    joined = pieces[:1]
    for piece in pieces[1:]:
        if joined[-1].is_constant and piece.is_constant:
            joined[-1] = constant(joined[-1].constant + piece.constant)
        else:
            joined.append(piece)
    return _concatenated(joined)


def _concatenated(pieces: list[Expr]) -> Expr:
    """Texts put together in a balanced tree: Step Functions evaluates about 100 operations nested in one another."""
    if len(pieces) == 1:
        return pieces[0]
    half = (len(pieces) + 1) // 2 if len(pieces) > _IN_A_ROW else len(pieces) - 1
    left, right = _concatenated(pieces[:half]), _concatenated(pieces[half:])
    return jsonata.binary(left, "&", right, STR, jsonata.ADD)


def _formatted(part: ast.FormattedValue, value: Expr, shown: str) -> Expr:
    if shown:
        hint = f'Write f"{shown}{{{shown[:-1]}}}".'
        raise Reject(part.value, "NS209", 'f"{x=}" is not part of the flow language', hint)
    if part.conversion not in (-1, ord("s")):
        raise Reject(part.value, "NS209", "!r and !a are not part of the flow language", "Write the value without it.")
    if part.format_spec is None:
        return as_text(part.value, value)
    spec = ast.unparse(part.format_spec)[2:-1]
    if value.type == INT and (width := re.fullmatch(r"0(\d)d?", spec)):
        digits = int(width[1])
        # The sign counts towards the width.
        picture = f"{'0' * digits};-{'0' * max(digits - 1, 1)}"
        return call("formatNumber", STR, value, constant(picture))
    made = formatted(value, spec)
    if made is not None:
        return made
    hint = (
        "There are :<20, :>8 and :^9; for numbers :.2f, :,.2f and :.0%, with a constant of at most "
        f"{MOST_DECIMALS} decimals; for int also :03d, :, and :+d."
    )
    raise Reject(part.value, "NS209", f"format {spec!r} of {value.type} is not part of the flow language", hint)


def as_text(node: ast.AST, value: Expr) -> Expr:
    """`str(value)`, where Python and JSONata write the same."""
    kind = value.type
    if value.is_constant and not isinstance(value.constant, float | list | dict):
        return constant(str(value.constant))
    if kind == STR:
        return value
    if kind == INT:
        # $string writes 15 digits (JSONata 2.0.6, which Step Functions evaluates).
        return call("formatBase", STR, value)
    if kind == BOOL:
        code = f'{value.within(jsonata.TERNARY)} ? "True" : "False"'
        return Expr(code, STR, jsonata.TERNARY, value.reads)
    if kind == NONE:
        return constant("None")
    if isinstance(kind, OptionalType):
        inner = as_text(node, Expr(value.code, kind.inner, value.binds, value.reads, value.total))
        code = f'{value.within(jsonata.COMPARE)} = null ? "None" : {inner.within(jsonata.TERNARY)}'
        return Expr(code, STR, jsonata.TERNARY, value.reads)
    if isinstance(kind, RecordType) and kind.name == ERROR_RECORD:
        return Expr(f"{value.within(jsonata.ATOM - 1)}.cause", STR, reads=value.reads)
    if kind == FLOAT:
        raise Reject(node, "NS209", "a float as text differs between Python and JSONata", 'Write f"{x:.2f}".')
    raise Reject(node, "NS209", f"{an(kind)} has no text form in the flow language", _instead_of_text(kind))


def _instead_of_text(kind: Type) -> str:
    """A hint for a value that has no text: Python's is that of a list or dict in source code, which nobody sends."""
    if isinstance(kind, ListType) and kind.item in (STR, UNKNOWN):
        return 'Write ", ".join(xs).'
    if isinstance(kind, ListType | TupleType):
        return 'Write ", ".join([f"{x}" for x in xs]), with the field, key or format that is meant.'
    if isinstance(kind, DictType):
        return 'Write ", ".join([f"{k}={v}" for k, v in d.items()]).'
    if isinstance(kind, RecordType):
        names = [name for name, _ in kind.fields]
        first = next((name for name in ("summary", "name", "id") if name in names), names[0] if names else "name")
        return f"Write the field that is meant: {f'x[{first!r}]' if kind.keyed else f'x.{first}'}."
    if isinstance(kind, UnionType):
        return "Make it a text where it is given its value: str(...)."
    return "Say what it is by an annotated assignment first: `value: str = ...`."
