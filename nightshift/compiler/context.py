"""What the compiler knows at one point of a function, handed from statement to expression and back."""

from __future__ import annotations

import ast
import builtins
import sys
import typing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any

from nightshift.compiler.hints import from_hint
from nightshift.compiler.ir import For, Inline, Statement, Variable, While
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject, SourceFile, Suppressed
from nightshift.compiler.scope import Flowing, Names, Scope, assigned_names, nodes_of
from nightshift.compiler.signatures import fits
from nightshift.compiler.types import (
    ERROR,
    ERROR_RECORD,
    FITS_JSON,
    UNKNOWN,
    DictType,
    ListType,
    RecordType,
    Type,
    an,
    of_constant,
    without_none,
)

MISSING: Any = object()
"""The static value of an expression that has none."""

SAID = "said"
"""The attribute of a node with its source, where that is not what the compiler made of it."""

GIVEN = "given"
"""The attribute of a name that stands for a Python object, where the compiler itself has written it."""


@dataclass
class Frame:
    """The function being compiled: what its `return` becomes, and what it has returned so far.

    declared: the type it is annotated to return, if it is. block and result: of an inlined helper, the block to leave
    and the variable of its result. body: its statements. parameters: their names. constants: of parameters, those
    that they may be, and where each is written. around: of a nested function, that of the function around it.
    """

    declared: Type | None = None
    returned: Type = UNKNOWN
    block: Inline | None = None
    result: Variable | None = None
    loops: list[Loop] = field(default_factory=list)
    body: Sequence[ast.stmt] = ()
    parameters: frozenset[str] = frozenset()
    constants: dict[str, list[tuple[ast.AST, Any]]] = field(default_factory=dict)
    around: Frame | None = None

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of its statements, from the outer to the inner ones."""
        return nodes_of(self.body)

    @cached_property
    def assigned(self) -> frozenset[str]:
        """The names that its statements assign."""
        return assigned_names(self.body)


@dataclass
class Loop:
    """A loop being compiled: what holds where it is left by `break`."""

    statement: While | For
    breaks: list[Flowing] = field(default_factory=list)


@dataclass
class Dates:
    """What is computed once, when the flow begins, for its questions about the day it is due on.

    zone: that of the flow's schedule. variables: by what they are computed from. assigned: their assignments, in order.
    """

    zone: str | None = None
    variables: dict[Any, Variable] = field(default_factory=dict)
    assigned: list[Statement] = field(default_factory=list)


@dataclass
class Context:
    """Where compiling is: the file, the names, what holds here, and the statements hoisted out of the expression.

    point: what holds here; None where no way leads.
    certain: whether the expression being compiled is always evaluated, so that a call may be hoisted out of it.
    frame: what `return` does here. block: compiles statements; expressions contain functions, and those statements.
    depth: how many branches and Maps are around. inlining: the helpers being inlined.
    handling: the errors of the `except` clauses being compiled, innermost last. dates: what is known of the day the
    run is due on. read_fields: of each call of a part, by its state, the fields of the result that the flow reads.
    captures: those of the distributed Maps around, outermost first.
    """

    source: SourceFile
    names: Names
    scope: Scope
    point: Flowing | None
    frame: Frame
    block: Callable[[Context, list[ast.stmt]], list[Statement]]
    hoisted: list[Statement] = field(default_factory=list)
    certain: bool = True
    depth: int = 0
    inlining: tuple[Any, ...] = ()
    handling: tuple[Variable, ...] = ()
    dates: Dates = field(default_factory=Dates)
    read_fields: dict[str, set[str]] = field(default_factory=dict)
    captures: tuple[list[tuple[Variable, Expr]], ...] = ()

    @property
    def here(self) -> Flowing:
        """What holds here, for code that some way leads to."""
        assert self.point is not None
        return self.point

    @contextmanager
    def assuming(self, point: Flowing, *, certain: bool = True) -> Iterator[None]:
        """Compile an operand with what holds when it is evaluated."""
        before = self.point, self.certain
        self.point, self.certain = point, self.certain and certain
        try:
            yield
        finally:
            self.point, self.certain = before

    def take_hoisted(self) -> list[Statement]:
        """The statements hoisted since the last time."""
        taken, self.hoisted = self.hoisted, []
        return taken

    def temporary(self, wanted: str, kind: Type) -> Variable:
        """A variable of the compiler's own."""
        variable = Variable(self.names.variable(wanted), kind)
        if self.point is not None:
            self.point = self.point.assign(variable)
        return variable

    def is_local(self, name: str) -> bool:
        """Whether `name` is a variable of this function or of one around it."""
        return any(
            name in scope.locals_ or name in scope.functions or any(name in frame for frame in frames)
            for scope, frames in self.scope.visible()
        )

    def static(self, node: ast.expr) -> Any:
        """The Python object a name or dotted name stands for outside of any run; MISSING when it is not static."""
        return static_value(node, self.source, self.is_local)

    def definition(self, node: ast.expr) -> ast.FunctionDef | ast.Lambda | None:
        """The function of this file, or of a module beside it, that a name or lambda stands for, as it is written."""
        if isinstance(node, ast.Lambda):
            return node
        scope: Scope | None = self.scope
        while scope is not None and isinstance(node, ast.Name):
            if node.id in scope.functions:
                return scope.functions[node.id]
            scope = scope.parent
        value = self.static(node)
        source = self.source.home(value) if value is not MISSING else None
        return source.definition(value) if source is not None else None


