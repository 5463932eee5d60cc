"""Python's built-in functions and methods that have a JSONata counterpart."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from nightshift.compiler import jsonata
from nightshift.compiler.comprehensions import any_or_all, generator_list, keys
from nightshift.compiler.context import Context
from nightshift.compiler.expressions import carried, expression
from nightshift.compiler.formatting import as_text
from nightshift.compiler.jsonata import Expr, binary, call, constant, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.sequences import ordered
from nightshift.compiler.stored import readable, stored_length
from nightshift.compiler.truth import count, truth
from nightshift.compiler.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    STR,
    UNKNOWN,
    DictType,
    ListType,
    OptionalType,
    TupleType,
    is_number,
    join,
    list_of,
)

_METHODS_HINT = "str has join, split, lower, upper, strip, startswith, endswith, replace; dict has get, keys, values."


def builtin_call(ctx: Context, node: ast.Call, function: Any) -> Expr:
    """A call of a Python built-in; raises Reject for one without counterpart."""
    compile_call = _FUNCTIONS.get(function)
    said = getattr(function, "__name__", "this")
    if compile_call is None:
        known = ", ".join(sorted(f.__name__ for f in _FUNCTIONS))
        raise Reject(node, "NS206", f"{said}() is not part of the flow language", f"There are {known}.")
    allowed = {"key", "reverse"} if function is sorted else set()
    if any(k.arg not in allowed for k in node.keywords) or not _ARITY.get(function, (1, 1))[0] <= len(node.args):
        raise Reject(node, "NS207", f"wrong arguments for {said}()", f"{said}() takes its values by position.")
    if len(node.args) > _ARITY.get(function, (1, 1))[1]:
        raise Reject(
            node, "NS207", f"too many arguments for {said}()", f"{said}() takes {_ARITY.get(function, (1, 1))[1]}."
        )
    return compile_call(ctx, node)


def _argument(ctx: Context, node: ast.Call, compile_value: Callable[[Context, ast.expr], Expr] = expression) -> Expr:
    argument = node.args[0]
    if isinstance(argument, ast.GeneratorExp):
        return generator_list(ctx, argument)
    return compile_value(ctx, argument)


def _wrong(node: ast.Call, value: Expr, hint: str) -> Reject:
    code = "NS203" if value.type in (ANY, UNKNOWN) else "NS207"
    return Reject(node, code, f"{ast.unparse(node.func)}() of {value.type}", hint)


def _len(ctx: Context, node: ast.Call) -> Expr:
    value = _argument(ctx, node, carried)
    counted = stored_length(value)
    if counted is not None:
        return counted
    value = readable(ctx, value)
    if value.type == STR:
        return call("length", INT, value)
    if isinstance(value.type, ListType | TupleType | DictType):
        return count(value)
    raise _wrong(node, value, "len() takes str, lists and dicts.")


def _str(ctx: Context, node: ast.Call) -> Expr:
    return as_text(node, expression(ctx, node.args[0]))


def _int(ctx: Context, node: ast.Call) -> Expr:
    value = expression(ctx, node.args[0])
    if value.type == INT:
        return value
    if value.type == BOOL:
        return Expr(f"{value.within(jsonata.TERNARY)} ? 1 : 0", INT, jsonata.TERNARY, value.reads)
    if value.type == FLOAT:
        code = f"($v := {value.argument()}; $v < 0 ? $ceil($v) : $floor($v))"
        return Expr(code, INT, reads=value.reads)
    if value.type == STR:
        said = jsonata.text("int() of text that is not a whole number: ")
        code = f"($v := {value.argument()}; $contains($v, /^-?[0-9]+$/) ? $number($v) : $error({said} & $v))"
        return Expr(code, INT, reads=value.reads)
    raise _wrong(node, value, "int() takes str, numbers and bool.")


def _float(ctx: Context, node: ast.Call) -> Expr:
    value = expression(ctx, node.args[0])
    if is_number(value.type):
        return Expr(value.code, FLOAT, value.binds, value.reads, value.total)
    if value.type == STR:
        said = jsonata.text("float() of text that is not a decimal number: ")
        # $number also takes 0x1F.
        decimal = r"/^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/"
        code = f"($v := {value.argument()}; $contains($v, {decimal}) ? $number($v) : $error({said} & $v))"
        return Expr(code, FLOAT, reads=value.reads)
    raise _wrong(node, value, "float() takes str and numbers.")


def _bool(ctx: Context, node: ast.Call) -> Expr:
    return truth(node.args[0], carried(ctx, node.args[0]))


def _min_max(ctx: Context, node: ast.Call) -> Expr:
    name = ast.unparse(node.func)
    if len(node.args) > 1:
        values = [expression(ctx, a) for a in node.args]
        for value in values:
            if not is_number(value.type):
                raise _wrong(node, value, f"{name}() takes numbers.")
        kind = INT if all(v.type == INT for v in values) else FLOAT
        code = f"${name}([{', '.join(v.argument() for v in values)}])"
        return Expr(code, kind, reads=reads(*values))
    value = _argument(ctx, node)
    if isinstance(value.type, ListType) and is_number(value.type.item):
        return call(name, value.type.item, value, total=False)
    raise _wrong(node, value, f"{name}() takes numbers, or a list of numbers.")


def _sum(ctx: Context, node: ast.Call) -> Expr:
    value = _argument(ctx, node)
    if isinstance(value.type, ListType) and (is_number(value.type.item) or value.type.item == UNKNOWN):
        return call("sum", value.type.item if is_number(value.type.item) else INT, value)
    raise _wrong(node, value, "sum() takes a list of numbers.")


def _sorted(ctx: Context, node: ast.Call) -> Expr:
    value = _argument(ctx, node)
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if not isinstance(value.type, ListType):
        raise _wrong(node, value, "sorted() takes a list.")
    if "key" not in given and value.type.item != STR and not is_number(value.type.item):
        raise _wrong(node, value, "Say by what: key=lambda x: x.field.")
    descending = given.get("reverse", ast.Constant(False))
    if not isinstance(descending, ast.Constant) or not isinstance(descending.value, bool):
        raise Reject(descending, "NS207", "reverse must be True or False", "Write reverse=True.")
    return ordered(ctx, value, given.get("key"), descending=descending.value)


def _round(ctx: Context, node: ast.Call) -> Expr:
    value, *digits = [expression(ctx, argument) for argument in node.args]
    if not is_number(value.type) or any(n.type != INT for n in digits):
        raise _wrong(node, value, "round() takes a number, and how many decimals as an int.")
    return call("round", FLOAT if digits and value.type == FLOAT else INT, value, *digits)


def _any_all(ctx: Context, node: ast.Call) -> Expr:
    is_any = ctx.static(node.func) is any
    if isinstance(node.args[0], ast.GeneratorExp | ast.ListComp):
        return any_or_all(ctx, node.args[0], is_any=is_any)
    value = expression(ctx, node.args[0])
    if isinstance(value.type, ListType):
        parameter = ctx.names.variable("item")
        item = truth(node.args[0], Expr(f"${parameter}", value.type.item))
        wanted = item.argument() if is_any else f"$not({item.argument()})"
        found = f"$count($filter({value.argument()}, function(${parameter}) {{ {wanted} }}))"
        return Expr(f"{found} {'> 0' if is_any else '= 0'}", BOOL, jsonata.COMPARE, value.reads)
    raise _wrong(node, value, "any() and all() take a list or a generator: any(x > 3 for x in xs).")


def _abs(ctx: Context, node: ast.Call) -> Expr:
    value = expression(ctx, node.args[0])
    if not is_number(value.type):
        raise _wrong(node, value, "abs() takes a number.")
    return call("abs", value.type, value)


def _list(ctx: Context, node: ast.Call) -> Expr:
    value = expression(ctx, node.args[0])
    if isinstance(value.type, ListType):
        return value
    if isinstance(value.type, DictType):
        return keys(value)
    raise _wrong(node, value, "list() takes a list or a dict; for range() write a comprehension.")


_FUNCTIONS: dict[Any, Callable[[Context, ast.Call], Expr]] = {
    len: _len,
    str: _str,
    int: _int,
    float: _float,
    bool: _bool,
    min: _min_max,
    max: _min_max,
    sum: _sum,
    sorted: _sorted,
    any: _any_all,
    all: _any_all,
    abs: _abs,
    round: _round,
    list: _list,
}
_ARITY: dict[Any, tuple[int, int]] = {min: (1, 100), max: (1, 100), round: (1, 2)}


def is_builtin(function: Any) -> bool:
    """Whether `function` is one of Python's own."""
    return getattr(builtins, getattr(function, "__name__", ""), None) is function


