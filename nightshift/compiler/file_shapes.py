"""What the values of a flow file may be: lists, tuples or neither, also inside; by everything the file does with them.

JSON has lists only, so a type does not tell tuples from lists. A shape does: it is collected from all expressions of
the flow file, and of the modules beside it, before one of them is judged. What the functions of a file are given, keep
and return is followed through variables, lists, dicts, records, calls and branches; what comes from outside (the
parameters of a flow, what parts and other flows give) is JSON.
"""

from __future__ import annotations

import ast
import dataclasses
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from lambdas.contract.part import Part
from nightshift.compiler.context import MISSING, static_value
from nightshift.compiler.module import SourceFile
from nightshift.compiler.scope import assigned_names, default_nodes, parameter_names
from nightshift.compiler.shapes import (
    ANYTHING,
    EMPTY_LIST,
    EMPTY_TUPLE,
    JSON,
    LIST,
    LISTS,
    SCALAR,
    TUPLE,
    TUPLES,
    VIEW,
    Shape,
    either,
    holding,
    items_of,
    of_value,
)
from nightshift.flow import Flow
from nightshift.language import for_each, parallel

_Function = ast.FunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.DictComp | ast.GeneratorExp
_RETURNED = "return"
"""What a function returns is kept like one of its variables, none of which has this name."""

_SCALARS = (len, str, int, float, bool, sum, any, all, abs, round, print, range)
_SPLITTING = ("split", "rsplit", "splitlines")
_DIVIDING = ("partition", "rpartition")
_VIEWS = ("items", "keys", "values")


@dataclass(frozen=True)
class _Scope:
    """A module, function or comprehension in which names are looked up. functions: those that are defined in it."""

    key: int
    source: SourceFile
    names: frozenset[str]
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict, hash=False, compare=False)


_Scopes = tuple[_Scope, ...]
"""Where an expression stands, outermost first: the first one is the module."""


