"""Simple JSONata expressions as Python functions, and whatever is not simple left to the interpreter.

A year evaluates a hundred thousand expressions such as `$states.input.done = false`. The interpreter copies what they
read and walks a tree for each. Here the tree is walked once. Where a value is not of the plain kinds for which the
rules are written down below, as a path through an array, the function raises `Unsure` and the interpreter decides.
The rules are those of "JSONata" (docs.jsonata.org): "Path Operators", "Comparison Operators", "Boolean Operators",
"Other Operators".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

Value = Callable[[Mapping[str, Any], Any], Any]
"""Gives an expression's value for variables and `$states`."""

UNDEFINED: Any = object()
"""JSONata's undefined; null is None."""

_EXACT = 2**53
"""Whole numbers below are the same as an int and as JSONata's double."""

_SPECIAL = ("predicate", "group", "stages", "focus", "index", "tuple", "ancestor", "consarray", "keep_array")
"""What makes a node of the tree more than its type says."""

_TYPES = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
_SCALARS = (type(None), bool, int, float, str)


class Unsure(Exception):
    """The interpreter has to decide."""


def compiled(tree: Any) -> Value | None:
    """An expression's tree, as the parser of jsonata gives it, as a function; None where it is not simple.

    The function raises `Unsure` for values that are not simple.
    """
    try:
        return _compiled(tree)
    except Unsure:
        return None


def _compiled(node: Any) -> Value:
    make = _NODES.get(getattr(node, "type", ""))
    if make is None or any(getattr(node, name, None) for name in _SPECIAL if name != "predicate"):
        raise Unsure
    filters = getattr(node, "predicate", None)
    return _item(make(node), filters) if filters else make(node)


def _item(items: Value, filters: list[Any]) -> Value:
    """`$items[$i]` or `$items[0]`."""
    if len(filters) != 1 or filters[0].type != "filter" or filters[0].expr.type not in ("variable", "number"):
        raise Unsure
    place = _compiled(filters[0].expr)

    def read(variables: Mapping[str, Any], states: Any) -> Any:
        found, index = items(variables, states), place(variables, states)
        if type(found) is not list or type(index) is not int or not 0 <= index < len(found):
            raise Unsure
        return _single(found[index])

    return read


def _single(value: Any) -> Any:
    """A value that stays what it is within an array; one that is an array, or undefined, does not."""
    if value is UNDEFINED or type(value) is list:
        raise Unsure
    return value


def _array(node: Any) -> Value:
    """`[$a, $b]`."""
    if node.value != "[":
        raise Unsure
    items = [_compiled(item) for item in node.expressions]
    return lambda variables, states: [_single(item(variables, states)) for item in items]


def _literal(node: Any) -> Value:
    constant = node.value
    return lambda variables, states: constant


def _variable(node: Any) -> Value:
    name = str(node.value)
    if name in ("", "$"):
        raise Unsure
    if name == "states":
        return lambda variables, states: states
    return lambda variables, states: variables.get(name, UNDEFINED)


def _path(node: Any) -> Value:
    first, *steps = node.steps
    simple = first.type in ("variable", "block") and all(step.type == "name" for step in steps)
    if not simple or node.keep_singleton_array or any(getattr(s, n, None) for s in steps for n in _SPECIAL):
        raise Unsure
    begin = _compiled(first)
    names = [str(step.value) for step in steps]

    def read(variables: Mapping[str, Any], states: Any) -> Any:
        value = begin(variables, states)
        for name in names:
            if type(value) is not dict:
                raise Unsure
            value = value.get(name, UNDEFINED)
            if value is UNDEFINED:
                return UNDEFINED
        return value

    return read


def _binary(node: Any) -> Value:
    left, right = _compiled(node.lhs), _compiled(node.rhs)
    sign = str(node.value)
    if sign == "and":
        return lambda variables, states: _true(left(variables, states)) and _true(right(variables, states))
    if sign == "or":
        return lambda variables, states: _true(left(variables, states)) or _true(right(variables, states))
    rule = _OPERATORS.get(sign)
    if rule is None:
        raise Unsure
    return lambda variables, states: rule(left(variables, states), right(variables, states))


def _condition(node: Any) -> Value:
    test = _compiled(node.condition)
    # One of the two may be an `$error(...)` that is never taken.
    then, other = compiled(node.then), _undefined if node._else is None else compiled(node._else)

    def choose(variables: Mapping[str, Any], states: Any) -> Any:
        chosen = then if _true(test(variables, states)) else other
        if chosen is None:
            raise Unsure
        return chosen(variables, states)

    return choose


def _undefined(variables: Mapping[str, Any], states: Any) -> Any:
    return UNDEFINED


