"""`nightshift runs`: finding runs by what they touched and who started them, and taking them along."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.dashboard.runs import record, step
from tests.tables import table

__all__ = ["table"]

AWS = ("--target", "aws")
START = datetime(2026, 11, 20, 3, tzinfo=UTC)
FORMULA = '=HYPERLINK("http://example.com")'


@pytest.fixture
def runs(table: Any) -> Any:
    """Two runs of a flow, and one of another."""
    record(table, "stop", "a", started=START, detail={"steps": [step("ec2.stop_instances", "i-0abc")]})
    alice = {"type": "manual", "by": "alice"}
    steps = [step("ec2.stop_instances", "i-0def", account="222222222222")]
    record(table, "stop", "b", started=START + timedelta(days=1), trigger=alice, detail={"steps": steps})
    record(table, "other", "c", "FAILED", started=START + timedelta(days=2), error=FORMULA, minutes=50)
    return table


def found(cli: Cli, *options: str) -> list[str]:
    """The names of the runs that are listed."""
    return [run["run"].partition("/")[2] for run in json.loads(cli("runs", *options, "--json", *AWS).out)]


def test_runs_are_found_and_sorted(cli: Cli, runs: Any) -> None:
    assert found(cli) == ["c", "b", "a"]
    assert found(cli, "--sort", "oldest", "--limit", "2") == ["a", "b"]
    assert found(cli, "--sort", "longest", "--limit", "1") == ["c"]
    assert found(cli, "--resource", "i-0") == ["b", "a"]
    assert found(cli, "--resource", "0DEF", "--trigger", "manual", "--by", "ali") == ["b"]
    assert found(cli, "--account", "222222222222") == ["b"]
    assert found(cli, "--account", "222222222222", "--resource", "i-0") == ["b"]
    assert found(cli, "--account", "222222222222", "--resource", "i-0abc") == []
    assert cli("runs", "--resource", "none", *AWS).out == "No runs were recorded that are like that\n"


def test_csv_holds_every_run_and_no_formula(cli: Cli, runs: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("runs", "--csv", *AWS).out)))
    assert [row["run"] for row in rows] == ["other/c", "stop/b", "stop/a"]
    assert rows[0]["error"] == f"'{FORMULA}"
    assert (rows[1]["started_by"], rows[1]["seconds"], rows[1]["changed"]) == ("alice", "120.0", "2")
    assert rows[1]["skipped"] == "", "what is not known is empty"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"])
def test_no_sign_begins_a_formula(cli: Cli, table: Any, sign: str) -> None:
    record(table, "stop", "a", "FAILED", error=f"{sign}1")
    (row,) = csv.DictReader(io.StringIO(cli("runs", "--csv", *AWS).out, newline=""))
    assert row["error"] == f"'{sign}1"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--csv", "--json"], 2, "not both"),
        (["--account", "12"], 1, "12 digits"),
        (["--sort", "best"], 2, "best"),
    ],
)
def test_what_makes_no_sense_is_said(cli: Cli, runs: Any, options: list[str], code: int, said: str) -> None:
    done = cli("runs", *options, *AWS)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
