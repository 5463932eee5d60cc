"""The presets of a flow, held against its parameters and operators; each error stands where the preset is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nightshift.compiler.jsonata import constant
from nightshift.compiler.module import Reject
from nightshift.compiler.signatures import did_you_mean, fits
from nightshift.compiler.types import ERROR, Type, an, of_constant
from nightshift.model import FlowOptions, Parameter
from nightshift.operating import Preset

ADMIN = "admin"
"""The group that may start every flow."""


def wrong_presets(
    flow: str, options: FlowOptions, node: ast.FunctionDef, found: list[Parameter], types: Mapping[str, Type]
) -> Iterator[Reject]:
    """What is wrong with the presets of a flow.

    node: its definition, with its decorators. found: its parameters; types: what they take, by name.
    """
    written = option(node, "presets")
    for title, key in _twice(written):
        yield Reject(key, "NS004", f"two presets of {flow} are called {title!r}", "Give each a title of its own.")
    for title, preset in options.operating.presets.items():
        at = _value_of(written, title) or node
        for group in preset.groups:
            if group not in (*options.operators, ADMIN):
                hint = "Add the group to operators=, or leave it out."
                yield Reject(at, "NS004", f"preset {title!r} is for {group!r}, who may not start {flow}", hint)
        yield from _wrong_parameters(flow, title, preset, _parameters_node(at), found, types)


def _wrong_parameters(
    flow: str, title: str, preset: Preset, at: ast.AST, found: list[Parameter], types: Mapping[str, Type]
) -> Iterator[Reject]:
    known = [parameter.name for parameter in found]
    for name, value in preset.parameters.items():
        place = _value_of(at, name) or at
        kind = types.get(name)
        if name not in known:
            hint = did_you_mean(name, known, "It takes {}.") if known else "It takes no parameters."
            yield Reject(place, "NS301", f"preset {title!r} gives {name!r}, which {flow} does not take", hint)
        elif kind not in (None, ERROR) and (of_constant(value) is None or not fits(constant(value), kind)):
            message = f"preset {title!r}: {name!r} of {flow} is {kind}, not {value!r}"
            yield Reject(place, "NS303", message, f"Give {an(kind)}.")
    missing = [parameter.name for parameter in found if parameter.required and parameter.name not in preset.parameters]
    if missing and not preset.form:
        hint = f'Add "{missing[0]}": ..., or write Preset({{...}}, form=True), which asks for it.'
        yield Reject(at, "NS302", f"preset {title!r} leaves out {', '.join(missing)}, which {flow} needs", hint)


def given_by_presets(options: FlowOptions, node: ast.FunctionDef) -> Iterator[tuple[str, ast.AST, Any]]:
    """The constants that presets give to parameters: the name, where it is written, and the value."""
    written = option(node, "presets")
    for title, preset in options.operating.presets.items():
        at = _parameters_node(_value_of(written, title) or node)
        for name, value in preset.parameters.items():
            place = _value_of(at, name) or at
            yield from ((name, place, one) for one in one_by_one(value))


def one_by_one(value: Any) -> Sequence[Any]:
    """The items of a constant that is a list, else the constant alone."""
    return value if isinstance(value, list | tuple) else [value]


def option(node: ast.FunctionDef, name: str) -> ast.expr | None:
    """What stands behind an option of a decorator."""
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return next((keyword.value for call in calls for keyword in call.keywords if keyword.arg == name), None)


def _twice(written: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """The titles that a dict display has before, of which Python keeps the last."""
    seen = set()
    for key in written.keys if isinstance(written, ast.Dict) else ():
        title: Any = key.value if isinstance(key, ast.Constant) else None
        if key is not None and isinstance(title, str):
            if title in seen:
                yield title, key
            seen.add(title)


def _value_of(written: ast.AST | None, name: str) -> ast.expr | None:
    """What stands behind a key of a dict display; the option itself where it is made elsewhere."""
    if isinstance(written, ast.Dict):
        for key, value in zip(reversed(written.keys), reversed(written.values), strict=True):
            if isinstance(key, ast.Constant) and key.value == name:
                return value
    return written if isinstance(written, ast.expr) else None


def _parameters_node(at: ast.AST) -> ast.AST:
    """Where the parameters of a preset are written: itself, or what `Preset(...)` is given."""
    if not isinstance(at, ast.Call):
        return at
    return next((k.value for k in at.keywords if k.arg == "parameters"), at.args[0] if at.args else at)
