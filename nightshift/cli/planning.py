"""`nightshift plan`: what a run would touch now, told by a dry run of every step, with the steps not taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.contract.causes import Diagnosis
from lambdas.contract.hints import advice
from lambdas.runs.app_names import AppNames
from lambdas.runs.history import History
from lambdas.runs.names import Names
from lambdas.runs.step_table import StepTable
from lambdas.tracker.record import Counts
from lambdas.tracker.steps import step_data
from nightshift.cli.output import print_bold, print_json, print_table
from nightshift.cli.runs.noting import note_start
from nightshift.cli.target import app_names, client, operator
from nightshift.model import CompiledFlow
from nightshift.parameters import parse_parameters
from nightshift.runs import follow, new_events, start, state_machine_arn
from nightshift.views.graph import Edge, graph

_HEADINGS = ("step", "would", "matched", "change", "skip", "fail", "says")
_SHOWN = 20
_STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""What links a run in the console to the run that called it ("Start Step Functions workflow executions")."""


@dataclass(frozen=True)
class PlannedStep:
    """A step of a flow, and what the dry run says of it.

    would: "run", "fail", "fail, handled", "not run", "ask" (an approval, which a dry run passes over), or "run, told
    with ..." when the history tells only the group it is in. calls: how often it was called, by loops and items.
    says: summaries or errors; of a step that is not run, on what it depends, as far as the flow tells it in one
    condition. results: what the part returned, for each call.
    """

    name: str
    part: str
    would: str
    calls: int
    counts: Counts | None
    says: str
    results: list[dict[str, Any]]


@dataclass(frozen=True)
class Plan:
    """What a run of a flow would do.

    status: of the dry run. called: the plans of the runs of the flows it calls.
    failures: the resources that would make it fail. given: the arguments it was called with.
    """

    flow: str
    target: str
    execution: str
    status: str
    error: str
    cause: str
    steps: list[PlannedStep]
    called: list[Plan] = field(default_factory=list)
    failures: tuple[Diagnosis, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)

    def counts(self) -> Counts:
        """The resources of all steps, those of called flows included; a mail or a message is none."""
        own = sum((step.counts for step in self.steps if step.counts and not _is_message(step)), Counts())
        return sum((plan.counts() for plan in self.called), own)


def _is_message(step: PlannedStep) -> bool:
    return step.part.startswith("notify.")


def plan_flow(
    flow: CompiledFlow, find: Callable[[str], CompiledFlow], given: Sequence[str], target: str, *, as_json: bool
) -> bool:
    """Print what a run of a flow would touch now on the target; whether such a run would succeed.

    find: gives a flow that it calls, by name. given: "name=value" for each parameter. Raises InvalidParameter,
    NotDeployed, LocalAwsIsDown.
    """
    parameters = parse_parameters(flow, given)
    stepfunctions = client(target, "stepfunctions")
    names = app_names(target)
    machine = state_machine_arn(stepfunctions, flow.name, names)
    by = operator(target)
    execution = start(stepfunctions, machine, flow.name, parameters, by=by, dry_run=True)
    note_start(target, flow.name, execution, by=by, dry_run=True)
    plan = _planned(stepfunctions, flow, find, execution, target, names)
    if as_json:
        print_json(plan_as_json(plan))
    else:
        print_plan(plan, Names(client(target, "ec2")).beside)
    return plan.status == "SUCCEEDED"


def _planned(
    stepfunctions: Any,
    flow: CompiledFlow,
    find: Callable[[str], CompiledFlow],
    execution: str,
    target: str,
    names: AppNames,
) -> Plan:
    history = History(flow.name, flow.steps)
    for _ in follow(stepfunctions, execution, history):
        pass
    called = [
        _planned(stepfunctions, find(name), find, arn, target, names)
        for name, arn in _called(new_events(stepfunctions, execution, 0), flow, names)
    ]
    steps = [with_called(step, called, flow) for step in planned_steps(flow, history)]
    how = (history.status, history.error, history.cause)
    given = {} if history.started is None else _given(stepfunctions, execution)
    return Plan(flow.name, target, execution, *how, steps, called, history.failures, given)