def method_call(ctx: Context, node: ast.Call, function: ast.Attribute) -> Expr:
    """A call of a method of a str or a dict."""
    owner = expression(ctx, function.value)
    arguments = [expression(ctx, a) for a in node.args]
    table = _STR_METHODS if owner.type == STR else _DICT_METHODS if isinstance(owner.type, DictType) else {}
    if function.attr not in table:
        if owner.type in (ANY, UNKNOWN):
            hint = "Say what it is by an annotated assignment first: `value: str = ...`."
            raise Reject(node, "NS203", f"the type of '{ast.unparse(function.value)}' is not known", hint)
        if isinstance(owner.type, OptionalType):
            hint = "Test for None first: `if x is not None:`."
            raise Reject(node, "NS202", f"'{ast.unparse(function.value)}' may be None", hint)
        hint = "Lists do not change: write xs = xs + [x]." if isinstance(owner.type, ListType) else _METHODS_HINT
        raise Reject(node, "NS206", f"{owner.type} has no method {function.attr!r} in the flow language", hint)
    fewest, most, compile_method = table[function.attr]
    if node.keywords or not fewest <= len(arguments) <= most:
        raise Reject(node, "NS207", f"wrong arguments for {function.attr}()", _METHODS_HINT)
    return compile_method(node, owner, arguments)


Method = Callable[[ast.Call, Expr, list[Expr]], Expr]


