"""Formats of f-strings, by "Format Specification Mini-Language" (Python): `f"{name:<20}"`, `f"{share:.0%}"`."""

from __future__ import annotations

import re

from nightshift.compiler import jsonata
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.rounding import MOST_DECIMALS, written
from nightshift.compiler.types import FLOAT, INT, STR, is_number

_SPEC = re.compile(
    r"(?:(?P<fill>[^{}])?(?P<align>[<>^=]))?(?P<sign>[-+]?)(?P<zero>0?)(?P<width>\d{0,3})(?P<group>,?)"
    r"(?:\.(?P<decimals>\d))?(?P<kind>[sdf%]?)"
)


def formatted(value: Expr, spec: str) -> Expr | None:
    """`format(value, spec)` of a str or number; None for a format that is not part of the flow language."""
    found = _SPEC.fullmatch(spec)
    if found is None or (found["fill"] or "") > "\uffff":
        return None
    body = _text(value, found) if value.type == STR else _number(value, found)
    if body is None:
        return None
    width = int(found["width"] or 0)
    if width == 0:
        return Expr(body, STR, reads=value.reads)
    align = found["align"] or ("<" if value.type == STR else "=" if found["zero"] else ">")
    fill = jsonata.text(found["fill"] or ("0" if found["zero"] else " "))
    return Expr(_padded(body, width, align, fill), STR, reads=value.reads)


def _text(value: Expr, found: re.Match[str]) -> str | None:
    if found["kind"] not in ("", "s") or found["sign"] or found["zero"] or found["group"] or found["align"] == "=":
        return None
    return f"$substring({value.argument()}, 0, {found['decimals']})" if found["decimals"] else value.argument()


def _number(value: Expr, found: re.Match[str]) -> str | None:
    """The digits of a number, with its sign."""
    kind, grouped, decimals = found["kind"], bool(found["group"]), int(found["decimals"] or 6)
    if not is_number(value.type) or (found["zero"] and found["width"] and (grouped or found["align"])):
        # Python puts separators between zeros that fill, too.
        return None
    if kind in ("f", "%"):
        if decimals > MOST_DECIMALS:
            return None
        hundred = Expr(f"{value.within(jsonata.MULTIPLY - 1)} * 100", FLOAT, jsonata.MULTIPLY, value.reads)
        said = written(hundred if kind == "%" else value, decimals, grouped=grouped)
        said += ' & "%"' if kind == "%" else ""
    elif value.type == INT and kind in ("", "d") and not found["decimals"]:
        picture = constant("#,##0" if grouped else "0")
        said = f"$formatNumber({value.argument()}, {picture.code})"
    else:
        return None
    return f'($v := {said}; $substring($v, 0, 1) = "-" ? $v : "+" & $v)' if found["sign"] == "+" else said


def _padded(body: str, width: int, align: str, fill: str) -> str:
    """A text that is filled up to so many characters."""
    if align == "^":
        sides = f'$pad("", $floor($_n / 2), {fill}) & $v & $pad("", $_n - $floor($_n / 2), {fill})'
        return f"($v := {body}; $_n := {width} - $length($v); $_n > 0 ? {sides} : $v)"
    if align == "=":
        signed = f"$substring($v, 0, 1) & $pad($substring($v, 1), -{width - 1}, {fill})"
        return f"($v := {body}; $contains($v, /^[-+]/) ? {signed} : $pad($v, -{width}, {fill}))"
    return f"$pad({body}, {'-' if align == '>' else ''}{width}, {fill})"
