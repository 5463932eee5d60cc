"""Constants that are given to parts: what AWS or the folder of templates cannot have is found before the night."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lambdas.alerts.recipients import is_topic
from lambdas.contract.part import Part
from nightshift.aws_names import arn_fault, fault
from nightshift.compiler.context import MISSING, Context
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.module import Reject
from nightshift.compiler.presets import option
from nightshift.compiler.signatures import did_you_mean
from nightshift.model import FlowOptions
from nightshift.triggers import Topic

_MAIL = ".txt.mustache"
_SHIPPED = Path(__file__).parents[2] / "lambdas" / "parts" / "notify" / "templates"


def check_part(ctx: Context, node: ast.Call, part: Part[..., Any], given: Mapping[str, tuple[ast.expr, Expr]]) -> None:
    """Report what cannot succeed: a call without a selection, constants AWS does not have, templates not there."""
    for group in part.choices:
        if all(_absent(name, given) for name in group):
            message = f"{part.name} needs {' or '.join(group)}; without, it has nothing to act on"
            ctx.source.report(Reject(node, "NS302", message, f"Add {group[-1]}=..."))
    for name, (where, value) in given.items():
        check_constant(ctx, part.name, name, where, value)
        if name == "template":
            _check_template(ctx, part.name, where, value)


def check_constant(ctx: Context, part: str, name: str, where: ast.expr, value: Expr) -> None:
    """Report a constant that the parameter `name` of a part cannot take."""
    for place, constant in _constants(ctx, where, value):
        given = isinstance(constant, str | int) and not isinstance(constant, bool) and constant != ""
        if wrong := fault(part, name, constant) if given else "":
            ctx.source.report(_reject(place, f"{name} of {part}", wrong))


def wrong_topics(flow: str, options: FlowOptions, node: ast.FunctionDef) -> Iterator[Reject]:
    """What is wrong with the ARNs of topics in the options of a flow. node: its definition, with its decorators."""
    alarms = options.on_alarm.arn if isinstance(options.on_alarm, Topic) else None
    told = [one for one in options.notify or () if is_topic(one)]
    for name, arn in (("on_alarm", alarms), *(("notify", one) for one in told)):
        if wrong := arn_fault("topic_arn", arn) if arn else "":
            yield _reject(option(node, name) or node, f"{name} of {flow}", wrong)


def _reject(place: ast.AST, what: str, wrong: str) -> Reject:
    """An error of what `fault` and its like say."""
    said, _, hint = wrong.partition("; ")
    return Reject(
        place, "NS310", f"{what}: {said}", f"{hint[:1].upper()}{hint[1:]}" if hint else "Correct the constant."
    )


def _absent(name: str, given: Mapping[str, tuple[ast.expr, Expr]]) -> bool:
    """Whether a parameter is not given; an empty text is no selection, and an empty list is one of nothing."""
    if name not in given:
        return True
    _, value = given[name]
    return value.constant is None or (value.constant == "" and name.endswith(("_id", "tag")))


def _constants(ctx: Context, where: ast.expr, value: Expr) -> Iterator[tuple[ast.AST, Any]]:
    """The constants that an argument may be, each with its place: also a default of the flow, and those of a loop."""
    if isinstance(where, ast.List | ast.Tuple):
        for item in where.elts:
            yield from _constants(ctx, item, value if not value.is_constant else _constant(item, value))
    elif isinstance(where, ast.IfExp):
        for choice in (where.body, where.orelse):
            yield from _constants(ctx, choice, value)
    elif isinstance(where, ast.Constant):
        yield where, where.value
    elif value.is_constant:
        constants = value.constant if isinstance(value.constant, list) else [value.constant]
        yield from ((where, item) for item in constants)
    elif isinstance(where, ast.Name):
        yield from _of_name(ctx, where.id)


def _constant(item: ast.expr, value: Expr) -> Expr:
    # The items of a constant list are constants themselves: written out, or names of some.
    return value if not isinstance(item, ast.Constant) else Expr("", value.type, constant=item.value)


def _of_name(ctx: Context, name: str) -> Iterator[tuple[ast.AST, Any]]:
    default = ctx.defaults.get(name)
    if default is not None and ctx.depth == 0 and not ctx.inlining and not _is_decided_by(ctx.frame.body, name):
        node, value = default
        yield from ((node, item) for item in (value if isinstance(value, list) else [value]))
    for loop in (n for statement in ctx.frame.body for n in ast.walk(statement) if isinstance(n, ast.For)):
        if isinstance(loop.target, ast.Name) and loop.target.id == name:
            yield from _of_loop(ctx, loop.iter)


def _is_decided_by(body: Sequence[ast.stmt], name: str) -> bool:
    """Whether the flow asks what a parameter is, or sets it: then its default need not reach a part."""
    asked = (ast.Compare, ast.If, ast.IfExp, ast.While, ast.BoolOp)
    for node in (n for statement in body for n in ast.walk(statement)):
        tests = [node] if isinstance(node, ast.Compare | ast.BoolOp) else [getattr(node, "test", None)]
        if isinstance(node, asked) and any(_names(test, name) for test in tests if test is not None):
            return True
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return True
    return False


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _of_loop(ctx: Context, items: ast.expr) -> Iterator[tuple[ast.AST, Any]]:
    if isinstance(items, ast.List | ast.Tuple):
        yield from ((item, item.value) for item in items.elts if isinstance(item, ast.Constant))
    elif isinstance(listed := ctx.static(items), list | tuple) and listed is not MISSING:
        yield from ((items, item) for item in listed)


def _check_template(ctx: Context, part: str, where: ast.expr, value: Expr) -> None:
    folder = ctx.source.flow_file.templates
    if folder is None:
        return
    for place, name in _constants(ctx, where, value):
        if not isinstance(name, str) or not name:
            continue
        if part.startswith("cloudformation."):
            there = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
            path = folder / name
        else:
            folders = (folder, _SHIPPED)
            there = sorted(p.name.removesuffix(_MAIL) for f in folders for p in f.glob(f"[!_]*{_MAIL}"))
            path = folder / f"{name}{_MAIL}"
        if name not in there:
            hint = did_you_mean(name, there, "There are {}." if there else "There are none.")
            said = f"there is no template {name!r}: no file {path}"
            ctx.source.report(Reject(place, "NS311", said, f"{hint} Its folder is {folder}."))
