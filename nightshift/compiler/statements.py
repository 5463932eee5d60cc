"""Python statements to the intermediate representation."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from lambdas.runs.tree import Words
from nightshift.compiler import ir
from nightshift.compiler.assignments import appended, assign, augmented
from nightshift.compiler.context import SAID, Context, Loop
from nightshift.compiler.counting import counted
from nightshift.compiler.declared import checked, given_as
from nightshift.compiler.expressions import carried, condition, expression
from nightshift.compiler.helpers import define
from nightshift.compiler.instead import without_item
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject, Suppressed
from nightshift.compiler.narrowing import narrow
from nightshift.compiler.raising import caught, error_type, raised
from nightshift.compiler.scope import Flowing, assigned_names, joined
from nightshift.compiler.settling import settled
from nightshift.compiler.signatures import fits
from nightshift.compiler.spoken import spoken_loop, spoken_test
from nightshift.compiler.stored import returned
from nightshift.compiler.types import BOOL, ERROR, Type, an, join_or_any

_OWN_RESOURCES = "Parts wait, retry and clean up by themselves; use try/finally for steps that must run."
_INSTEAD: dict[type[ast.stmt], tuple[str, str]] = {
    ast.With: ("NS104", _OWN_RESOURCES),
    ast.AsyncWith: ("NS104", _OWN_RESOURCES),
    ast.AsyncFor: ("NS104", "Use for, or for_each(...) for many at a time."),
    ast.AsyncFunctionDef: ("NS104", "Define a plain function; parts wait by themselves."),
    ast.ClassDef: ("NS101", "Define error classes at the top of the file."),
    ast.Delete: ("NS101", "Leave the variable; it ends with the run."),
    ast.Import: ("NS101", "Import at the top of the file."),
    ast.ImportFrom: ("NS101", "Import at the top of the file."),
    ast.Assert: ("NS101", 'Write `if not ...: raise Failed("...")`.'),
    ast.Global: ("NS103", "Return the value instead."),
    ast.Nonlocal: ("NS103", "Return the value instead."),
    ast.Match: ("NS101", "Write if / elif / else."),
    ast.TryStar: ("NS101", "Write `except`."),
}
_WORDS = {ast.With: "with", ast.AsyncWith: "async with", ast.AsyncFor: "async for", ast.AsyncFunctionDef: "async def"}


def block(ctx: Context, nodes: list[ast.stmt]) -> list[ir.Statement]:
    """Compile statements in order. What is wrong with one is reported, and the next ones are compiled all the same.

    Code that no way leads to is left out.
    """
    compiled: list[ir.Statement] = []
    for node in nodes:
        if ctx.point is None:
            break
        try:
            made = _statement(ctx, node)
            compiled += _located(ctx, [*ctx.take_hoisted(), *made], node)
        except (Reject, Suppressed) as error:
            if isinstance(error, Reject):
                ctx.source.report(error)
            ctx.take_hoisted()
            _assume_assigned(ctx, node)
    return compiled


_TOLD = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)
"""Statements that are short enough to be what a state that assigns is called."""


def _located(ctx: Context, statements: list[ir.Statement], node: ast.stmt) -> list[ir.Statement]:
    said = ast.unparse(node).partition("\n")[0] if isinstance(node, _TOLD) else ""
    # Lines are those of the flow's file.
    line = node.lineno if ctx.source is ctx.source.flow_file else 0
    for statement in statements:
        statement.line = statement.line or line
        if isinstance(statement, ir.Assign):
            statement.said = statement.said or said
    return statements


def _assume_assigned(ctx: Context, node: ast.AST) -> None:
    """After an error: the names the statement would have assigned hold something nothing more is said about."""
    outside = node.names if isinstance(node, ast.Global | ast.Nonlocal) else ()
    for name in (*assigned_names([node]), *outside):
        variable = ctx.scope.declare(name, ERROR)
        if ctx.point is not None:
            ctx.point = ctx.point.assign(variable, ERROR)


def _statement(ctx: Context, node: ast.stmt) -> list[ir.Statement]:
    compile_node = _COMPILERS.get(type(node))
    if compile_node is None:
        code, hint = _INSTEAD.get(type(node), ("NS101", "docs/language.md lists the statements of the flow language."))
        if isinstance(node, ast.Delete) and isinstance(node.targets[0], ast.Subscript):
            hint = without_item(node.targets[0])
        word = _WORDS.get(type(node), ast.unparse(node).split(maxsplit=1)[0].split("(")[0])
        raise Reject(node, code, f"'{word}' is not part of the flow language", hint)
    return compile_node(ctx, node)


def _expression_statement(ctx: Context, node: ast.Expr) -> list[ir.Statement]:
    if isinstance(node.value, ast.Constant):
        return []
    if isinstance(node.value, ast.Yield | ast.YieldFrom | ast.Await):
        word = "await" if isinstance(node.value, ast.Await) else "yield"
        raise Reject(
            node, "NS101", f"{word!r} is not part of the flow language", "Return a list; parts wait by themselves."
        )
    if not isinstance(node.value, ast.Call):
        calls = any(isinstance(inner, ast.Call) for inner in ast.walk(node.value))
        hint = "Write `if ...:` around the call." if calls else "Assign the value, or remove it."
        raise Reject(node, "NS101", f"'{ast.unparse(node)}' does nothing", hint)
    changed = appended(ctx, node.value)
    if changed is not None:
        return changed
    carried(ctx, node.value)
    _drop_result(ctx)
    return []


def _drop_result(ctx: Context) -> None:
    """The last call's result is not used: do not keep it in a variable."""
    if ctx.hoisted and isinstance(
        last := ctx.hoisted[-1], ir.PartCall | ir.FlowCall | ir.Approve | ir.Parallel | ir.Map
    ):
        last.target = None


