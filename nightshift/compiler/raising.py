"""Errors: what `raise` raises and which error names an `except` clause takes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from copy import copy
from functools import cache
from types import ModuleType
from typing import Any

from lambdas.contract.errors import NightshiftError, PartTimeout, ServiceError
from nightshift.compiler import ir
from nightshift.compiler.context import MISSING, Context, named
from nightshift.compiler.expressions import expression
from nightshift.compiler.formatting import as_text
from nightshift.compiler.helpers import Function, helper_call
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject, Suppressed
from nightshift.compiler.types import ERROR, ERROR_RECORD, STR, RecordType, Type

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
    return RecordType(ERROR_RECORD, (("error", STR), ("cause", STR)), complete=True)


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
        hint = "What raises it in Python ends the run on Step Functions, so test before: `if key in d:`. " + hint
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
        variable, value = ctx.scope.variables.get(node.exc.id), named(ctx, ctx.here, node.exc)
        if value is not None and value.type == ERROR:
            raise Suppressed
        if variable is not None and value is not None and value.type == error_type():
            return ir.Raise(None, None, variable, name)
    call = node.exc if isinstance(node.exc, ast.Call) else None
    error = ctx.static(call.func if call else node.exc)
    if not (isinstance(error, type) and issubclass(error, NightshiftError)):
        hint = 'Write raise Failed("what happened and what to do"), or a subclass of Failed defined in this file.'
        if error is MISSING and isinstance(node.exc, ast.Name | ast.Subscript | ast.Attribute):
            said = ast.unparse(node.exc)
            hint = f'Of a caught error that is kept raise a new one: raise Failed(f"{{{said}}}").'
            if isinstance(node.exc, ast.Name):
                hint = f"Test for None first: `if {said} is not None:`. {hint}"
        raise Reject(node, "NS404", f"'{ast.unparse(node.exc)}' is not an error a flow can raise", hint)
    return ir.Raise(error.__name__, _message(ctx, node.exc, error), None, name)


def _message(ctx: Context, node: ast.expr, error: type[NightshiftError]) -> Expr:
    """What `str()` of the error that is made gives."""
    call = node if isinstance(node, ast.Call) else ast.copy_location(ast.Call(node, [], []), node)
    own = _own_method(error)
    if own is not None:
        return as_text(node, helper_call(ctx, call, _initializer(ctx, node, error, own)))
    if call.keywords or len(call.args) > 1:
        raise Reject(call, "NS404", f"{error.__name__} takes one message", 'Write raise Failed("...").')
    return as_text(node, expression(ctx, call.args[0])) if call.args else constant("")


_OF_THE_MESSAGE = ("__init__", "__new__", "__str__", "error", "cause", "args")


def _own_method(error: type[NightshiftError]) -> str | None:
    """What an error class defines that decides about its message; None when that is what it is given."""
    for owner in error.__mro__:
        if owner.__module__ == NightshiftError.__module__:
            return None
        found = [name for name in _OF_THE_MESSAGE if name in vars(owner)]
        if found:
            return found[-1]
    return None


def _initializer(ctx: Context, node: ast.expr, error: type[NightshiftError], own: str) -> Function:
    """`__init__` as a function that returns the message: it calls `super().__init__(message)` and sets attributes."""
    method = next(vars(owner)[own] for owner in error.__mro__ if own in vars(owner))
    definition = ctx.source.definition(method) if own == "__init__" else None
    message = _given_to_super(definition) if definition is not None else None
    if definition is None or message is None or not definition.args.args:
        hint = 'Leave it out and give the message to raise, or let __init__ be one line: super().__init__(f"...").'
        raise Reject(node, "NS404", f"{error.__name__} has {own} of its own, and its message is not known", hint)
    spec = copy(definition.args)
    spec.args = spec.args[1:]
    made = ast.FunctionDef(error.__name__, spec, [ast.Return(message)], [])
    return Function(ast.fix_missing_locations(ast.copy_location(made, definition)), None, method)


def _given_to_super(definition: ast.FunctionDef) -> ast.expr | None:
    calls = [n for n in definition.body if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call)]
    rest = [n for n in definition.body if n not in calls and not _sets_attribute(n) and not _is_docstring(n)]
    if rest or len(calls) != 1:
        return None
    call = calls[0].value
    assert isinstance(call, ast.Call)
    to_super = ast.unparse(call.func) == "super().__init__" and not call.keywords and len(call.args) == 1
    return call.args[0] if to_super else None


def _sets_attribute(node: ast.stmt) -> bool:
    """Whether it is `self.name = name`, which no flow sees."""
    return isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Name | ast.Constant)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
