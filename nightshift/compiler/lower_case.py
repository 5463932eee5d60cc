"""`s.lower()` in a way that every implementation of JSONata does alike.

jsonata-python, with which flows are tested and run locally, folds the case (ß becomes ss) where Python and Step
Functions write small letters. Both agree on all letters but those below.
"""

from __future__ import annotations

from nightshift.compiler import jsonata
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.types import STR

_SMALL = r"\u00b5\u00df\u0149\u017f\u01f0\u0345\u0390\u03b0\u03c2\u03d0\u03d1\u03d5\u03d6\u03f0\u03f1\u03f5\u0587"
_LIGATURES = r"\u1e96-\u1e9d\ufb00-\ufb17"
"""These are small, and stay."""

_UNSURE = r"\u03a3\u13a0-\u13fd\u1c80-\u1c88\u1e9e\u1f50-\u1fff\uab70-\uabbf"
"""Σ, which is another letter at the end of a word; ẞ, ancient Greek, Cherokee."""


def lower(owner: Expr) -> Expr:
    """The text in small letters. One with a letter of which implementations make different ones fails the state."""
    if owner.is_constant:
        return constant(owner.constant.lower())
    message = jsonata.text("lower() of text with a letter whose small form is not the same everywhere: ")
    code = (
        f"($v := {owner.argument()}; $contains($v, /[{_UNSURE}]/) ? $error({message} & $v) : "
        f"$replace($v, /[^{_SMALL}{_LIGATURES}]+/, function($_m) {{ $lowercase($_m.match) }}))"
    )
    return Expr(code, STR, reads=owner.reads)