def _return(ctx: Context, node: ast.Return) -> list[ir.Statement]:
    frame = ctx.frame
    compiled = carried if frame.block is not None else expression
    value = given_as(ctx, node.value, frame.declared, compiled) if node.value is not None else constant(None)
    if ctx.depth == 0 and frame.block is None:
        value = returned(ctx, _as_annotated(node, value, frame.declared))
    frame.returned = join_or_any(frame.returned, value.type)
    ctx.point = None
    if frame.block is not None and frame.result is not None:
        return [ir.Assign([(frame.result, value)]), ir.Leave(frame.block)]
    name = f"return {ast.unparse(node.value)}" if node.value is not None else "return"
    return [ir.Return(value, ctx.names.state(name), ast.unparse(node.value) if node.value is not None else "")]


def _as_annotated(node: ast.Return, value: Expr, declared: Type | None) -> Expr:
    """What a flow returns: who calls it goes by its annotation."""
    if declared is None:
        return value
    if not fits(value, declared):
        message = f"{an(value.type)} is not {an(declared)}"
        raise Reject(node.value or node, "NS205", message, "Correct the annotation or the value.")
    return checked(value, declared, "what the flow returns")


def _inner_block(ctx: Context, nodes: list[ast.stmt]) -> list[ir.Statement]:
    """Statements that may not be executed: the functions they define are known only among them."""
    before = ctx.scope.functions
    ctx.scope.functions = dict(before)
    made = block(ctx, nodes)
    ctx.scope.functions = {name: node for name, node in before.items() if ctx.scope.functions.get(name) is node}
    return made


def _if(ctx: Context, node: ast.If) -> list[ir.Statement]:
    inner = vars(node.test).get(SAID)
    name = ctx.names.state(f"if {inner or ast.unparse(node.test)}")
    test = _test(ctx, node.test)
    before = ctx.take_hoisted()
    start = ctx.here
    ctx.point = narrow(ctx, start, node.test, truth=True) if test.constant is not False else None
    then = _inner_block(ctx, node.body)
    after_then = ctx.point
    ctx.point = narrow(ctx, start, node.test, truth=False) if test.constant is not True else None
    orelse = _inner_block(ctx, node.orelse)
    ctx.point = joined([after_then, ctx.point])
    said, words = ("", Words("", "")) if inner else (ast.unparse(node.test), spoken_test(node.test))
    return [*before, ir.If(test, then, orelse, name, said, words)]


def _test(ctx: Context, node: ast.expr) -> Expr:
    """A test; when it is wrong, that is reported and both ways are compiled."""
    try:
        return condition(ctx, node)
    except Suppressed:
        pass
    except Reject as error:
        ctx.source.report(error)
    _assume_assigned(ctx, node)
    return Expr("true", BOOL)


def _looping(ctx: Context, body: list[ast.stmt]) -> Flowing:
    """What holds at the head of a loop: nothing narrowed of what its body assigns."""
    changed = [v for n in assigned_names(body) if (v := ctx.scope.variables.get(n))]
    return ctx.here.forget(changed)


def _while(ctx: Context, node: ast.While) -> list[ir.Statement]:
    return settled(ctx, lambda: _while_loop(ctx, node))


