"""`nightshift test`: what a change of a flow does shows in the files of its plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightshift.cli import run
from nightshift.testing.plans import changes, plans

FLOW = '''from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("0 20 * * ? *", timezone="UTC"))
def evening(tag: str = "AutoOff=yes"):
    """Stop the office."""
    ec2.stop_instances(tag=tag)
'''
FLEET = """from nightshift.testing import Machine

FLEET = [Machine("a", {"AutoOff": "yes"}), Machine("b", {"AutoOff": "yes"}, running=False), Machine("c")]
PARAMETERS = {"one": {"instance_id": "c"}}
"""
ONE = '''

@flow
def one(instance_id: str):
    """Stop one."""
    ec2.stop_instances(instance_id=instance_id)
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"flow_defs/evening.py": FLOW, "tests/fleet.py": FLEET}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_plan_says_by_names_what_would_change(project: Path) -> None:
    assert plans(project / "flow_defs")["evening"].splitlines() == [
        "evening: Stop the office.",
        "starts at cron(0 20 * * ? *) UTC",
        "planned for Mon 2026-01-05 20:00 UTC",
        "",
        "ec2.stop_instances",
        "  changes: a",
        "  leaves b: already stopped",
    ]


def test_it_is_the_same_each_time(project: Path) -> None:
    assert plans(project / "flow_defs") == plans(project / "flow_defs")


def test_parameters_by_name(project: Path) -> None:
    (project / "flow_defs/evening.py").write_text(FLOW + ONE)
    assert "with instance_id='c'" in plans(project / "flow_defs")["one"]
    assert "  changes: c" in plans(project / "flow_defs")["one"]
    (project / "tests/fleet.py").write_text(FLEET.replace('"one"', '"two"'))
    assert "needs instance_id: say in tests/fleet.py PARAMETERS" in plans(project / "flow_defs")["one"]


def test_the_command_gates_and_accepts(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["test"]) == 1
    assert "nightshift test --update" in capfd.readouterr().out
    assert run(["test", "--update"]) == 0
    capfd.readouterr()
    assert run(["test"]) == 0
    assert "as tests/plans says" in capfd.readouterr().out
    (project / "flow_defs/evening.py").write_text(FLOW.replace("AutoOff=yes", "Name=*"))
    assert run(["test"]) == 1
    said = capfd.readouterr().out
    assert "-  changes: a\n+  changes: a, c" in said
    assert run(["test", "--update"]) == 0
    assert run(["test"]) == 0


def test_the_plan_of_a_flow_that_is_gone(project: Path) -> None:
    run(["test", "--update"])
    (project / "flow_defs/evening.py").write_text(FLOW.replace("evening", "night"))
    assert {(change.path.stem, change.kind) for change in changes(project / "flow_defs")} == {
        ("evening", "gone"),
        ("night", "new"),
    }
    run(["test", "--update"])
    assert [path.name for path in (project / "tests/plans").iterdir()] == ["night.txt"]


def test_a_failing_test_fails_the_command(project: Path) -> None:
    run(["test", "--update"])
    (project / "tests/test_it.py").write_text("def test_it():\n    assert False\n")
    assert run(["test", "-p", "no:cacheprovider"]) == 1
