"""Names while compiling: which variable a name is, what is known of it here, and the names already taken."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from nightshift.compiler.ir import Variable
from nightshift.compiler.jsonata import FUNCTIONS, Expr
from nightshift.compiler.types import Type

MAX_VARIABLE_NAME = 80
_LONGEST_STATE = 66  # of 80: room for a serial and for ": done?"


@dataclass(frozen=True)
class Flowing:
    """What holds at one point of the function: variables assigned on every path here, and types narrowed by tests.

    narrowed: by the name in the state machine, as variables of outer functions and of comprehensions have one too.
    """

    assigned: frozenset[Variable] = frozenset()
    narrowed: tuple[tuple[str, Type], ...] = ()

    def assign(self, variable: Variable, narrowed: Type | None = None) -> Flowing:
        """After an assignment."""
        kept = tuple(n for n in self.narrowed if n[0].partition(".")[0] != variable.name)
        return Flowing(self.assigned | {variable}, kept + (((variable.name, narrowed),) if narrowed else ()))

    def narrow(self, name: str, kind: Type) -> Flowing:
        """After a test."""
        return replace(self, narrowed=(*(n for n in self.narrowed if n[0] != name), (name, kind)))

    def forget(self, variables: Iterable[Variable]) -> Flowing:
        """Where these may have been assigned on the way: what was narrowed no longer holds."""
        gone = {variable.name for variable in variables}
        return replace(self, narrowed=tuple(n for n in self.narrowed if n[0].partition(".")[0] not in gone))


def joined(points: Iterable[Flowing | None]) -> Flowing | None:
    """Where several ways meet; None is a way that cannot be taken."""
    ways = [p for p in points if p is not None]
    if not ways:
        return None
    assigned = frozenset.intersection(*(w.assigned for w in ways))
    return Flowing(assigned, tuple(n for n in ways[0].narrowed if all(n in w.narrowed for w in ways[1:])))


class Names:
    """The names of variables and states taken in one state machine; both are unique in the whole of it."""

    def __init__(self) -> None:
        self._variables: set[str] = set()
        self._lasting: set[str] = set()
        self._states: set[str] = set()

    def variable(self, wanted: str) -> str:
        """A variable name like `wanted` that hides nothing: no JSONata function, no variable of another scope."""
        # Python also has marks in names, such as vowel signs, which stand alone in no other language.
        base = re.sub(r"\W", "_", wanted).lstrip("_")[: MAX_VARIABLE_NAME - 5] or "value"
        base = f"{base}_" if base in FUNCTIONS or base == "states" else base
        return self._unique(base, self._variables, "{}_{}")

    def lasting(self, wanted: str) -> str:
        """A variable name that stays taken whatever is given back: of what is assigned once for the whole flow."""
        name = self.variable(wanted)
        self._lasting.add(name)
        return name

    def state(self, wanted: str) -> str:
        """A state name like `wanted`: at most 80 characters, unique."""
        return self._unique(wanted.replace("${", "$(")[:_LONGEST_STATE], self._states, "{} ({})")

    def taken(self) -> tuple[frozenset[str], frozenset[str]]:
        """What is taken now, for `give_back`."""
        return frozenset(self._variables), frozenset(self._states)

    def give_back(self, taken: tuple[frozenset[str], frozenset[str]]) -> None:
        """Free the names taken since."""
        self._variables, self._states = {*taken[0], *self._lasting}, set(taken[1])

    @staticmethod
    def _unique(base: str, taken: set[str], form: str) -> str:
        name, serial = base, 2
        while name in taken:
            name, serial = form.format(base, serial), serial + 1
        taken.add(name)
        return name


@dataclass
class Scope:
    """The names of one Python function: the flow, a branch, or an inlined helper.

    parent: of a nested function, the one around it, which it may read; outer: what held there. level: how many
    distributed Maps are around, whose processors read outer variables through their items. locals_: every name the
    function assigns. functions: those it defines, to be used as branches or helpers. bound: what its parameters stand
    for; items: the variables of the comprehensions being compiled, which a nested `def` does not see, but a lambda.
    """

    names: Names
    locals_: frozenset[str]
    parent: Scope | None = None
    outer: Flowing | None = None
    level: int = 0
    is_lambda: bool = False
    variables: dict[str, Variable] = field(default_factory=dict)
    bound: dict[str, Expr] = field(default_factory=dict)
    items: list[dict[str, Expr]] = field(default_factory=list)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)

    def declare(self, name: str, kind: Type) -> Variable:
        """The variable of a local name, made at its first assignment."""
        if name not in self.variables:
            self.variables[name] = Variable(self.names.variable(name), kind)
        return self.variables[name]

    @contextmanager
    def binding(self, values: dict[str, Expr]) -> Iterator[None]:
        """The variable of a comprehension, while that is compiled."""
        self.items.append(values)
        try:
            yield
        finally:
            self.items.pop()

    def visible(self) -> Iterator[tuple[Scope, list[dict[str, Expr]]]]:
        """This scope and those around it, each with what names stand for in it.

        The variables of a comprehension are seen by a lambda that stands in it, but not by a `def`.
        """
        scope: Scope | None = self
        own = True
        while scope is not None:
            yield scope, [*(reversed(scope.items) if own else ()), scope.bound]
            own = own and scope.is_lambda
            scope = scope.parent


def parameter_names(node: ast.FunctionDef | ast.Lambda) -> list[str]:
    """The names of a function's parameters, *args and **kwargs aside."""
    spec = node.args
    return [argument.arg for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]


def default_nodes(node: ast.FunctionDef | ast.Lambda) -> dict[str, ast.expr]:
    """The defaults of a function's parameters, as they are written."""
    spec = node.args
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    defaults = dict(zip(positional[len(positional) - len(spec.defaults) :], spec.defaults, strict=True))
    return defaults | {a.arg: d for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}


def nodes_of(statements: Iterable[ast.AST]) -> list[ast.AST]:
    """The statements and all that is in them, each from the outside to the inside."""
    return [node for statement in statements for node in ast.walk(statement)]


def assigned_names(statements: Iterable[ast.AST]) -> frozenset[str]:
    """Every name the statements assign, not looking into nested functions or comprehensions."""
    found: set[str] = set()
    stack = list(statements)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, ast.ExceptHandler | ast.FunctionDef) and node.name:
            found.add(node.name)
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ListComp | ast.DictComp | ast.GeneratorExp):
            stack.extend(ast.iter_child_nodes(node))
    return frozenset(found)
