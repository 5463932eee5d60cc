"""Values under a type that was declared for them: a dict literal as a TypedDict, and the check of what was `Any`.

What a value of type Any is, is known when the flow runs. CPython goes on with a text where a list was declared, and
takes its characters for items; JSONata would take it for a list of one. The state fails there instead.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from nightshift.compiler import jsonata
from nightshift.compiler.context import MISSING, Context, module_constant
from nightshift.compiler.expressions import TYPED, carried, dict_display
from nightshift.compiler.hints import FIELDS_ONLY, own_method
from nightshift.compiler.jsonata import ATOM, NO_CONSTANT, Expr
from nightshift.compiler.module import Reject
from nightshift.compiler.signatures import did_you_mean
from nightshift.compiler.stored import IS_REFERENCE
from nightshift.compiler.types import (
    ANY,
    BOOL,
    ERROR,
    FLOAT,
    INT,
    NONE,
    SCALARS,
    STR,
    UNKNOWN,
    DictType,
    ListType,
    LiteralType,
    OptionalType,
    RecordType,
    StoredType,
    TupleType,
    Type,
    UnionType,
    an,
    assignable,
    complete,
    declared_as,
    of_literals,
    plain,
    without_none,
)

Compile = Callable[[Context, ast.expr], Expr]


def given_as(ctx: Context, node: ast.expr, declared: Type | None, compile_value: Compile = carried) -> Expr:
    """An expression where `declared` is wanted: a dict literal is a TypedDict there, also inside of others."""
    if declared is not None:
        want(node, declared)
    return compile_value(ctx, node)


def want(node: ast.expr, declared: Type) -> None:
    """Note at the dict literals that may become the value, or are inside of it, which TypedDict they are."""
    kind = without_none(plain(declared))
    operands: list[tuple[ast.expr, Type]] = []
    if isinstance(node, ast.IfExp):
        operands = [(node.body, kind), (node.orelse, kind)]
    elif isinstance(node, ast.BoolOp):
        operands = [(value, kind) for value in node.values]
    elif isinstance(node, ast.BinOp):
        operands = [(node.left, kind), (node.right, kind)]
    elif isinstance(kind, ListType) and isinstance(node, ast.List):
        operands = [(item, kind.item) for item in node.elts]
    elif isinstance(kind, ListType) and isinstance(node, ast.ListComp):
        operands = [(node.elt, kind.item)]
    elif isinstance(kind, DictType) and isinstance(node, ast.Dict):
        operands = [(value, kind.value) for value in node.values]
    elif isinstance(kind, DictType) and isinstance(node, ast.DictComp):
        operands = [(node.value, kind.value)]
    elif isinstance(kind, RecordType) and kind.keyed and isinstance(node, ast.Dict):
        vars(node)[TYPED] = partial(_typed_dict, kind=kind)
    for operand, wanted in operands:
        want(operand, wanted)


def record_made(ctx: Context, node: ast.Call, made: type[Any], kind: RecordType) -> Expr:
    """`Host(name="a", size=1)` of a dataclass, `Row(name="a")` of a TypedDict. Defaults are those of the class."""
    deciding = own_method(made)
    if deciding or any(isinstance(argument, ast.Starred) for argument in node.args):
        hint = FIELDS_ONLY.format(deciding) if deciding else "Write the fields out."
        raise Reject(node, "NS206", f"{made.__name__}() cannot be called in a flow", hint)
    own = dataclasses.fields(made) if dataclasses.is_dataclass(made) else ()
    positional = [field.name for field in own if field.init and not field.kw_only]
    if len(node.args) > len(positional):
        raise Reject(node, "NS207", f"{made.__name__}() takes its fields by name", f"Write {kind.fields[0][0]}=...")
    keys: list[ast.expr | None] = [ast.Constant(name) for name in positional[: len(node.args)]]
    keys += [ast.Constant(k.arg) if k.arg else None for k in node.keywords]
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    for key, value in zip(keys, values, strict=True):
        if key is not None:
            ast.copy_location(key, value)
    names = [key.value for key in keys if isinstance(key, ast.Constant)]
    if len(set(names)) < len(names):
        raise Reject(node, "NS207", f"{made.__name__}() is given a field twice", "Give each once.")
    defaults = {
        f.name: module_constant(node, f"{kind}.{f.name}", _default(f)) for f in own if _default(f) is not MISSING
    }
    wanted = replace(kind, optional=kind.optional | defaults.keys())
    made_of = _typed_dict(ctx, ast.copy_location(ast.Dict(keys, values), node), wanted, defaults)
    assert isinstance(made_of.type, RecordType)
    held = replace(made_of.type, optional=kind.optional)
    return replace(made_of, type=complete(held) if own else held)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default if field.default is not dataclasses.MISSING else MISSING


def _typed_dict(ctx: Context, node: ast.Dict, kind: RecordType, defaults: Mapping[str, Expr] | None = None) -> Expr:
    fields = dict(kind.fields)
    given: dict[str, Expr] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        said = key.value if isinstance(key, ast.Constant) else None
        if not isinstance(said, str) or said not in fields:
            hint = did_you_mean(str(said), list(fields), "Its keys are {}.")
            raise Reject(key or node, "NS204", f"{kind} has no key {ast.unparse(key) if key else '**'}", hint)
        compiled = given_as(ctx, value, fields[said])
        if not assignable(compiled.type, fields[said]):
            message = f"{said!r} of {kind} is {fields[said]}, not {compiled.type}"
            raise Reject(value, "NS205", message, "Correct the value.")
        given[said] = checked(compiled, fields[said], f"{said} of {kind}")
    missing = [name for name in fields if name not in given and name not in kind.optional]
    if missing:
        raise Reject(node, "NS205", f"{kind} needs {', '.join(missing)}", f'Add "{missing[0]}": ...')
    known = {**(defaults or {}), **given}
    held = tuple(
        (name, declared_as(given[name].type, field) if name in given else field) for name, field in kind.fields
    )
    made = dict_display({name: known[name] for name in fields if name in known}, ANY)
    return replace(made, type=replace(kind, fields=held))


def checked(value: Expr, declared: Type, said: str) -> Expr:
    """The value; where its type does not tell that it is `declared`, the state fails unless it is.

    said: what the message calls it.
    """
    if value.is_constant or not _untold(value.type, declared):
        return value
    test = _is(declared, "$v", 0, 1)
    if isinstance(value.type, StoredType):
        test = f"{IS_REFERENCE} or ({test})"
    message = jsonata.text(f"{said} is not {an(declared)}")
    code = f"($v := {value.argument()}; {test} ? $v : $error({message}))"
    return replace(value, code=code, binds=ATOM, total=True, template=NO_CONSTANT)


def _untold(source: Type, target: Type) -> bool:
    """Whether something of type Any is where `target` says more."""
    source, target = plain(source), of_literals(plain(target))
    if isinstance(target, OptionalType) or isinstance(source, OptionalType):
        return source != NONE and _untold(without_none(source), without_none(target))
    if source == ANY:
        return target not in (ANY, ERROR, UNKNOWN)
    if isinstance(source, UnionType):
        return any(_untold(member, target) for member in source.members)
    if isinstance(target, UnionType):
        return False
    if isinstance(source, TupleType) and isinstance(target, ListType):
        return any(_untold(item, target.item) for item in source.items)
    if isinstance(source, ListType) and isinstance(target, ListType):
        return _untold(source.item, target.item)
    if isinstance(source, DictType) and isinstance(target, DictType):
        return _untold(source.value, target.value)
    return False


def given_at_start(sent: str, declared: Type, name: str) -> str:
    """What a run was started with for a parameter; another type, also inside of it, fails before anything is done."""
    test = _is(declared, "$v", 0, _ALL)
    if test == "true":
        return sent
    message = jsonata.text(f"parameter {name} has to be {declared}")
    return f"($v := {sent}; {test} ? $v : $error({message}))"


_SCALARS = {STR: '$type({0}) = "string"', BOOL: '$type({0}) = "boolean"', FLOAT: '$type({0}) = "number"'}
_ALL = 100
"""Deeper than any type is nested."""


def _is(kind: Type, value: str, depth: int, most: int) -> str:
    """JSONata that tells whether a value is of a type: itself, and what is inside of it down to `most` levels."""
    kind = plain(kind)
    if isinstance(kind, LiteralType):
        return f"({' or '.join(_is_constant(one, value) for one in kind.values)})"
    if kind in _SCALARS:
        return _SCALARS[kind].format(value)
    if kind == INT:
        return f'($type({value}) = "number" ? $floor({value}) = {value} : false)'
    if kind == NONE:
        return f"{value} = null"
    if isinstance(kind, OptionalType):
        return f"({value} = null or {_is(kind.inner, value, depth, most)})"
    if isinstance(kind, UnionType):
        return f"({' or '.join(_is(member, value, depth, most) for member in kind.members)})"
    if isinstance(kind, ListType):
        return _container("array", kind.item, value, depth, most)
    if isinstance(kind, DictType):
        return _container("object", kind.value, value, depth, most)
    if isinstance(kind, TupleType):
        return f'$type({value}) = "array"'
    return _record(kind, value, depth, most) if isinstance(kind, RecordType) else "true"


def _is_constant(one: Any, value: str) -> str:
    """Whether it is this constant; True is none of the numbers."""
    return f"({_is(SCALARS[type(one)], value, 0, 0)} and {value} = {jsonata.constant(one).code})"


def _container(name: str, inner: Type, value: str, depth: int, most: int) -> str:
    of_type, item = f'$type({value}) = "{name}"', f"$x{depth}"
    if depth >= most or inner in (ANY, UNKNOWN, ERROR):
        return of_type
    over = "$map" if name == "array" else "$each"
    each = f"{over}({value}, function({item}) {{ {_is(inner, item, depth + 1, most)} }})"
    return f"({of_type} ? $not(false in {each}) : false)"


def _record(kind: RecordType, value: str, depth: int, most: int) -> str:
    """Whether it is an object whose fields, as far as they are there, are of their types."""
    of_type = f'$type({value}) = "object"'
    fields = []
    for name, field in kind.fields if depth < most and most == _ALL else ():
        at = f"$f{depth}"
        test = _is(field, at, depth + 1, most)
        if test != "true":
            fields.append(f"({at} := $lookup({value}, {jsonata.text(name)}); $exists({at}) ? {test} : true)")
    return f"({of_type} ? {' and '.join(fields)} : false)" if fields else of_type
