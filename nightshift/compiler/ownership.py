"""Whether a list or dict has one name only, so that changing it in place is the same as assigning a changed one.

In the state machine values do not change, and two names never stand for one list. `xs.append(x)` is therefore taken
where Python, too, has no second way to the list: it was made in the function, and is nowhere kept as a whole before
the last change.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from nightshift.compiler.scope import nodes_of

_COPYING = ("len", "sum", "min", "max", "sorted", "any", "all", "list", "enumerate", "zip")
_METHODS = ("append", "get", "keys", "values", "items")

_FUNCTIONS = (ast.FunctionDef, ast.Lambda)

Gives = Callable[[ast.expr], bool]


def is_owned(body: Sequence[ast.stmt], name: str, keeps_nothing: Gives) -> bool:
    """Whether nothing but the variable `name` of the function with this body refers to what it holds.

    keeps_nothing: whether a call of this function keeps none of its arguments: a part, which gets them as JSON, or a
    function that gives no list or dict.
    """
    nodes = nodes_of(body)
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    found = [node for node in nodes if isinstance(node, ast.Name) and node.id == name]
    changes = [node for node in nodes if _changes(node, name)]
    return any(isinstance(node.ctx, ast.Store) for node in found) and all(
        _is_harmless(node, parents, keeps_nothing) or _is_settled(node, changes, parents) for node in found
    )


def _is_settled(node: ast.Name, changes: Sequence[ast.AST], parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether no change comes after it is read here: none further down, none in another pass of a loop.

    A pass that makes the list anew before the change changes another one.
    """
    around = list(_around(node, parents))
    if isinstance(node.ctx, ast.Store) or any(isinstance(outer, _FUNCTIONS) for outer in around):
        return False
    for change in changes:
        outside = list(_around(change, parents))
        statement = next(outer for outer in (change, *outside) if isinstance(outer, ast.stmt))
        if any(isinstance(outer, _FUNCTIONS) for outer in outside) or _end(statement) > _start(node):
            return False
        shared = next((outer for outer in outside if isinstance(outer, ast.For | ast.While) and outer in around), None)
        if shared is not None and not any(_makes(first, node.id, _start(change)) for first in shared.body):
            return False
    return True


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while (outer := parents.get(node)) is not None:
        yield outer
        node = outer


def _makes(statement: ast.stmt, name: str, before: tuple[int, int]) -> bool:
    """Whether a statement before a place gives the name a list or dict that is new."""
    target: ast.expr | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    if not isinstance(target, ast.Name) or target.id != name or _start(statement) >= before:
        return False
    assert isinstance(statement, ast.Assign | ast.AnnAssign)
    return statement.value is not None and _is_new(statement.value)


def _start(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.stmt) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _is_harmless(node: ast.Name, parents: dict[ast.AST, ast.AST], keeps_nothing: Gives) -> bool:
    parent = parents.get(node)
    loop = _loop_over(node, parents)
    if loop is not None:
        return not any(_changes(inner, node.id) for inner in _inside(loop.body))
    if isinstance(node.ctx, ast.Store):
        if isinstance(parent, ast.Assign):
            return parent.targets == [node] and _is_new(parent.value)
        if isinstance(parent, ast.AnnAssign):
            return parent.value is None or _is_new(parent.value)
        return isinstance(parent, ast.AugAssign)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _METHODS
    if isinstance(parent, ast.Subscript):
        return parent.value is node
    if isinstance(parent, ast.comprehension):
        return parent.iter is node
    if isinstance(parent, ast.keyword):
        call = parents[parent]
        return isinstance(call, ast.Call) and keeps_nothing(call.func)
    if isinstance(parent, ast.Call):
        return _copies(parent.func) or keeps_nothing(parent.func)
    if isinstance(parent, ast.BinOp | ast.Compare | ast.FormattedValue):
        return True
    return _is_returned(node, parents) or _is_tested(node, parents)


def _loop_over(node: ast.Name, parents: dict[ast.AST, ast.AST]) -> ast.For | None:
    """The loop that goes over it as it stands then: `for x in xs`, also by d.items(), enumerate(xs) or zip(xs, ys)."""
    inside: ast.AST = node
    around = parents.get(node)
    while (
        (isinstance(around, ast.Attribute) and around.attr in ("keys", "values", "items"))
        or (isinstance(around, ast.Call) and inside is around.func)
        or (
            isinstance(around, ast.Call)
            and isinstance(around.func, ast.Name)
            and around.func.id in ("enumerate", "zip")
        )
    ):
        inside, around = around, parents.get(around)
    return around if isinstance(around, ast.For) and around.iter is inside else None


def _is_returned(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it leaves the function for good, itself or inside of a list or dict: no `finally` comes after that."""
    parent = parents.get(node)
    while isinstance(parent, ast.List | ast.Tuple | ast.Dict):
        parent = parents.get(parent)
    if not isinstance(parent, ast.Return):
        return False
    around: ast.AST | None = parent
    while around is not None and not isinstance(around, ast.FunctionDef):
        if isinstance(around, ast.Try) and around.finalbody:
            return False
        around = parents.get(around)
    # What a nested function returns, the one around it may keep.
    return around is None


def _is_new(value: ast.expr) -> bool:
    """Whether an expression makes the list or dict it gives."""
    if isinstance(value, ast.Subscript):
        return isinstance(value.slice, ast.Slice)
    if isinstance(value, ast.IfExp):
        return _is_new(value.body) and _is_new(value.orelse)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("sorted", "list")
    return isinstance(value, ast.List | ast.Dict | ast.ListComp | ast.DictComp | ast.BinOp)


def _copies(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr == "join"
    return isinstance(function, ast.Name) and function.id in _COPYING


def _is_tested(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether only its truth is asked for."""
    parent = parents.get(node)
    if isinstance(parent, ast.UnaryOp):
        return True
    if isinstance(parent, ast.BoolOp):
        return _is_tested(parent, parents)
    return isinstance(parent, ast.If | ast.While | ast.IfExp) and parent.test is node


def _inside(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def _changes(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        changed: ast.AST | None = node.value if node.attr == "append" else None
    elif isinstance(node, ast.Subscript):
        changed = node.value if isinstance(node.ctx, ast.Store) else None
    else:
        changed = node.target if isinstance(node, ast.AugAssign) else None
    return isinstance(changed, ast.Name) and changed.id == name
