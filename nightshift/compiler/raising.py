"""Errors: what `raise` raises and which error names an `except` clause takes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from lambdas.contract.errors import NightshiftError, PartTimeout, ServiceError
from nightshift.compiler import ir
from nightshift.compiler.context import MISSING, Context
from nightshift.compiler.expressions import expression
from nightshift.compiler.formatting import as_text
from nightshift.compiler.jsonata import constant
from nightshift.compiler.module import Reject
from nightshift.compiler.types import STR, RecordType, Type

_OUTSIDE: dict[type[NightshiftError], tuple[str, ...]] = {
    # What Step Functions says when a part's function could not answer at all.
    ServiceError: (
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Runtime.ExitError",
    ),
    PartTimeout: ("States.Timeout", "Sandbox.Timedout"),
}


@cache
def error_type() -> Type:
    """The type of `e` in `except ... as e`."""
    return RecordType("error", (("error", STR), ("cause", STR)))


def caught(ctx: Context, clause: ast.ExceptHandler, seen: list[ir.Caught]) -> ir.Caught:
    """The error names a clause takes: those of its classes and their subclasses."""
    if clause.type is None:
        names: tuple[str, ...] | None = None
    else:
        nodes = clause.type.elts if isinstance(clause.type, ast.Tuple) else [clause.type]
        classes = [_class(ctx, node) for node in nodes]
        everything = any(issubclass(Exception, c) for c in classes)
        names = (
            None if everything else tuple(dict.fromkeys(n for c in classes for n in error_names(c, ctx.source.module)))
        )
    earlier = {name for c in seen for name in (c.names or ())}
    if any(c.names is None for c in seen) or (names is not None and set(names) <= earlier):
        hint = "Put it before the clauses that catch more, or remove it."
        raise Reject(clause, "NS405", "an earlier clause catches everything this one does", hint)
    return ir.Caught(names)


def _class(ctx: Context, node: ast.expr) -> type[BaseException]:
    value = ctx.static(node)
    if isinstance(value, type) and (value in (Exception, BaseException) or issubclass(value, NightshiftError)):
        return value
    hint = "Catch the errors of nightshift (PartFailed, NoMatch, ...), subclasses of Failed, or Exception."
    if getattr(builtins, ast.unparse(node), None) is value and value is not MISSING:
        hint = "Python's own errors do not happen on Step Functions. " + hint
    raise Reject(node, "NS403", f"'{ast.unparse(node)}' is not an error a flow can catch", hint)


def error_names(error: Any, module: ModuleType) -> list[str]:
    """The ASL error names of a class and of those of its subclasses that can occur in the flows of `module`.

    Those are nightshift's own and what the module knows; a class of another flow file, which happens to have been
    imported before, is none of them.
    """
    known = {value for space in _namespaces(module) for value in vars(space).values() if isinstance(value, type)}
    names = [error.__name__]
    for base, outside in _OUTSIDE.items():
        if issubclass(base, error):
            names.extend(outside)
    for subclass in _descendants(error):
        if subclass in known or subclass.__module__ == NightshiftError.__module__:
            names.append(subclass.__name__)
    return list(dict.fromkeys(names))


def _namespaces(module: ModuleType) -> list[ModuleType]:
    return [module, *(value for value in vars(module).values() if isinstance(value, ModuleType))]


def _descendants(error: Any) -> Iterator[Any]:
    for subclass in error.__subclasses__():
        yield subclass
        yield from _descendants(subclass)


def raised(ctx: Context, node: ast.Raise) -> ir.Raise:
    """`raise Failed("...")`, `raise e` and a bare `raise`."""
    name = ctx.names.state(ast.unparse(node))
    if node.exc is None:
        if not ctx.handling:
            raise Reject(node, "NS404", "there is nothing to raise again here", 'Write raise Failed("...").')
        return ir.Raise(None, None, ctx.handling[-1], name)
    if isinstance(node.exc, ast.Name) and ctx.is_local(node.exc.id):
        variable = ctx.scope.variables.get(node.exc.id)
        if variable is not None and variable.type == error_type() and variable in ctx.here.assigned:
            return ir.Raise(None, None, variable, name)
    call = node.exc if isinstance(node.exc, ast.Call) else None
    error = ctx.static(call.func if call else node.exc)
    if not (isinstance(error, type) and issubclass(error, NightshiftError)):
        hint = 'Write raise Failed("what happened and what to do"), or a subclass of Failed defined in this file.'
        raise Reject(node, "NS404", f"'{ast.unparse(node.exc)}' is not an error a flow can raise", hint)
    if call is not None and (call.keywords or len(call.args) > 1):
        raise Reject(call, "NS404", f"{error.__name__} takes one message", 'Write raise Failed("...").')
    cause = as_text(node, expression(ctx, call.args[0])) if call is not None and call.args else constant("")
    return ir.Raise(error.__name__, cause, None, name)
