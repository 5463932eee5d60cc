"""Every command that prints something prints it as one JSON document with `--json`, and nothing else on that stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from nightshift.cli.app import app
from nightshift.cli.holding import acting as holding
from tests.cli.conftest import ROOT, Cli
from tests.cli.test_acting import machine, waiting
from tests.tables import table

__all__ = ["table", "waiting"]

SOURCE = """
from lambdas.parts import ec2
from nightshift import daily, flow


@flow(schedule=daily("22:00", timezone="Asia/Tokyo"))
def nightly(tag: str = "AutoOff=yes"):
    return ec2.stop_instances(tag=tag).summary
"""
CRONTAB = "0 3 * * * /usr/local/bin/backup\n"
POLICIES = "policies: [{name: stop, resource: aws.ec2, filters: ['tag:Env': dev], actions: [stop]}]\n"
TABLE = ROOT / "tests/importing/configs/table.json"
AWS = ("--target", "aws")

OF_ANOTHER_KIND = {
    "cdk": "has the options of the CDK CLI",
    "compile": "prints JSON, or writes it to a file",
    "member-template": "prints a template, which is JSON",
}
HERE: dict[str, tuple[str, ...]] = {
    "api": ("ec2", "stop_instances"),
    "check": (),
    "doctor": (),
    "down": (),
    "hold": ("nightly", "--why", "drill", *AWS),
    "import crontab": ("crontab", "--tag", "Name=batch", "-o", "imported"),
    "import custodian": ("policies.yml", "-o", "imported"),
    "import instance-scheduler": (str(TABLE), "-o", "imported"),
    "init": ("my-ops",),
    "list": (),
    "logs": ("nightly/tonight", *AWS),
    "part list": (),
    "part lock": (),
    "part new": ("rds.describe_db_clusters",),
    "part show": ("ec2.stop_instances",),
    "release": ("nightly", *AWS),
    "retire": ("by_hand", "--why", "replaced", *AWS),
    "runs": ("nightly", *AWS),
    "show": ("nightly",),
    "simulate": ("--days", "1"),
    "skip-next": ("nightly", *AWS),
    "stop": ("nightly/tonight", *AWS),
    "test": ("--update",),
}
"""Commands that a folder and an account in this process suffice for, with what they are given."""
ELSEWHERE = {
    "acknowledge": "cli/test_open.py",
    "approvals": "cli/test_approving.py",
    "approve": "cli/test_approving.py",
    "deploy": "e2e/test_stages.py",
    "diff": "e2e/test_stages.py",
    "follow": "cli/test_run.py",
    "handover": "cli/test_handover.py",
    "local calls": "e2e/test_accounts.py",
    "local fault": "cli/test_run.py",
    "local status": "cli/test_run.py",
    "mail": "cli/test_run.py",
    "open": "cli/test_open.py",
    "plan": "cli/test_run.py",
    "redrive": "cli/test_run.py",
    "reject": "cli/test_approving.py",
    "report": "cli/test_run.py",
    "run": "cli/test_run.py",
    "up": "wheel/test_own_project.py",
}
"""The others, with the file whose tests read their JSON."""


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, command


ALL = dict(commands(typer.main.get_command(app)))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: str) -> Path:
    """A project with a flow, one of whose runs is under way in the account, and one of another flow that is not."""
    machine("nightshift-by_hand", {"Type": "Succeed"})
    (tmp_path / "flow_defs").mkdir()
    (tmp_path / "flow_defs/nightly.py").write_text(SOURCE)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/requirements.in").write_text("")
    (tmp_path / "crontab").write_text(CRONTAB)
    (tmp_path / "policies.yml").write_text(POLICIES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(holding._POLL, "aws", 0.0)
    return tmp_path


@pytest.mark.parametrize("name", ALL)
def test_a_command_prints_json(name: str, request: pytest.FixtureRequest) -> None:
    options = {option for parameter in ALL[name].params for option in parameter.opts}
    assert ("--json" in options) == (name not in OF_ANOTHER_KIND)
    if name in HERE:
        request.getfixturevalue("project")
        cli: Cli = request.getfixturevalue("cli")
        done = cli(*name.split(), *HERE[name], "--json")
        assert done.code in ((0, 1) if name == "doctor" else (0,)), done.err
        assert json.loads(done.out) is not None
    elif name not in OF_ANOTHER_KIND:
        assert name in ELSEWHERE, f"say in HERE how {name} is called, or in ELSEWHERE which test reads its JSON"
        text = (ROOT / "tests" / ELSEWHERE[name]).read_text(encoding="utf-8")
        quoted = '", "'.join(name.split())
        assert re.search(rf'"{quoted}".*"--json"', text), f"no test reads the JSON of {name}"


def test_what_a_hold_and_a_skip_did_is_told(cli: Cli, project: Path) -> None:
    held = json.loads(cli("hold", "nightly", "--why", "drill", "--json", *AWS).out)
    assert (held["flow"], held["hold"]["why"], held["hold"]["until"]) == ("nightly", "drill", None)
    assert json.loads(cli("skip-next", "nightly", "--json", *AWS).out)["start"] is None
    released = json.loads(cli("release", "nightly", "--json", *AWS).out)
    assert released["released"] == held["hold"]
    assert released["next"].endswith("22:00:00+09:00")
    assert json.loads(cli("release", "nightly", "--json", *AWS).out)["released"] is None
    assert json.loads(cli("skip-next", "nightly", "--json", *AWS).out)["start"] == released["next"]


def test_what_is_said_meanwhile_stands_apart(cli: Cli, project: Path) -> None:
    done = cli("retire", "by_hand", "--why", "replaced", "--json", *AWS)
    assert json.loads(done.out)["hold"]["retired"]
    assert done.err.startswith("by_hand is retired by")


@pytest.mark.parametrize("view", ["text", "mermaid", "asl", "iam"])
def test_each_view_of_a_flow_is_json(cli: Cli, project: Path, view: str) -> None:
    shown = json.loads(cli("show", "nightly", "--as", view, "--json").out)
    assert "ec2.stop_instances" in json.dumps(shown)


def test_the_plans_that_differ_are_told_with_the_code_1(cli: Cli, project: Path) -> None:
    done = cli("test", "--json")
    assert (done.code, [plan["kind"] for plan in json.loads(done.out)["plans"]]) == (1, ["new"])
    assert cli("test", "--update", "--json").code == 0
    assert json.loads(cli("test", "--json").out) == {"tests_passed": True, "plans": [], "accepted": False}
