"""One flow: its parameters, its body, its state machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lambdas.runs.step_table import StepRow, StepTable
from nightshift.compiler import gate, ir
from nightshift.compiler.annotations import annotated_type
from nightshift.compiler.context import MISSING, Context, Frame
from nightshift.compiler.events import least_events
from nightshift.compiler.helpers import Function
from nightshift.compiler.jsonata import COMPARE, Expr, constant, text
from nightshift.compiler.lowering import ScopeLowering
from nightshift.compiler.module import Reject, SourceFile
from nightshift.compiler.outline import outline
from nightshift.compiler.scope import Flowing, Names, Scope, assigned_names
from nightshift.compiler.signatures import fits
from nightshift.compiler.statements import block
from nightshift.compiler.tasks import NULL, RunContext
from nightshift.compiler.types import BOOL, ERROR, STR, of_constant
from nightshift.compiler.verify import verify
from nightshift.compiler.waits import LONGEST_RUN
from nightshift.flow import Flow
from nightshift.model import CompiledFlow, FlowOptions, Parameter, placeholders
from nightshift.triggers import Alarm

LONGEST_NAME = 80 - len("nightshift-")
"""Characters of a flow's name: those of a state machine ("CreateStateMachine", Step Functions API Reference), less the
usual prefix. A deployment with a longer prefix checks again."""

LONGEST_SCHEDULE = 64
"""Characters of a schedule's name ("CreateSchedule", EventBridge Scheduler API Reference)."""

JSONATA_WORDS = ("null", "true", "false")
"""Names that Python has and JSONata takes for values."""

RESERVED_INPUT = "nightshift"
"""The key of the execution input that is nightshift's own: who started the run, and whether it is a dry run."""


def compile_definition(source: SourceFile, flow: Flow[..., Any], node: ast.FunctionDef) -> CompiledFlow | None:
    """Compile one flow of a file; None when something was reported."""
    before = len(source.errors)
    names = Names()
    gate.reserve(names)
    function = Function(node, None)
    ctx = Context(
        source,
        names,
        Scope(names, assigned_names(function.body)),
        Flowing(),
        Frame(body=function.body, parameters=function.parameters),
        block,
    )
    ctx.dates.zone = flow.options.schedule.zone if flow.options.schedule else None
    given: dict[str, Expr] = {}
    _check_limits(source, flow, node)
    found = _parameters(ctx, node, function, given)
    options = _options(flow.options, found)
    _check_starters(source, flow.name, options, node, found)
    body = ctx.block(ctx, function.body)
    body = [*ctx.dates.assigned, *body]
    if len(source.errors) > before:
        return None
    context = RunContext(
        flow.name,
        Expr("$states.context.Execution.Id", STR),
        Expr("$states.context.Execution.StartTime", STR),
        Expr(f"$states.context.Execution.Input.{RESERVED_INPUT}.dry_run = true", BOOL, COMPARE),
        constant(0),
        NULL,
        flow.options.retry,
    )
    definition: dict[str, Any] = {"Comment": _summary(flow), "QueryLanguage": "JSONata"}
    if flow.options.timeout is not None:
        definition["TimeoutSeconds"] = flow.options.timeout
    table: dict[str, StepRow] = {}
    scope = ScopeLowering(names, context, table, gated=flow.options.gated)
    definition |= scope.states(body, given)
    calls = list(_statements(body))
    titles = {c.part: c.title for c in calls if isinstance(c, ir.PartCall)}
    flows = tuple(sorted({c.flow for c in calls if isinstance(c, ir.FlowCall)}))
    if flow.options.gated:
        definition = gate.with_gate(definition, flow.options, context, scope.entering)
        table = {**gate.rows(), **table}
    _comment(definition, table, source.path.name, node.lineno)
    for code, message, hint, line in verify(definition, table):
        source.report(Reject(source.at(line) if line else node, code, f"{flow.name}: {message}", hint))
    compiled = CompiledFlow(
        name=flow.name,
        file=source.path,
        line=node.lineno,
        doc=ast.get_docstring(node) or "",
        definition=definition,
        parts=tuple(sorted(titles)),
        flows=flows,
        steps={name: table[name] for name in _state_names(definition)},
        placeholders=placeholders(definition, table),
        outline=outline(node, source.functions.values(), titles, flows),
        events=least_events(body),
        distributed=any(isinstance(c, ir.Map) and c.distributed for c in calls),
        parameters=tuple(found),
        options=options,
        source=ast.get_source_segment(source.text, node) or "",
    )
    return compiled if len(source.errors) == before else None