def _while_loop(ctx: Context, node: ast.While) -> list[ir.Statement]:
    name = ctx.names.state(f"while {ast.unparse(node.test)}")
    ctx.point = _looping(ctx, node.body)
    test = _test(ctx, node.test)
    words = spoken_loop(node.test)
    loop = ir.While(ctx.take_hoisted(), test, [], [], name, ast.unparse(node.test), words)
    tested = ctx.here
    ctx.point = narrow(ctx, tested, node.test, truth=True) if test.constant is not False else None
    breaks = _body(ctx, loop, node)
    ctx.point = None if test.constant is True else narrow(ctx, tested, node.test, truth=False)
    loop.orelse = _inner_block(ctx, node.orelse) if ctx.point else []
    ctx.point = joined([ctx.point, *breaks])
    return [loop]


def _body(ctx: Context, loop: ir.While | ir.For, node: ast.While | ast.For) -> list[Flowing]:
    context = Loop(loop)
    ctx.frame.loops.append(context)
    loop.body = _inner_block(ctx, node.body)
    ctx.frame.loops.pop()
    return context.breaks


def _for(ctx: Context, node: ast.For) -> list[ir.Statement]:
    return settled(ctx, lambda: _for_loop(ctx, node))


def _for_loop(ctx: Context, node: ast.For) -> list[ir.Statement]:
    name = ctx.names.state(f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}")
    loop = counted(ctx, node, name)
    before = ctx.take_hoisted()
    start = _looping(ctx, [node, *node.body])
    ctx.point = start
    for variable, _ in loop.each:
        ctx.point = ctx.point.assign(variable)
    breaks = _body(ctx, loop, node)
    ctx.point = start
    loop.orelse = _inner_block(ctx, node.orelse)
    ctx.point = joined([ctx.point, *breaks])
    return [*before, loop]


def _break(ctx: Context, node: ast.Break) -> list[ir.Statement]:
    loop = ctx.frame.loops[-1]
    loop.breaks.append(ctx.here)
    ctx.point = None
    return [ir.Break(loop.statement)]


def _continue(ctx: Context, node: ast.Continue) -> list[ir.Statement]:
    ctx.point = None
    return [ir.Continue(ctx.frame.loops[-1].statement)]


def _try(ctx: Context, node: ast.Try) -> list[ir.Statement]:
    name = ctx.names.state("finally") if node.finalbody else ""
    start = ctx.here.forget(
        v for n in assigned_names([*node.body, *node.orelse, *node.handlers]) if (v := ctx.scope.variables.get(n))
    )
    body = _inner_block(ctx, node.body)
    orelse = _inner_block(ctx, node.orelse) if ctx.point else []
    ends = [ctx.point]
    handlers = []
    seen: list[ir.Caught] = []
    for clause in node.handlers:
        ctx.point = start
        try:
            handlers.append(_handler(ctx, clause, seen))
        except Reject as error:
            ctx.source.report(error)
            _assume_assigned(ctx, clause)
        ends.append(ctx.point)
    end = joined(ends)
    final = None
    if node.finalbody:
        ctx.point = start
        final = block(ctx, node.finalbody)
        if ctx.point is None or end is None:
            end = None
        else:
            end = Flowing(end.assigned | ctx.point.assigned, ctx.point.narrowed)
    ctx.point = end
    return [ir.Try(body, handlers, orelse, final, name)]


def _handler(ctx: Context, clause: ast.ExceptHandler, seen: list[ir.Caught]) -> ir.Handler:
    taken = caught(ctx, clause, seen)
    seen.append(taken)
    target = None
    if clause.name:
        target = ctx.scope.declare(clause.name, error_type())
        ctx.point = ctx.here.assign(target)
    elif any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(clause)):
        target = ctx.temporary("error", error_type())
    handling, ctx.handling = ctx.handling, (*ctx.handling, target) if target else ctx.handling
    body = _inner_block(ctx, clause.body)
    ctx.handling = handling
    if clause.name and ctx.point is not None and target is not None:
        # As in Python, the name ends with the clause.
        ctx.point = Flowing(ctx.point.assigned - {target}, ctx.point.narrowed)
    return ir.Handler(taken, target, body)


def _raise(ctx: Context, node: ast.Raise) -> list[ir.Statement]:
    statement = raised(ctx, node)
    ctx.point = None
    return [statement]


_COMPILERS: dict[type[ast.stmt], Callable[[Context, Any], list[ir.Statement]]] = {
    ast.Expr: _expression_statement,
    ast.Assign: assign,
    ast.AugAssign: augmented,
    ast.AnnAssign: assign,
    ast.Return: _return,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Try: _try,
    ast.Raise: _raise,
    ast.Pass: lambda ctx, node: [],
    ast.FunctionDef: define,
}
