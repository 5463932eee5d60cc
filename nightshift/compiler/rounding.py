"""`round(x, n)` and `f"{x:.2f}"`: the binary number is rounded, as CPython does, not the digits it is written with.

2.675 is a little less than it looks, and rounds to 2.67; $round and $formatNumber go by the digits, and give 2.68. The
product of the number and a power of ten is therefore computed with what the multiplication leaves out (Dekker, "A
Floating-Point Technique for Extending the Available Precision", 1971), which decides where it looks like a half.
"""

from __future__ import annotations

from nightshift.compiler.jsonata import Expr
from nightshift.compiler.types import FLOAT, INT

MOST_DECIMALS = 8
"""A larger power of ten has more than the 27 bits of which products are exact."""

_SPLIT = 2**27 + 1
_EXACT = 2**53


def rounded(value: Expr, decimals: int) -> Expr:
    """`round(value, decimals)` of a float; `round(value)` with 0, as an int. Halves go to the even neighbour.

    decimals: 0 to MOST_DECIMALS.
    """
    return Expr(_code(value.argument(), 10**decimals), FLOAT if decimals else INT, reads=value.reads)


def _code(value: str, power: int) -> str:
    return f"($_v := {value}; $_p := $_v * {power}; $abs($_p) >= {_EXACT} ? $_v : {_product(power)} / {power})"


def _product(power: int) -> str:
    """The whole number next to `$_p`, which is `$_v * power`."""
    parts = f"$_c := {_SPLIT} * $_v; $_h := $_c - ($_c - $_v)"
    left_out = f"$_e := $_h * {power} - $_p + ($_v - $_h) * {power}"
    up = "$_d > 0.5 or ($_d = 0.5 and ($_e > 0 or ($_e = 0 and $_f % 2 != 0)))"
    return f"({parts}; {left_out}; $_f := $floor($_p); $_d := $_p - $_f; $_f + ({up} ? 1 : 0))"


def written(value: Expr, decimals: int, *, grouped: bool) -> str:
    """JSONata for `f"{value:.2f}"`, `f"{value:,.2f}"` when grouped. decimals: 0 to MOST_DECIMALS.

    What is behind the point is rounded and written by itself: engines write fifteen digits of a number, or all.
    """
    picture = "#,##0" if grouped else "0"
    if decimals:
        power = 10**decimals
        split = f"$_i := $floor($_s); $_v := $_s - $_i; $_p := $_v * {power}; $_r := {_product(power)}"
        carried = f"$_i := $_r = {power} ? $_i + 1 : $_i; $_r := $_r = {power} ? 0 : $_r"
        behind = f'$formatNumber($_r, "{"0" * decimals}")'
        size = f'({split}; {carried}; $formatNumber($_i, "{picture}") & "." & {behind})'
    else:
        size = f'$formatNumber({_code("$_s", 1)}, "{picture}")'
    return f'($_t := {value.argument()}; $_s := $abs($_t); ($_t < 0 ? "-" : "") & {size})'