def _comment(scope: dict[str, Any], table: StepTable, file: str, line: int) -> None:
    """Give each state a Comment: the line it comes from, else `line`, and what it does."""
    for name, state in scope["States"].items():
        row = table[name]
        # "${" is a placeholder to CloudFormation.
        comment = f"{file}:{row.line or line}: {row.title}".replace("${", "$(")
        scope["States"][name] = {"Comment": comment, **state}
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            _comment(inner, table, file, line)


def _state_names(scope: dict[str, Any]) -> Iterator[str]:
    """Every state, each followed by those inside of it."""
    for name, state in scope["States"].items():
        yield name
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield from _state_names(inner)


def _options(options: FlowOptions, found: list[Parameter]) -> FlowOptions:
    """The options for a flow with these parameters: an alarm per instance gives `instance_id` unasked."""
    if not isinstance(options.on_alarm, Alarm):
        return options
    return replace(options, on_alarm=options.on_alarm.given_to([p.name for p in found]))


def _check_limits(source: SourceFile, flow: Flow[..., Any], node: ast.FunctionDef) -> None:
    """Report a name that AWS does not take, and a time limit that is longer than a run may be."""
    if not re.fullmatch(r"[A-Za-z0-9_]+", flow.name):
        hint = "Use letters from a to z, digits and _."
        source.report(Reject(node, "NS504", f"the name {flow.name!r} is not one of a state machine", hint))
    elif len(flow.name) > (longest := _longest_name(flow.options)):
        hint = f"At most {longest} characters fit the names AWS allows."
        source.report(Reject(node, "NS504", f"the name {flow.name!r} has {len(flow.name)} characters", hint))
    if (flow.options.timeout or 0) > LONGEST_RUN:
        hint = "A run ends after a year (Step Functions, quotas of executions)."
        source.report(Reject(node, "NS504", f"timeout of {flow.name} is {flow.options.timeout:,} seconds", hint))


def _longest_name(options: FlowOptions) -> int:
    """Characters a flow's name may have; that of a schedule, of which each has a number, is shorter."""
    expressions = len(options.schedule.expressions) if options.schedule else 0
    if not expressions:
        return LONGEST_NAME
    return min(LONGEST_NAME, LONGEST_SCHEDULE - (len(f"-{expressions}") if expressions > 1 else 0))


def _check_starters(
    source: SourceFile, flow: str, options: FlowOptions, node: ast.FunctionDef, found: list[Parameter]
) -> None:
    """Report a parameter without default that what starts the flow does not give, and one given that it has not."""
    by_alarm = {name for name, _ in options.on_alarm.parameters} if options.on_alarm else None
    required = {p.name for p in found if p.required}
    for name in sorted(required if options.schedule else ()):
        hint = "Give it a default: a schedule gives no parameters."
        source.report(Reject(node, "NS308", f"{flow} has a schedule, and {name!r} has no default", hint))
    for name in sorted(required - by_alarm if by_alarm is not None else ()):
        hint = f'Give it a default, or write parameters={{"{name}": "InstanceId"}} in on_alarm.'
        source.report(Reject(node, "NS308", f"the alarm that starts {flow} does not give {name!r}", hint))
    for name in sorted((by_alarm or set()) - {p.name for p in found}):
        hint = f"It takes {', '.join(p.name for p in found) or 'no parameters'}."
        source.report(Reject(node, "NS301", f"on_alarm gives {name!r}, which {flow} does not take", hint))


