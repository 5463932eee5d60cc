"""Assignments: which variable, of which type."""

from __future__ import annotations

import ast

from nightshift.compiler import ir
from nightshift.compiler.annotations import annotated_type
from nightshift.compiler.context import Context, read
from nightshift.compiler.expressions import carried, expression
from nightshift.compiler.jsonata import ATOM, Expr
from nightshift.compiler.module import Reject
from nightshift.compiler.types import (
    ANY,
    ERROR,
    FLOAT,
    INT,
    NONE,
    UNKNOWN,
    DictType,
    ListType,
    StoredType,
    TupleType,
    Type,
    assignable,
    declared_as,
    join,
    may_be_none,
    origins,
    plain,
)

_HINT = "Assign to a plain name; lists and dicts are made anew: xs = xs + [x]."


def assign(ctx: Context, node: ast.Assign | ast.AnnAssign) -> list[ir.Statement]:
    """`x = value`, `a, b = values`, `x = y = value`, `x: T = value`."""
    if isinstance(node, ast.AnnAssign):
        return _annotated(ctx, node)
    for target in node.targets:
        _check_target(ctx, target)
    if len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple | ast.List):
        return _unpacked(ctx, node.targets[0], node.value)
    value = carried(ctx, node.value)
    first, *others = [target_variable(ctx, target, value.type) for target in node.targets]
    for variable in (first, *others):
        _now(ctx, variable, value)
    if _retarget(ctx, first, value):
        assigned: list[ir.Statement] = [ir.Assign([(other, read(first))]) for other in others]
    else:
        assigned = [ir.Assign([(variable, value) for variable in (first, *others)])]
    return assigned


def _retarget(ctx: Context, variable: ir.Variable, value: Expr) -> bool:
    """Let a call put its result into the variable itself."""
    last = ctx.hoisted[-1] if ctx.hoisted else None
    calls = ir.PartCall | ir.FlowCall | ir.Approve | ir.Parallel | ir.Map
    if isinstance(last, calls) and last.target is not None and value.code == f"${last.target.name}":
        last.target = variable
        return True
    return False


def _annotated(ctx: Context, node: ast.AnnAssign) -> list[ir.Statement]:
    _check_target(ctx, node.target)
    declared = annotated_type(ctx, node.annotation)
    if node.value is None:
        assert isinstance(node.target, ast.Name)
        ctx.scope.declare(node.target.id, declared)
        return []
    value = carried(ctx, node.value)
    if not assignable(value.type, declared):
        raise Reject(node.value, "NS205", f"a {value.type} is not a {declared}", "Correct the annotation or the value.")
    variable = target_variable(ctx, node.target, declared_as(value.type, declared))
    _now(ctx, variable, value)
    return [] if _retarget(ctx, variable, value) else [ir.Assign([(variable, value)])]


def _check_target(ctx: Context, target: ast.expr) -> None:
    names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    for name in names:
        if not isinstance(name, ast.Name):
            raise Reject(name, "NS102", f"'{ast.unparse(name)}' cannot be assigned", _HINT)


def target_variable(ctx: Context, target: ast.expr, kind: Type) -> ir.Variable:
    """The variable of a target, able to hold `kind`; raises Reject when it holds something else."""
    if not isinstance(target, ast.Name):
        raise Reject(target, "NS102", f"'{ast.unparse(target)}' cannot be assigned", _HINT)
    known = ctx.scope.variables.get(target.id)
    if known is None:
        return ctx.scope.declare(target.id, kind)
    widened = _widened(known.type, kind)
    if widened is None:
        hint = f"Use another name, or annotate the first assignment: `{target.id}: {known.type} | ... = `."
        raise Reject(target, "NS205", f"{target.id!r} is {known.type}, not {kind}", hint)
    known.type = widened
    return known


def _widened(known: Type, kind: Type) -> Type | None:
    """The type of a variable after another assignment: only what a reader would expect widens it."""
    if known == ERROR:
        return known
    if assignable(kind, known):
        return join(known, declared_as(kind, plain(known))) or known if origins(kind) else known
    open_ended = known in (UNKNOWN, NONE) or may_be_none(known) or kind == NONE
    held = known.inner if isinstance(known, StoredType) else known
    empty = isinstance(held, ListType | DictType) and UNKNOWN in (
        held.item if isinstance(held, ListType) else held.value,
    )
    if open_ended or empty or (known, kind) == (INT, FLOAT):
        return join(known, kind)
    return None


def _now(ctx: Context, variable: ir.Variable, value: Expr) -> None:
    """Record the assignment, and what is known of the value until the next one."""
    narrowed = None
    if may_be_none(variable.type) and plain(value.type) not in (ANY, ERROR):
        narrowed = value.type if not may_be_none(value.type) else None
    ctx.point = ctx.here.assign(variable, narrowed)


def _unpacked(ctx: Context, target: ast.Tuple | ast.List, node: ast.expr) -> list[ir.Statement]:
    values = _items(ctx, node)
    if len(values) != len(target.elts):
        message = f"{len(target.elts)} names for {len(values)} values"
        raise Reject(target, "NS102", message, "Write one name for each value.")
    pairs = []
    for name, value in zip(target.elts, values, strict=True):
        pairs.append((target_variable(ctx, name, value.type), value))
    for variable, value in pairs:
        _now(ctx, variable, value)
    return [ir.Assign(pairs)]


def _items(ctx: Context, node: ast.expr) -> list[Expr]:
    if isinstance(node, ast.Tuple | ast.List):
        return [carried(ctx, item) for item in node.elts]
    value = expression(ctx, node)
    if not isinstance(value.type, TupleType):
        hint = "Only values of known length are unpacked: parallel(f, g), or a, b = 1, 2. Index a list."
        raise Reject(node, "NS102", f"a {value.type} is not unpacked", hint)
    owner = value.within(ATOM - 1)
    return [Expr(f"{owner}[{i}]", kind, reads=value.reads) for i, kind in enumerate(value.type.items)]


def augmented(ctx: Context, node: ast.AugAssign) -> list[ir.Statement]:
    """`x += value`."""
    _check_target(ctx, node.target)
    assert isinstance(node.target, ast.Name)
    as_read = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
    operation = ast.copy_location(ast.BinOp(as_read, node.op, node.value), node)
    value = expression(ctx, operation)
    variable = target_variable(ctx, node.target, value.type)
    _now(ctx, variable, value)
    return [ir.Assign([(variable, value)])]
