"""One flow: its parameters, its body, its state machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from lambdas.runs.step_table import StepRow, StepTable
from nightshift.aws_api.permissions import Grant
from nightshift.aws_names import LONGEST_RUN
from nightshift.compiler import gate, ir
from nightshift.compiler.annotations import annotated_type
from nightshift.compiler.constants import wrong_topics
from nightshift.compiler.context import MISSING, Context, Frame
from nightshift.compiler.declared import given_at_start
from nightshift.compiler.events import least_events
from nightshift.compiler.helpers import Function
from nightshift.compiler.jsonata import COMPARE, Expr, constant, text
from nightshift.compiler.lowering import ScopeLowering
from nightshift.compiler.module import GIVEN_BY_STAGE, Reject, SourceFile
from nightshift.compiler.outline import outline
from nightshift.compiler.presets import given_by_presets, one_by_one, wrong_presets
from nightshift.compiler.scope import Flowing, Names, Scope, default_nodes, parameter_names
from nightshift.compiler.signatures import did_you_mean, fits, flow_signature
from nightshift.compiler.statements import block
from nightshift.compiler.tasks import NULL, RunContext
from nightshift.compiler.tree import flow_tree
from nightshift.compiler.types import BOOL, ERROR, FITS_JSON, NONE, STR, an, assignable, of_constant
from nightshift.compiler.verify import verify
from nightshift.flow import Flow
from nightshift.model import CompiledFlow, FlowOptions, Parameter, api_function, inner_scopes, placeholders
from nightshift.operating import flow_texts
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
    frame = Frame(flow_signature(flow).result, body=function.body, parameters=function.parameters)
    ctx = Context(source, names, Scope(names, frame.assigned), Flowing(), frame, block)
    ctx.dates.zone = flow.options.schedule.zone if flow.options.schedule else None
    given: dict[str, Expr] = {}
    _check_limits(source, flow, node)
    _check_deadlines(source, flow, node)
    found = _parameters(ctx, node, function, given)
    options = _options(flow.options, found)
    _check_starters(source, flow.name, options, node, found)
    _check_alarm_types(ctx, flow.name, options, node)
    _check_documented(source, flow.name, node, found)
    types = {p.name: variable.type for p in found if (variable := ctx.scope.variables.get(p.name)) is not None}
    for wrong in (*wrong_topics(flow.name, options, node), *wrong_presets(flow.name, options, node, found, types)):
        source.report(wrong)
    for name, place, value in given_by_presets(options, node):
        ctx.frame.constants.setdefault(name, []).append((place, value))
    body = ctx.block(ctx, function.body)
    body = [*ctx.dates.assigned, *body]
    if len(source.errors) == before:
        _check_end(ctx, node)
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
    titles = {c.part: c.api.words if c.api else c.title for c in calls if isinstance(c, ir.PartCall)}
    flows = tuple(sorted({c.flow for c in calls if isinstance(c, ir.FlowCall)}))
    if flow.options.gated:
        definition = gate.with_gate(definition, flow.options, context, scope.entering)
        table = {**gate.rows(), **table}
    _comment(definition, table, source.path.name, node.lineno)
    for code, message, hint, line in verify(definition, table):
        source.report(Reject(source.at(line) if line else node, code, f"{flow.name}: {message}", hint))
    steps = {name: table[name] for name in _state_names(definition)}
    compiled = CompiledFlow(
        name=flow.name,
        file=source.path,
        line=node.lineno,
        doc=ast.get_docstring(node) or "",
        definition=definition,
        parts=tuple(sorted(titles)),
        flows=flows,
        steps=steps,
        tree=flow_tree(body, steps),
        placeholders=placeholders(definition, table),
        outline=outline(node, source.functions.values(), titles, flows),
        events=least_events(body),
        grants=_grants(flow.name, calls),
        approvers=tuple(sorted({group for c in calls if isinstance(c, ir.Approve) for group in c.approvers})),
        distributed=any(isinstance(c, ir.Map) and c.distributed for c in calls),
        parameters=tuple(found),
        options=options,
        source="\n".join(source.lines[node.lineno - 1 : node.end_lineno]),
    )
    return compiled if len(source.errors) == before else None


def _grants(flow: str, calls: Iterable[Any]) -> dict[str, tuple[Grant, ...]]:
    """Function of the flow's calls of a service -> what they need."""
    found: dict[str, tuple[Grant, ...]] = {}
    for call in calls:
        if isinstance(call, ir.PartCall) and call.api:
            name = api_function(flow, call.api.service)
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *call.api.grants)))
    return dict(sorted(found.items()))


def _check_end(ctx: Context, node: ast.FunctionDef) -> None:
    """Report a flow that promises a value, and has a way to its end without `return`."""
    declared = ctx.frame.declared
    if ctx.point is not None and node.returns is not None and declared is not None and not assignable(NONE, declared):
        hint = f"Return {an(declared)} on every way, or write `-> {declared} | None`."
        ctx.source.report(Reject(node.returns, "NS205", f"the end of {node.name} gives None, not {declared}", hint))


def _comment(scope: dict[str, Any], table: StepTable, file: str, line: int) -> None:
    """Give each state a Comment: the line it comes from, else `line`, and what it does."""
    for name, state in scope["States"].items():
        row = table[name]
        # "${" is a placeholder to CloudFormation.
        comment = f"{file}:{row.line or line}: {row.title}".replace("${", "$(")
        scope["States"][name] = {"Comment": comment, **state}
        for inner in inner_scopes(state):
            _comment(inner, table, file, line)


