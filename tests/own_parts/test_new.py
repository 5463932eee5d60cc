"""`nightshift part new` begins a part and a test of it that hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nightshift.cli import run
from nightshift.own_parts import use_own_parts
from nightshift.testing import check_part
from nightshift.testing.fleet import running_fleet
from tests.own_parts.conftest import FLOW

NAMES = ("rds.stop_db_instance", "rds.start_db_instance", "rds.describe_db_instances", "sqs.purge_queue")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "flow_defs").mkdir()
    text = FLOW.replace("(db_instance=db_instance)", "(db_instance_identifier=db_instance)")
    (tmp_path / "flow_defs/stop_databases.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_it_writes_is_right(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        assert run(["part", "new", name]) == 0
    assert "parts/rds/stop_db_instance.py" in capsys.readouterr().out
    assert run(["check"]) == 0
    plugin = "-p", "nightshift.testing.plugin", "-p", "no:nightshift", "-p", "no:cacheprovider"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, "--rootdir", ".", "tests"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"\b4 passed", done.stdout), done.stdout + done.stderr
    lint = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E4,E7,E9", "."],
        capture_output=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout


def test_no_file_is_overwritten(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "parts/rds").mkdir(parents=True)
    (project / "parts/rds/stop_db_instance.py").write_text("mine\n")
    assert run(["part", "new", NAMES[0]]) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not (project / "tests").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rds.stop_db", "did you mean stop_db_cluster, stop_db_instance?"),
        ("rdss.stop_db_instance", "did you mean rds?"),
        ("lambda.invoke", "words of that name"),
        ("stop", "SERVICE.OPERATION"),
        ("../x.y", "SERVICE.OPERATION"),
    ],
)
def test_a_name_that_cannot_be(name: str, said: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["part", "new", name]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("or call.dry_run", "", "the dry run of rds.stop_db_instance calls rds StopDBInstance"),
        ('"rds:StopDBInstance"', '"rds:StopDBInstance", "rds:DeleteDBInstance"', "what is not called: rds:Delete"),
        ('client = call.client("rds")', 'client = getattr(call, "client")("rds")\n    client.describe_db_clusters()',
         "calls what allow does not name: rds:DescribeDBClusters"),
    ],
)  # fmt: skip
def test_a_part_that_breaks_the_contract(old: str, new: str, said: str, project: Path) -> None:
    run(["part", "new", NAMES[0]])
    part, test = project / "parts/rds/stop_db_instance.py", project / "tests/test_rds_stop_db_instance.py"
    assert old in part.read_text()
    part.write_text(part.read_text().replace(old, new))
    use_own_parts(project / "flow_defs")
    text = test.read_text().replace("return {}", "return {}\n\n    def describe_db_clusters(self):\n        return {}")
    module: dict[str, Any] = {}
    exec(text.split("def test_")[0], module)
    with running_fleet([]) as fleet:
        fleet.answer("rds", module["Service"]())
        with pytest.raises(AssertionError, match=re.escape(said)):
            check_part(module["rds"].stop_db_instance, db_instance_identifier="one")
