"""A local AWS for the end-to-end tests: brought up once, with the shipped flows and those of `flow_defs/` here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from nightshift.local import LocalAws, down, up
from tests.e2e.browser import Dashboard, chromium, dashboard_url
from tests.e2e.runs import quieten

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The app, deployed by the cdk CLI to MiniStack and the fleet."""
    project = tmp_path_factory.mktemp("local-aws")
    flow_defs = project / "flow_defs"
    shutil.copytree(ROOT / "flow_defs", flow_defs, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(__file__).parent / "flow_defs", flow_defs, dirs_exist_ok=True)
    try:
        brought_up = up(project, app=ROOT, flow_defs=flow_defs)
        quieten(brought_up)
        yield brought_up
    finally:
        down(project)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def dashboard(browser: Browser, local: LocalAws) -> Iterator[Dashboard]:
    """The dashboard of an administrator, in English; the browser must have nothing to complain about."""
    opened = Dashboard(browser, dashboard_url(local), language="en", theme="light")
    opened.page.set_default_timeout(30_000)
    yield opened
    opened.context.close()
    assert opened.troubles == []
