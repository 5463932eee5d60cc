"""The parameters an operator gives a flow: text turned into the values that the flow's annotations ask for."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from lambdas.errors import NightshiftError
from nightshift.model import CompiledFlow, Parameter


class ParameterError(NightshiftError):
    """A parameter that the flow does not take, lacks, or cannot use; the message says what it accepts."""


def parse_parameters(flow: CompiledFlow, given: Sequence[str]) -> dict[str, Any]:
    """`name=value` texts as the input of `flow`.

    A list is written "a,b", "a;b", as JSON, or by giving the name again. What is not given keeps its default.
    Raises ParameterError with everything that is wrong, one line each.
    """
    texts: dict[str, list[str]] = {}
    wrong: list[str] = []
    for item in given:
        name, equals, text = item.partition("=")
        if equals:
            texts.setdefault(name.strip(), []).append(text)
        else:
            wrong.append(f"{item!r} has no value; write name=value")
    values: dict[str, Any] = {}
    for parameter in flow.parameters:
        if parameter.name in texts:
            try:
                values[parameter.name] = _value(parameter, texts.pop(parameter.name))
            except ValueError as error:
                wrong.append(str(error))
        elif parameter.required:
            wrong.append(f"{parameter.name} is missing; it takes {accepted(parameter.type)}")
    wrong += [_unknown(name, flow) for name in texts]
    if wrong:
        raise ParameterError("\n".join(wrong))
    return values


def accepted(annotation: str) -> str:
    """What a parameter of that annotation accepts, in words."""
    return _words(_parsed(annotation))


def _value(parameter: Parameter, texts: list[str]) -> Any:
    kind = _parsed(parameter.type)
    if len(texts) > 1:
        if not any(_name(k) == "list" for k in _members(kind)):
            raise ValueError(f"{parameter.name} is given {len(texts)} times; it takes {_words(kind)}")
        texts = [json.dumps(texts)]
    value = _read_any(texts[0].strip(), kind)
    if value is _NO:
        raise ValueError(f"{parameter.name}={texts[0]} does not fit; it takes {_words(kind)}")
    return value


_NO = object()
"""Not a value of that type."""

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def _read_any(text: str, kind: ast.expr) -> Any:
    """The value of the text as the narrowest of the types that takes it, or _NO."""
    members = sorted(_members(kind), key=_rank)
    # Where text is accepted as it is, a comma in it does not make a list.
    split = all(_name(member) != "str" for member in members)
    return next((value for m in members if (value := _read(text, m, split)) is not _NO), _NO)


def _read(text: str, kind: ast.expr, split: bool) -> Any:
    name = _name(kind)
    if name == "str":
        return text
    if name == "bool":
        return _TRUTH.get(text.lower(), _NO)
    if name == "Literal":
        choices = _arguments(kind)
        return next((c for c in choices if str(c) == text), _NO)
    try:
        value = json.loads(text)
    except ValueError:
        value = _NO
    if name == "list" and split and not isinstance(value, list):
        items = [item.strip() for item in re.split(r"[,;]", text) if item.strip()]
        read = [_read_any(item, _item(kind)) for item in items]
        return _NO if any(item is _NO for item in read) else read
    if name == "Any" and value is _NO:
        return text
    return value if value is not _NO and _fits(value, kind) else _NO


def _fits(value: Any, kind: ast.expr) -> bool:
    """Whether a JSON value is of the type."""
    if isinstance(kind, ast.BinOp):
        return any(_fits(value, member) for member in _members(kind))
    name = _name(kind)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    tests: dict[str, Callable[[], bool]] = {
        "Any": lambda: True,
        "None": lambda: value is None,
        "str": lambda: isinstance(value, str),
        "bool": lambda: isinstance(value, bool),
        "int": lambda: number and isinstance(value, int),
        "float": lambda: number,
        "Literal": lambda: value in _arguments(kind),
        "list": lambda: isinstance(value, list) and all(_fits(item, _item(kind)) for item in value),
        "dict": lambda: isinstance(value, dict) and all(_fits(item, _item(kind)) for item in value.values()),
    }
    return tests.get(name, lambda: isinstance(value, dict))()


def _words(kind: ast.expr) -> str:
    if isinstance(kind, ast.BinOp):
        return " or ".join(_words(member) for member in _members(kind))
    name = _name(kind)
    if name == "list":
        return f"a list of {_words(_item(kind))} (a,b,c)"
    if name == "Literal":
        return " or ".join(str(c) for c in _arguments(kind))
    return {
        "str": "text",
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "None": "null",
        "Any": "any JSON value",
    }.get(name, "a JSON object")


def _unknown(name: str, flow: CompiledFlow) -> str:
    known = [parameter.name for parameter in flow.parameters]
    if not known:
        return f"{flow.name} takes no parameters, {name} was given"
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
    return f"{flow.name} has no parameter {name}; {hint}"


def _parsed(annotation: str) -> ast.expr:
    return ast.parse(annotation or "Any", mode="eval").body


def _members(kind: ast.expr) -> list[ast.expr]:
    if isinstance(kind, ast.BinOp):
        return [*_members(kind.left), *_members(kind.right)]
    if _name(kind) == "Optional":
        return [_item(kind), ast.Constant(None)]
    return [kind]


def _name(kind: ast.expr) -> str:
    if isinstance(kind, ast.Constant):
        return str(kind.value)
    base = kind.value if isinstance(kind, ast.Subscript) else kind
    return base.attr if isinstance(base, ast.Attribute) else ast.unparse(base)


def _item(kind: ast.expr) -> ast.expr:
    """The type of a list's items or a dict's values."""
    if not isinstance(kind, ast.Subscript):
        return ast.Name("Any")
    return kind.slice.elts[-1] if isinstance(kind.slice, ast.Tuple) else kind.slice


def _arguments(kind: ast.expr) -> list[Any]:
    assert isinstance(kind, ast.Subscript)
    inner = kind.slice
    return [ast.literal_eval(e) for e in (inner.elts if isinstance(inner, ast.Tuple) else [inner])]


def _rank(kind: ast.expr) -> int:
    """Narrow types are tried first: everything is text."""
    order = ["None", "Literal", "bool", "int", "float", "dict", "list", "Any", "str"]
    name = _name(kind)
    return order.index(name) if name in order else order.index("dict")
