"""The report of a run: what each step did, and why it failed if it did."""

from __future__ import annotations

import json
from typing import Any

from lambdas.history import History, Step
from nightshift.cli.output import duration, print_bold, print_table
from nightshift.runs import advice

_HEADINGS = ("step", "state", "matched", "changed", "skipped", "failed", "took")
_SHOWN = 20
_LONGEST_RESULT = 400


def doing(step: Step) -> str:
    """What a step does at the moment or has done, in one line."""
    if step.state == "waiting":
        until = f", next look in {step.wait:g} s" if step.wait else ""
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


def print_report(history: History, execution: str, *, dry_run: bool) -> None:
    """Print what a run did."""
    print()
    rows = [_row(step) for step in history.steps]
    if rows:
        print_table(_HEADINGS, rows)
        print()
    for step in history.steps:
        _print_details(step)
    took = f" in {duration(_seconds(history.started, history.ended))}" if history.started and history.ended else ""
    print_bold(f"{history.flow} {history.status}{took}{' (dry run: nothing was changed)' if dry_run else ''}")
    if history.status != "SUCCEEDED":
        print(f"{history.error or history.status}: {history.cause or 'no cause was given'}")
        if todo := advice(history.error, history.status):
            print(f"What to do: {todo}")
    elif history.output is not None:
        print(f"result: {_result(history.output)}")
    print(execution)


def _result(output: Any) -> str:
    """What a flow returned: of a part's result the summary, of anything long the beginning."""
    if isinstance(output, dict) and isinstance(output.get("summary"), str) and "matched" in output:
        return f"{output['summary']} (--json prints all of it)"
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return text if len(text) <= _LONGEST_RESULT else f"{text[:_LONGEST_RESULT]} ... (--json prints all of it)"


def as_json(history: History, execution: str, *, dry_run: bool) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "execution_arn": execution,
        "flow": history.flow,
        "status": history.status,
        "dry_run": dry_run,
        "started": _iso(history.started),
        "ended": _iso(history.ended),
        "error": history.error or None,
        "cause": history.cause or None,
        "what_to_do": advice(history.error, history.status) or None,
        "output": history.output,
        "steps": [_step_as_json(step) for step in history.steps],
    }


def _row(step: Step) -> tuple[str, ...]:
    took = duration(_seconds(step.started, step.ended)) if step.ended else "-"
    results = [step.result] if step.result is not None else step.inside
    if not results:
        return (step.label, step.state, "-", "-", "-", "-", took)
    counts = [str(sum(_count(r.get(key)) for r in results)) for key in ("matched", "changed", "skipped", "failed")]
    return (step.label, step.state, *counts, took)


def _print_details(step: Step) -> None:
    """Warnings and the resources that failed, under the table."""
    for result in [step.result] if step.result is not None else step.inside:
        for warning in _some(result.get("warnings")):
            print(f"{step.label}: warning: {warning}")
        for failure in _some(result.get("failed")):
            print(f"{step.label}: {failure['id']} failed with {failure['error']}: {failure['message']}")
    if step.state == "handled":
        print(f"{step.label}: failed and was handled by the flow: {step.error}: {step.cause}")


def _some(items: Any) -> list[Any]:
    return items[:_SHOWN] if isinstance(items, list) else []


def _count(items: Any) -> int:
    """How many ids a field of a result holds; a long list travels as a reference with its count."""
    return int(items.get("count", 0)) if isinstance(items, dict) else len(items or [])


def _step_as_json(step: Step) -> dict[str, Any]:
    return {
        "step": step.label,
        "part": step.part or None,
        "state": step.state,
        "started": _iso(step.started),
        "ended": _iso(step.ended),
        "looks": step.looks,
        "retries": step.retries,
        "result": step.result,
        "results_inside": step.inside or None,
        "error": step.error or None,
        "cause": step.cause or None,
    }


def _seconds(start: Any, end: Any) -> float:
    return max(0.0, float((end - start).total_seconds()))


def _iso(time: Any) -> str | None:
    return time.isoformat() if time else None


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