def _summary(flow: Flow[..., Any]) -> str:
    said = (flow.__doc__ or "").strip() or flow.name
    # "${" is a placeholder to CloudFormation.
    return said.splitlines()[0].replace("${", "$(").encode(errors="replace").decode()


def _parameters(ctx: Context, node: ast.FunctionDef, function: Function, given: dict[str, Expr]) -> list[Parameter]:
    """The flow's parameters as variables, read from the execution's input with defaults merged in."""
    spec = node.args
    found = []
    if spec.vararg or spec.kwarg:
        hint = "Write the parameters out."
        ctx.source.report(Reject(node, "NS308", "a flow takes named parameters only", hint))
    positional = [*spec.posonlyargs, *spec.args]
    defaults: dict[str, ast.expr] = {}
    if spec.defaults:
        defaults = {a.arg: d for a, d in zip(positional[-len(spec.defaults) :], spec.defaults, strict=True)}
    defaults |= {a.arg: d for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
    for argument in (*positional, *spec.kwonlyargs):
        try:
            found.append(_parameter(ctx, argument, defaults.get(argument.arg), given))
        except Reject as error:
            ctx.source.report(error)
            ctx.scope.locals_ |= {argument.arg}
            ctx.point = ctx.here.assign(ctx.scope.declare(argument.arg, ERROR))
    return found


def _parameter(ctx: Context, node: ast.arg, default: ast.expr | None, given: dict[str, Expr]) -> Parameter:
    value = _default(ctx, node, default) if default is not None else MISSING
    declared = annotated_type(ctx, node.annotation) if node.annotation is not None else None
    kind = declared or (of_constant(value) if value is not MISSING else None)
    if kind is None:
        hint = f"Write `{node.arg}: str`, or give a default."
        raise Reject(node, "NS308", f"parameter {node.arg!r} has neither annotation nor default", hint)
    if value is not MISSING and declared is not None and not fits(constant(value), declared):
        hint = "Correct the annotation or the default."
        raise Reject(node, "NS308", f"the default of {node.arg!r} is not a {declared}", hint)
    if node.arg in (RESERVED_INPUT, *JSONATA_WORDS):
        raise Reject(node, "NS308", f"{node.arg!r} is reserved", "Give the parameter another name.")
    ctx.scope.locals_ |= {node.arg}
    variable = ctx.scope.declare(node.arg, kind)
    ctx.point = ctx.here.assign(variable)
    sent = f"$states.context.Execution.Input.{node.arg}"
    if value is MISSING:
        otherwise = f"$error({text(f'parameter {node.arg} is missing: start the flow with it')})"
    else:
        otherwise = constant(value).code
    given[variable.name] = Expr(f"$exists({sent}) ? {sent} : {otherwise}", kind)
    return Parameter(node.arg, str(kind), None if value is MISSING else value, required=value is MISSING)


def _default(ctx: Context, node: ast.arg, default: ast.expr) -> Any:
    try:
        value = ast.literal_eval(default)
    except ValueError:
        value = ctx.static(default)
    if value is MISSING or of_constant(value) is None:
        hint = "Defaults are str, numbers, True, False, None, and lists and dicts of those."
        raise Reject(default, "NS308", f"the default of {node.arg!r} is not a constant", hint)
    return value


def _statements(body: Any) -> Any:
    """Every statement, also those inside others."""
    for statement in body:
        yield statement
        for field in ("before", "then", "orelse", "body", "final"):
            yield from _statements(getattr(statement, field, None) or [])
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)
        for branch in [
            *getattr(statement, "branches", []),
            *([statement.branch] if hasattr(statement, "branch") else []),
        ]:
            yield from _statements(branch.body)