class Shapes:
    """The shapes of all values of a flow file; of a function that is called in several ways, those of all together."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._named: dict[tuple[int, str], Shape] = {}
        self._bodies: dict[int, tuple[_Function, _Scopes]] = {}
        self._where: dict[int, _Scopes] = {}
        self._settled = False
        flows = {id(node) for _, node in source.flows()}
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef):
                scopes = self._enter(node, _module(source))
                for parameter in parameter_names(node) if id(node) in flows else ():
                    self._name(scopes[-1], parameter, JSON)
        while not self._settled:
            self._settled = True
            for function, scopes in list(self._bodies.values()):
                self._walk_function(function, scopes)

    def of(self, node: ast.expr) -> Shape:
        """The shape of an expression of the file, or of one that the compiler made of such."""
        return self._shape(
            node, next((s for s in (self._where.get(id(n)) for n in ast.walk(node)) if s), _module(self._source))
        )

    # What is collected.

    def _enter(self, node: _Function, around: _Scopes) -> _Scopes:
        """The scopes inside a function, which is looked at from now on."""
        if id(node) not in self._bodies:
            body = node.body if isinstance(node, ast.FunctionDef) else []
            inner = {each.name: each for top in body for each in ast.walk(top) if isinstance(each, ast.FunctionDef)}
            scope = _Scope(id(node), around[-1].source, assigned_names(body) | {*parameter_names(node)}, inner)
            self._bodies[id(node)] = node, (*around, scope)
            self._settled = False
        return self._bodies[id(node)][1]

    def _name(self, scope: _Scope, name: str, shape: Shape) -> None:
        before = self._named.get((scope.key, name), SCALAR)
        after = either(before, shape)
        if after != before:
            self._named[scope.key, name] = after
            self._settled = False

    def _walk_function(self, node: _Function, scopes: _Scopes) -> None:
        for name, default in default_nodes(node).items():
            self._name(scopes[-1], name, self._shape(default, scopes[:-1]))
            self._walk(default, scopes[:-1])
        if isinstance(node, ast.Lambda):
            self._name(scopes[-1], _RETURNED, self._shape(node.body, scopes))
        for each in [node.body] if isinstance(node, ast.Lambda) else node.body:
            self._walk(each, scopes)

    def _walk(self, node: ast.AST, scopes: _Scopes) -> None:
        if isinstance(node, _Function):
            self._enter(node, scopes)
            return
        self._where[id(node)] = scopes
        if isinstance(node, _Comprehension):
            scopes = self._walk_generators(node, scopes)
        else:
            self._take(node, scopes)
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.comprehension):
                self._walk(child, scopes)

    def _walk_generators(self, node: _Comprehension, scopes: _Scopes) -> _Scopes:
        """The scopes inside a comprehension, whose items are named there."""
        inner = self._inside(node, scopes)
        for place, generator in enumerate(node.generators):
            # What the first one goes over does not see the items.
            sees = inner if place else scopes
            self._bind(generator.target, items_of(self._shape(generator.iter, sees)), inner)
            self._walk(generator.iter, sees)
            for test in generator.ifs:
                self._walk(test, inner)
        return inner

    def _take(self, node: ast.AST, scopes: _Scopes) -> None:
        """What a node gives to names."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value, scopes)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value, scopes)
        elif isinstance(node, ast.AugAssign):
            kinds, added = self._shape(node.target, scopes)[0], self._shape(node.value, scopes)
            grown = (LISTS if kinds & LISTS else 0) | (TUPLES if kinds & TUPLES else 0)
            self._bind(node.target, (grown, *added[1:]), scopes)
        elif isinstance(node, ast.For):
            self._bind(node.target, items_of(self._shape(node.iter, scopes)), scopes)
        elif isinstance(node, ast.Return) and node.value is not None:
            self._name(scopes[-1], _RETURNED, self._shape(node.value, scopes))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self._name(scopes[-1], node.name, JSON)
        elif isinstance(node, ast.Call):
            self._take_call(node, scopes)

    def _take_call(self, node: ast.Call, scopes: _Scopes) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "append" and node.args:
            self._change(node.func.value, holding(LIST, self._shape(node.args[0], scopes)), scopes)
        function = self._static(node.func, scopes)
        if function in (for_each, sorted, min, max):
            items = items_of(either(*(self._shape(each, scopes) for each in _arguments(node))))
            for branch in _arguments(node):
                self._give(branch, [items], {}, scopes)
        elif function is parallel:
            for branch in node.args:
                self._give(branch, [], {}, scopes)
        else:
            named = {k.arg: self._shape(k.value, scopes) for k in node.keywords if k.arg}
            self._give(node.func, [self._shape(each, scopes) for each in node.args], named, scopes)

    def _give(self, function: ast.expr, given: Sequence[Shape], named: dict[str, Shape], scopes: _Scopes) -> None:
        """Arguments to the parameters of a function of the file."""
        found = self._definition(function, scopes)
        if found is None:
            return
        node, inner = found
        for name, shape in [*zip(parameter_names(node), given, strict=False), *named.items()]:
            self._name(inner[-1], name, shape)

    def _assign(self, target: ast.expr, value: ast.expr, scopes: _Scopes) -> None:
        pair = (ast.Tuple, ast.List)
        if isinstance(target, pair) and isinstance(value, pair) and len(target.elts) == len(value.elts):
            for each, given in zip(target.elts, value.elts, strict=True):
                self._assign(each, given, scopes)
        else:
            self._bind(target, self._shape(value, scopes), scopes)

    def _bind(self, target: ast.expr, shape: Shape, scopes: _Scopes) -> None:
        if isinstance(target, ast.Name):
            if (home := _home(target, scopes)) is not None:
                self._name(home, target.id, shape)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._bind(each, items_of(shape), scopes)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, holding(LISTS, items_of(shape)), scopes)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            self._change(target.value, holding(0, shape), scopes)

    def _change(self, owner: ast.expr, shape: Shape, scopes: _Scopes) -> None:
        """What something has beside what it is itself: an appended item, a value under a key."""
        while isinstance(owner, ast.Subscript | ast.Attribute):
            owner, shape = owner.value, holding(0, shape)
        if isinstance(owner, ast.Name):
            self._bind(owner, shape, scopes)

    # What is looked up.

    def _inside(self, node: _Comprehension, scopes: _Scopes) -> _Scopes:
        names = assigned_names(generator.target for generator in node.generators)
        return (*scopes, _Scope(id(node), scopes[-1].source, names))

    def _definition(self, node: ast.expr, scopes: _Scopes) -> tuple[_Function, _Scopes] | None:
        """The function of the file, or of a module beside it, that is called, and the scopes inside of it."""
        if isinstance(node, ast.Lambda):
            return node, self._enter(node, scopes)
        for depth in range(len(scopes), 0, -1):
            if isinstance(node, ast.Name) and node.id in scopes[depth - 1].functions:
                found = scopes[depth - 1].functions[node.id]
                return found, self._enter(found, scopes[:depth])
        value = self._static(node, scopes)
        home = scopes[-1].source.home(value) if isinstance(value, FunctionType) else None
        defined = home.definition(value) if home is not None else None
        return (defined, self._enter(defined, _module(home))) if defined is not None and home is not None else None

    def _static(self, node: ast.expr, scopes: _Scopes) -> Any:
        """The Python object that a name or dotted name of the module stands for; MISSING where it is none."""
        return static_value(
            node, scopes[-1].source, lambda name: any(name in s.names or name in s.functions for s in scopes)
        )

    def _shape(self, node: ast.expr, scopes: _Scopes) -> Shape:
        static = self._static(node, scopes)
        if static is not MISSING:
            return of_value(static)
        compute = _COMPUTED.get(type(node))
        return compute(self, node, scopes) if compute is not None else SCALAR

    def _of_name(self, node: ast.Name, scopes: _Scopes) -> Shape:
        home = _home(node, scopes)
        return self._named.get((home.key, node.id), SCALAR) if home is not None else SCALAR

    def _returned(self, function: _Function) -> Shape:
        return self._named.get((id(function), _RETURNED), SCALAR)

    def _of_display(self, node: ast.List | ast.Tuple, scopes: _Scopes) -> Shape:
        full, empty = (LIST, EMPTY_LIST) if isinstance(node, ast.List) else (TUPLE, EMPTY_TUPLE)
        return holding(full if node.elts else empty, either(*(self._shape(each, scopes) for each in node.elts)))

    def _of_dict(self, node: ast.Dict, scopes: _Scopes) -> Shape:
        return holding(0, either(*(self._shape(value, scopes) for value in node.values)))

    def _of_comprehension(self, node: _Comprehension, scopes: _Scopes) -> Shape:
        inner = self._inside(node, scopes)
        if isinstance(node, ast.DictComp):
            return holding(0, self._shape(node.value, inner))
        return holding(LISTS, self._shape(node.elt, inner))

    def _of_subscript(self, node: ast.Subscript, scopes: _Scopes) -> Shape:
        owner = self._shape(node.value, scopes)
        if not isinstance(node.slice, ast.Slice):
            return items_of(owner)
        emptied = (EMPTY_LIST if owner[0] & LISTS else 0) | (EMPTY_TUPLE if owner[0] & TUPLES else 0)
        return (owner[0] | emptied, *owner[1:])

    def _of_attribute(self, node: ast.Attribute, scopes: _Scopes) -> Shape:
        return items_of(self._shape(node.value, scopes))

    def _of_several(self, node: ast.expr, scopes: _Scopes) -> Shape:
        """Of what gives one of its operands, or what is in both."""
        ways = [node.body, node.orelse] if isinstance(node, ast.IfExp) else ast.iter_child_nodes(node)
        return either(*(self._shape(each, scopes) for each in ways if isinstance(each, ast.expr)))

    def _of_call(self, node: ast.Call, scopes: _Scopes) -> Shape:
        found = self._definition(node.func, scopes)
        if found is not None:
            return self._returned(found[0])
        function = self._static(node.func, scopes)
        if isinstance(node.func, ast.Attribute) and function is MISSING:
            return self._of_method(node, node.func, scopes)
        given = either(*(self._shape(each, scopes) for each in _arguments(node)))
        if function in (for_each, parallel):
            return self._of_branches(node, function, scopes)
        if function in _SCALARS:
            return SCALAR
        if function in (list, sorted):
            return holding(LISTS, items_of(given))
        if function in (min, max):
            return items_of(given) if len(node.args) == 1 else given
        if function in (enumerate, zip):
            return holding(VIEW, holding(TUPLE, items_of(given)))
        if dataclasses.is_dataclass(function) or typing.is_typeddict(function):
            return either(holding(0, given), holding(0, _of_defaults(function)))
        return JSON if _is_ours(function) else ANYTHING

    def _of_branches(self, node: ast.Call, function: Any, scopes: _Scopes) -> Shape:
        """Of for_each(xs, f) and parallel(f, g); within guard rails, a record of lists."""
        found = [self._definition(branch, scopes) for branch in _arguments(node)]
        given = [self._returned(each[0]) for each in found if each is not None]
        results = holding(LISTS if function is for_each else LIST, either(*given))
        if not any(keyword.arg in ("max_failures", "stop_on_alarm") for keyword in node.keywords):
            return results
        over = items_of(either(*(self._shape(each, scopes) for each in _arguments(node))))
        return holding(0, either(results, holding(LISTS, either(over, holding(0, over)))))

    def _of_method(self, node: ast.Call, function: ast.Attribute, scopes: _Scopes) -> Shape:
        owner = self._shape(function.value, scopes)
        if function.attr in _VIEWS:
            return holding(VIEW, holding(TUPLE, items_of(owner)) if function.attr == "items" else items_of(owner))
        if function.attr in ("get", "pop"):
            return either(items_of(owner), *(self._shape(each, scopes) for each in node.args[1:]))
        if function.attr in (*_SPLITTING, *_DIVIDING):
            return (TUPLE if function.attr in _DIVIDING else LISTS), 0, 0, 0
        return SCALAR if hasattr(str, function.attr) or function.attr == "append" else ANYTHING


