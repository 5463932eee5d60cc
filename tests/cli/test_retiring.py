"""`nightshift retire`, and what `list` says of a flow that is retired."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.gate import holds
from nightshift.cli.holding.acting import retire
from tests.cli.conftest import Cli
from tests.tables import table

__all__ = ["table"]

SOURCE = """
from nightshift import cron, flow

@flow(schedule=cron("0 22 * * ? *", timezone="Asia/Tokyo"))
def nightly():
    return "done"

@flow
def by_hand():
    return "done"
"""


@pytest.fixture
def states(table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Step Functions with the flow `nightly`, whose runs last until they are stopped."""
    (tmp_path / "flows.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    client = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}})
    client.create_state_machine(
        name="nightshift-nightly", roleArn="arn:aws:iam::123456789012:role/any", definition=definition
    )
    return client


def test_it_holds_the_flow_and_waits_for_its_runs(states: Any, table: Any, capsys: pytest.CaptureFixture[str]) -> None:
    machine = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    run = states.start_execution(stateMachineArn=machine, name="tonight")["executionArn"]
    polls: list[bool] = []

    def pause(_: float) -> None:
        polls.append(holds.read(table, "nightly").retired)
        if len(polls) == 3:
            states.stop_execution(executionArn=run)

    retire("nightly", "aws", why="replaced", pause=pause)
    told = capsys.readouterr().out.splitlines()
    assert polls == [True, True, True]
    assert told[0].startswith("nightly is retired by moto: replaced")
    assert told[1:3] == [
        "Waiting for tonight",
        "nightly has no runs under way. Remove it from the flows and deploy; or nightshift release nightly",
    ]
    assert told[3].startswith("tonight can be redriven until ")


def test_a_flow_that_is_not_deployed_is_not_retired(cli: Cli, states: Any, table: Any) -> None:
    done = cli("retire", "nightli", "--why", "replaced", "--target", "aws")
    assert (done.code, "There is nightshift-nightly" in done.err) == (1, True)
    assert not holds.read(table, "nightli").retired


def test_the_list_leaves_it_out(cli: Cli, states: Any, table: Any) -> None:
    holds.retire(table, "nightly", by="alice", why="replaced", now=datetime.now(UTC))
    options = ("--flow-defs", ".", "--target", "aws")
    told = cli("list", *options).out.splitlines()
    assert [line.split()[0] for line in told[1:]] == ["by_hand", "Retired,"]
    assert told[-1] == "Retired, and shown with --all: nightly"
    assert "retired by alice: replaced" in cli("list", "--all", *options).out
    assert [flow["flow"] for flow in json.loads(cli("list", "--json", *options).out)] == ["by_hand"]
    assert cli("release", "nightly", *options).out.startswith("nightly is no longer retired by alice: replaced")
