"""Recorded runs for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.tracker import touched
from lambdas.tracker.record import Counts, Record
from lambdas.tracker.store import save

START = datetime(2026, 11, 20, 3, tzinfo=UTC)

STEP = {
    "name": "notify.email",
    "label": "notify.email",
    "part": "notify.email",
    "state": "succeeded",
    "started": "2026-11-20T03:00:00.000+00:00",
    "ended": "2026-11-20T03:00:01.000+00:00",
    "duration": 1.0,
    "looks": 1,
    "retries": 0,
    "wait": None,
    "waiting_for": None,
    "items_done": None,
    "items": None,
    "counts": {"matched": 1, "changed": 1, "skipped": 0, "failed": 0},
    "summary": "1 mail",
    "result": {"changed": ["ops@example.com"], "subject": "Backup", "message_id": "m-1", "text": "all is well"},
    "results_inside": None,
    "error": None,
    "cause": None,
}
"""A step of a run, with all that its detail has."""


def record(
    table: Any,
    flow: str,
    name: str,
    state: str = "SUCCEEDED",
    *,
    started: datetime = START,
    minutes: float = 2,
    detail: dict[str, Any] | None = None,
    **more: Any,
) -> Record:
    """Record a run."""
    ended = None if state == "RUNNING" else started + timedelta(minutes=minutes)
    execution = f"arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-{flow}:{name}"
    made = Record(flow, name, execution, state, started, ended, counts=Counts(3, 2, 1, 0), **more)
    kept = {"steps": [], "parameters": {}, "output": None, "cause": None, **(detail or {})}
    if ended:
        touched.write(table, made, kept)
    return save(table, made, kept if ended else None)


def step(part: str, *changed: str, failed: tuple[str, ...] = (), account: str = "") -> dict[str, Any]:
    """A step of a part, as the detail of a run has it, with the resources that it changed and failed on."""
    failures = [{"id": id_, "error": "Denied", "message": "no"} for id_ in failed]
    return {"part": part, "result": {"part": part, "account": account, "changed": list(changed), "failed": failures}}
