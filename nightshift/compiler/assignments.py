"""Assignments: which variable, of which type."""

from __future__ import annotations

import ast
from dataclasses import replace

from lambdas.contract.part import Part
from nightshift.compiler import ir
from nightshift.compiler.annotations import annotated_type
from nightshift.compiler.context import Context, read
from nightshift.compiler.declared import checked, given_as
from nightshift.compiler.expressions import carried, expression
from nightshift.compiler.helpers import annotation, find_function
from nightshift.compiler.jsonata import TERNARY, Expr, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.ownership import is_owned
from nightshift.compiler.signatures import did_you_mean
from nightshift.compiler.tuples import check_changed
from nightshift.compiler.types import (
    ANY,
    BOOL,
    ERROR,
    FLOAT,
    INT,
    NONE,
    STR,
    UNKNOWN,
    DictType,
    ListType,
    RecordType,
    StoredType,
    Type,
    an,
    assignable,
    declared_as,
    dict_of,
    join,
    may_be_none,
    origins,
    plain,
)
from nightshift.compiler.unpacking import unpacked

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
    value = given_as(ctx, node.value, _declared(ctx, node.targets[0]))
    first, *others = [target_variable(ctx, target, value.type) for target in node.targets]
    pairs = [_held(ctx, variable, value) for variable in (first, *others)]
    if pairs[0][1] is value and _retarget(ctx, first, value):
        return [ir.Assign([(other, read(first))]) for other in others]
    return [ir.Assign(pairs)]


def _declared(ctx: Context, target: ast.expr) -> Type | None:
    """The type that a variable has before it is assigned again."""
    variable = ctx.scope.variables.get(target.id) if isinstance(target, ast.Name) else None
    return variable.type if variable is not None else None


def _held(ctx: Context, variable: ir.Variable, value: Expr) -> tuple[ir.Variable, Expr]:
    """The assignment of a value; what is of type Any is checked to be what the variable holds."""
    value = checked(value, variable.type, variable.name)
    _now(ctx, variable, value)
    return variable, value


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
    value = given_as(ctx, node.value, declared)
    if not assignable(value.type, declared):
        message = f"{an(value.type)} is not {an(declared)}"
        raise Reject(node.value, "NS205", message, "Correct the annotation or the value.")
    variable = target_variable(ctx, node.target, declared_as(value.type, declared))
    pair = _held(ctx, variable, value)
    return [] if pair[1] is value and _retarget(ctx, variable, value) else [ir.Assign([pair])]


def _no_name(target: ast.expr) -> Reject:
    """Why something that is no plain name cannot be assigned."""
    hint = _HINT
    if isinstance(target, ast.Attribute):
        hint = f"Fields do not change: make a new record, with another {target.attr}, and assign that."
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Subscript | ast.Attribute):
        owner = ast.unparse(target.value)
        hint = (
            f"What is inside of others does not change: make inner = {{k: {owner}[k] for k in {owner}}}, and put it in."
        )
    elif isinstance(target, ast.Tuple | ast.List):
        hint = f"Take it apart in two statements: name it first, pair, ... = ..., then {_unbracketed(target)} = pair."
    elif isinstance(target, ast.Starred):
        hint = f"Take the list apart: parts = ..., then parts[0], and {ast.unparse(target.value)} = parts[1:]."
    return Reject(target, "NS102", f"'{ast.unparse(target)}' cannot be assigned", hint)


def _unbracketed(target: ast.Tuple | ast.List) -> str:
    return ", ".join(ast.unparse(name) for name in target.elts)


def _check_target(ctx: Context, target: ast.expr) -> None:
    names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    for name in names:
        if not isinstance(name, ast.Name):
            raise _no_name(name)


def target_variable(ctx: Context, target: ast.expr, kind: Type) -> ir.Variable:
    """The variable of a target, able to hold `kind`; raises Reject when it holds something else."""
    if not isinstance(target, ast.Name):
        raise _no_name(target)
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
    values = _items(ctx, target, node)
    if len(values) != len(target.elts):
        message = f"{len(target.elts)} names for {len(values)} values"
        raise Reject(target, "NS102", message, "Write one name for each value.")
    pairs = []
    for name, value in zip(target.elts, values, strict=True):
        pairs.append((target_variable(ctx, name, value.type), value))
    return [ir.Assign([_held(ctx, variable, value) for variable, value in pairs])]