def _texts(node: ast.Call, arguments: list[Expr]) -> list[Expr]:
    for argument in arguments:
        if argument.type != STR:
            raise _wrong(node, argument, "It takes text; write str(x).")
    return arguments


def _join(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    kind = arguments[0].type
    if not isinstance(kind, ListType) or kind.item not in (STR, UNKNOWN):
        raise _wrong(node, arguments[0], "join() takes a list of str; write [str(x) for x in xs].")
    return call("join", STR, arguments[0], owner)


def _replace(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    old, new = _texts(node, arguments)
    if not old.constant:
        raise Reject(node, "NS207", "replace() of an empty text", "Give the text to be replaced.")
    # $replace takes "$1" in the new text for a group with some implementations.
    code = f"$join($split({owner.argument()}, {_separator(old)}), {new.argument()})"
    return Expr(code, STR, reads=reads(owner, old, new))


def _split(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    (separator,) = _texts(node, arguments)
    if not separator.constant:
        raise Reject(node, "NS207", "split() of an empty text", "Give the separator.")
    code = f"$append([], $split({owner.argument()}, {_separator(separator)}))"
    return Expr(code, list_of(STR), reads=reads(owner, separator))


def _separator(value: Expr) -> str:
    """What $split divides by; nothing would be every character."""
    if value.is_constant:
        return value.code
    said = jsonata.text("the text to divide by, or to be replaced, is empty")
    return f'($w := {value.argument()}; $w = "" ? $error({said}) : $w)'


def _either(one: Callable[[Expr, Expr], Expr]) -> Method:
    """A test of a text that takes one other or a tuple of several."""

    def compiled(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
        if not isinstance(node.args[0], ast.Tuple):
            return one(owner, _texts(node, arguments)[0])
        several = arguments[0].constant if arguments[0].is_constant else None
        if not several or not all(isinstance(text, str) for text in several):
            hint = 'Write them out: ("a", "b").'
            raise Reject(node.args[0], "NS207", "the texts to compare with must be constants", hint)
        result, *others = [one(owner, constant(text)) for text in several]
        for other in others:
            result = binary(result, "or", other, BOOL, jsonata.OR)
        return result

    return compiled


def _startswith(owner: Expr, start: Expr) -> Expr:
    head = call("substring", STR, owner, constant(0), call("length", INT, start))
    return binary(head, "=", start, BOOL, jsonata.COMPARE)


def _endswith(owner: Expr, end: Expr) -> Expr:
    code = (
        f"($v := {owner.argument()}; $w := {end.argument()}; "
        "$length($w) <= $length($v) and $substring($v, $length($v) - $length($w)) = $w)"
    )
    return Expr(code, BOOL, reads=reads(owner, end))


_SPACE = r"[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
"""What Python takes for white space; $trim would also change what is between words."""


def _stripped(*patterns: str) -> Method:
    def compiled(node: ast.Call, owner: Expr, _: list[Expr]) -> Expr:
        code = owner.argument()
        for pattern in patterns:
            code = f'$replace({code}, /{pattern}/, "")'
        return Expr(code, STR, reads=owner.reads)

    return compiled


def _get(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    assert isinstance(owner.type, DictType)
    key, default = _texts(node, arguments[:1])[0], arguments[1] if len(arguments) > 1 else constant(None)
    kind = join(owner.type.value, default.type)
    if kind is None:
        raise _wrong(node, default, f"The default has to be a {owner.type.value}.")
    looked_up = f"$lookup({owner.argument()}, {key.argument()})"
    code = f"($v := {looked_up}; $exists($v) ? $v : {default.argument()})"
    return Expr(code, kind, reads=reads(owner, key, default))


def _values(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    assert isinstance(owner.type, DictType)
    if not (owner.type.value in (STR, BOOL) or is_number(owner.type.value)):
        raise _wrong(node, owner, "values() takes a dict of str, numbers or bool; loop over the keys instead.")
    code = f"$append([], $each({owner.argument()}, function($w) {{ $w }}))"
    return Expr(code, list_of(owner.type.value), reads=owner.reads)


_STR_METHODS: dict[str, tuple[int, int, Method]] = {
    "join": (1, 1, _join),
    "split": (1, 1, _split),
    "lower": (0, 0, lambda node, owner, _: call("lowercase", STR, owner)),
    "upper": (0, 0, lambda node, owner, _: call("uppercase", STR, owner)),
    "startswith": (1, 1, _either(_startswith)),
    "endswith": (1, 1, _either(_endswith)),
    "strip": (0, 0, _stripped(f"^{_SPACE}", f"{_SPACE}$")),
    "lstrip": (0, 0, _stripped(f"^{_SPACE}")),
    "rstrip": (0, 0, _stripped(f"{_SPACE}$")),
    "replace": (2, 2, _replace),
}
_DICT_METHODS: dict[str, tuple[int, int, Method]] = {
    "get": (1, 2, _get),
    "keys": (0, 0, lambda node, owner, _: keys(owner)),
    "values": (0, 0, _values),
}