def _module(source: SourceFile) -> _Scopes:
    return (_Scope(id(source), source, frozenset()),)


def _home(node: ast.Name, scopes: _Scopes) -> _Scope | None:
    """The innermost scope that has a variable of the name."""
    return next((scope for scope in reversed(scopes) if node.id in scope.names), None)


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _of_defaults(function: Any) -> Shape:
    """Of the fields of a dataclass that are not given."""
    if not dataclasses.is_dataclass(function):
        return SCALAR
    own = dataclasses.fields(function)
    made = [f.default_factory() for f in own if f.default_factory is not dataclasses.MISSING]
    return either(*map(of_value, [*made, *(f.default for f in own)]))


def _is_ours(function: Any) -> bool:
    """Whether it is a part, a flow or a function of the language: what they give comes as JSON."""
    if isinstance(function, Part | Flow):
        return True
    home = getattr(function, "__module__", "") or type(function).__module__
    return str(home).partition(".")[0] in ("nightshift", "lambdas")


_COMPUTED: dict[type[ast.expr], Any] = {
    ast.Name: Shapes._of_name,
    ast.List: Shapes._of_display,
    ast.Tuple: Shapes._of_display,
    ast.Dict: Shapes._of_dict,
    ast.ListComp: Shapes._of_comprehension,
    ast.GeneratorExp: Shapes._of_comprehension,
    ast.DictComp: Shapes._of_comprehension,
    ast.Subscript: Shapes._of_subscript,
    ast.Attribute: Shapes._of_attribute,
    ast.IfExp: Shapes._of_several,
    ast.BoolOp: Shapes._of_several,
    ast.BinOp: Shapes._of_several,
    ast.Call: Shapes._of_call,
}
