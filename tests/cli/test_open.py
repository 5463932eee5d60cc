"""`nightshift open` and `acknowledge`, on the app's table in an account."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdas.store import audit
from lambdas.tracker.record import FAILED, Record
from lambdas.tracker.store import save
from tests.cli.conftest import Cli
from tests.tables import table
from tests.tracker.views import STARTED, TRIGGER, arn

__all__ = ["table"]

AWS = ["--target", "aws"]


@pytest.fixture
def failed(table: Any) -> Any:
    """The table with a run that failed."""
    record = Record("backup", "night", arn("backup", "night"), FAILED, STARTED, STARTED, TRIGGER, error="PartTimeout")
    save(table, record, {"steps": [], "cause": "not stopped in 10 min", "failures": [], "output": None})
    return table


def test_what_is_open_is_listed_until_it_is_acknowledged(cli: Cli, failed: Any) -> None:
    shown = cli("open", *AWS).out
    assert "backup/night" in shown
    assert "PartTimeout: not stopped in 10 min" in shown
    (item,) = json.loads(cli("open", "backup", "--json", *AWS).out)
    assert (item["run"], item["kind"]) == ("backup/night", "failed")
    done = cli("acknowledge", "backup/night", "--comment", "the database was slow", *AWS)
    assert (done.code, done.out.strip()) == (0, "backup/night is acknowledged")
    assert cli("open", *AWS).out.strip() == "Nothing is open."
    now = datetime.now(UTC)
    (event,), _ = audit.page(failed, None, since=now - timedelta(hours=1), until=now)
    assert event.details["comment"] == "the database was slow"


def test_what_is_acknowledged_is_told_as_json(cli: Cli, failed: Any) -> None:
    told = json.loads(cli("acknowledge", "backup/night", "--comment", "slow", "--json", *AWS).out)
    assert (told["run"], told["comment"]) == ("backup/night", "slow")
    assert json.loads(cli("open", "--json", *AWS).out) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["backup/other", "--comment", "x"], "backup/other is not open; `nightshift open` lists what is"),
        (["backup", "--comment", "x"], "'backup' is not FLOW/NAME, as `nightshift open` shows it"),
        (["backup/night", "--comment", " "], "say in 1 to 500 what was found or done"),
    ],
)
def test_what_cannot_be_acknowledged_is_said(cli: Cli, failed: Any, given: list[str], said: str) -> None:
    done = cli("acknowledge", *given, *AWS)
    assert done.code == 1
    assert said in " ".join(done.err.split())
    assert "backup/night" in cli("open", *AWS).out


def test_show_says_who_is_told_and_by_when_a_flow_has_run(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "told.py"
    file.write_text(
        "from nightshift import daily, flow\n\n\n"
        "@flow(schedule=daily('22:00'), start_by='22:15', expected='45m', notify='ops@example.com')\n"
        "def told():\n    return 1\n",
        encoding="utf-8",
    )
    shown = cli("show", file).out
    assert "deadlines   starts by 22:15, takes 45m" in shown
    assert "tells       ops@example.com" in shown