def _items(ctx: Context, target: ast.Tuple | ast.List, node: ast.expr) -> list[Expr]:
    if isinstance(node, ast.Tuple | ast.List):
        return [carried(ctx, item) for item in node.elts]
    return unpacked(target, expression(ctx, node))


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
    """`d["key"] = value` of a dict or TypedDict that has one name only."""
    if not isinstance(target.value, ast.Name):
        raise _no_name(target)
    owner = expression(ctx, ast.copy_location(ast.Name(target.value.id, ast.Load()), target.value))
    wanted = _wanted(target, owner.type)
    # As Python does: first the value, then the key.
    value, key = given_as(ctx, node, wanted, expression), expression(ctx, target.slice)
    if key.type != STR:
        raise _no_name(target)
    _check_owned(ctx, target, target.value)
    kind = _with_item(owner.type, key, value.type)
    if kind is None:
        raise Reject(node, "NS205", f"{an(value.type)} is not {an(wanted)}", "The values of a dict have one type.")
    if isinstance(owner.type, RecordType):
        value = checked(value, wanted, f"{key.constant} of {owner.type}")
    code = f"$merge([{owner.argument()}, {{{key.argument()}: {value.within(TERNARY)}}}])"
    changed = Expr(code, kind, reads=reads(owner, key, value))
    return [ir.Assign([_held(ctx, target_variable(ctx, target.value, kind), changed)])]


def _wanted(target: ast.Subscript, owner: Type) -> Type:
    """The type that `d["key"]` is declared to have."""
    if isinstance(owner, DictType):
        return owner.value
    if isinstance(owner, ListType):
        said, at = ast.unparse(target.value), ast.unparse(target.slice)
        after = "" if at == "-1" else f" + {said}[{int(at) + 1 if at.isdigit() else f'{at} + 1'}:]"
        hint = f"Items of lists do not change: write {said} = {said}[:{at}] + [x]{after}."
        raise Reject(target, "NS102", f"'{ast.unparse(target)}' cannot be assigned", hint)
    if not isinstance(owner, RecordType) or not owner.keyed or not isinstance(target.slice, ast.Constant):
        raise _no_name(target)
    field = owner.field(str(target.slice.value))
    if field is None:
        hint = did_you_mean(str(target.slice.value), [name for name, _ in owner.fields], "Its keys are {}.")
        raise Reject(target, "NS204", f"{owner} has no key {ast.unparse(target.slice)}", hint)
    return plain(field)


def _with_item(owner: Type, key: Expr, value: Type) -> Type | None:
    """The type of a dict or TypedDict with another value; None where the value does not fit."""
    if isinstance(owner, RecordType):
        fields = {
            name: declared_as(value, plain(kind)) if name == key.constant else kind for name, kind in owner.fields
        }
        fits = assignable(value, fields[key.constant])
        return replace(owner, fields=tuple(fields.items())) if fits else None
    kind = join(owner.value, value) if isinstance(owner, DictType) else None
    return dict_of(kind) if kind is not None else None


def _check_owned(ctx: Context, where: ast.AST, name: ast.Name) -> None:
    check_changed(ctx, where, name)

    def keeps_nothing(function: ast.expr) -> bool:
        if isinstance(ctx.static(function), Part):
            return True
        found = find_function(ctx, function) if isinstance(function, ast.Name) else None
        return found is not None and annotation(ctx, found, "return") in (STR, INT, FLOAT, BOOL, NONE)

    if name.id in ctx.frame.parameters or not is_owned(ctx.frame.body, name.id, keeps_nothing):
        hint = (
            "Make it here, keep it under this name only, and leave it alone in a loop over it; "
            f"or write {_instead(where, name.id)}."
        )
        if name.id not in ctx.scope.locals_ and name.id not in ctx.frame.parameters:
            hint = f"It is not a variable of this function; make one: own = {_changed(where, name.id)}."
        raise Reject(where, "NS206", f"{name.id!r} may have another name, which would not see the change", hint)


def _instead(where: ast.AST, name: str) -> str:
    if isinstance(where, ast.Subscript):
        return f"a new one: own = {_changed(where, name)}"
    return f"{name} = {_changed(where, name)}"


def _changed(where: ast.AST, name: str) -> str:
    return f"{{key: {name}[key] for key in {name}}}" if isinstance(where, ast.Subscript) else f"{name} + [x]"


def augmented(ctx: Context, node: ast.AugAssign) -> list[ir.Statement]:
    """`x += value`."""
    if isinstance(node.target, ast.Subscript):
        said = ast.unparse(node.target)
        changed = ast.unparse(ast.BinOp(node.target, node.op, node.value))
        raise Reject(node.target, "NS102", f"'{said}' cannot be assigned", f"Write {said} = {changed}.")
    _check_target(ctx, node.target)
    assert isinstance(node.target, ast.Name)
    as_read = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
    operation = ast.copy_location(ast.BinOp(as_read, node.op, node.value), node)
    value = given_as(ctx, operation, _declared(ctx, node.target), expression)
    if isinstance(value.type, ListType):
        _check_owned(ctx, node, node.target)
    variable = target_variable(ctx, node.target, value.type)
    return [ir.Assign([_held(ctx, variable, value)])]
