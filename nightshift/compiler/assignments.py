"""Assignments: which variable, of which type."""

from __future__ import annotations

import ast

from lambdas.contract.part import Part
from nightshift.compiler import ir
from nightshift.compiler.annotations import annotated_type
from nightshift.compiler.context import Context, read
from nightshift.compiler.expressions import carried, expression
from nightshift.compiler.jsonata import ATOM, TERNARY, Expr, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.ownership import is_owned
from nightshift.compiler.types import (
    ANY,
    ERROR,
    FLOAT,
    INT,
    NONE,
    STR,
    UNKNOWN,
    DictType,
    ListType,
    StoredType,
    TupleType,
    Type,
    assignable,
    declared_as,
    dict_of,
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
    if len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
        return _item_assigned(ctx, node.targets[0], node.value)
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


def appended(ctx: Context, node: ast.Call) -> list[ir.Statement] | None:
    """`xs.append(x)` of a list that has one name only; None for another call."""
    function = node.func
    if not (isinstance(function, ast.Attribute) and function.attr == "append" and isinstance(function.value, ast.Name)):
        return None
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        raise Reject(node, "NS207", "append() takes one item", "Write xs.append(x).")
    _check_owned(ctx, node, function.value)
    addition = ast.copy_location(ast.List(node.args, ast.Load()), node)
    target = ast.copy_location(ast.Name(function.value.id, ast.Store()), function.value)
    return augmented(ctx, ast.copy_location(ast.AugAssign(target, ast.Add(), addition), node))


def _item_assigned(ctx: Context, target: ast.Subscript, node: ast.expr) -> list[ir.Statement]:
    """`d["key"] = value` of a dict that has one name only."""
    if not isinstance(target.value, ast.Name):
        raise Reject(target, "NS102", f"'{ast.unparse(target)}' cannot be assigned", _HINT)
    value, key = expression(ctx, node), expression(ctx, target.slice)
    owner = expression(ctx, ast.copy_location(ast.Name(target.value.id, ast.Load()), target.value))
    if not isinstance(owner.type, DictType) or key.type != STR:
        raise Reject(target, "NS102", f"'{ast.unparse(target)}' cannot be assigned", _HINT)
    _check_owned(ctx, target, target.value)
    kind = join(owner.type.value, value.type)
    if kind is None:
        raise Reject(
            node, "NS205", f"a {value.type} is not a {owner.type.value}", "The values of a dict have one type."
        )
    code = f"$merge([{owner.argument()}, {{{key.argument()}: {value.within(TERNARY)}}}])"
    changed = Expr(code, dict_of(kind), reads=reads(owner, key, value))
    variable = target_variable(ctx, target.value, changed.type)
    _now(ctx, variable, changed)
    return [ir.Assign([(variable, changed)])]


def _check_owned(ctx: Context, where: ast.AST, name: ast.Name) -> None:
    def takes_json(function: ast.expr) -> bool:
        return isinstance(ctx.static(function), Part)

    if name.id in ctx.frame.parameters or not is_owned(ctx.frame.body, name.id, takes_json):
        hint = f"Make it here, and keep it under this name only; or write {name.id} = {name.id} + [x]."
        raise Reject(where, "NS206", f"{name.id!r} may have another name, which would not see the change", hint)


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
