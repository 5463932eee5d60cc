"""Calls: of parts, flows and the primitives of the language, which make states, and of what does not."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from types import FunctionType, MethodType, ModuleType
from typing import Any

from lambdas.approval.question import MOST_REMINDERS, SHORTEST_REMINDER
from lambdas.calendar.cron import TriggerError
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.limits import at_least_one, limit
from lambdas.contract.part import TITLE, Part, seconds
from lambdas.parts import find_part, own_parts
from lambdas.parts.aws._part import ApiPart
from nightshift import language
from nightshift.aws_names import LONGEST_RUN
from nightshift.compiler import ir
from nightshift.compiler.api_calls import api_call
from nightshift.compiler.branches import for_each_call, parallel_call
from nightshift.compiler.builtin_calls import builtin_call, is_builtin, method_call
from nightshift.compiler.constants import check_constant, check_flow, check_part, step_title
from nightshift.compiler.context import GIVEN, MISSING, Context, read
from nightshift.compiler.dates import DATES, date_call, date_question
from nightshift.compiler.declared import given_as, record_made
from nightshift.compiler.everywhere import accounts_call, everywhere_call
from nightshift.compiler.expressions import carried, expression
from nightshift.compiler.helpers import find_function, helper_call
from nightshift.compiler.hints import from_hint
from nightshift.compiler.instead import INSTEAD_OF_MODULES
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
from nightshift.compiler.types import ANY, FLOAT, INT, STR, RecordType, complete, origins
from nightshift.compiler.waits import until_expression
from nightshift.flow import Flow
from nightshift.model import GROUP
from nightshift.triggers.calendar import Calendar
from nightshift.triggers.window import Window

_MOST_PEOPLE = 20
_OTHERWISE = "Call parts, flows, functions of this file, or the built-ins docs/language.md lists."


def call(ctx: Context, node: ast.Call) -> Expr:
    """Compile a call; those that make states are hoisted before the statement they stand in."""
    function = ctx.static(node.func)
    if GIVEN in vars(node.func) and isinstance(function, FunctionType):
        built: Expr = function(ctx, node)
        return built
    if isinstance(function, ApiPart | Part):
        certain(ctx, node, function.name)
        return api_call(ctx, node, function) if isinstance(function, ApiPart) else _part_call(ctx, node, function)
    if isinstance(function, Flow):
        return _flow_call(ctx, node, function)
    if isinstance(function, MethodType) and isinstance(function.__self__, Calendar | Window):
        return date_question(ctx, node, function)
    if _hashable(function) and function in DATES:
        return date_call(ctx, node, function)
    primitive = _PRIMITIVES.get(function) if _hashable(function) else None
    if primitive is not None:
        certain(ctx, node, function.__name__)
        made: Expr = primitive(ctx, node)
        return made
    found = find_function(ctx, node.func)
    if found is not None:
        return helper_call(ctx, node, found)
    kind = from_hint(function) if isinstance(function, type) else None
    if isinstance(kind, RecordType):
        return record_made(ctx, node, function, kind)
    if function is MISSING and isinstance(node.func, ast.Attribute):
        _check_module(ctx, node.func)
        return method_call(ctx, node, node.func)
    if function is not MISSING and is_builtin(function):
        return builtin_call(ctx, node, function)
    said = ast.unparse(node.func)
    if function is MISSING:
        raise _undefined(ctx, node, said)
    raise Reject(node, "NS206", f"{said}() cannot be called in a flow", _instead(function, said))


def _undefined(ctx: Context, node: ast.Call, said: str) -> Reject:
    inner = (n for statement in ctx.frame.body for n in ast.walk(statement))
    if any(isinstance(n, ast.FunctionDef) and n.name == said for n in inner):
        hint = "Define it once, before the if, loop or try, and test inside of it."
        return Reject(node, "NS401", f"{said!r} may not be defined here", hint)
    if isinstance(node.func, ast.Name) and ctx.is_local(said):
        # What was wrong with its value has been said where it is assigned.
        expression(ctx, node.func)
        hint = "A variable holds no function: define one with def f(x): ..., and call that."
        return Reject(node, "NS401", f"{said!r} is a value, not a function", hint)
    return Reject(node, "NS401", f"{said!r} is not defined", "Import the part, or define a function in this file.")


def _instead(function: Any, said: str) -> str:
    if isinstance(function, type) and issubclass(function, Exception):
        return f'An error is made where it is raised: raise {said}("...").'
    if function == dict.fromkeys:
        return "Write {x: value for x in xs}; list({x: x for x in xs}) keeps each once."
    of_time = getattr(function, "__module__", None) in ("datetime", "time")
    if of_time or isinstance(getattr(function, "__self__", None), type):
        return "Write today() or now() for when the run is due, age_in_days(moment), or sleep() to wait."
    home = (getattr(function, "__module__", None) or "").lstrip("_")
    modules = [name.partition(".")[0] for name in (said, home)]
    return next((INSTEAD_OF_MODULES[module] for module in modules if module in INSTEAD_OF_MODULES), _OTHERWISE)


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
    if part.name in own_parts() and part is not find_part(part.name):
        message = f"there are two parts {part.name}, nightshift's and one of your own, which goes before it"
        raise Reject(node, "NS603", message, "Import it from parts, or give yours another name.")
    signature = part_signature(part)
    if part.everywhere(keyword.arg or "" for keyword in node.keywords):
        return everywhere_call(ctx, node, part, signature)
    given = _named(ctx, node, signature, carried)
    called = step_title(*given.pop(TITLE)) if part.titled and TITLE in given else ""
    params = bind(node, signature, given)
    check_part(ctx, node, part, given)
    _check_limits(given)
    name = ctx.names.state(part.name)
    target = ctx.temporary(part.__name__, part_result(signature.result, name))
    read_fields = ctx.read_fields.setdefault(name, set())
    title = first_sentence(part.__doc__)
    known = {key: value.constant if value.is_constant else ... for key, value in params.items()}
    again = part.repeats(known)
    ctx.hoisted.append(
        ir.PartCall(part.name, part.waits, params, target, name, title, read_fields, repeatable=again, called=called)
    )
    return read(target)


def _check_limits(given: dict[str, tuple[ast.expr, Expr]]) -> None:
    """Reject a guard rail that a run would refuse."""
    for name, check in (("max_resources", limit), ("max_failures", limit), ("at_most", at_least_one)):
        where, value = given.get(name, (None, None))
        if where is not None and value is not None and value.is_constant and value.constant is not None:
            try:
                check(name, value.constant)
            except InvalidParameter as error:
                raise Reject(where, "NS303", str(error), 'Write a number (20), or a percent ("10%").') from None


def _flow_call(ctx: Context, node: ast.Call, flow: Flow[..., Any]) -> Expr:
    certain(ctx, node, flow.name)
    signature = flow_signature(flow)
    given = _named(ctx, node, signature, read_wholly, positional=True)
    params = bind(node, signature, given)
    check_flow(ctx, flow, given)
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
    written: list[tuple[str | None, ast.expr]] = list(zip(names, node.args, strict=False))
    for name, argument in [*written, *((keyword.arg, keyword.value) for keyword in node.keywords)]:
        if name is None:
            raise Reject(argument, "NS304", "** is not part of the flow language", "Write the parameters out.")
        given[name] = (argument, given_as(ctx, argument, signature.parameters.get(name), compile_value))
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
    known = value if value.is_constant else _computed(ctx, where)
    wait = _duration(where, known) if known is not None else value
    if wait.type != INT:
        hint = 'Write seconds as an int, or "90s", "10m", "2h".'
        if value.type == FLOAT:
            hint = f"Write whole seconds: sleep(int({ast.unparse(where)}))."
        if value.type == STR:
            hint = 'Write seconds as an int: sleep(60 if x else 120); only a constant may be a text such as "10m".'
        raise Reject(where, "NS306", f"sleep of {value.type}", hint)
    ctx.hoisted.append(ir.Wait(wait, ctx.names.state(f"sleep {ast.unparse(where)}"), ast.unparse(where)))
    return constant(None)


_COMPUTING: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: lambda base, power: base ** min(power, 64) if power >= 0 else 0,
}


def _computed(ctx: Context, node: ast.expr) -> Expr | None:
    """The whole number that constants come to (60 * 60 * HOURS); None where something else is in it."""
    if isinstance(node, ast.BinOp):
        left, right = _computed(ctx, node.left), _computed(ctx, node.right)
        compute = _COMPUTING.get(type(node.op))
        if left is None or right is None or compute is None:
            return None
        return constant(compute(left.constant, right.constant))
    value = expression(ctx, node) if isinstance(node, ast.Constant | ast.Name) else None
    return value if value is not None and value.is_constant and type(value.constant) is int else None


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
    except (TriggerError, ValueError) as error:
        meant = getattr(error, "hint", "")
        hint = f"D{meant[1:]}" if meant.startswith("did") else 'Write wait_until("06:00", timezone="Asia/Tokyo").'
        raise Reject(node, "NS306", str(error), hint) from None
    ctx.hoisted.append(
        ir.Wait(wait, ctx.names.state(f"wait until {constants['clock']}"), str(constants["clock"]), until=True)
    )
    return constant(None)


def _approval(ctx: Context, node: ast.Call) -> Expr:
    asked = ("message", "to", "approvers", "at_least", "allow_starter", "timeout")
    given = _arguments(ctx, node, *asked, "remind", "escalate_to", "escalate_after", required=1)
    for name in ("message", "to", "escalate_to"):
        if name in given and given[name][1].type != STR:
            raise Reject(given[name][0], "NS306", f"{name} of approval is {given[name][1].type}", "Give a str.")
    for name in ("to", "escalate_to"):
        if name in given:
            check_constant(ctx, "approval", name, *given[name])
    if not {"to", "approvers"} & set(given):
        hint = 'Give to="ops@example.com", approvers=["leads"], or both.'
        raise Reject(node, "NS306", "approval asks nobody", hint)
    limit = _constant_duration("timeout", *given.get("timeout", (node, constant("1d"))))
    remind, escalate_after = _reminders(node, given, limit)
    kind = complete(from_hint(language.Approval) or ANY)
    assert isinstance(kind, RecordType)
    target = ctx.temporary("approval", kind)
    state = ctx.names.state("approval")
    ctx.hoisted.append(
        ir.Approve(
            given["message"][1],
            given["to"][1] if "to" in given else None,
            limit,
            target,
            state,
            _approvers(*given["approvers"]) if "approvers" in given else (),
            _at_least(*given["at_least"]) if "at_least" in given else 1,
            _allowed(*given["allow_starter"]) if "allow_starter" in given else False,
            remind,
            given["escalate_to"][1] if "escalate_to" in given else None,
            escalate_after,
        )
    )
    return read(target)


def _constant_duration(name: str, where: ast.expr, value: Expr) -> int:
    if not value.is_constant:
        raise Reject(where, "NS306", f"{name} of approval must be a constant", 'Write seconds, or "2h".')
    return int(_duration(where, value).constant)


def _reminders(node: ast.Call, given: dict[str, tuple[ast.expr, Expr]], timeout: int) -> tuple[int | None, int | None]:
    """Seconds between reminders and until the question is escalated, each None without."""
    if "remind" in given and "to" not in given:
        raise Reject(given["remind"][0], "NS306", "remind of approval reminds nobody", 'Give to="ops@example.com".')
    if ("escalate_to" in given) != ("escalate_after" in given):
        hint = 'Give escalate_to="boss@example.com", escalate_after="2h".'
        raise Reject(node, "NS306", "escalate_to and escalate_after of approval belong together", hint)
    remind, after = (
        _constant_duration(name, *given[name]) if name in given else None for name in ("remind", "escalate_after")
    )
    for name, wait in (("remind", remind), ("escalate_after", after)):
        if wait is not None and not SHORTEST_REMINDER <= wait < timeout:
            message = f"{name} of approval is no time from {SHORTEST_REMINDER // 60} minutes to its timeout"
            raise Reject(given[name][0], "NS306", message, 'Write "30m" with timeout="2h".')
    if remind is not None and timeout > MOST_REMINDERS * remind:
        message = f"remind of approval would remind more than {MOST_REMINDERS} times before the timeout"
        raise Reject(given["remind"][0], "NS306", message, "Remind less often.")
    return remind, after


def _approvers(where: ast.expr, value: Expr) -> tuple[str, ...]:
    groups = value.constant if value.is_constant else None
    if not isinstance(groups, list | tuple) or not groups:
        message = "approvers of approval must be a list of groups that is written here"
        raise Reject(where, "NS306", message, 'Write approvers=["leads"].')
    for group in groups:
        if not isinstance(group, str) or not GROUP.fullmatch(group):
            message = f"{group!r} is no name of a group"
            raise Reject(where, "NS306", message, 'Write approvers=["leads"], of letters, digits and _ . + = @ -')
    return tuple(dict.fromkeys(groups))


def _at_least(where: ast.expr, value: Expr) -> int:
    number = value.constant if value.is_constant else None
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= _MOST_PEOPLE:
        message = f"at_least of approval must be a number from 1 to {_MOST_PEOPLE} that is written here"
        raise Reject(where, "NS306", message, "Write at_least=2.")
    return number


def _allowed(where: ast.expr, value: Expr) -> bool:
    allowed = value.constant if value.is_constant else None
    if not isinstance(allowed, bool):
        raise Reject(where, "NS306", "allow_starter of approval must be True or False", "Write allow_starter=True.")
    return allowed


_PRIMITIVES: dict[Any, Any] = {
    language.accounts: accounts_call,
    language.sleep: _sleep,
    language.wait_until: _wait_until,
    language.approval: _approval,
    language.parallel: parallel_call,
    language.for_each: for_each_call,
}