def static_value(node: ast.expr, source: SourceFile, is_local: Callable[[str], bool]) -> Any:
    """The Python object a name or dotted name of a file stands for outside of any run; MISSING when it is not static.

    is_local: whether a name is a variable or function of the functions around.
    """
    if GIVEN in vars(node):
        return vars(node)[GIVEN]
    if isinstance(node, ast.Name) and not is_local(node.id):
        return vars(source.module).get(node.id, getattr(builtins, node.id, MISSING))
    if isinstance(node, ast.Attribute):
        owner = static_value(node.value, source, is_local)
        # Of values, only constants are static; their attributes are methods.
        if owner is MISSING or of_constant(owner) is not None:
            return MISSING
        return getattr(owner, node.attr, MISSING)
    return MISSING


def read(variable: Variable, kind: Type | None = None) -> Expr:
    """The value of a variable."""
    return Expr(f"${variable.name}", kind or variable.type, reads=frozenset({variable.name}))


def name(ctx: Context, node: ast.Name) -> Expr:
    """A name: a bound value, a variable, or a constant of the module."""
    found = named(ctx, ctx.here, node)
    if found is not None:
        if found.type == ERROR:
            raise Suppressed
        return found
    value = ctx.static(node)
    if value is MISSING:
        hint = "Assign it in the flow, or define it as a constant of the file."
        raise Reject(node, "NS401", f"{node.id!r} is not defined", hint)
    return _declared(module_constant(node, node.id, value), ctx.source, node.id)


def named(ctx: Context, point: Flowing, node: ast.Name) -> Expr | None:
    """What a name stands for, with the type it has been narrowed to at `point`; None for a name of the module."""
    found = _find(ctx, point, node)
    kind = dict(point.narrowed).get(found.variable) if found is not None and found.variable else None
    return replace(found, type=kind) if found is not None and kind is not None else found


def module_constant(node: ast.expr, said: str, value: Any) -> Expr:
    """A constant of the module, written into the state machine."""
    if of_constant(value) is None:
        hint = "A flow can use str, int, float, bool, None, lists and dicts of those; call functions and parts."
        if type(value) in (float, str, int):
            hint = FITS_JSON
        elif isinstance(value, Enum):
            hint = f"Write {said}.value."
        elif isinstance(value, str | int | float | dict | list | tuple):
            plain = next(kind for kind in (str, int, float, dict, list, tuple) if isinstance(value, kind))
            hint = f"Make it a {plain.__name__} where the file defines it: {plain.__name__}(...)."
        raise Reject(node, "NS208", f"{said!r} is {an(type(value).__name__)}, not a value a state can hold", hint)
    return constant(value)


