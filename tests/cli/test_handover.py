"""`nightshift handover`, on the app's table in an account."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.store import audit
from lambdas.tracker.record import FAILED, SUCCEEDED, Record
from lambdas.tracker.store import save
from tests.approval.questions import ask
from tests.cli.conftest import Cli
from tests.tables import table
from tests.tracker.views import TRIGGER, arn

__all__ = ["table"]

AWS = ["--target", "aws"]


def ran(table: Any, name: str, state: str, ended: datetime, *, error: str = "", dry_run: bool = False) -> None:
    """Record a run of an hour that ended then."""
    begun = ended - timedelta(hours=1)
    record = Record("backup", name, arn("backup", name), state, begun, ended, TRIGGER, error=error, dry_run=dry_run)
    save(table, record, {"steps": [], "cause": "", "failures": [], "output": None})


def test_what_happened_in_the_shift_and_what_is_left_is_told(cli: Cli, table: Any) -> None:
    now = datetime.now(UTC)
    ran(table, "before", FAILED, now - timedelta(hours=9), error="PartTimeout")
    ran(table, "begun-before", FAILED, now - timedelta(hours=7, minutes=30), error="PartFailed")
    ran(table, "well", SUCCEEDED, now - timedelta(hours=3))
    ran(table, "tried", FAILED, now - timedelta(hours=2), error="PartFailed", dry_run=True)
    held = now - timedelta(hours=4)
    audit.record(table, by="ann", action="hold", flow="backup", details={"why": "the disk is full"}, now=held)
    audit.record(table, by="ann", action="hold", flow="other", now=now - timedelta(hours=10))
    question = ask(table)
    told = json.loads(cli("handover", "--since", "8h", "--json", *AWS).out)
    assert [(run["run"], run["error"]) for run in told["failed"]] == [("backup/begun-before", "PartFailed")]
    assert [(event["by"], event["action"], event["flow"], event["details"]) for event in told["done"]] == [
        ("ann", "hold", "backup", "why: the disk is full")
    ]
    assert [item["run"] for item in told["asked"]] == [f"{question.flow}/{question.run}"]
    assert "backup/before" not in {run["run"] for run in told["failed"]}
    shown = cli("handover", "--since", "8h", *AWS)
    assert shown.code == 0
    assert "Runs that failed: 1\n" in shown.out
    assert "why: the disk is full" in shown.out
    assert "Waits for an answer: 1\n" in shown.out


def test_a_failure_of_the_shift_before_is_still_open(cli: Cli, table: Any) -> None:
    ran(table, "before", FAILED, datetime.now(UTC) - timedelta(hours=9), error="PartTimeout")
    told = json.loads(cli("handover", "--json", *AWS).out)
    assert (told["failed"], [item["open"] for item in told["open"]]) == ([], ["backup/before"])


def test_a_quiet_shift_says_so(cli: Cli, table: Any) -> None:
    shown = cli("handover", *AWS).out
    assert [line for line in shown.splitlines() if line.endswith(": nothing")] == [
        "Runs that failed: nothing",
        "What was done by hand: nothing",
        "Still open: nothing",
        "Waits for an answer: nothing",
    ]
