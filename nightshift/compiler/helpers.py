"""Helper functions of the file, written in place where they are called."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, replace
from typing import Any

from nightshift.compiler import ir
from nightshift.compiler.annotations import annotated_type
from nightshift.compiler.constants import constants
from nightshift.compiler.context import MISSING, Context, Frame, module_constant, read
from nightshift.compiler.context import name as named_value
from nightshift.compiler.declared import checked, given_as
from nightshift.compiler.expressions import carried
from nightshift.compiler.jsonata import Expr, constant, reads
from nightshift.compiler.module import Reject, SourceFile, Suppressed
from nightshift.compiler.scope import Flowing, Scope, assigned_names, default_nodes, parameter_names
from nightshift.compiler.stored import declared as as_declared
from nightshift.compiler.types import (
    NONE,
    UNKNOWN,
    DictType,
    ListType,
    Type,
    assignable,
    join,
    join_or_any,
    without_none,
)

_RULES = (
    "A helper is a plain function of this file or one beside it: no decorator, no *args, no **kwargs, no recursion."
)


@dataclass(frozen=True)
class Function:
    """A function of the file: its definition, the scope it may read (of a nested one), or what it is in Python.

    source: the file it is defined in, when that may be another.
    """

    node: ast.FunctionDef | ast.Lambda
    parent: Scope | None
    value: Any = None
    source: SourceFile | None = None

    @property
    def name(self) -> str:
        """The function's name, for states and messages."""
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "lambda"

    @property
    def parameters(self) -> frozenset[str]:
        """The names of its parameters."""
        return frozenset(parameter_names(self.node))

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements; a lambda is one `return`. Without the docstring."""
        if isinstance(self.node, ast.Lambda):
            return [ast.copy_location(ast.Return(self.node.body), self.node.body)]
        first = self.node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            return self.node.body[1:]
        return self.node.body


def find_function(ctx: Context, node: ast.expr) -> Function | None:
    """The function of this file, or of a module beside it, that a name or lambda stands for."""
    if isinstance(node, ast.Lambda):
        return Function(node, ctx.scope)
    if isinstance(node, ast.Name):
        scope: Scope | None = ctx.scope
        while scope is not None:
            if node.id in scope.functions:
                return Function(scope.functions[node.id], scope)
            scope = scope.parent
    value = ctx.static(node)
    source = ctx.source.home(value) if value is not MISSING else None
    definition = source.definition(value) if source is not None else None
    return Function(definition, None, value, source) if definition is not None else None


def parameters(where: ast.AST, function: Function) -> list[str]:
    """The parameter names of a function that can be inlined; raises Reject for one that cannot."""
    spec = function.node.args
    decorated = isinstance(function.node, ast.FunctionDef) and function.node.decorator_list
    if spec.vararg or spec.kwarg or decorated:
        raise Reject(where, "NS307", f"{function.name}() cannot be inlined", _RULES)
    return parameter_names(function.node)


def entered(ctx: Context, where: ast.AST, function: Function) -> tuple[Any, ...]:
    """The functions being inlined with this one; raises Reject for a recursion."""
    if function.node in ctx.inlining:
        raise Reject(where, "NS307", f"{function.name}() calls itself", _RULES)
    return (*ctx.inlining, function.node)


def annotation(ctx: Context, function: Function, name: str) -> Type | None:
    """The declared type of a parameter (or "return"), None without one."""
    if isinstance(function.node, ast.Lambda):
        return None
    spec = function.node.args
    by_name = {a.arg: a.annotation for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    ctx = replace(ctx, source=function.source or ctx.source)
    node = function.node.returns if name == "return" else by_name.get(name)
    return annotated_type(ctx, node) if node is not None else None


def _bound(ctx: Context, node: ast.Call, function: Function) -> dict[str, Expr]:
    names = parameters(node, function)
    spec = function.node.args
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    by_name = [k.arg for k in node.keywords]
    too_many = len(node.args) > len(positional) or set(by_name) & set(positional[: len(node.args)])
    if too_many or any(name not in names for name in by_name):
        hint = f"It takes {', '.join(names) or 'nothing'}."
        raise Reject(node, "NS301", f"{function.name}() is given something it does not take", hint)
    written = dict(zip(positional, node.args, strict=False)) | {k.arg: k.value for k in node.keywords if k.arg}
    given = {name: given_as(ctx, a, annotation(ctx, function, name)) for name, a in written.items()}
    defaults = default_nodes(function.node)
    for name in names:
        if name not in given:
            if name not in defaults:
                raise Reject(node, "NS302", f"{function.name}() needs {name}", f"Add {name}=...")
            given[name] = _default(ctx, function, name, defaults[name])
        declared = annotation(ctx, function, name)
        if declared is not None:
            given[name] = _declared(node, function, name, given[name], declared)
    return given


def _default(ctx: Context, function: Function, name: str, node: ast.expr) -> Expr:
    """The value a default had where the function was defined."""
    if function.value is not None:
        return module_constant(node, ast.unparse(node), inspect.signature(function.value).parameters[name].default)
    if isinstance(function.node, ast.Lambda):
        return carried(ctx, node)
    return named_value(ctx, ast.copy_location(ast.Name(_kept_default(function.node, name)), node))


def _kept_default(node: ast.FunctionDef, name: str) -> str:
    return f"{node.name}.{name}"


def inner_scope(ctx: Context, function: Function, locals_: frozenset[str]) -> Scope:
    """The scope of a function that is called, or run as a branch, here."""
    outer: Flowing | None = ctx.point
    scope = ctx.scope
    while function.parent is not None and scope is not function.parent:
        # Called from another function inside the same one: what it reads is what held around that.
        assert scope.parent is not None
        outer, scope = scope.outer, scope.parent
    is_lambda = isinstance(function.node, ast.Lambda)
    return Scope(
        ctx.names,
        locals_,
        function.parent,
        outer if function.parent else None,
        level=len(ctx.captures),
        is_lambda=is_lambda,
    )


def define(ctx: Context, node: ast.FunctionDef) -> list[ir.Statement]:
    """`def` inside a function: its defaults are evaluated now, and kept under names no Python variable has."""
    ctx.scope.functions[node.name] = node
    assigned: list[ir.Statement] = []
    for name, default in default_nodes(node).items():
        value = carried(ctx, default)
        kept = _kept_default(node, name)
        ctx.scope.locals_ |= {kept}
        ctx.scope.variables[kept] = variable = ctx.temporary(f"{node.name}_{name}", value.type)
        assigned.append(ir.Assign([(variable, value)]))
    return assigned


def _declared(node: ast.Call, function: Function, name: str, value: Expr, declared: Type) -> Expr:
    if not assignable(value.type, declared):
        raise Reject(node, "NS303", f"{name} of {function.name}() is {declared}, not {value.type}", "Convert it.")
    if value.is_constant:
        # Of an empty list or dict only the annotation says what would be in it.
        filled = join(value.type, without_none(declared))
        return replace(value, type=filled) if filled is not None and isinstance(filled, ListType | DictType) else value
    return as_declared(checked(value, declared, f"{name} of {function.name}()"), declared)


def helper_call(ctx: Context, node: ast.Call, function: Function) -> Expr:
    """A helper called directly: an expression when it is one `return`, else its statements in place."""
    inlining = entered(ctx, node, function)
    given = _bound(ctx, node, function)
    assigned = assigned_names(function.body)
    scope = inner_scope(ctx, function, assigned | set(given))
    kept = {n: v for n, v in given.items() if n not in assigned and (v.is_constant or v.variable)}
    source = function.source or ctx.source
    frame = _frame(ctx, node, function, given)
    inner = replace(ctx, source=source, scope=scope, frame=frame, hoisted=ctx.hoisted, inlining=inlining)
    only = function.body[0] if len(function.body) == 1 else None
    if isinstance(only, ast.Return) and only.value is not None:
        try:
            result = _inline_expression(inner, only.value, annotation(ctx, function, "return"), given, kept)
        except Reject as error:
            if source is ctx.source:
                raise
            source.report(error)
            raise Suppressed from None
        return _checked_result(ctx, node, function, result)
    if not ctx.certain:
        hint = "Call it in a statement before; only a helper of one `return` may stand there."
        raise Reject(node, "NS305", f"{function.name}() is called where it might not be evaluated", hint)
    return _statements(ctx, inner, node, function, given, kept)


def _frame(ctx: Context, node: ast.Call, function: Function, given: dict[str, Expr]) -> Frame:
    """What is known inside of a helper: the constants that its arguments may be, when it is a function of this file."""
    frame = Frame(around=ctx.frame if function.parent is ctx.scope else None)
    if function.source in (None, ctx.source):
        written = {k.arg: k.value for k in node.keywords if k.arg} | dict(zip(given, node.args, strict=False))
        frame.constants = {name: list(constants(ctx, argument, given[name])) for name, argument in written.items()}
    return frame


def _inline_expression(
    ctx: Context, node: ast.expr, declared: Type | None, given: dict[str, Expr], kept: dict[str, Expr]
) -> Expr:
    """A helper of one `return`. Its arguments are evaluated before, once each, whatever it does with them."""
    fresh = {name: ctx.names.variable(name) for name in given if name not in kept}
    bound = {name: read(ir.Variable(variable, given[name].type)) for name, variable in fresh.items()}
    before = len(ctx.hoisted)
    ctx.scope.bound = {**kept, **bound}
    result = given_as(ctx, node, declared)
    if not fresh:
        return result
    if len(ctx.hoisted) > before:
        # What was hoisted may read them, too.
        pairs = [(ir.Variable(variable, given[name].type), given[name]) for name, variable in fresh.items()]
        ctx.hoisted.insert(before, ir.Assign(pairs))
        return result
    lets = "".join(f"${variable} := {given[name].argument()}; " for name, variable in fresh.items())
    outer = reads(*(given[name] for name in fresh)) | (result.reads - set(fresh.values()))
    return Expr(f"({lets}{result.code})", result.type, reads=outer, total=result.total)


def _statements(
    ctx: Context, inner: Context, node: ast.Call, function: Function, given: dict[str, Expr], kept: dict[str, Expr]
) -> Expr:
    result = ctx.temporary(f"{function.name}_result", UNKNOWN)
    inline = ir.Inline()
    declared = annotation(ctx, function, "return")
    inner.frame = replace(
        inner.frame,
        declared=declared,
        block=inline,
        result=result,
        body=function.body,
        parameters=function.parameters,
    )
    inner.hoisted = []
    inner.point = ctx.here
    fresh: list[tuple[ir.Variable, Expr]] = []
    for name in given.keys() - kept.keys():
        variable = inner.scope.declare(name, given[name].type)
        inner.point = inner.here.assign(variable)
        fresh.append((variable, given[name]))
    inner.scope.bound = kept
    body = ctx.block(inner, function.body)
    if inner.point is not None:
        inner.frame.returned = join_or_any(inner.frame.returned, NONE)
        body.append(ir.Assign([(result, constant(None))]))
    inline.body = [ir.Assign(sorted(fresh, key=lambda pair: pair[0].name)), *body] if fresh else body
    ctx.hoisted.append(inline)
    result.type = inner.frame.returned
    return _checked_result(ctx, node, function, read(result))


def _checked_result(ctx: Context, node: ast.Call, function: Function, result: Expr) -> Expr:
    declared = annotation(ctx, function, "return")
    if declared is None:
        return result
    if not assignable(result.type, declared):
        raise Reject(node, "NS205", f"{function.name}() returns {result.type}, not {declared}", "Correct one of them.")
    if result.is_constant:
        return result
    return as_declared(checked(result, declared, f"what {function.name}() returns"), declared)
