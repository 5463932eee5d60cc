"""Calls: of parts, flows and the primitives of the language, which make states, and of what does not."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import MethodType, ModuleType
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Part, seconds
from nightshift import language
from nightshift.compiler import ir
from nightshift.compiler.branches import for_each_call, parallel_call
from nightshift.compiler.builtin_calls import builtin_call, is_builtin, method_call
from nightshift.compiler.context import MISSING, Context, read
from nightshift.compiler.dates import date_question
from nightshift.compiler.expressions import carried, expression
from nightshift.compiler.helpers import find_function, helper_call
from nightshift.compiler.jsonata import Expr, constant
from nightshift.compiler.module import Reject
from nightshift.compiler.signatures import (
    Signature,
    bind,
    did_you_mean,
    first_sentence,
    flow_signature,
    part_signature,
)
from nightshift.compiler.stored import part_result, whole
from nightshift.compiler.types import ANY, INT, STR, RecordType, complete, from_hint, origins
from nightshift.compiler.waits import LONGEST_RUN, until_expression
from nightshift.flow import Flow
from nightshift.triggers.calendar import Calendar
from nightshift.triggers.window import Window


def call(ctx: Context, node: ast.Call) -> Expr:
    """Compile a call; those that make states are hoisted before the statement they stand in."""
    function = ctx.static(node.func)
    if isinstance(function, Part):
        return _part_call(ctx, node, function)
    if isinstance(function, Flow):
        return _flow_call(ctx, node, function)
    if isinstance(function, MethodType) and isinstance(function.__self__, Calendar | Window):
        return date_question(ctx, node, function)
    primitive = _PRIMITIVES.get(function) if _hashable(function) else None
    if primitive is not None:
        certain(ctx, node, function.__name__)
        made: Expr = primitive(ctx, node)
        return made
    found = find_function(ctx, node.func)
    if found is not None:
        return helper_call(ctx, node, found)
    if function is MISSING and isinstance(node.func, ast.Attribute):
        _check_module(ctx, node.func)
        return method_call(ctx, node, node.func)
    if function is not MISSING and is_builtin(function):
        return builtin_call(ctx, node, function)
    said = ast.unparse(node.func)
    if function is MISSING:
        raise Reject(node, "NS401", f"{said!r} is not defined", "Import the part, or define a function in this file.")
    hint = "Call parts, flows, functions of this file, or the built-ins docs/language.md lists."
    raise Reject(node, "NS206", f"{said}() cannot be called in a flow", hint)


def _check_module(ctx: Context, function: ast.Attribute) -> None:
    """Reject what a module does not have: most likely a part whose name is written wrong."""
    module = ctx.static(function.value)
    if isinstance(module, ModuleType):
        known = [name for name in dir(module) if isinstance(getattr(module, name), Part | Flow)]
        hint = did_you_mean(function.attr, known, "There are {}.")
        raise Reject(function, "NS401", f"{ast.unparse(function.value)} has no {function.attr!r}", hint)


def _hashable(value: Any) -> bool:
    return getattr(type(value), "__hash__", None) is not None


def certain(ctx: Context, node: ast.Call, said: str) -> None:
    """Reject a call that makes states where it might not be evaluated."""
    if not ctx.certain:
        hint = (
            "Call it in a statement before, or in the branch of an `if`; use for_each(...) instead of a comprehension."
        )
        raise Reject(node, "NS305", f"{said} is called where it might not be evaluated", hint)


def _part_call(ctx: Context, node: ast.Call, part: Part[..., Any]) -> Expr:
    certain(ctx, node, part.name)
    signature = part_signature(part)
    params = bind(node, signature, _named(ctx, node, signature, carried))
    name = ctx.names.state(part.name)
    target = ctx.temporary(part.__name__, part_result(signature.result, name))
    read_fields = ctx.read_fields.setdefault(name, set())
    title = first_sentence(part.__doc__)
    ctx.hoisted.append(ir.PartCall(part.name, part.waits, params, target, name, title, read_fields))
    return read(target)


def _flow_call(ctx: Context, node: ast.Call, flow: Flow[..., Any]) -> Expr:
    certain(ctx, node, flow.name)
    signature = flow_signature(flow)
    params = bind(node, signature, _named(ctx, node, signature, read_wholly, positional=True))
    target = ctx.temporary(flow.name, signature.result)
    ctx.hoisted.append(ir.FlowCall(flow.name, params, target, ctx.names.state(f"run {flow.name}")))
    return read(target)


def read_wholly(ctx: Context, node: ast.expr) -> Expr:
    """A parameter of a flow: its input holds no references."""
    value = expression(ctx, node)
    return whole(ctx, value) if origins(value.type) else value


def _named(
    ctx: Context,
    node: ast.Call,
    signature: Signature,
    compile_value: Callable[[Context, ast.expr], Expr],
    *,
    positional: bool = False,
) -> dict[str, tuple[ast.expr, Expr]]:
    given: dict[str, tuple[ast.expr, Expr]] = {}
    names = list(signature.parameters)
    if node.args and not (positional and len(node.args) <= len(names)):
        hint = f"Write {names[0]}=... ({signature.name} takes {', '.join(names[:6])}, ...)."
        raise Reject(node.args[0], "NS304", f"{signature.name} takes its parameters by name", hint)
    for name, argument in zip(names, node.args, strict=False):
        given[name] = (argument, compile_value(ctx, argument))
    for keyword in node.keywords:
        if keyword.arg is None:
            raise Reject(keyword.value, "NS304", "** is not part of the flow language", "Write the parameters out.")
        given[keyword.arg] = (keyword.value, compile_value(ctx, keyword.value))
    return given


def _arguments(ctx: Context, node: ast.Call, *allowed: str, required: int) -> dict[str, tuple[ast.expr, Expr]]:
    given: dict[str, tuple[ast.expr, Expr]] = {}
    for name, argument in zip(allowed, node.args, strict=False):
        given[name] = (argument, expression(ctx, argument))
    for keyword in node.keywords:
        given[keyword.arg or "**"] = (keyword.value, expression(ctx, keyword.value))
    said = ast.unparse(node.func)
    if len(node.args) > len(allowed) or set(given) - set(allowed) or set(allowed[:required]) - set(given):
        raise Reject(node, "NS306", f"wrong arguments for {said}()", f"{said}() takes {', '.join(allowed)}.")
    return given


def _sleep(ctx: Context, node: ast.Call) -> Expr:
    where, value = _arguments(ctx, node, "duration", required=1)["duration"]
    wait = _duration(where, value) if value.is_constant else value
    if wait.type != INT:
        raise Reject(where, "NS306", f"sleep of {value.type}", 'Write seconds as an int, or "90s", "10m", "2h".')
    ctx.hoisted.append(ir.Wait(wait, ctx.names.state(f"sleep {ast.unparse(where)}")))
    return constant(None)


def _duration(where: ast.expr, value: Expr) -> Expr:
    try:
        wait = seconds(value.constant)
    except InvalidParameter as error:
        raise Reject(where, "NS306", str(error), 'Write seconds as an int, or "90s", "10m", "2h".') from None
    if wait > LONGEST_RUN:
        message = f"{ast.unparse(where)} is longer than the year after which a run ends"
        raise Reject(where, "NS504", message, "Let a schedule start a flow when the time has come.")
    return constant(wait)


def _wait_until(ctx: Context, node: ast.Call) -> Expr:
    given = _arguments(ctx, node, "clock", "timezone", required=1)
    constants = {}
    for name, (where, value) in given.items():
        if not isinstance(value.constant, str):
            hint = 'Write wait_until("06:00", timezone="Asia/Tokyo").'
            raise Reject(where, "NS306", f"{name} of wait_until must be a constant text", hint)
        constants[name] = value.constant
    try:
        wait = until_expression(constants["clock"], constants.get("timezone", "UTC"))
    except ValueError as error:
        raise Reject(node, "NS306", str(error), 'Write wait_until("06:00", timezone="Asia/Tokyo").') from None
    ctx.hoisted.append(ir.Wait(wait, ctx.names.state(f"wait until {constants['clock']}")))
    return constant(None)


def _approval(ctx: Context, node: ast.Call) -> Expr:
    given = _arguments(ctx, node, "message", "to", "timeout", required=2)
    for name in ("message", "to"):
        if given[name][1].type != STR:
            raise Reject(given[name][0], "NS306", f"{name} of approval is {given[name][1].type}", "Give a str.")
    timeout = constant("1d")
    if "timeout" in given:
        where, timeout = given["timeout"]
        if not timeout.is_constant:
            raise Reject(where, "NS306", "timeout of approval must be a constant", 'Write seconds, or "2h".')
    limit = _duration(node, timeout).constant
    kind = complete(from_hint(language.Approval) or ANY)
    assert isinstance(kind, RecordType)
    target = ctx.temporary("approval", kind)
    state = ctx.names.state("approval")
    ctx.hoisted.append(ir.Approve(given["message"][1], given["to"][1], limit, target, state))
    return read(target)


_PRIMITIVES: dict[Any, Any] = {
    language.sleep: _sleep,
    language.wait_until: _wait_until,
    language.approval: _approval,
    language.parallel: parallel_call,
    language.for_each: for_each_call,
}
