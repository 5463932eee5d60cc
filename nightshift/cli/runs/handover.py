"""`nightshift handover`: what happened in a shift, what is still open, and what waits for an answer."""

from __future__ import annotations

from datetime import UTC, datetime

from lambdas.approval import waiting
from lambdas.handover.happened import happened
from lambdas.store.audit import AuditEvent, short_name
from lambdas.tracker import opened
from lambdas.tracker.record import Record
from nightshift.cli.output import print_bold, print_json, print_table
from nightshift.cli.target import table
from nightshift.cli.tracking import Period

_LONGEST = 80


def handover(target: str, since: str, *, as_json: bool, now: datetime | None = None) -> None:
    """Print what happened since a moment: runs that failed, and what people did; what is open, and what is asked.

    since: as `nightshift runs --since` takes it. now: aware; default: the clock. Raises InvalidParameter, NoTable.
    """
    until = now or datetime.now(UTC)
    begin = Period.of(since, None, until).since or until
    app_table = table(target)
    found = happened(app_table, since=begin, until=until)
    told = {
        "failed": [_failure(record) for record in found.failed],
        "done": [_audit_event(event) for event in found.done],
        "open": [
            {"open": item.id, "kind": item.kind, "time": item.at.isoformat(), "why": _line(item.why)}
            for item in opened.listed(app_table)
        ],
        "asked": [
            {"run": f"{q.flow}/{q.run}", "until": q.until.isoformat(), "question": _line(q.message)}
            for q in waiting.listed(app_table, now=until)
        ],
    }
    if as_json:
        print_json({"since": begin.isoformat(), "until": until.isoformat(), **told})
        return
    print(f"Since {begin:%Y-%m-%d %H:%M} UTC")
    for title, name in (
        ("Runs that failed", "failed"),
        ("What was done by hand", "done"),
        ("Still open", "open"),
        ("Waits for an answer", "asked"),
    ):
        _print(title, told[name])


def _failure(record: Record) -> dict[str, str]:
    ended = record.ended or record.started
    return {"run": record.id, "state": record.state, "ended": ended.isoformat(), "error": record.error or ""}


def _audit_event(event: AuditEvent) -> dict[str, str]:
    details = "; ".join(f"{name}: {_line(text)}" for name, text in sorted(event.details.items()))
    time, by = event.at.isoformat(timespec="seconds"), short_name(event.by)
    return {"time": time, "by": by, "action": event.action, "flow": event.flow, "details": details}


def _print(title: str, rows: list[dict[str, str]]) -> None:
    print()
    print_bold(f"{title}: {len(rows) or 'nothing'}")
    if rows:
        print_table(tuple(rows[0]), [tuple(row.values()) for row in rows])


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
