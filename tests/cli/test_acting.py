"""`nightshift stop`, `redrive`, `follow`, `logs` and `runs` of a flow that is none, on the app's table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.runs.names import Names
from lambdas.store import audit
from tests.cli.conftest import Cli
from tests.tables import table

__all__ = ["table"]

AWS = ("--target", "aws")


def machine(name: str, state: dict[str, Any]) -> str:
    """Makes the state machine of a flow with one state; its ARN."""
    definition = json.dumps({"StartAt": "only", "States": {"only": state}})
    role = "arn:aws:iam::123456789012:role/any"
    made = boto3.client("stepfunctions").create_state_machine(name=name, roleArn=role, definition=definition)
    return str(made["stateMachineArn"])


@pytest.fixture
def waiting(table: Any) -> str:
    """The ARN of a run of `nightly` that goes on until it is stopped."""
    arn = machine("nightshift-nightly", {"Type": "Wait", "Seconds": 60, "End": True})
    run = boto3.client("stepfunctions").start_execution(stateMachineArn=arn, name="tonight", input="{}")
    return str(run["executionArn"])


def test_a_run_is_stopped_with_a_reason_and_audited(cli: Cli, table: Any, waiting: str) -> None:
    done = cli("stop", "nightly/tonight", "--why", "wrong volume", *AWS)
    assert (done.code, done.out) == (
        0,
        "nightly/tonight is stopped; its clean-up (finally) steps did not run\n",
    )
    described: Any = boto3.client("stepfunctions").describe_execution(executionArn=waiting)
    assert described["status"] == "ABORTED"
    events = audit.page(table, None, since=datetime.now(UTC) - timedelta(minutes=5), until=datetime.now(UTC))[0]
    assert [(e.action, e.flow, e.details) for e in events] == [
        ("stop", "nightly", {"run": "nightly/tonight", "why": "wrong volume"})
    ]
    again = cli("stop", waiting, *AWS)
    assert (again.code, "nightly/tonight has ended: ABORTED; there is nothing to stop" in again.err) == (1, True)


def test_who_starts_a_run_is_in_the_log_of_actions(cli: Cli, table: Any, tmp_path: Path) -> None:
    source = 'from nightshift import flow\n\n\n@flow()\ndef nightly():\n    """Do nothing."""\n    return 1\n'
    (tmp_path / "nightly.py").write_text(source, encoding="utf-8")
    machine("nightshift-nightly", {"Type": "Pass", "End": True})
    run = json.loads(cli("run", "nightly", "--json", "--flow-defs", str(tmp_path), *AWS).out)["execution_arn"]
    plan = json.loads(cli("plan", "nightly", "--json", "--flow-defs", str(tmp_path), *AWS).out)["execution_arn"]
    events = audit.page(table, None, since=datetime.now(UTC) - timedelta(minutes=5), until=datetime.now(UTC))[0]
    assert [(e.action, e.flow, e.details) for e in events] == [
        ("start", "nightly", {"run": f"nightly/{plan.rpartition(':')[2]}", "dry_run": "true"}),
        ("start", "nightly", {"run": f"nightly/{run.rpartition(':')[2]}"}),
    ]
    assert {event.by for event in events} == {boto3.client("sts").get_caller_identity()["Arn"]}

    table.delete()
    done = cli("run", "nightly", "--json", "--flow-defs", str(tmp_path), *AWS)
    assert done.code == 0
    assert "The run is not in the log of actions: there is no table nightshift" in done.err


def test_what_is_done_is_told_as_json(cli: Cli, waiting: str) -> None:
    assert json.loads(cli("stop", waiting, "--json", *AWS).out) == {
        "run": "nightly/tonight",
        "execution_arn": waiting,
        "done": "stopped",
    }


def test_only_a_run_that_failed_is_redriven(cli: Cli, waiting: str) -> None:
    done = cli("redrive", "nightly/tonight", *AWS)
    assert done.code == 1
    assert "nightly/tonight is RUNNING; only a run that failed, timed out or was stopped is redriven" in done.err


@pytest.mark.parametrize("command", ["stop", "redrive", "logs", "follow", "report"])
def test_a_run_that_is_none_is_refused(cli: Cli, waiting: str, command: str) -> None:
    never = cli(command, "nightly/never", *AWS)
    assert (never.code, never.out) == (1, "")
    assert "`nightshift runs nightly` lists" in never.err
    assert "write FLOW/NAME" in cli(command, "nightly", *AWS).err


def test_the_events_of_a_run_are_its_log(cli: Cli, waiting: str) -> None:
    lines = cli("logs", "nightly/tonight", *AWS).out.splitlines()
    events = json.loads(cli("logs", "nightly/tonight", "--json", *AWS).out)
    assert [line.split()[1] for line in lines] == [event["type"] for event in events]
    assert lines[0].split()[1] == "ExecutionStarted"


def test_runs_of_a_flow_that_is_none_exit_1(cli: Cli, waiting: str) -> None:
    assert cli("runs", "nightly", *AWS).code == 0, "it is deployed and has not run yet"
    for options in ([], ["--json"]):
        done = cli("runs", "nigthly", *options, *AWS)
        assert (done.code, "There is nightshift-nightly" in done.err) == (1, True)


def test_names_stand_beside_ids_that_have_one(table: Any) -> None:
    ec2 = boto3.resource("ec2")
    tags: Any = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web-1"}]}]
    (named,) = ec2.create_instances(ImageId="ami-0a0b0c0d0e0f00001", MinCount=1, MaxCount=1, TagSpecifications=tags)
    (bare,) = ec2.create_instances(ImageId="ami-0a0b0c0d0e0f00001", MinCount=1, MaxCount=1)
    names = Names(boto3.client("ec2"))
    assert names.beside(f"{named.id}, {bare.id}") == f"{named.id} (web-1), {bare.id}"
    assert names.beside(f"{named.id} (web-1)") == f"{named.id} (web-1)"
    (volume,) = named.volumes.all()
    assert names.beside(f"{volume.id}!") == f"{volume.id} (web-1 /dev/sda1)!"
