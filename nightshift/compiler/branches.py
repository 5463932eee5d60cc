"""`parallel` and `for_each`: functions that become branches of their own."""

from __future__ import annotations

import ast
from dataclasses import replace

from nightshift.compiler import ir
from nightshift.compiler.comprehensions import iterable
from nightshift.compiler.context import Context, Frame, read
from nightshift.compiler.expressions import expression
from nightshift.compiler.helpers import Function, annotation, entered, find_function, inner_scope, parameters
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject
from nightshift.compiler.scope import Flowing, assigned_names
from nightshift.compiler.types import NONE, ListType, Type, declared_as, join_or_any, list_of, tuple_of

INLINE_MOST = 40
"""Concurrent iterations of an inline Map (Step Functions, "Inline mode": up to 40)."""

DEEPEST = 3


def parallel_call(ctx: Context, node: ast.Call) -> Expr:
    """`parallel(f, g)`: a list of what the functions return."""
    if node.keywords or not node.args:
        raise Reject(
            node, "NS306", "wrong arguments for parallel()", "parallel(f, g) takes functions without parameters."
        )
    branches, kinds = [], []
    for argument in node.args:
        function = _function(ctx, argument, "parallel", 0)
        branch, kind = _branch(ctx, argument, function, {}, None)
        branches.append(branch)
        kinds.append(kind)
    target = ctx.temporary("parallel", tuple_of(tuple(kinds)))
    ctx.hoisted.append(ir.Parallel(branches, target, ctx.names.state("parallel")))
    return read(target)


def for_each_call(ctx: Context, node: ast.Call) -> Expr:
    """`for_each(items, f, at_most=n)`: a list of what the function returns for each item."""
    if len(node.args) != 2 or any(k.arg != "at_most" for k in node.keywords):
        hint = "Write for_each(items, function, at_most=5)."
        raise Reject(node, "NS306", "wrong arguments for for_each()", hint)
    items = iterable(ctx, node.args[0])
    assert isinstance(items.type, ListType)
    at_most = _at_most(ctx, node)
    function = _function(ctx, node.args[1], "for_each", 1)
    captures: list[tuple[ir.Variable, Expr]] | None = [] if at_most > INLINE_MOST else None
    (name,) = parameters(node.args[1], function)
    declared = annotation(ctx, function, name)
    kind = declared_as(items.type.item, declared) if declared else items.type.item
    item = ir.Variable(ctx.names.variable(name), kind)
    branch, kind = _branch(ctx, node.args[1], function, {name: item}, captures)
    target = ctx.temporary("for_each", list_of(kind))
    state = ctx.names.state(f"for each {name}")
    ctx.hoisted.append(ir.Map(items, item, branch, at_most, captures is not None, captures or [], target, state))
    return read(target)


def _at_most(ctx: Context, node: ast.Call) -> int:
    if not node.keywords:
        return 10
    value = expression(ctx, node.keywords[0].value).constant
    if not isinstance(value, int) or not 1 <= value <= 1000:
        raise Reject(node.keywords[0].value, "NS306", "at_most must be a constant from 1 to 1000", "Write at_most=5.")
    return value


def _function(ctx: Context, node: ast.expr, said: str, count: int) -> Function:
    function = find_function(ctx, node)
    if function is None:
        hint = "Give the name of a function of this file, or a lambda."
        raise Reject(node, "NS306", f"'{ast.unparse(node)}' is not a function that {said} can run", hint)
    if len(parameters(node, function)) != count:
        takes = "one parameter, the item" if count else "no parameters"
        raise Reject(node, "NS306", f"{function.name}() must take {takes}", f"Define it with {takes}.")
    return function


def _branch(
    ctx: Context,
    where: ast.expr,
    function: Function,
    given: dict[str, ir.Variable],
    captures: list[tuple[ir.Variable, Expr]] | None,
) -> tuple[ir.Branch, Type]:
    if ctx.depth >= DEEPEST:
        hint = "Move the inner one to a flow of its own and call that."
        raise Reject(where, "NS502", f"more than {DEEPEST} levels of parallel and for_each", hint)
    locals_ = assigned_names(function.body) | set(given)
    around = (*ctx.captures, captures) if captures is not None else ctx.captures
    scope = replace(inner_scope(ctx, function, locals_), level=len(around), variables=dict(given))
    frame = Frame(body=function.body, parameters=function.parameters)
    inner = replace(
        ctx,
        source=function.source or ctx.source,
        scope=scope,
        point=Flowing(frozenset(given.values())),
        frame=frame,
        hoisted=[],
        depth=ctx.depth + 1,
        handling=(),
        captures=around,
        inlining=entered(ctx, where, function),
    )
    body = ctx.block(inner, function.body)
    if inner.point is not None:
        frame.returned = join_or_any(frame.returned, NONE)
        body.append(ir.Return(constant(None), ctx.names.state(f"{function.name}: end")))
    return ir.Branch(body, function.name), frame.returned