def _block(node: Any) -> Value:
    *bound, last = node.expressions
    if any(item.type != "bind" for item in bound):
        raise Unsure
    steps = [(str(item.lhs.value), _compiled(item.rhs)) for item in bound]
    end = _compiled(last)

    def run(variables: Mapping[str, Any], states: Any) -> Any:
        if not steps:
            return end(variables, states)
        inner = dict(variables)
        for name, value in steps:
            inner[name] = value(inner, states)
        return end(inner, states)

    return run


def _function(node: Any) -> Value:
    name = str(getattr(node.procedure, "value", ""))
    if name == "append":
        return _appended(node)
    rule = _FUNCTIONS.get(name)
    if rule is None or node.procedure.type != "variable" or len(node.arguments) != 1:
        raise Unsure
    argument = _compiled(node.arguments[0])

    def call(variables: Mapping[str, Any], states: Any) -> Any:
        if name in variables:
            # A variable of the function's name hides it.
            raise Unsure
        return rule(argument(variables, states))

    return call


def _appended(node: Any) -> Value:
    """`$append($a, $b)` of two arrays; `$b` may be `$map($c, function($v) {...})[]`."""
    if node.procedure.type != "variable" or len(node.arguments) != 2:
        raise Unsure
    first, second = node.arguments
    left, right = _compiled(first), _mapped(second) if getattr(second, "keep_array", False) else _compiled(second)

    def append(variables: Mapping[str, Any], states: Any) -> Any:
        both = left(variables, states), right(variables, states)
        if "append" in variables or any(type(items) is not list for items in both):
            raise Unsure
        return [*both[0], *both[1]]

    return append


def _mapped(node: Any) -> Value:
    """`$map($a, function($v) {...})[]`, which is an array also of one item."""
    if getattr(node.procedure, "value", "") != "map" or node.procedure.type != "variable" or len(node.arguments) != 2:
        raise Unsure
    given, function = node.arguments
    special = any(getattr(node, name, None) for name in _SPECIAL if name != "keep_array")
    if special or function.type != "lambda" or len(function.arguments) != 1:
        raise Unsure
    name, items, body = str(function.arguments[0].value), _compiled(given), _compiled(function.body)

    def run(variables: Mapping[str, Any], states: Any) -> Any:
        found = items(variables, states)
        if "map" in variables or type(found) is not list:
            raise Unsure
        return [_single(body({**variables, name: item}, states)) for item in found]

    return run


def _true(value: Any) -> bool:
    """A condition; undefined is false."""
    if value is True or value is False:
        return bool(value)
    if value is UNDEFINED:
        return False
    raise Unsure


def _same(left: Any, right: Any) -> bool:
    if left is UNDEFINED or right is UNDEFINED:
        return False
    kind, other = type(left), type(right)
    if kind not in _SCALARS or other not in _SCALARS:
        raise Unsure
    if _TYPES[kind] != _TYPES[other]:
        return False
    if _TYPES[kind] == "number" and max(abs(left), abs(right)) >= _EXACT:
        raise Unsure
    return bool(left == right)


def _different(left: Any, right: Any) -> bool:
    # What is undefined is neither the same nor different.
    return left is not UNDEFINED and right is not UNDEFINED and not _same(left, right)


def _of_whole_numbers(rule: Callable[[int, int], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if type(left) is not int or type(right) is not int or max(abs(left), abs(right)) >= _EXACT // 2:
            raise Unsure
        return rule(left, right)

    return apply


def _joined(left: Any, right: Any) -> str:
    if type(left) is not str or type(right) is not str:
        raise Unsure
    return left + right


def _negated(value: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else not _true(value)


def _count(value: Any) -> int:
    if type(value) is not list:
        raise Unsure
    return len(value)


def _type(value: Any) -> str:
    found = "object" if type(value) is dict else _TYPES.get(type(value))
    if found is None:
        raise Unsure
    return found


_NODES: Mapping[str, Callable[[Any], Value]] = {
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "variable": _variable,
    "path": _path,
    "binary": _binary,
    "condition": _condition,
    "block": _block,
    "function": _function,
    "unary": _array,
}

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": _same,
    "!=": _different,
    "&": _joined,
    **{sign: _of_whole_numbers(rule) for sign, rule in (("+", operator.add), ("-", operator.sub))},
    **{
        sign: _of_whole_numbers(rule)
        for sign, rule in (("<", operator.lt), ("<=", operator.le), (">", operator.gt), (">=", operator.ge))
    },
}

_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "exists": lambda value: value is not UNDEFINED,
    "not": _negated,
    "count": _count,
    "type": _type,
}
