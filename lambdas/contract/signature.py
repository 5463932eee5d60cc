"""The parameters of a part: its own, and those it takes by `Unpack` of a TypedDict."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lambdas.contract.call import Changing, Common
from lambdas.contract.docstring import entries, fields, sections


@dataclass(frozen=True)
class Parameter:
    """A parameter of a part.

    hint: its type, resolved. required: whether a flow has to give it; else `default` is what it is.
    doc: what it means. common: whether every part has it.
    """

    name: str
    hint: Any
    required: bool
    default: Any
    doc: str
    common: bool = False


def parameters(function: Callable[..., Any]) -> Iterator[Parameter]:
    """The parameters of a part's function besides its `Call`: a shared selection, its own, those of every part.

    What the docstring of the function says about a parameter goes before what the docstring of a TypedDict says.
    """
    _, *given = inspect.signature(function).parameters.values()
    hints = typing.get_type_hints(function)
    docs = dict(entries(sections(function.__doc__ or "").get("Parameters", "")))
    unpacked = [parameter for parameter in given if parameter.kind is inspect.Parameter.VAR_KEYWORD]
    shared = [p for taken in unpacked for p in _unpacked(typing.get_args(hints[taken.name])[0], docs)]
    yield from (parameter for parameter in shared if not parameter.common)
    for own in given:
        if own not in unpacked:
            required = own.default is inspect.Parameter.empty
            default = None if required else own.default
            yield Parameter(own.name, hints[own.name], required, default, docs.get(own.name, ""))
    yield from (parameter for parameter in shared if parameter.common)


def selection(function: Callable[..., Any]) -> tuple[str, ...]:
    """The ids and the tag of the selection that a part takes by `Unpack`: ("instance_id", "tag"); else nothing."""
    hints = typing.get_type_hints(function)
    unpacked = [p for p in inspect.signature(function).parameters.values() if p.kind is inspect.Parameter.VAR_KEYWORD]
    given = [name for p in unpacked for name in typing.get_type_hints(typing.get_args(hints[p.name])[0])]
    if "exclude_tag" not in given:
        return ()
    return tuple(name for name in given if name not in Changing.__annotations__ and name != "exclude_tag")


def _unpacked(kind: Any, docs: dict[str, str]) -> Iterator[Parameter]:
    meanings = fields(Common) | fields(Changing) | fields(kind) | docs
    for name, hint in typing.get_type_hints(kind).items():
        common = name in Changing.__annotations__
        yield Parameter(name, hint, name in kind.__required_keys__, None, meanings.get(name, ""), common)
