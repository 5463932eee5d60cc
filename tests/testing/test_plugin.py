"""The plugin of pytest in a project, as the page shows it; and no test of a project reaches AWS."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nightshift.cli import run

PAGE = Path(__file__).parents[2] / "docs" / "testing-flows.md"
PLUGIN = ("-p", "nightshift.testing.plugin", "-p", "no:nightshift", "-p", "no:cacheprovider")
REACHING = """import boto3
import pytest


def reach():
    keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "none"}
    boto3.client("ec2", region_name="us-east-1", **keys).describe_instances()


@pytest.fixture(scope="module")
def early():
    reach()


def test_in_a_fixture(early):
    pass


def test_in_a_test():
    reach()


def test_on_the_fleet(fleet):
    reach()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    return tmp_path


def pytest_in(project: Path, *given: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", *PLUGIN, *given]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False).stdout


def test_what_the_page_shows(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tests, fleet, elsewhere, work = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (project / "tests/test_flows.py").write_text(tests)
    (project / "tests/fleet.py").write_text(fleet + work)
    for command in re.findall(r"^nightshift (test.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        assert run([*command.split(), *PLUGIN]) == 0
    said = capfd.readouterr().out
    assert "2 passed" in said
    assert "The plans of all flows are as tests/plans says." in said
    shown: dict[str, Any] = {}
    exec(elsewhere, shown)
    assert [machine.region for machine in shown["FLEET"] if machine.account] == ["eu-west-1"]


def test_no_test_reaches_aws(project: Path) -> None:
    (project / "tests/test_reaching.py").write_text(REACHING)
    said = pytest_in(project, "tests/test_reaching.py")
    assert "2 failed, 1 error" in said
    assert said.count("WouldReachAws: something would have reached ec2.us-east-1.amazonaws.com") >= 3


def test_a_part_that_is_wrong_is_told(project: Path) -> None:
    (project / "parts/stop.py").write_text("")
    command = [sys.executable, "-m", "pytest", "-q", *PLUGIN]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert "stop.py:1:1: NS601" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_fleet_for_a_file(project: Path) -> None:
    (project / "tests/test_mine.py").write_text(
        "import pytest\nfrom nightshift.testing import Machine\n\n\n"
        "@pytest.fixture\ndef machines():\n    return [Machine('mine')]\n\n\n"
        "def test_it(fleet):\n    assert [i.name for i in fleet.instances()] == ['mine']\n"
    )
    assert "1 passed" in pytest_in(project, "tests/test_mine.py")
