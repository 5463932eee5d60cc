"""`nightshift hold`, `release`, `skip-next` and what `list` says of them, on the app's table in an account."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lambdas.gate import holds
from lambdas.store import audit
from tests.cli.conftest import Cli
from tests.tables import table

__all__ = ["table"]

SOURCE = """
from nightshift import cron, flow, topic

@flow(schedule=cron("0 22 * * ? *", timezone="Asia/Tokyo"))
def nightly():
    return "done"

@flow(on_alarm=topic())
def recover():
    return "done"

@flow
def by_hand():
    return "done"
"""
ME = "arn:aws:sts::123456789012:user/moto"


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Any) -> list[str]:
    """The options by which a command finds the flows and the account."""
    (tmp_path / "held.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return ["--flow-defs", str(tmp_path), "--target", "aws"]


def test_a_hold_is_kept_in_the_zone_of_the_flow_and_shown(cli: Cli, flows: list[str], table: Any) -> None:
    end = (datetime.now(UTC) + timedelta(days=3)).date()
    done = cli("hold", "nightly", "--until", end, "--why", "inventory", *flows)
    told = f"held until {end} 00:00 JST by moto: inventory"
    assert (done.code, done.out.splitlines()[0]) == (0, f"nightly is {told}")
    kept = holds.read(table, "nightly").hold
    assert kept is not None
    assert (kept.by, kept.until) == (ME, datetime(end.year, end.month, end.day, tzinfo=UTC) - timedelta(hours=9))

    lines = cli("list", *flows).out.splitlines()
    assert lines[0].endswith("  held")
    assert [line.split("  ")[0] for line in lines if line.endswith(told)] == ["nightly"]
    listed = {flow["flow"]: flow["held"] for flow in json.loads(cli("list", "--json", *flows).out)}
    assert listed["nightly"]["hold"]["why"] == "inventory"
    assert listed["by_hand"] == {"hold": None, "skip_next": None}

    assert cli("skip-next", "nightly", *flows).out.startswith(f"nightly: the start at {end} 22:00 JST")
    released = cli("release", "nightly", *flows).out.splitlines()
    assert released[0] == f"nightly is no longer {told}"
    assert released[1].startswith("It starts next at ")
    assert cli("release", "nightly", *flows).out == "nightly was not held\n"
    events = audit.page(table, None, since=datetime.now(UTC) - timedelta(minutes=5), until=datetime.now(UTC))[0]
    assert [(event.action, event.by) for event in events] == [("release", ME), ("skip_next", ME), ("hold", ME)]


def test_a_hold_without_end_and_a_skip_behind_it(cli: Cli, flows: list[str], table: Any) -> None:
    assert cli("hold", "recover", "--why", "drill", *flows).out.startswith("recover is held by moto: drill\n")
    assert cli("hold", "nightly", "--why", "drill", *flows).code == 0
    skipped = cli("skip-next", "nightly", "--why", "by hand", *flows).out
    assert skipped == "nightly: the first start after the hold is skipped once by moto: by hand\n"
    assert cli("skip-next", "nightly", "--why", "again", *flows).out == skipped
    assert cli("skip-next", "nightly", "--undo", *flows).out == ("nightly is no longer skipped once by moto: by hand\n")
    assert cli("skip-next", "nightly", "--undo", *flows).out == "No start of nightly was to be skipped\n"
    assert holds.read(table, "nightly").skip is None


def test_each_start_in_the_list_says_whether_it_is_held_or_skipped(cli: Cli, flows: list[str], table: Any) -> None:
    tomorrow = datetime.now(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=2)
    cli("hold", "nightly", "--until", tomorrow, "--why", "inventory", *flows)
    cli("skip-next", "nightly", *flows)
    (nightly,) = [f for f in json.loads(cli("list", "--next", "5", "--json", *flows).out) if f["flow"] == "nightly"]
    held = sum(datetime.fromisoformat(n["local"]).date() < tomorrow for n in nightly["schedule"]["next"])
    assert [n.get("state") for n in nightly["schedule"]["next"]] == [*["held"] * held, "skipped", *[None] * (4 - held)]
    told = cli("list", "--next", "5", *flows).out
    assert (told.count(" JST (held)"), told.count(" JST (skipped)")) == (held, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hold", "by_hand", "--why", "x"], "by_hand has neither a schedule nor an alarm"),
        (["hold", "nightly", "--why", " "], "a hold needs a reason"),
        (["hold", "nightly", "--why", "x", "--until", "tomorrow"], "write 2026-12-01"),
        (["hold", "nightly", "--why", "x", "--until", "2020-01-01"], "has passed"),
        (["hold", "nigthly", "--why", "x"], "did you mean nightly?"),
        (["skip-next", "recover"], "recover has no schedule"),
    ],
)
def test_what_makes_no_sense_is_refused(
    cli: Cli, flows: list[str], table: Any, arguments: list[str], said: str
) -> None:
    done = cli(*arguments, *flows)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert audit.page(table, None, since=datetime.now(UTC) - timedelta(minutes=5), until=datetime.now(UTC))[0] == []


def test_an_app_that_is_not_deployed_is_said(cli: Cli, flows: list[str], table: Any) -> None:
    table.delete()
    done = cli("hold", "nightly", "--why", "x", *flows)
    assert done.code == 1
    assert "deploy first" in done.err
    assert cli("list", *flows).code == 1
    assert cli("list", *flows[:2]).code == 0, "without a target and a local AWS nothing is asked"


def test_a_hold_wants_to_know_why(cli: Cli, flows: list[str]) -> None:
    assert cli("hold", "nightly", *flows).code == 2