def _state_names(scope: dict[str, Any]) -> Iterator[str]:
    """Every state, each followed by those inside of it."""
    for name, state in scope["States"].items():
        yield name
        for inner in inner_scopes(state):
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


def _check_deadlines(source: SourceFile, flow: Flow[..., Any], node: ast.FunctionDef) -> None:
    """Report deadlines by the clock of a flow that is never due by the clock."""
    deadlines, schedule = flow.options.deadlines, flow.options.schedule
    for name in ("start_by", "finish_by"):
        if getattr(deadlines, name) and (schedule is None or schedule.zone is None):
            why = "no schedule" if schedule is None else "a rate as its schedule, which knows no time of day"
            hint = 'Give it schedule=daily(...) or cron(...), or write expected="45m", which needs none.'
            source.report(Reject(node, "NS504", f"{flow.name} has {name}= and {why}", hint))


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


def _check_alarm_types(ctx: Context, flow: str, options: FlowOptions, node: ast.FunctionDef) -> None:
    """Report a parameter that takes no text, which is all that an alarm gives."""
    spec = node.args
    arguments = {argument.arg: argument for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    for name, field in options.on_alarm.parameters if options.on_alarm else ():
        variable = ctx.scope.variables.get(name)
        if variable is not None and name in arguments and not assignable(STR, variable.type):
            hint = f"Write `{name}: str`, and make of it what the flow needs: [{name}], int({name})."
            message = f"the alarm gives {field} as text, and {name!r} of {flow} is {variable.type}"
            ctx.source.report(Reject(arguments[name], "NS308", message, hint))


def _check_documented(source: SourceFile, flow: str, node: ast.FunctionDef, found: list[Parameter]) -> None:
    """Report what the docstring says of a parameter that there is not: nobody would ever read it."""
    texts, known = flow_texts(ast.get_docstring(node) or ""), [p.name for p in found]
    for name in sorted({*texts.en.parameters, *texts.ja.parameters} - set(known)):
        hint = did_you_mean(name, known, "It takes {}.") if known else "It takes no parameters."
        source.report(Reject(node, "NS301", f"the docstring tells of {name!r}, which {flow} does not take", hint))


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
    known, defaults = parameter_names(node), default_nodes(node)
    staged = ctx.source.defaults.get(node.name, {})
    by_stage = {name: _given_by_stage(node, name) for name in staged}
    for name in staged:
        if name not in known:
            hint = f"It takes {', '.join(known) or 'no parameters'}."
            message = f"the stage gives {name!r}, which {node.name} does not take"
            ctx.source.report(Reject(by_stage[name], "NS301", message, hint))
    for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        try:
            value, place = staged.get(argument.arg, MISSING), by_stage.get(argument.arg)
            found.append(_parameter(ctx, argument, defaults.get(argument.arg), given, value, place))
        except Reject as error:
            ctx.source.report(error)
            ctx.scope.locals_ |= {argument.arg}
            ctx.point = ctx.here.assign(ctx.scope.declare(argument.arg, ERROR))
    return found


def _given_by_stage(node: ast.FunctionDef, name: str) -> ast.expr:
    """What stands for the default that a stage gives, at the parameter, or at the flow when it has none."""
    spec = node.args
    arguments = {argument.arg: argument for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    place = ast.copy_location(ast.Name(name, ast.Load()), arguments.get(name, node))
    setattr(place, GIVEN_BY_STAGE, (node.name, name))
    return place


def _parameter(
    ctx: Context,
    node: ast.arg,
    default: ast.expr | None,
    given: dict[str, Expr],
    staged: Any,
    place: ast.expr | None,
) -> Parameter:
    """A parameter; staged: what the stage gives for its default, or MISSING, and place what stands for that."""
    value = _default(ctx, node, default) if default is not None else MISSING
    declared = annotated_type(ctx, node.annotation) if node.annotation is not None else None
    if staged is not MISSING:
        wanted = declared or of_constant(value)
        if wanted is None or of_constant(staged) is None or not fits(constant(staged), wanted):
            message = f"the stage gives {staged!r} for {node.arg!r}"
            raise Reject(place or node, "NS308", message, f"Give {an(wanted or 'constant')}.")
        value, default, declared = staged, place, wanted
    kind = declared or (of_constant(value) if value is not MISSING else None)
    if kind is None:
        hint = f"Write `{node.arg}: str`, or give a default."
        raise Reject(node, "NS308", f"parameter {node.arg!r} has neither annotation nor default", hint)
    if value is not MISSING and declared is not None and not fits(constant(value), declared):
        hint = "Correct the annotation or the default."
        raise Reject(node, "NS308", f"the default of {node.arg!r} is not {an(declared)}", hint)
    if default is not None:
        ctx.frame.constants[node.arg] = [(default, one) for one in one_by_one(value)]
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
    given[variable.name] = Expr(
        f"$exists({sent}) ? {given_at_start(sent, kind, node.arg)} : {otherwise}",
        kind,
        unchecked=Expr(sent if value is MISSING else f"$exists({sent}) ? {sent} : {otherwise}", kind),
    )
    return Parameter(node.arg, str(kind), None if value is MISSING else value, required=value is MISSING)


def _default(ctx: Context, node: ast.arg, default: ast.expr) -> Any:
    try:
        value = ast.literal_eval(default)
    except ValueError:
        value = ctx.static(default)
    if value is MISSING or of_constant(value) is None:
        hint = f"Defaults are str, numbers, True, False, None, and lists and dicts of those. {FITS_JSON}"
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