def _given(stepfunctions: Any, execution: str) -> dict[str, Any]:
    """The parameters an execution was started with."""
    given = json.loads(stepfunctions.describe_execution(executionArn=execution).get("input") or "{}")
    return {name: value for name, value in given.items() if name not in ("nightshift", _STARTED_BY)}


def with_called(step: PlannedStep, called: list[Plan], flow: CompiledFlow) -> PlannedStep:
    """A step that calls a flow inside of a loop, whose runs are there though the history does not tell the step."""
    row = flow.steps.get(step.name)
    if row is None or row.kind != "flow" or step.would == "run":
        return step
    places = [name for name, other in flow.steps.items() if other.kind == "flow" and other.calls == row.calls]
    runs = [plan for plan in called if plan.flow == row.calls]
    # Of several places that call a flow, one that is told takes one run; the runs left are those of this step.
    count = len(runs) - (len(places) - 1)
    return replace(step, would="run", calls=count, says="") if count > 0 else step


def _called(events: list[dict[str, Any]], flow: CompiledFlow, names: AppNames) -> Iterator[tuple[str, str]]:
    """Name and execution ARN of each run of another flow that a run started."""
    seen: set[str] = set()
    for event in events:
        details: dict[str, Any] = event.get("taskSubmittedEventDetails") or event.get("taskSucceededEventDetails") or {}
        try:
            output = json.loads(details.get("output", ""))
        except ValueError:
            continue
        arn = output.get("ExecutionArn") if isinstance(output, dict) else None
        if isinstance(arn, str) and arn not in seen:
            seen.add(arn)
            name = names.flow_of(arn)
            if name in flow.flows:
                yield name, arn


def planned_steps(flow: CompiledFlow, history: History) -> list[PlannedStep]:
    """Every step of a flow, in its order, with what the history of a dry run says of it."""
    machine = graph(flow)
    edges = list(machine.all_edges())
    taken = {step.name for step in history.steps}
    planned = []
    for node, group in machine.all_nodes():
        # The gate lets every run pass that was not started by a trigger, and every dry run.
        if node.kind not in ("task", "wait", "group") or flow.steps[node.id].kind == "gate":
            continue
        if node.id in taken:
            planned.append(_taken(node.id, node.part, history))
        elif flow.steps[node.id].kind == "approval":
            says = "asks for approval when a run gets there; a dry run takes it as given"
            planned.append(PlannedStep(node.id, "", "ask", 0, None, says, []))
        elif group in taken and _told_by_group(history, group):
            planned.append(PlannedStep(node.id, node.part, f"run, told with {group}", 0, None, "", []))
        else:
            planned.append(PlannedStep(node.id, node.part, "not run", 0, None, _reason(node.id, edges, flow.steps), []))
    return planned


def _taken(name: str, part: str, history: History) -> PlannedStep:
    steps = [step for step in history.steps if step.name == name]
    results = [r for step in steps for r in ([step.result] if step.result is not None else step.inside)]
    each = [Counts(**data["counts"]) for step in steps if (data := step_data(step))["counts"]]
    failed = [step for step in steps if step.state in ("failed", "handled")]
    would = "run"
    if failed:
        would = "fail" if any(step.state == "failed" for step in failed) else "fail, handled"
    said = [str(result["summary"]) for result in results if result.get("summary")]
    said = [f"{step.error or 'the run'}: {step.cause.partition(chr(10))[0]}".rstrip(": ") for step in failed] + said
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return PlannedStep(
        name, part, would, len(steps), sum(each, Counts()) if each else None, "; ".join(said[:3]) + more, results
    )


def _told_by_group(history: History, group: str) -> bool:
    return any(step.inside for step in history.steps if step.name == group)


def _reason(name: str, edges: list[Edge], table: StepTable) -> str:
    """On what a step depends that is not run: the nearest condition or failure on the way to it, if there is one."""
    at, seen = name, {name}
    while True:
        ways = [edge for edge in edges if edge.target == at]
        # The start of a machine is no state.
        kinds = {edge.source: table[edge.source].kind if edge.source in table else None for edge in ways}
        if ways and all(edge.caught or kinds[edge.source] == "again" for edge in ways):
            failing = sorted({edge.source for edge in ways if edge.caught})
            told = len(failing) <= 3 and all(edge.caught for edge in ways)
            return f"only if {' or '.join(failing) if told else 'a step before it'} fails"
        if len(ways) != 1:
            return ""
        (way,) = ways
        if kinds[way.source] == "if":
            condition = way.source.removeprefix("if ")
            # The first arrow is that of the condition in the name; elif and else share what is not so.
            first = next(edge for edge in edges if edge.source == way.source)
            return f"only if {condition}" if way == first else f"only if not ({condition})"
        if way.source in seen or kinds[way.source] in (None, "loop", "again", "choice"):
            return ""
        seen.add(way.source)
        at = way.source


