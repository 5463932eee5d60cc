"""`nightshift stop`, `redrive`, `follow` and `logs`: what is done with, and told of, one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.runs.history import History
from lambdas.runs.names import Names
from lambdas.runs.step_table import StepTable
from lambdas.store import audit
from lambdas.tracker import observation
from nightshift.cli.output import print_json
from nightshift.cli.report import Report, print_report
from nightshift.cli.report import as_json as report_as_json
from nightshift.cli.running import follow_run
from nightshift.cli.target import app_names, client, operator, table
from nightshift.cli.tracking import NoSuchRun, run_named
from nightshift.runs import new_events, state_machine_arn

_REDRIVABLE = ("FAILED", "TIMED_OUT", "ABORTED")


class NotNow(NightshiftError):
    """What is asked of a run does not fit the state it is in."""


def stop(target: str, run: str, *, why: str, as_json: bool) -> None:
    """Stop a run that is under way. Raises InvalidParameter, NoSuchRun; NotNow for one that has ended."""
    states = client(target, "stepfunctions")
    flow, described = _described(target, states, run)
    if described["status"] != "RUNNING":
        raise NotNow(f"{_name(flow, described)} has ended: {described['status']}; there is nothing to stop")
    by = operator(target)
    cause = f"stopped by {by}{f': {why}' if why else ''}"
    states.stop_execution(executionArn=described["executionArn"], error="Stopped", cause=cause)
    audit.record(table(target), by=by, action="stop", flow=flow, details=_details(flow, described, why))
    _acted(flow, described, "stopped", "its clean-up (finally) steps did not run", as_json)


def redrive(target: str, run: str, *, as_json: bool) -> None:
    """Start a failed run again from the step that failed. Raises InvalidParameter, NoSuchRun, NotNow."""
    states = client(target, "stepfunctions")
    flow, described = _described(target, states, run)
    name, execution = _name(flow, described), described["executionArn"]
    if described["status"] not in _REDRIVABLE:
        raise NotNow(f"{name} is {described['status']}; only a run that failed, timed out or was stopped is redriven")
    if observation.raised_itself(states, execution):
        raise NotNow(
            f"{name} ended itself after its except and finally, so a redrive would only end it again; "
            f"start a new run: nightshift run {flow}"
        )
    try:
        states.redrive_execution(executionArn=execution)
    except states.exceptions.ExecutionNotRedrivable as error:
        raise NotNow(
            f"Step Functions does not redrive {name}, which it does within 14 days and unless the run is too long: "
            f"{error.response['Error'].get('Message', '')}; start a new run: nightshift run {flow}"
        ) from None
    audit.record(table(target), by=operator(target), action="redrive", flow=flow, details=_details(flow, described))
    _acted(flow, described, "redriven", f"watch it: nightshift follow {name}", as_json)


def follow(target: str, run: str, steps: StepTable, *, as_json: bool) -> bool:
    """Show live what a run does until it has ended, and print its report; whether it succeeded.

    steps: the states of its flow, as far as they are known. Raises InvalidParameter, NoSuchRun.
    """
    states = client(target, "stepfunctions")
    flow, described = _described(target, states, run)
    execution, history = described["executionArn"], History(flow, steps)
    follow_run(target, execution, history, shown="nothing" if as_json else "all", title=_name(flow, described))
    report = Report.of_history(history, execution, dry_run=observation.from_description(described, flow).dry_run)
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report, Names(client(target, "ec2")).beside, app_names(target))
    return history.status == "SUCCEEDED"


def logs(target: str, run: str, *, as_json: bool) -> None:
    """Print every event of a run: what each state was given, answered or failed with. Raises NoSuchRun."""
    states = client(target, "stepfunctions")
    _, described = _described(target, states, run)
    found = sorted(new_events(states, described["executionArn"], 0), key=lambda event: int(event["id"]))
    if as_json:
        print_json(found)
        return
    names = Names(client(target, "ec2"))
    for line in log_lines(found):
        print(names.beside(line))


def log_lines(events: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Events of an execution in words, a line each: when, what, and the state, input, output or error."""
    for event in events:
        details = next((v for k, v in event.items() if k.endswith("EventDetails") and isinstance(v, dict)), {})
        told = [f"{key}={_short(details[key])}" for key in _TOLD if details.get(key)]
        at = event["timestamp"].astimezone().strftime("%H:%M:%S.%f")[:-3]
        yield "  ".join([at, str(event["type"]), *told])


_TOLD = ("name", "index", "length", "input", "parameters", "output", "error", "cause")
_LONGEST = 300


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... (--json prints all of it)"


def _described(target: str, states: Any, run: str) -> tuple[str, dict[str, Any]]:
    """The flow of a run, and what DescribeExecution says of it."""
    flow, name = run_named(run, app_names(target))
    execution = state_machine_arn(states, flow, app_names(target)).replace(":stateMachine:", ":execution:") + f":{name}"
    described = observation.describe(states, execution)
    if described is None:
        raise NoSuchRun(
            f"Step Functions has no run {flow}/{name}; it forgets a run 90 days after its end, "
            f"and `nightshift runs {flow}` lists those that were recorded"
        )
    return flow, described


def _name(flow: str, described: dict[str, Any]) -> str:
    return f"{flow}/{described['name']}"


def _details(flow: str, described: dict[str, Any], why: str = "") -> dict[str, str]:
    return {"run": _name(flow, described), **({"why": why} if why else {})}


def _acted(flow: str, described: dict[str, Any], done: str, more: str, as_json: bool) -> None:
    if as_json:
        print_json({"run": _name(flow, described), "execution_arn": described["executionArn"], "done": done})
    else:
        print(f"{_name(flow, described)} is {done}; {more}")
