"""The steps of a run as plain data: for the record that is kept, for the dashboard and for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from lambdas.contract.causes import Diagnosis
from lambdas.contract.hints import advice, hint
from lambdas.contract.waits import as_it_passes
from lambdas.runs.history import Step
from lambdas.runs.places import Places, Seen
from lambdas.tracker.record import Counts

MOST_STEPS = 500
"""Steps that are kept of a run; of more, those that failed and the first ones."""

MOST_BYTES = 256 * 1024
"""Bytes that are kept of a run's steps, parameters and output ("Item size", DynamoDB Developer Guide: 400 KB)."""

MOST_PLACES = 300
"""Accounts and Regions that are kept of a run, those first in which something failed."""

_LONGEST_TEXT = 4000
_MOST_CAUSES = 50
_LONGEST_CAUSE = 500
_CAUSE_OF_MORE = 100
_ORDER = ("failed", "running", "not_started", "done")
_FAILURES_LEFT = 3
_LARGE = ("result", "results_inside", "cause", "failures")


def step_data(step: Step) -> dict[str, Any]:
    """A step as JSON data. Times are ISO 8601, durations and `wait` seconds; what is not known is null.

    until: when the next poll is due.

    results_inside: results of parts in a Map or Parallel that cannot be told apart. called: ARNs of runs it started.
    """
    results = [step.result] if step.result is not None else step.inside
    done, items = step.items or (None, None)
    return {
        "name": step.name,
        "label": step.label,
        "part": step.part or None,
        "state": step.state,
        "started": _iso(step.started),
        "ended": _iso(step.ended),
        "duration": took.total_seconds() if (took := step.took()) is not None else None,
        "looks": step.looks,
        "retries": step.retries,
        "wait": None if step.wait is None else as_it_passes(step.wait),
        "until": _until(step),
        "waiting_for": step.waiting_for or None,
        "items_done": done,
        "items": items,
        "counts": vars(sum((counts_of(r) for r in results), Counts())) if results else None,
        "summary": _summary(results),
        "result": step.result,
        "results_inside": step.inside or None,
        "called": step.called or None,
        "error": step.error or None,
        "cause": step.cause[:_LONGEST_TEXT] or None,
        "failures": failure_data(step.failures),
    }


def _until(step: Step) -> str | None:
    """When the next poll is due."""
    if step.wait is None or step.since is None or not step.open:
        return None
    return _iso(step.since + timedelta(seconds=as_it_passes(step.wait)))


def place_data(places: Places, *, ended: bool) -> list[dict[str, Any]]:
    """The accounts and Regions of a run as JSON data, those first in which something failed; 300 at most.

    ended: whether the run has; what was at work then has not ended well.
    """
    shown = [one for seen in places.seen.values() if (one := _place_data(seen, ended=ended))]
    if places.hidden:
        shown = [one for one in shown if one["state"] != "not_started"]
    shown.sort(key=lambda one: _ORDER.index(one["state"]))
    for one in shown[_MOST_CAUSES:]:
        one["cause"] = one["cause"] and one["cause"][:_CAUSE_OF_MORE]
    return shown[:MOST_PLACES]


def _place_data(seen: Seen, *, ended: bool) -> dict[str, Any]:
    state = seen.state()
    if state == "running" and ended:
        state = "failed"
    trouble = next(iter(seen.trouble.values()), None) if state == "failed" else None
    broken = [one for result in seen.results for one in result.get("failed") or () if isinstance(one, Mapping)]
    failures = trouble.failures if trouble else [Diagnosis(**one, hint=hint(one["error"])) for one in broken]
    error = trouble.error if trouble else "PartFailed" if broken else ""
    cause = trouble.cause if trouble else "\n".join(f"{f.id}: {f.error}: {f.message}" for f in failures)
    return {
        "account": seen.place.account,
        "name": seen.place.name,
        "region": seen.place.region,
        "state": state,
        "counts": vars(sum((counts_of(result) for result in seen.results), Counts())),
        "error": error or None,
        "cause": cause[:_LONGEST_CAUSE] or None,
        "what_to_do": advice(error, "FAILED", failures) or None,
    }


def failure_data(failures: Iterable[Diagnosis]) -> list[dict[str, str]]:
    """The resources that made a step or run fail, as JSON data: {"id", "error", "message", "hint"} each."""
    return [dict(vars(failure)) for failure in failures]


def diagnoses(kept: Iterable[Mapping[str, str]] | None) -> tuple[Diagnosis, ...]:
    """What `failure_data` made; what older records do not have is empty."""
    return tuple(Diagnosis(**failure) for failure in kept or ())


def total(steps: Iterable[Mapping[str, Any]]) -> Counts:
    """The resources that the steps of a run counted; a mail or a message is none."""
    counted = (step for step in steps if step["counts"] and not str(step.get("part") or "").startswith("notify."))
    return sum((Counts(**step["counts"]) for step in counted), Counts())


def counts_of(result: Mapping[str, Any]) -> Counts:
    """The counts in the result of a part; a long list travels as a reference with its count."""
    return Counts(*(_length(result.get(name)) for name in ("matched", "changed", "skipped", "failed")))


def mails(steps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The mails that the steps sent: {"step", "to", "subject", "message_id", "text"} each."""
    return [
        {
            "step": step["label"],
            "to": result["changed"],
            "subject": result.get("subject") or None,
            "message_id": result["message_id"],
            "text": result.get("text") or None,
        }
        for step in steps
        if step["part"] == "notify.email"
        for result in [step["result"] or {}]
        if result.get("message_id") and isinstance(result.get("changed"), list)
    ]


def bounded(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail of a run, cut to what an item holds: {"steps", "parameters", "output", "cause", "failures", ...}.

    What was left out is said: `more_steps` is the number of steps, and in the place of a value stands
    {"shortened": its size in bytes}; of a cause remain the first 200 characters, of failures the first ones.
    """
    steps = detail["steps"]
    if len(steps) > MOST_STEPS:
        failed = [s for s in steps if s["state"] == "failed"][:MOST_STEPS]
        kept = {id(s) for s in [*failed, *steps[: MOST_STEPS - len(failed)]]}
        detail = {**detail, "steps": [s for s in steps if id(s) in kept], "more_steps": len(steps) - len(kept)}
    excess = _size(detail) - MOST_BYTES
    if excess <= 0:
        return detail
    made = {**detail, "steps": [dict(step) for step in detail["steps"]]}
    places = [(made, "parameters"), (made, "output")]
    places += [(step, name) for step in made["steps"] for name in _LARGE if name in step]
    for holder, name in sorted(places, key=lambda place: -_size(place[0][place[1]])):
        size = _size(holder[name])
        holder[name] = _shortened(name, holder[name], size)
        excess -= size - _size(holder[name])
        if excess <= 0:
            break
    return made


def _shortened(name: str, value: Any, size: int) -> Any:
    if name == "cause":
        return str(value)[:200]
    if name == "failures":
        return value[:_FAILURES_LEFT]
    return {"shortened": size}


def _summary(results: list[dict[str, Any]]) -> str | None:
    texts = [str(r["summary"])[:_LONGEST_TEXT] for r in results[-1:] if r.get("summary")]
    return texts[0] if texts else None


def _length(items: Any) -> int:
    if isinstance(items, Mapping):
        count = items.get("count", 0)
        return count if isinstance(count, int) else 0
    return len(items) if isinstance(items, list) else 0


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
