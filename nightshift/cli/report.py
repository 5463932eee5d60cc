"""The report of a run: what each step did, and why it failed if it did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.contract.causes import Diagnosis
from lambdas.runs.advice import advice
from lambdas.runs.history import History, Step
from lambdas.tracker.steps import step_data
from nightshift.cli.output import duration, print_bold, print_table

_HEADINGS = ("step", "state", "matched", "changed", "skipped", "failed", "took")
_SHOWN = 20
_LONGEST_RESULT = 400


def doing(step: Step) -> str:
    """What a step does at the moment or has done, in one line."""
    if step.state == "waiting":
        until = f", next poll in {step.wait:g} s" if step.wait else ""
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
            history.error,
            history.cause,
            history.output,
            [step_data(step) for step in history.steps],
            history.failures,
        )


def print_report(report: Report) -> None:
    """Print what a run did."""
    print()
    rows = [_row(step) for step in report.steps]
    if rows:
        print_table(_HEADINGS, rows)
        print()
    for step in report.steps:
        _print_details(step)
    took = f" in {duration(_seconds(report.started, report.ended))}" if report.started and report.ended else ""
    print_bold(f"{report.flow} {report.status}{took}{' (dry run: nothing was changed)' if report.dry_run else ''}")
    if report.by:
        print(f"started by {report.by}")
    if report.status == "SKIPPED":
        print(f"Skipped: {report.skipped}")
    elif report.status == "SUCCEEDED":
        if report.output is not None:
            print(f"result: {_result(report.output)}")
    elif report.status != "RUNNING":
        print(f"{report.error or report.status}: {report.cause or 'no cause was given'}")
        if todo := advice(report.error, report.status, report.failures):
            print(f"What to do: {todo}")
    print(report.execution)


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
    counts = step["counts"] or {}
    shown = [str(counts.get(name, "-")) for name in ("matched", "changed", "skipped", "failed")]
    return (step["label"], step["state"], *shown, took)


def _print_details(step: dict[str, Any]) -> None:
    """Warnings and the resources that failed, under the table."""
    results = [step["result"]] if step["result"] is not None else step["results_inside"] or []
    for result in results:
        for warning in _some(result.get("warnings")):
            print(f"{step['label']}: warning: {warning}")
        for failure in _some(result.get("failed")):
            print(f"{step['label']}: {failure['id']} failed with {failure['error']}: {failure['message']}")
    if step["state"] == "handled":
        print(f"{step['label']}: failed and was handled by the flow: {step['error']}: {step['cause']}")


def _some(items: Any) -> list[Any]:
    return items[:_SHOWN] if isinstance(items, list) else []


def _step_as_json(step: dict[str, Any]) -> dict[str, Any]:
    shown = ("part", "state", "started", "ended", "looks", "retries", "result", "results_inside", "error", "cause")
    return {"step": step["label"], **{name: step[name] for name in shown}, "failures": step.get("failures") or []}


def _seconds(start: Any, end: Any) -> float:
    return max(0.0, float((end - start).total_seconds()))


def _iso(time: Any) -> str | None:
    return time.isoformat() if time else None


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
