"""Values that may travel as a reference to the results bucket: where they begin, and how a flow reads them.

A part's reply holds {"ref", "count"} in place of what is large, but for the fields that the flow reads, which the
request names. `expression` gives values that can be read, and notes the fields they come from; `carried` gives them as
they travel, for the places that take a reference as well: `len()`, truth, a parameter of a part, a variable.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache

from nightshift.compiler.context import Context
from nightshift.compiler.ir import Variable
from nightshift.compiler.jsonata import Expr, text
from nightshift.compiler.types import (
    BOOL,
    FLOAT,
    INT,
    NONE,
    STR,
    DictType,
    ListType,
    LiteralType,
    RecordType,
    StoredType,
    Type,
    complete,
    declared_as,
    of_literals,
    origins,
    plain,
    stored,
    without_none,
)

_TOO_LARGE = text("this is too large to be read in a flow: give it to a part as a whole, or select fewer resources")
_REFERENCE = r'/\{"ref":"s3:\/\/[^"]+","count":[0-9]+\}/'
_SMALL = (INT, FLOAT, BOOL, NONE)


@lru_cache(10_000)
def part_result(result: Type, state: str) -> Type:
    """The type of what a call of a part gives: each field that may be large is one that may be stored."""
    assert isinstance(result, RecordType), f"{state}: a part returns a Result, not {result}"
    fields = []
    for name, field in result.fields:
        kind = complete(field)
        small = without_none(kind) in _SMALL or isinstance(without_none(kind), LiteralType)
        fields.append((name, kind if small else stored(kind, frozenset({(state, name)}))))
    return RecordType(result.name, tuple(fields), complete=True)


def readable(ctx: Context, value: Expr) -> Expr:
    """The value itself, for whatever reads it. Where it was too large even to be read, the state fails."""
    if not isinstance(value.type, StoredType):
        kind = of_literals(value.type)
        return value if kind is value.type else dataclasses.replace(value, type=kind)
    _note(ctx, value.type)
    kind = value.type.inner
    test = '$type($v) = "object"' if isinstance(without_none(kind), ListType) else IS_REFERENCE
    if value.type.deep:
        return whole(ctx, dataclasses.replace(value, type=kind))
    if without_none(kind) == STR:
        # A text that is read is never put away: it is there, or the part fails with ResultTooLarge.
        return dataclasses.replace(value, type=kind)
    return dataclasses.replace(_guarded(value, test), type=kind)


IS_REFERENCE = f'$contains($type($v) = "object" ? $string($v) : "", {_REFERENCE.replace("/", "/^", 1)[:-1]}$/)'


def whole(ctx: Context, value: Expr) -> Expr:
    """A readable value of which every part is read: a parameter of another flow, what loses its type."""
    _note(ctx, value.type)
    guarded = _guarded(value, f"$contains($string($v), {_REFERENCE})")
    return dataclasses.replace(guarded, type=plain(value.type))


def stored_length(value: Expr) -> Expr | None:
    """The length of a list or dict that may be stored: a reference says of how many items. None for another value."""
    if not isinstance(value.type, StoredType) or value.type.deep:
        return None
    if isinstance(value.type.inner, ListType):
        code = f'($v := {value.argument()}; $type($v) = "object" ? $v.count : $count($v))'
    elif isinstance(value.type.inner, DictType):
        code = f"($v := {value.argument()}; {IS_REFERENCE} ? $v.count : $count($keys($v)))"
    else:
        return None
    return Expr(code, INT, reads=value.reads)


def declared(value: Expr, kind: Type) -> Expr:
    """The value under the type that was declared for it."""
    return dataclasses.replace(value, type=declared_as(value.type, kind))


def returned(ctx: Context, value: Expr) -> Expr:
    """The result of a flow: all of it is read by whoever started the run, as far as a state carries it."""
    _note(ctx, value.type)
    return value


def from_flow(target: Variable | None) -> dict[str, Expr]:
    """The assignment of what another flow gave: it must be all there."""
    if target is None:
        return {}
    output = Expr("$states.result.Output", target.type)
    if target.type not in (STR, *_SMALL):
        output = _guarded(output, f"$contains($string($v), {_REFERENCE})")
    return {target.name: output}


def _note(ctx: Context, kind: Type) -> None:
    for state, field in origins(kind):
        ctx.read_fields.setdefault(state, set()).add(field)


def _guarded(value: Expr, test: str) -> Expr:
    code = f"($v := {value.argument()}; {test} ? $error({_TOO_LARGE}) : $v)"
    return Expr(code, value.type, reads=value.reads)
