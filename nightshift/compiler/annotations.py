"""Annotations to types of the flow language."""

from __future__ import annotations

import ast
import typing

from nightshift.compiler.context import Context
from nightshift.compiler.hints import FIELDS_ONLY, from_hint, own_method
from nightshift.compiler.module import Reject
from nightshift.compiler.types import Type


def annotated_type(ctx: Context, node: ast.expr) -> Type:
    """The type an annotation stands for; raises Reject for one outside the language."""
    try:
        hint = eval(compile(ast.Expression(node), "annotation", "eval"), vars(ctx.source.module))
        hint = typing.get_type_hints(type("_", (), {"__annotations__": {"x": hint}}), vars(ctx.source.module))["x"]
        kind = from_hint(hint)
    except (NameError, AttributeError, TypeError, SyntaxError):
        kind = None
    if kind is None:
        hint_text = "Types are str, int, float, bool, list[T], dict[str, T], T | None, results of parts and TypedDicts."
        raise Reject(node, "NS210", f"'{ast.unparse(node)}' is not a type of the flow language", hint_text)
    if own := own_method(hint):
        message = f"'{ast.unparse(node)}' is not a type of the flow language, as {own} decides what it is"
        raise Reject(node, "NS210", message, FIELDS_ONLY.format(own))
    return kind
