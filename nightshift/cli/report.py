"""The report of a run: what each step did, and why it failed if it did."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lambdas.contract.causes import Diagnosis
from lambdas.contract.hints import advice
from lambdas.runs.app_names import AppNames
from lambdas.runs.history import History, Step
from lambdas.tracker.steps import step_data
from nightshift.cli.output import duration, print_bold, print_table

_HEADINGS = ("step", "state", "matched", "changed", "skipped", "failed", "took")
_SHOWN = 20
_LONGEST_RESULT = 400


def doing(step: Step, speed: float | None = 1) -> str:
    """What a step does at the moment or has done, in one line.

    speed: how many times faster than the clock waits pass; None leaves out when the next poll is.
    """
    if step.state == "waiting":
        until = f", next poll in {step.wait / speed:.2g} s" if step.wait and speed else ""
        return f"waiting{' for ' + step.waiting_for if step.waiting_for else ''}{until}"
    if step.state in ("failed", "handled"):
        caught = ", the flow goes on" if step.state == "handled" else ""
        return f"failed with {step.error or 'the run'}{caught}: {_first_line(step.cause)}".rstrip(": ")
    summaries = [str(r.get("summary", "")) for r in ([step.result] if step.result else step.inside[-1:])]
    if step.items:
        summaries.insert(0, f"{step.items[0]} of {step.items[1]} items")
    if step.state == "succeeded":
        return "; ".join(filter(None, summaries)) or "done"
    if step.error:
        return f"{step.error}: {_first_line(step.cause)}"
    if step.retries:
        return f"tried again ({step.retries})"
    return "; ".join(filter(None, summaries)) or ("looking" if step.looks else "started")


@dataclass(frozen=True)
class Report:
    """What a run did.

    status: state of the execution, or SKIPPED. steps: as `lambdas.tracker.steps.step_data` gives them.
    failures: the resources that made it fail. by: what started it, in words, or "" when that need not be said.
    """

    flow: str
    execution: str
    status: str
    dry_run: bool
    started: datetime | None
    ended: datetime | None
    took: timedelta | None
    error: str
    cause: str
    output: Any
    steps: list[dict[str, Any]]
    failures: tuple[Diagnosis, ...] = ()
    by: str = ""
    skipped: str = ""

    @classmethod
    def of_history(cls, history: History, execution: str, *, dry_run: bool) -> Report:
        """The report of a run whose history was followed."""
        return cls(
            history.flow,
            execution,
            history.status,
            dry_run,
            history.started,
            history.ended,
            history.ended - history.started - history.idle if history.started and history.ended else None,
            history.error,
            history.cause,
            history.output,
            [step_data(step) for step in history.steps],
            history.failures,
        )


def print_report(report: Report, beside: Callable[[str], str], names: AppNames, *, brief: bool = False) -> None:
    """Print what a run did. beside: puts names beside the ids of a text. names: of the app.

    brief: without the table of the steps.
    """
    print()
    rows = [] if brief else [_row(step) for step in report.steps]
    if rows:
        print_table(_HEADINGS, rows)
        print()
    for step in report.steps:
        _print_details(step, beside, names)
    took = f" in {duration(report.took.total_seconds())}" if report.took is not None else ""
    dry = " (dry run: nothing was changed)" if report.dry_run else ""
    print_bold(f"{report.flow} {report.status}{took}{dry}{_totals(report)}")
    if report.by:
        print(f"started by {report.by}")
    if report.status == "SKIPPED":
        print(f"Skipped: {report.skipped}")
    elif report.status == "SUCCEEDED":
        if report.output is not None:
            print(f"result: {_result(report.output)}")
    elif report.status != "RUNNING":
        print(beside(f"{report.error or report.status}: {report.cause or 'no cause was given'}"))
        if todo := advice(report.error, report.status, report.failures):
            print(f"What to do: {todo}")
    if not brief:
        print(report.execution)


def _totals(report: Report) -> str:
    """How many resources were changed, left alone and failed; a mail is none."""
    counts = [step["counts"] or {} for step in report.steps if not (step["part"] or "").startswith("notify.")]
    words = {"changed": "would change" if report.dry_run else "changed", "skipped": "left alone", "failed": "failed"}
    sums = {word: sum(count.get(name, 0) for count in counts) for name, word in words.items()}
    told = [f"{number} {word}" for word, number in sums.items() if number]
    return f": {', '.join(told)}" if told else ""


def _result(output: Any) -> str:
    """What a flow returned: of a part's result the summary, of anything long the beginning."""
    if isinstance(output, dict) and isinstance(output.get("summary"), str) and "matched" in output:
        return f"{output['summary']} (--json prints all of it)"
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return text if len(text) <= _LONGEST_RESULT else f"{text[:_LONGEST_RESULT]} ... (--json prints all of it)"


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "execution_arn": report.execution,
        "flow": report.flow,
        "status": report.status,
        "dry_run": report.dry_run,
        "started_by": report.by or None,
        "started": _iso(report.started),
        "ended": _iso(report.ended),
        "skipped": report.skipped or None,
        "error": report.error or None,
        "cause": report.cause or None,
        "what_to_do": advice(report.error, report.status, report.failures) or None,
        "output": report.output,
        "steps": [_step_as_json(step) for step in report.steps],
    }


