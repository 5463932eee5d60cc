"""What is open: opened by a run that needs someone, closed by a comment or by a later run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.store import audit
from lambdas.tracker import opened
from lambdas.tracker.handler import _settle
from lambdas.tracker.record import ABORTED, FAILED, RUNNING, SKIPPED, SUCCEEDED, Record
from lambdas.tracker.store import save
from tests.tracker.views import STARTED, TRIGGER, arn

OVERLAP = {"nightshift": {"kind": "overlap"}}
DETAIL: dict[str, Any] = {"steps": [], "cause": "1 of 3 resources failed", "failures": [], "output": None}


def ran(table: Any, name: str, state: str, *, after: int = 0, detail: Any = None, **fields: Any) -> Record:
    """Record a run that started so many minutes after the first, and took one; what follows from it is settled."""
    started = STARTED + timedelta(minutes=after)
    given: dict[str, Any] = {"trigger": TRIGGER, "error": "PartFailed" if state == FAILED else ""}
    ended = None if state == RUNNING else started + timedelta(minutes=1)
    record = Record("backup", name, arn("backup", name), state, started, ended, **(given | fields))
    saved = save(table, record, None if state == RUNNING else detail or DETAIL)
    _settle(saved)
    return saved


@pytest.fixture(autouse=True)
def of_app(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracker uses this table."""
    monkeypatch.setattr("lambdas.tracker.handler.table", lambda: table)


def keys(table: Any, flow: str | None = None) -> list[str]:
    """What is open."""
    return [item.key for item in opened.listed(table, flow)]


def test_a_failed_run_is_open_with_what_is_known_of_it(table: Any) -> None:
    ran(table, "night", RUNNING)
    assert keys(table) == []
    ran(table, "night", FAILED)
    (item,) = opened.listed(table)
    assert (item.id, item.kind, item.why) == ("backup/night", "failed", "PartFailed: 1 of 3 resources failed")
    assert item.todo.startswith("Look at the resources")
    assert keys(table, "backup") == ["night"]
    assert keys(table, "back") == []


def test_it_is_open_until_somebody_says_what_was_done(table: Any) -> None:
    ran(table, "night", ABORTED)
    for comment in ("", "  ", "x" * 501):
        with pytest.raises(InvalidParameter, match="say in 1 to 500 what was found or done"):
            opened.acknowledge(table, "backup", "night", by="alice", comment=comment)
    assert keys(table) == ["night"]
    done = opened.acknowledge(table, "backup", "night", by="alice", comment="stopped it\nmyself", now=STARTED)
    assert done is not None
    assert keys(table) == []
    assert opened.acknowledge(table, "backup", "night", by="bob", comment="me too", now=STARTED) is None
    (event,), _ = audit.page(table, None, since=STARTED, until=STARTED + timedelta(minutes=1))
    assert (event.by, event.action, event.flow) == ("alice", "acknowledge", "backup")
    assert event.details == {"run": "backup/night", "kind": "aborted", "comment": "stopped it myself"}
    # The same event once more does not open it again, and a redrive that fails does.
    ran(table, "night", ABORTED)
    assert keys(table) == []
    ran(table, "night", FAILED, redrives=1)
    assert keys(table) == ["night"]


def test_a_later_run_that_succeeds_closes_what_came_before(table: Any) -> None:
    ran(table, "first", FAILED)
    ran(table, "third", FAILED, after=20)
    ran(table, "dry", SUCCEEDED, after=30, dry_run=True)
    assert keys(table) == ["third", "first"]
    ran(table, "second", SUCCEEDED, after=10)
    assert keys(table) == ["third"]
    ran(table, "third", SUCCEEDED, after=20, redrives=1)
    assert keys(table) == []


def test_a_failure_that_is_recorded_late_is_not_open_when_a_later_run_succeeded(table: Any) -> None:
    ran(table, "second", SUCCEEDED, after=10)
    ran(table, "first", FAILED)
    assert keys(table) == []
    ran(table, "dry", SUCCEEDED, after=40, dry_run=True)
    ran(table, "third", FAILED, after=30)
    assert keys(table) == ["third"]


@pytest.mark.parametrize(
    ("state", "fields", "kept"),
    [
        (FAILED, {"dry_run": True}, []),
        (FAILED, {"trigger": {"type": "flow", "flow": "week"}}, []),
        (SKIPPED, {"skipped": "held by alice", "detail": DETAIL | {"output": {"nightshift": {"kind": "hold"}}}}, []),
        (
            SKIPPED,
            {"skipped": "x is under way", "detail": DETAIL | {"output": OVERLAP}},
            ["n"],
        ),
    ],
)
def test_only_what_needs_someone_is_open(table: Any, state: str, fields: dict[str, Any], kept: list[str]) -> None:
    ran(table, "n", state, **fields)
    assert keys(table) == kept
