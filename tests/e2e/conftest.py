"""A local AWS for the end-to-end tests: brought up once, with the shipped flows and those of `flow_defs/` here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightshift.local import LocalAws, down, up

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The app, deployed by the cdk CLI to MiniStack and the fleet."""
    project = tmp_path_factory.mktemp("local-aws")
    flow_defs = project / "flow_defs"
    shutil.copytree(ROOT / "flow_defs", flow_defs, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(__file__).parent / "flow_defs", flow_defs, dirs_exist_ok=True)
    try:
        yield up(project, app=ROOT, flow_defs=flow_defs)
    finally:
        down(project)
