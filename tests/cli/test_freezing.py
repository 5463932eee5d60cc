"""`nightshift hold` and `release` of several flows, and of all of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate import holds
from lambdas.store import audit
from tests.cli.conftest import Cli
from tests.tables import table

__all__ = ["table"]

FLOW = """
from lambdas.parts import ec2
from nightshift import daily, flow

@flow(schedule=daily("22:00", timezone="{zone}"))
def {name}(tag: str = "{tag}"):
    return ec2.stop_instances(tag=tag).summary

@flow
def {name}_by_hand():
    return "done"
"""


def write(folder: Path, name: str, tag: str, zone: str = "Asia/Tokyo") -> None:
    """A flow with a schedule, and one without."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(FLOW.format(name=name, tag=tag, zone=zone), encoding="utf-8")


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Any) -> list[str]:
    """The options by which a command finds the flows and the account."""
    write(tmp_path / "defs", "office", "System=office")
    write(tmp_path / "defs", "shop", "System=shop")
    write(tmp_path / "defs" / "night", "backup", "System=shop")
    monkeypatch.chdir(tmp_path)
    return ["--flow-defs", "defs", "--target", "aws"]


def events(table: Any) -> list[tuple[str, str]]:
    """Action and flow of what was recorded, the latest first."""
    now = datetime.now(UTC)
    return [(e.action, e.flow) for e in audit.page(table, None, since=now - timedelta(minutes=5), until=now)[0]]


def held(table: Any) -> list[str]:
    """The flows that are held now."""
    found = holds.read_all(table, ["office", "shop", "backup"])
    return [flow for flow, its in found.items() if its.holding(datetime.now(UTC))]


def test_all_flows_are_held_until_a_time_and_released(cli: Cli, flows: list[str], table: Any) -> None:
    end = (datetime.now(UTC) + timedelta(days=3)).date()
    done = cli("hold", "--all", "--until", end, "--reason", "year-end closing", *flows)
    told = f"until {end} 00:00 JST by moto: year-end closing"
    assert (done.code, done.out.splitlines()[0]) == (0, f"All flows are held {told}")
    assert held(table) == ["backup", "office", "shop"]
    listed = cli("list", *flows).out.splitlines()
    frozen = [line.split()[0] for line in listed if line.endswith(f"held with all flows {told}")]
    assert frozen == ["backup", "office", "shop"]
    released = cli("release", "--all", *flows)
    assert released.out.startswith("The flows are no longer held until ")
    assert held(table) == []
    assert cli("release", "--all", *flows).out.startswith("The flows were not held all at once")
    assert events(table) == [("release", "*"), ("hold", "*")]


def test_flows_are_left_out_of_a_freeze(cli: Cli, flows: list[str], table: Any) -> None:
    made = json.loads(cli("hold", "--all", "--why", "drill", "--except", "backup", "--json", *flows).out)["freeze"]
    assert (made["why"], made["exempt"], made["freeze"]) == ("drill", ["backup"], True)
    assert held(table) == ["office", "shop"]
    assert json.loads(cli("release", "--all", "--json", *flows).out)["released"] == made


def test_the_end_of_a_freeze_is_one_moment(cli: Cli, flows: list[str], table: Any) -> None:
    write(Path("defs"), "office", "System=office", "Europe/Berlin")
    end = (datetime.now(UTC) + timedelta(days=3)).date()
    refused = cli("hold", "--all", "--until", end, "--why", "x", *flows)
    assert (refused.code, "Asia/Tokyo, Europe/Berlin" in refused.err, "+09:00" in refused.err) == (1, True, True)
    assert cli("hold", "--all", "--until", f"{end}T09:00+01:00", "--why", "x", *flows).code == 0
    freeze = holds.frozen(table)
    assert freeze is not None
    assert freeze.until == datetime(end.year, end.month, end.day, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (["office", "shop"], ["office", "shop"]),
        (["--tag", "System=shop"], ["backup", "shop"]),
        (["--in", "night"], ["backup"]),
        (["--in", "night", "--tag", "System=office", "--tag", "System=shop"], ["backup"]),
        (["office", "--in", "night"], ["backup", "office"]),
    ],
)
def test_several_flows_are_held_and_released(
    cli: Cli, flows: list[str], table: Any, selection: list[str], wanted: list[str]
) -> None:
    done = cli("hold", *selection, "--why", "drill", *flows)
    assert (done.code, [line.split()[0] for line in done.out.splitlines()]) == (0, wanted)
    assert held(table) == wanted
    released = json.loads(cli("release", *selection, "--json", *flows).out)
    assert [(one["flow"], one["released"]["why"]) for one in released] == [(flow, "drill") for flow in wanted]
    assert held(table) == []
    assert sorted(events(table)) == sorted((action, flow) for flow in wanted for action in ("hold", "release"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["hold", "--why", "x"], 2, "name flows"),
        (["hold", "office", "--all", "--why", "x"], 2, "and not both"),
        (["hold", "office", "--except", "shop", "--why", "x"], 2, "--except goes with --all"),
        (["release"], 2, "name flows"),
        (["hold", "--all", "--why", " "], 1, "a hold needs a reason"),
        (["hold", "--all", "--why", "x", "--until", "2020-01-01"], 1, "has passed"),
        (["hold", "--all", "--why", "x", "--except", "ofice"], 1, "did you mean office?"),
        (["hold", "office", "shop", "--why", "x", "--until", "2020-01-01"], 1, "has passed"),
        (["hold", "office", "shop_by_hand", "--why", "x"], 1, "neither a schedule nor an alarm"),
        (["hold", "--tag", "System=none", "--why", "x"], 1, "nothing matches"),
        (["hold", "--in", "days", "--why", "x"], 1, "does not exist"),
    ],
)
def test_what_makes_no_sense_holds_nothing(
    cli: Cli, flows: list[str], table: Any, arguments: list[str], code: int, said: str
) -> None:
    done = cli(*arguments, *flows)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert (held(table), events(table)) == ([], [])


def test_a_retired_flow_stays_so(cli: Cli, flows: list[str], table: Any) -> None:
    holds.retire(table, "shop", by="alice", why="replaced")
    said = cli("hold", "office", "shop", "--why", "drill", *flows).out
    assert said.splitlines()[1] == "shop is retired, and stays so"
    assert cli("release", "office", "shop", *flows).out.splitlines()[1] == "shop is retired, and stays so"
    assert holds.read(table, "shop").retired