def _row(step: dict[str, Any]) -> tuple[str, ...]:
    took = duration(step["duration"]) if step["duration"] is not None else "-"
    # A mail is no resource.
    counts = {} if (step["part"] or "").startswith("notify.") else step["counts"] or {}
    shown = [str(counts.get(name, "-")) for name in ("matched", "changed", "skipped", "failed")]
    return (step["label"], step["state"], *shown, took)


def _print_details(step: dict[str, Any], beside: Callable[[str], str], names: AppNames) -> None:
    """Runs of other flows, warnings, and the resources that failed or were left alone, under the table."""
    for arn in step.get("called") or []:
        print(f"{step['label']}: ran {names.flow_of(arn) or arn.split(':')[6]}/{arn.rpartition(':')[2]}")
    results = [step["result"]] if step["result"] is not None else step["results_inside"] or []
    _print_places(step["label"], [result for result in results if result.get("account")])
    for result in results:
        at = f"{step['label']}, {result['account']} {result['region']}" if result.get("account") else step["label"]
        for warning in _some(result.get("warnings")):
            print(beside(f"{at}: warning: {warning}"))
        for failure in _some(result.get("failed")):
            print(beside(f"{at}: {failure['id']} failed with {failure['error']}: {failure['message']}"))
        for left in _some(result.get("skipped")):
            print(beside(f"{at}: {left['id']} left alone: {left['reason']}"))
    if step["state"] == "handled":
        print(f"{step['label']}: failed and was handled by the flow: {step['error']}: {step['cause']}")


def _print_places(label: str, results: list[dict[str, Any]]) -> None:
    """What was done where, of a step in several accounts or Regions: those first in which something failed."""
    for result in sorted(results, key=lambda result: not result.get("failed"))[:_SHOWN]:
        print(f"{label}: {result['summary']}")
    if len(results) > _SHOWN:
        print(f"{label}: and {len(results) - _SHOWN} more accounts and Regions")


def _some(items: Any) -> list[Any]:
    return items[:_SHOWN] if isinstance(items, list) else []


def _step_as_json(step: dict[str, Any]) -> dict[str, Any]:
    shown = ("part", "state", "started", "ended", "looks", "retries", "result", "results_inside", "error", "cause")
    return {
        "step": step["label"],
        **{name: step[name] for name in shown},
        "failures": step.get("failures") or [],
        "called": step.get("called") or [],
    }


def _iso(time: Any) -> str | None:
    return time.isoformat() if time else None


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