def print_plan(plan: Plan, beside: Callable[[str], str] = str) -> None:
    """Print a plan as a table, what would change by id, and the totals. beside: puts names beside the ids of a text."""
    place = "the local AWS" if plan.target == "local" else "AWS"
    print_bold(f"What a run of {plan.flow} would do now on {place}; nothing was changed")
    _print_steps(plan, beside)
    counts = plan.counts()
    print()
    if plan.status == "SUCCEEDED":
        total = f"{counts.changed} resources would change, {counts.skipped} be skipped, {counts.failed} fail"
        print_bold(total + _only_read(counts))
        return
    print_bold(f"The run would end {plan.status}")
    print(beside(f"{plan.error or plan.status}: {plan.cause or 'no cause was given'}"))
    if todo := advice(plan.error, plan.status, plan.failures):
        print(f"What to do: {todo}")


def _only_read(counts: Counts) -> str:
    """The rest of what was matched, so that the numbers add up: what steps only look at."""
    rest = counts.matched - counts.changed - counts.skipped - counts.failed
    return f"; {rest} {'is' if rest == 1 else 'are'} only read" if rest > 0 else ""


def _print_steps(plan: Plan, beside: Callable[[str], str]) -> None:
    print()
    print_table(_HEADINGS, [_row(step) for step in plan.steps])
    for step in plan.steps:
        for result in [] if _is_message(step) else step.results:
            _print_ids(step.name, result, beside)
    for called in plan.called:
        print()
        given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in called.given.items())
        print_bold(beside(f"{called.flow}{f'({given})' if given else ''}, called by {plan.flow}"))
        _print_steps(called, beside)


def _row(step: PlannedStep) -> tuple[str, ...]:
    name = f"{step.name} ({step.calls} times)" if step.calls > 1 else step.name
    # A mail is no resource.
    counts = vars(step.counts) if step.counts and not _is_message(step) else {}
    shown = [str(counts.get(key, "-")) for key in ("matched", "changed", "skipped", "failed")]
    rest = _only_read(step.counts) if step.counts and counts else ""
    return (name, step.would, *shown, f"{step.says}{rest}".removeprefix("; "))


def _print_ids(name: str, result: dict[str, Any], beside: Callable[[str], str]) -> None:
    changed, skipped, failed = (result.get(key) for key in ("changed", "skipped", "failed"))
    # A long list travels as a reference to where it is kept, and is no list here.
    if isinstance(changed, list) and changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        print(beside(f"{name}: would change {', '.join(map(str, changed[:_SHOWN]))}{more}"))
    for left in skipped[:_SHOWN] if isinstance(skipped, list) else []:
        print(beside(f"{name}: would leave {left['id']} alone: {left['reason']}"))
    for failure in failed[:_SHOWN] if isinstance(failed, list) else []:
        print(beside(f"{name}: {failure['id']} would fail with {failure['error']}: {failure['message']}"))
    for warning in result.get("warnings") or []:
        print(f"{name}: warning: {warning}")


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON data; `counts` as `Plan.counts` gives them."""
    return {
        "flow": plan.flow,
        "target": plan.target,
        "execution_arn": plan.execution,
        "given": plan.given,
        "status": plan.status,
        "error": plan.error or None,
        "cause": plan.cause or None,
        "counts": vars(plan.counts()),
        "steps": [
            {
                "step": step.name,
                "part": step.part or None,
                "would": step.would,
                "calls": step.calls,
                "counts": vars(step.counts) if step.counts else None,
                "says": step.says or None,
                "results": step.results,
            }
            for step in plan.steps
        ],
        "called": [plan_as_json(called) for called in plan.called],
    }
