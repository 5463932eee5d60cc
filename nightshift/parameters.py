"""The parameters an operator gives a flow: text turned into the values that the flow's annotations ask for."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.runs.parameters import accepted, arguments, fits, item, members, parsed, type_name, words
from nightshift.model import CompiledFlow, Parameter


class ParameterError(NightshiftError):
    """A parameter that the flow does not take, lacks, or cannot use; the message says what it accepts."""


def parse_parameters(flow: CompiledFlow, given: Sequence[str], preset: str | None = None) -> dict[str, Any]:
    """`name=value` texts as the input of `flow`.

    A list is written "a,b", "a;b", as JSON, or by giving the name again. What is not given keeps its default.
    preset: the title of one of the flow's, which starts exactly its parameters unless it asks for them.
    Raises ParameterError with everything that is wrong, one line each.
    """
    filled = _preset(flow, preset, given) if preset is not None else {}
    texts: dict[str, list[str]] = {}
    wrong: list[str] = []
    for text in given:
        name, equals, value = text.partition("=")
        if equals:
            texts.setdefault(name.strip(), []).append(value)
        else:
            wrong.append(f"{text!r} has no value; write name=value")
    values: dict[str, Any] = {}
    for parameter in flow.parameters:
        if parameter.name in texts:
            try:
                values[parameter.name] = _value(parameter, texts.pop(parameter.name))
            except ValueError as error:
                wrong.append(str(error))
        elif parameter.name in filled:
            values[parameter.name] = filled[parameter.name]
        elif parameter.required:
            wrong.append(f"{parameter.name} is missing; it takes {accepted(parameter.type)}")
    wrong += [_unknown(name, flow) for name in texts]
    if wrong:
        raise ParameterError("\n".join(wrong))
    return values


def _preset(flow: CompiledFlow, title: str, given: Sequence[str]) -> Mapping[str, Any]:
    """What a preset fills in. Raises ParameterError for one that there is not, or that takes nothing else."""
    presets = flow.options.operating.presets
    if title not in presets:
        near = get_close_matches(title, presets, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(map(repr, presets)) or 'none'}"
        raise ParameterError(f"{flow.name} has no preset {title!r}; {hint}")
    if given and not presets[title].form:
        raise ParameterError(f"preset {title!r} starts exactly its parameters; leave out -p, or leave out --preset")
    return presets[title].parameters


def _value(parameter: Parameter, texts: list[str]) -> Any:
    kind = parsed(parameter.type)
    if len(texts) > 1:
        if not any(type_name(k) == "list" for k in members(kind)):
            raise ValueError(f"{parameter.name} is given {len(texts)} times; it takes {words(kind)}")
        texts = [json.dumps(texts)]
    value = _read_any(texts[0].strip(), kind)
    if value is _NO:
        raise ValueError(f"{parameter.name}={texts[0]} does not fit; it takes {words(kind)}")
    return value


_NO = object()
"""Not a value of that type."""

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def _read_any(text: str, kind: ast.expr) -> Any:
    """The value of the text as the narrowest of the types that takes it, or _NO."""
    ranked = sorted(members(kind), key=_rank)
    # Where text is accepted as it is, a comma in it does not make a list.
    split = all(type_name(member) != "str" for member in ranked)
    return next((value for m in ranked if (value := _read(text, m, split)) is not _NO), _NO)


def _read(text: str, kind: ast.expr, split: bool) -> Any:
    name = type_name(kind)
    if name == "str":
        return text
    if name == "bool":
        return _TRUTH.get(text.lower(), _NO)
    if name == "Literal":
        choices = arguments(kind)
        return next((c for c in choices if str(c) == text), _NO)
    try:
        value = json.loads(text)
    except ValueError:
        value = _NO
    if name == "list" and split and not isinstance(value, list):
        items = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
        read = [_read_any(part, item(kind)) for part in items]
        return _NO if any(part is _NO for part in read) else read
    if name == "Any" and value is _NO:
        return text
    return value if value is not _NO and fits(value, kind) else _NO


def _unknown(name: str, flow: CompiledFlow) -> str:
    known = [parameter.name for parameter in flow.parameters]
    if not known:
        return f"{flow.name} takes no parameters, {name} was given"
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
    return f"{flow.name} has no parameter {name}; {hint}"


def _rank(kind: ast.expr) -> int:
    """Narrow types are tried first: everything is text."""
    order = ["None", "Literal", "bool", "int", "float", "dict", "list", "Any", "str"]
    name = type_name(kind)
    return order.index(name) if name in order else order.index("dict")
