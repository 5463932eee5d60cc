"""Constants that are given to parts: what AWS or the folder of templates cannot have is found before the night."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any, TypeGuard

from lambdas.alerts.recipients import is_topic
from lambdas.contract.part import Part
from nightshift.aws_names import arn_fault, fault
from nightshift.compiler.context import MISSING, Context, Frame
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.module import Reject, SourceFile
from nightshift.compiler.presets import one_by_one, option
from nightshift.compiler.scope import nodes_of, parameter_names
from nightshift.compiler.signatures import did_you_mean, part_signature
from nightshift.flow import Flow
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
    needed = part_signature(part).required
    for name, (where, value) in given.items():
        if name in needed and value.is_constant and value.constant == "":
            ctx.source.report(Reject(where, "NS310", f"{name} of {part.name} is empty", "Give it a value."))
        check_constant(ctx, part.name, name, where, value)


def check_flow(ctx: Context, flow: Flow[..., Any], given: Mapping[str, tuple[ast.expr, Expr]]) -> None:
    """Report constants given to a flow that it gives on to parts which cannot take them."""
    for name, (where, value) in given.items():
        for part, parameter in dict.fromkeys(_given_on(ctx.source, flow.function, name, ())):
            check_constant(ctx, part, parameter, where, value)


def _given_on(
    source: SourceFile, function: Any, name: str, asked: tuple[tuple[Any, str], ...]
) -> Iterator[tuple[str, str]]:
    """The parameters of parts, each with its part, to which a function gives its parameter `name` as it is."""
    home = source.home(function)
    definition = home.definition(function) if home is not None else None
    if home is None or definition is None or (function, name) in asked:
        return
    nodes = nodes_of(definition.body)
    if _is_asked(nodes, name):
        return
    stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    if name in stored:
        return
    loops = [n for n in nodes if isinstance(n, ast.For) and isinstance(n.iter, ast.Name) and n.iter.id == name]
    names = {name, *(n.target.id for n in loops if isinstance(n.target, ast.Name) and stored.count(n.target.id) == 1)}
    for call in (n for n in nodes if isinstance(n, ast.Call)):
        called = _called(home, call.func)
        inner = called.function if isinstance(called, Flow) else called
        inner_home = home.home(inner) if isinstance(inner, FunctionType) else None
        known = inner_home.definition(inner) if inner_home is not None else None
        written = [(keyword.arg or "", keyword.value) for keyword in call.keywords]
        written += zip(parameter_names(known), call.args, strict=False) if known is not None else []
        for parameter, argument in written:
            items = argument.elts if isinstance(argument, ast.List) else [argument]
            if not any(isinstance(item, ast.Name) and item.id in names for item in items):
                continue
            if isinstance(called, Part):
                yield called.name, parameter
            elif known is not None:
                yield from _given_on(home, inner, parameter, (*asked, (function, name)))


def _called(source: SourceFile, node: ast.expr) -> Any:
    """What a name of a file, or an attribute of one, stands for; None for anything else."""
    if isinstance(node, ast.Attribute):
        return getattr(_called(source, node.value), node.attr, None)
    return vars(source.module).get(node.id) if isinstance(node, ast.Name) else None


def check_constant(ctx: Context, part: str, name: str, where: ast.expr, value: Expr) -> None:
    """Report a constant that the parameter `name` of a part cannot take."""
    for place, constant in constants(ctx, where, value):
        given = isinstance(constant, str | int) and not isinstance(constant, bool) and constant != ""
        if wrong := fault(part, name, constant) if given else "":
            ctx.source.report(_reject(place, f"{name} of {part}", wrong))
    if name == "template":
        _check_template(ctx, part, where, value)


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


def constants(ctx: Context, where: ast.expr, value: Expr | None = None) -> Iterator[tuple[ast.AST, Any]]:
    """The constants that an expression may be, each with its place.

    Of a name: what it is assigned, its default, what presets give it, and the items that it stands for one by one.
    value: what the expression compiles to, when that is known.
    """
    yield from _constants(ctx, where, value, ())


def _constants(
    ctx: Context, where: ast.expr, value: Expr | None, asked: tuple[str, ...]
) -> Iterator[tuple[ast.AST, Any]]:
    # asked: the names on the way here, which may be assigned to each other.
    if isinstance(where, ast.List | ast.Tuple):
        known = value is not None and value.is_constant
        for item in where.elts:
            yield from _constants(ctx, item, value if known and not isinstance(item, ast.Constant) else None, asked)
    elif isinstance(where, ast.IfExp):
        for choice in (where.body, where.orelse):
            yield from _constants(ctx, choice, value, asked)
    elif isinstance(where, ast.Constant):
        yield where, where.value
    elif value is not None and value.is_constant:
        yield from ((where, item) for item in one_by_one(value.constant))
    elif isinstance(where, ast.Name) and where.id not in asked:
        static = ctx.static(where)
        if static is not MISSING:
            yield from ((where, item) for item in one_by_one(static))
        else:
            yield from _of_name(ctx, where.id, (*asked, where.id))


def _of_name(ctx: Context, name: str, asked: tuple[str, ...]) -> Iterator[tuple[ast.AST, Any]]:
    frame = _home(ctx, name)
    if frame is None:
        return
    stored = [n for n in frame.nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)]
    loops = [n for n in frame.nodes if isinstance(n, ast.For) and n.target in stored]
    for loop in loops:
        yield from _constants(ctx, loop.iter, None, asked)
    if _is_asked(frame.nodes, name):
        return
    if not stored:
        yield from frame.constants.get(name, ())
    if not stored or name in frame.parameters:
        return
    values = [n.value for n in frame.nodes if _assigns(n, stored) and n.value is not None]
    found = [list(_constants(ctx, one, None, asked)) for one in values]
    # What is once computed may only have begun as a constant.
    if len(values) + len(loops) == len(stored) and all(found):
        yield from (pair for pairs in found for pair in pairs)


def _home(ctx: Context, name: str) -> Frame | None:
    """The function that a name is a variable or a parameter of: this one, or one around it."""
    frame: Frame | None = ctx.frame
    while frame is not None:
        if name in frame.constants or name in frame.parameters or name in frame.assigned:
            return frame
        frame = frame.around
    return None


def _assigns(node: ast.AST, stored: Sequence[ast.Name]) -> TypeGuard[ast.Assign | ast.AnnAssign]:
    if isinstance(node, ast.Assign):
        return len(node.targets) == 1 and node.targets[0] in stored
    return isinstance(node, ast.AnnAssign) and node.target in stored


def _is_asked(nodes: Iterable[ast.AST], name: str) -> bool:
    """Whether the function asks what a variable is: then not each of its constants need reach a part."""
    asked = (ast.If, ast.IfExp, ast.While, ast.BoolOp)
    for node in nodes:
        tests = [node] if isinstance(node, ast.Compare | ast.BoolOp) else [getattr(node, "test", None)]
        if isinstance(node, (*asked, ast.Compare)) and any(_names(test, name) for test in tests if test is not None):
            return True
    return False


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _check_template(ctx: Context, part: str, where: ast.expr, value: Expr) -> None:
    folder = ctx.source.flow_file.templates
    if folder is None:
        return
    for place, name in constants(ctx, where, value):
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


def step_title(where: ast.expr, value: Expr) -> str:
    """What the author calls a step; raises Reject for what is no text that is written out."""
    said = value.constant if value.is_constant and isinstance(value.constant, str) else ""
    if not said.strip() or len(said) > LONGEST_TITLE or not said.isprintable():
        message = f"title of a step is one line of 1 to {LONGEST_TITLE} characters that is written out"
        raise Reject(where, "NS303", message, 'Write title="Stop the web servers".')
    return said.strip()


LONGEST_TITLE = 100
"""Characters of the title of a step: two lines of the drawing."""