def _declared(value: Expr, source: SourceFile, said: str) -> Expr:
    """A constant of the module as the TypedDict, or the list or dict of those, that its annotation says it is."""
    module = source.module
    for statement in source.tree.body:
        imported = statement.names if isinstance(statement, ast.ImportFrom) and not statement.level else []
        for alias in imported:
            if (alias.asname or alias.name) == said:
                assert isinstance(statement, ast.ImportFrom)
                return _annotated(value, sys.modules.get(statement.module or ""), alias.name)
    return _annotated(value, module, said)


def module_attribute(ctx: Context, node: ast.Attribute, value: Any) -> Expr:
    """A constant that is read as `module.NAME`, or from what a module holds."""
    made, owner = module_constant(node, ast.unparse(node), value), ctx.static(node.value)
    return _annotated(made, owner, node.attr) if isinstance(owner, ModuleType) else made


def _of_records(kind: Type) -> bool:
    """Whether it is a TypedDict, or a list or dict of those."""
    if isinstance(kind, ListType | DictType):
        return _of_records(kind.item if isinstance(kind, ListType) else kind.value)
    return isinstance(kind, RecordType)


def _annotated(value: Expr, module: ModuleType | None, said: str) -> Expr:
    """A constant as what the module in which it is assigned annotates it with, as far as that says of records."""
    hint = _hints(module).get(said) if module is not None else None
    kind = from_hint(hint) if hint is not None else None
    return replace(value, type=kind) if kind is not None and _of_records(kind) and fits(value, kind) else value


@lru_cache(100)
def _hints(module: ModuleType) -> dict[str, Any]:
    """What a module annotates its names with; nothing where one of the annotations is no type."""
    try:
        return typing.get_type_hints(module)
    except (NameError, AttributeError, TypeError):
        return {}


def _find(ctx: Context, point: Flowing, node: ast.Name) -> Expr | None:
    for scope, frames in ctx.scope.visible():
        found = next((frame[node.id] for frame in frames if node.id in frame), None)
        if found is None and node.id in scope.locals_:
            found = _local(scope, point, node)
        if found is not None:
            return found if found.is_constant else _taken_along(ctx, scope, node.id.replace(".", "_"), found)
        if scope.outer is None:
            return None
        point = scope.outer
    return None


def _taken_along(ctx: Context, home: Scope, wanted: str, value: Expr) -> Expr:
    """A value of `home`, through the distributed Maps between there and here."""
    for captures in ctx.captures[home.level :]:
        value = _captured(captures, ctx.names.variable, wanted, value)
    return value


def _local(scope: Scope, point: Flowing, node: ast.Name) -> Expr:
    variable = scope.variables.get(node.id)
    if variable is None or variable not in point.assigned:
        hint = f"Assign {node.id!r} before, on every way that leads here (in both branches, before the loop or try)."
        if variable is not None and str(without_none(variable.type)) == ERROR_RECORD:
            hint = f"The name of an error ends with its clause: keep there what is needed, cause = {node.id}.cause."
        raise Reject(node, "NS402", f"{node.id!r} may not be assigned here", hint)
    return read(variable, dict(point.narrowed).get(variable.name))


def read_from_outside(ctx: Context, variable: Variable) -> Expr:
    """A variable of the flow itself, from however deep inside: distributed Maps take it along."""
    value = read(variable)
    for captures in ctx.captures:
        value = _captured(captures, ctx.names.lasting, variable.name, value)
    return value


def _captured(captures: list[tuple[Variable, Expr]], naming: Callable[[str], str], wanted: str, outer: Expr) -> Expr:
    for variable, expression in captures:
        if expression.code == outer.code:
            return read(variable, outer.type)
    variable = Variable(naming(wanted), outer.type)
    captures.append((variable, outer))
    return read(variable)
