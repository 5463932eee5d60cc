"""`parallel` and `for_each`: functions that become branches of their own."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from nightshift.compiler import ir
from nightshift.compiler.comprehensions import iterable
from nightshift.compiler.constants import constants
from nightshift.compiler.context import SAID, Context, Frame, read
from nightshift.compiler.declared import checked
from nightshift.compiler.expressions import expression
from nightshift.compiler.fan_out import fan_out_call, railed, wave_type
from nightshift.compiler.helpers import Function, annotation, entered, find_function, inner_scope, parameters
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject
from nightshift.compiler.scope import Flowing, assigned_names
from nightshift.compiler.types import NONE, ListType, Type, assignable, declared_as, join_or_any, list_of, tuple_of

INLINE_MOST = 40
"""Concurrent iterations of an inline Map (Step Functions, "Inline mode": up to 40)."""

DEEPEST = 3
_OPTIONS = ("at_most", "distributed", "max_failures", "stop_on_alarm", "on_failure")


def parallel_call(ctx: Context, node: ast.Call) -> Expr:
    """`parallel(f, g)`: a list of what the functions return."""
    if node.keywords or not node.args:
        raise Reject(
            node, "NS306", "wrong arguments for parallel()", "parallel(f, g) takes functions without parameters."
        )
    branches, kinds = [], []
    for argument in node.args:
        function = _function(ctx, argument, "parallel", 0)
        branch, kind = _branch(ctx, argument, function, {}, None, {})
        branches.append(branch)
        kinds.append(kind)
    target = ctx.temporary("parallel", tuple_of(tuple(kinds)))
    ctx.hoisted.append(ir.Parallel(branches, target, ctx.names.state("parallel")))
    return read(target)


def for_each_call(ctx: Context, node: ast.Call) -> Expr:
    """`for_each(items, f, at_most=n)`: a list of what the function returns for each item; with rails a `FanOut`."""
    if len(node.args) != 2 or any(k.arg not in _OPTIONS for k in node.keywords):
        hint = "Write for_each(items, function, at_most=5), if need be max_failures=, stop_on_alarm=, on_failure=."
        raise Reject(node, "NS306", "wrong arguments for for_each()", hint)
    items = iterable(ctx, node.args[0])
    at_most = _at_most(ctx, node)
    function = _function(ctx, node.args[1], "for_each", 1)
    if not railed(node):
        return _mapped(ctx, node, function, items, at_most, gathered=False)
    assert isinstance(items.type, ListType)

    def wave(inner: Context, call: ast.Call) -> Expr:
        return _mapped(inner, node, function, iterable(inner, call.args[0]), at_most, gathered=True)

    return fan_out_call(ctx, node, items, items.type.item, at_most, wave)


def _mapped(ctx: Context, node: ast.Call, function: Function, items: Expr, at_most: int, *, gathered: bool) -> Expr:
    """A Map: what the function returns for each item, or, gathered, what became of each."""
    assert isinstance(items.type, ListType)
    captures: list[tuple[ir.Variable, Expr]] | None = [] if at_most > INLINE_MOST or _distributed(ctx, node) else None
    (name,) = parameters(node.args[1], function)
    declared = annotation(ctx, function, name)
    kind = items.type.item
    if declared is not None:
        if not assignable(kind, declared):
            hint = "Correct the annotation, or convert the items."
            raise Reject(node, "NS303", f"{name} of {function.name}() is {declared}, not {kind}", hint)
        items = checked(items, list_of(declared), f"what for_each() goes over, for {name} of {function.name}(),")
        kind = declared_as(kind, declared)
    item = ir.Variable(ctx.names.variable(name), kind)
    over = list(constants(ctx, node.args[0], items)) if function.source in (None, ctx.source) else []
    branch, returned = _branch(ctx, node.args[1], function, {name: item}, captures, {name: over})
    target = ctx.temporary("for_each", wave_type(returned, kind) if gathered else list_of(returned))
    state = ctx.names.state(f"for each {name}")
    distributed = captures is not None
    said = vars(node.args[0]).get(SAID) or ast.unparse(node.args[0])
    loop = ir.Map(items, item, branch, at_most, distributed, captures or [], target, state, said, gathered)
    ctx.hoisted.append(loop)
    return read(target)


def _at_most(ctx: Context, node: ast.Call) -> int:
    given = next((k.value for k in node.keywords if k.arg == "at_most"), None)
    if given is None:
        return 10
    value = expression(ctx, given).constant
    if not isinstance(value, int) or not 1 <= value <= 1000:
        raise Reject(given, "NS306", "at_most must be a constant from 1 to 1000", "Write at_most=5.")
    return value


def _distributed(ctx: Context, node: ast.Call) -> bool:
    given = next((k.value for k in node.keywords if k.arg == "distributed"), None)
    if given is None:
        return False
    value = expression(ctx, given).constant
    if not isinstance(value, bool):
        raise Reject(given, "NS306", "distributed must be True or False", "Write distributed=True, or leave it out.")
    return value


def _instead(node: ast.expr) -> str:
    """A hint for what is no function of the file."""
    if isinstance(node, ast.Call):
        return f"Write lambda: {ast.unparse(node)}, which is called when its turn comes."
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.Starred):
        return "Write for_each(xs, f), which runs a function for each item."
    if isinstance(node, ast.Attribute):
        return f"Write a lambda that gives it its parameters: lambda x: {ast.unparse(node)}(...=x)."
    return "Give the name of a function of this file, or a lambda."


def _function(ctx: Context, node: ast.expr, said: str, count: int) -> Function:
    function = find_function(ctx, node)
    if function is None:
        raise Reject(node, "NS306", f"'{ast.unparse(node)}' is not a function that {said} can run", _instead(node))
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
    known: dict[str, list[tuple[ast.AST, Any]]],
) -> tuple[ir.Branch, Type]:
    if ctx.depth >= DEEPEST:
        hint = "Move the inner one to a flow of its own and call that."
        raise Reject(where, "NS502", f"more than {DEEPEST} levels of parallel and for_each", hint)
    locals_ = assigned_names(function.body) | set(given)
    around = (*ctx.captures, captures) if captures is not None else ctx.captures
    scope = replace(inner_scope(ctx, function, locals_), level=len(around), variables=dict(given))
    frame = Frame(
        annotation(ctx, function, "return"),
        body=function.body,
        parameters=function.parameters,
        constants=known,
        around=ctx.frame if function.parent is ctx.scope else None,
    )
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
    declared = frame.declared
    if declared is not None and not assignable(frame.returned, declared):
        hint = "Correct one of them; the end of a function without return gives None."
        raise Reject(where, "NS205", f"{function.name}() returns {frame.returned}, not {declared}", hint)
    return ir.Branch(body, function.name, _heading(function)), frame.returned


def _heading(function: Function) -> str:
    """What a branch is called: a lambda as the function it calls; "" when that is a part, which says so itself."""
    if not isinstance(function.node, ast.Lambda):
        return function.name
    called = function.node.body.func if isinstance(function.node.body, ast.Call) else None
    return called.id if isinstance(called, ast.Name) else ""
