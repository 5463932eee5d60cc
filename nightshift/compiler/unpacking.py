"""The values of a tuple or list of which each gets a name: `a, b = pair`, `for key, value in pairs`."""

from __future__ import annotations

import ast

from nightshift.compiler import jsonata
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.module import Reject
from nightshift.compiler.types import ListType, TupleType, an


def unpacked(target: ast.Tuple | ast.List, value: Expr) -> list[Expr]:
    """The values for the names of `target`; a list has as many as there are names, or the state fails.

    Raises Reject where it is known that there are more or fewer, or that it cannot be unpacked.
    """
    count, kind = len(target.elts), value.type
    if isinstance(kind, TupleType):
        if len(kind.items) != count:
            message = f"{count} names for {len(kind.items)} values"
            raise Reject(target, "NS102", message, "Write one name for each value.")
        owner = f"($v := {value.argument()}; $v"
        return [Expr(f"{owner}[{n}])", item, reads=value.reads) for n, item in enumerate(kind.items)]
    if isinstance(kind, ListType):
        said = jsonata.text(f"not {count} values to unpack")
        owner = f"($v := {value.argument()}; $count($v) = {count} ? $v"
        return [Expr(f"{owner}[{n}] : $error({said}))", kind.item, reads=value.reads) for n in range(count)]
    raise Reject(target, "NS102", f"{an(kind)} is not unpacked", "Use one name, and read its fields.")
