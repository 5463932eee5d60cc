"""Python's built-in functions and methods that have a JSONata counterpart."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nightshift.compiler import jsonata
from nightshift.compiler.comprehensions import any_or_all, as_list, generator_list, keys, listed_pairs
from nightshift.compiler.context import Context
from nightshift.compiler.expressions import carried, expression, list_item
from nightshift.compiler.formatting import as_text
from nightshift.compiler.instead import (
    INSTEAD_OF_FUNCTIONS,
    instead_of_arguments,
    instead_of_dict_method,
    instead_of_list_method,
    instead_of_text_method,
)
from nightshift.compiler.jsonata import Expr, call, constant, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.rounding import MOST_DECIMALS, rounded
from nightshift.compiler.sequences import ordered
from nightshift.compiler.signatures import did_you_mean
from nightshift.compiler.spoken import typed
from nightshift.compiler.stored import readable, stored_length
from nightshift.compiler.text_methods import STR_METHODS, Method, texts, wrong_value
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
    RecordType,
    TupleType,
    an,
    dict_of,
    is_number,
    is_scalar,
    join,
    list_of,
    plain,
)

_METHODS_HINT = f"str has {', '.join(STR_METHODS)}; dict has get, keys, values."


def builtin_call(ctx: Context, node: ast.Call, function: Any) -> Expr:
    """A call of a Python built-in; raises Reject for one without counterpart."""
    compile_call = _FUNCTIONS.get(function)
    said = getattr(function, "__name__", "this")
    if compile_call is None:
        known = ", ".join(sorted(f.__name__ for f in _FUNCTIONS))
        hint = f"{INSTEAD_OF_FUNCTIONS.get(said, '')} There are {known}.".strip()
        raise Reject(node, "NS206", f"{said}() is not part of the flow language", hint)
    allowed = {"key", "reverse"} if function is sorted else set()
    if any(k.arg not in allowed for k in node.keywords) or not _ARITY.get(function, (1, 1))[0] <= len(node.args):
        hint = f"{said}() takes its values by position."
        if function in (min, max):
            # The first of those with equal keys, as Python takes.
            largest = ", reverse=True" if function is max else ""
            hint = f"Test before: `{said}(xs) if xs else 0`; by a key, sorted(xs, key=...{largest})[0]."
        raise Reject(node, "NS207", f"wrong arguments for {said}()", hint)
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


def _len(ctx: Context, node: ast.Call) -> Expr:
    value = _argument(ctx, node, carried)
    typed(node.args[0], plain(value.type))
    counted = stored_length(value)
    if counted is not None:
        return counted
    value = readable(ctx, value)
    if value.type == STR:
        return call("length", INT, value)
    if isinstance(value.type, ListType | TupleType | DictType):
        return count(value)
    raise wrong_value(node, value, "len() takes str, lists and dicts.")


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
    raise wrong_value(node, value, "int() takes str, numbers and bool.")


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
    raise wrong_value(node, value, "float() takes str and numbers.")


def _bool(ctx: Context, node: ast.Call) -> Expr:
    return truth(node.args[0], carried(ctx, node.args[0]))


def _min_max(ctx: Context, node: ast.Call) -> Expr:
    name = ast.unparse(node.func)
    if len(node.args) > 1:
        values = [expression(ctx, a) for a in node.args]
        for value in values:
            if not is_number(value.type):
                raise wrong_value(node, value, f"{name}() takes numbers.")
        kind = INT if all(v.type == INT for v in values) else FLOAT
        code = f"${name}([{', '.join(v.argument() for v in values)}])"
        return Expr(code, kind, reads=reads(*values))
    value = _argument(ctx, node)
    if isinstance(value.type, ListType) and is_number(value.type.item):
        return call(name, value.type.item, value, total=False)
    place = 0 if name == "min" else -1
    raise wrong_value(node, value, f"{name}() takes numbers, or a list of numbers; of texts write sorted(xs)[{place}].")


def _sum(ctx: Context, node: ast.Call) -> Expr:
    value = _argument(ctx, node)
    if isinstance(value.type, ListType) and (is_number(value.type.item) or value.type.item == UNKNOWN):
        return call("sum", value.type.item if is_number(value.type.item) else INT, value)
    hint = "sum() takes a list of numbers."
    if isinstance(value.type, ListType) and value.type.item == BOOL:
        hint += " Count with len([x for x in xs if test])."
    elif isinstance(value.type, ListType) and value.type.item == STR:
        hint = 'Write "".join(xs).'
    raise wrong_value(node, value, hint)


def _pairs_or_value(ctx: Context, node: ast.expr) -> Expr:
    """What sorted() and list() take: also d.items(), zip(...) and enumerate(...)."""
    return listed_pairs(ctx, node) or expression(ctx, node)


def _sorted(ctx: Context, node: ast.Call) -> Expr:
    value = _argument(ctx, node, _pairs_or_value)
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if isinstance(value.type, DictType):
        value = keys(value)
    if not isinstance(value.type, ListType):
        raise wrong_value(node, value, "sorted() takes a list, or a dict for its keys.")
    if "key" not in given and isinstance(value.type.item, TupleType):
        given["key"] = _in_order(node.args[0], value.type.item)
    if "key" not in given and value.type.item != STR and not is_number(value.type.item):
        raise wrong_value(node, value, "Say by what: key=lambda x: x.field.")
    descending = given.get("reverse", ast.Constant(False))
    if not isinstance(descending, ast.Constant) or not isinstance(descending.value, bool):
        raise Reject(descending, "NS207", "reverse must be True or False", "Write reverse=True.")
    return ordered(ctx, value, given.get("key"), descending=descending.value)


def _in_order(values: ast.expr, item: TupleType) -> ast.expr:
    """The key by which Python compares tuples: their items. Those of `d.items()` differ in the first one already."""
    of_dict = isinstance(values, ast.Call) and isinstance(values.func, ast.Attribute) and values.func.attr == "items"
    count = 1 if of_dict else len(item.items)
    key = ast.parse(f"lambda item: ({', '.join(f'item[{n}]' for n in range(count))},)", mode="eval").body
    for made in ast.walk(key):
        ast.copy_location(made, values)
    return key


def _round(ctx: Context, node: ast.Call) -> Expr:
    value, *digits = [expression(ctx, argument) for argument in node.args]
    if not is_number(value.type) or any(n.type != INT for n in digits):
        raise wrong_value(node, value, "round() takes a number, and how many decimals as an int.")
    if value.type == INT and not digits:
        return value
    decimals = digits[0].constant if digits else 0
    if not isinstance(decimals, int) or not 0 <= decimals <= MOST_DECIMALS:
        hint = f"Write a constant from 0 to {MOST_DECIMALS}."
        raise Reject(node.args[1], "NS207", f"round() to {ast.unparse(node.args[1])} decimals", hint)
    if value.type == INT:
        return value
    result = rounded(value, decimals)
    return replace(result, type=FLOAT) if digits else result


def _any_all(ctx: Context, node: ast.Call) -> Expr:
    is_any = ctx.static(node.func) is any
    if isinstance(node.args[0], ast.GeneratorExp | ast.ListComp):
        return any_or_all(ctx, node.args[0], is_any=is_any)
    value = expression(ctx, node.args[0])
    if isinstance(value.type, ListType):
        parameter = ctx.names.variable("item")
        item = truth(node.args[0], Expr(f"${parameter}", value.type.item))
        wanted = item.argument() if is_any else f"$not({item.argument()})"
        # "[]", so that one item that is an empty list counts as one.
        found = f"$count($filter({value.argument()}, function(${parameter}) {{ {wanted} }})[])"
        return Expr(f"{found} {'> 0' if is_any else '= 0'}", BOOL, jsonata.COMPARE, value.reads)
    raise wrong_value(node, value, "any() and all() take a list or a generator: any(x > 3 for x in xs).")


def _abs(ctx: Context, node: ast.Call) -> Expr:
    value = expression(ctx, node.args[0])
    if not is_number(value.type):
        raise wrong_value(node, value, "abs() takes a number.")
    return call("abs", value.type, value)


def _list(ctx: Context, node: ast.Call) -> Expr:
    value = _pairs_or_value(ctx, node.args[0])
    value = as_list(value) or value
    if isinstance(value.type, ListType):
        return value
    if isinstance(value.type, DictType):
        return keys(value)
    raise wrong_value(node, value, "list() takes a list or a dict; for range() write a comprehension.")


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
    arguments = [_argument(ctx, node)] if len(node.args) == 1 else [expression(ctx, a) for a in node.args]
    table = STR_METHODS if owner.type == STR else _DICT_METHODS if isinstance(owner.type, DictType) else {}
    if isinstance(owner.type, RecordType) and owner.type.keyed and function.attr == "get":
        return _get_field(node, owner.type, owner, arguments)
    if function.attr not in table:
        if owner.type in (ANY, UNKNOWN):
            hint = "Say what it is by an annotated assignment first: `value: str = ...`."
            raise Reject(node, "NS203", f"the type of '{ast.unparse(function.value)}' is not known", hint)
        if isinstance(owner.type, OptionalType):
            hint = "Test for None first: `if x is not None:`."
            raise Reject(node, "NS202", f"'{ast.unparse(function.value)}' may be None", hint)
        said = ast.unparse(function.value)
        hint = f"{str(owner.type).capitalize()} has no methods here: write str(x) or an f-string for text."
        if owner.type == STR:
            hint = instead_of_text_method(said, function.attr, _METHODS_HINT)
        if isinstance(owner.type, ListType):
            hint = instead_of_list_method(said, function.attr, ast.unparse(node.args[0]) if node.args else "")
        elif isinstance(owner.type, DictType):
            hint = instead_of_dict_method(said, function.attr)
        elif isinstance(owner.type, RecordType) and not owner.type.keyed:
            given = ", ".join([said, *(ast.unparse(a) for a in node.args)])
            names = ", ".join(name for name, _ in owner.type.fields)
            hint = (
                f"Its fields are {names}. Write a function of the file instead of a method: {function.attr}({given})."
            )
        elif isinstance(owner.type, RecordType) and owner.type.keyed:
            hint = f'Its keys are all there: {said}["{owner.type.fields[0][0]}"].'
            if owner.type.optional:
                key = min(owner.type.optional)
                hint = f'Write {said}["{key}"] if "{key}" in {said} else ...'
        raise Reject(node, "NS206", f"{owner.type} has no method {function.attr!r} in the flow language", hint)
    fewest, most, compile_method = table[function.attr]
    if function.attr in ("split", "rsplit") and [k.arg for k in node.keywords] == ["maxsplit"] and len(node.args) == 1:
        arguments.append(expression(ctx, node.keywords[0].value))
    elif node.keywords or not fewest <= len(arguments) <= most:
        hint = instead_of_arguments(ast.unparse(function.value), function.attr, _METHODS_HINT)
        raise Reject(node, "NS207", f"wrong arguments for {function.attr}()", hint)
    return compile_method(node, owner, arguments)


def _get(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    assert isinstance(owner.type, DictType)
    key, default = texts(node, arguments[:1])[0], arguments[1] if len(arguments) > 1 else constant(None)
    kind = join(owner.type.value, default.type)
    if kind is None:
        raise wrong_value(node, default, f"The default has to be {an(owner.type.value)}.")
    looked_up = f"$lookup({owner.argument()}, {key.argument()})"
    code = f"($v := {looked_up}; $exists($v) ? $v : {default.argument()})"
    return Expr(code, kind, reads=reads(owner, key, default))


def _get_field(node: ast.Call, kind: RecordType, owner: Expr, arguments: list[Expr]) -> Expr:
    """`row.get("name", default)` of a TypedDict."""
    key = arguments[0].constant if arguments else None
    field = kind.field(key) if isinstance(key, str) else None
    if field is None or len(arguments) > 2 or node.keywords:
        hint = did_you_mean(str(key), [name for name, _ in kind.fields], "Its keys are {}.")
        raise Reject(node, "NS204", f"{kind} has no such key", hint)
    return _get(node, replace(owner, type=dict_of(field)), arguments)


def _values(node: ast.Call, owner: Expr, arguments: list[Expr]) -> Expr:
    assert isinstance(owner.type, DictType)
    if not is_scalar(owner.type.value):
        # $each would merge lists.
        item = list_item(Expr("$lookup($_d, $_k)", owner.type.value))
        add = f"function($_w, $_k) {{ $append($_w, [{item}]) }}"
        code = f"($_d := {owner.argument()}; $reduce($append([], $keys($_d)), {add}, []))"
        return Expr(code, list_of(owner.type.value), reads=owner.reads)
    code = f"$append([], $each({owner.argument()}, function($w) {{ $w }}))"
    return Expr(code, list_of(owner.type.value), reads=owner.reads)


_DICT_METHODS: dict[str, tuple[int, int, Method]] = {
    "get": (1, 2, _get),
    "keys": (0, 0, lambda node, owner, _: keys(owner)),
    "values": (0, 0, _values),
}
