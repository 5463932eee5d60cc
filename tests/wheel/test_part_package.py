"""A package with parts that a team builds and installs beside nightshift, found by its entry point."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_parts.conftest import FLOW, STOP
from tests.wheel.conftest import ROOT, Installed, uv

PROJECT = """
[project]
name = "acme-parts"
version = "1.0"

{entry_point}

[build-system]
requires = ["uv_build"]
build-backend = "uv_build"
"""


@pytest.fixture
def package(installed: Installed, tmp_path: Path) -> Iterator[None]:
    """The package, with the entry point as the page shows it, built offline and installed."""
    page = (ROOT / "docs/own-part.md").read_text(encoding="utf-8")
    shown = page.split("## From a package")[1].split("```toml\n")[1].split("```")[0]
    package = tmp_path / "package"
    service = package / "src/acme_parts/rds"
    service.mkdir(parents=True)
    (package / "pyproject.toml").write_text(PROJECT.format(entry_point=shown), encoding="utf-8")
    (service.parent / "__init__.py").touch()
    (service / "halt_db.py").write_text(STOP.replace("def stop_db_instance", "def halt_db"), encoding="utf-8")
    python = ["--offline", "--quiet", "--python", str(installed.folder / "bin/python")]
    uv(["build", "--wheel", *python, "--out-dir", str(package), str(package)])
    [wheel] = package.glob("*.whl")
    uv(["pip", "install", *python, "--no-deps", str(wheel)])
    yield
    uv(["pip", "uninstall", *python, "acme-parts"])


def test_a_project_uses_a_part_of_a_package_that_is_installed(
    installed: Installed, package: None, tmp_path: Path
) -> None:
    installed.run(tmp_path, "nightshift", "init", "my-ops")
    project = tmp_path / "my-ops"
    flow = FLOW.replace("from parts", "from acme_parts").replace("rds.stop_db_instance", "rds.halt_db")
    (project / "flow_defs/stop_databases.py").write_text(flow, encoding="utf-8")
    assert installed.run(project, "nightshift", "check") == "3 flows, no errors\n"
    compiled = installed.run(project, "nightshift", "compile", "flow_defs/stop_databases.py")
    assert '"part": "rds.halt_db"' in compiled
    listed = json.dumps(installed.told(project, "nightshift", "part", "list", "--json"))
    assert "rds.halt_db" in listed
    allowed = json.dumps(installed.told(project, "nightshift", "show", "stop_databases", "--as", "iam", "--json"))
    assert "rds:StopDBInstance" in allowed
