"""A local AWS for the end-to-end tests: brought up once, with the shipped flows and those of `flow_defs/` here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from nightshift.local import LocalAws
from tests.e2e.browser import Dashboard, chromium, dashboard_url
from tests.e2e.runs import ROOT, deployed


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The app with these flows on MiniStack and the fleet."""
    project = tmp_path_factory.mktemp("local-aws")
    flow_defs = project / "flow_defs"
    shutil.copytree(ROOT / "flow_defs", flow_defs, ignore=shutil.ignore_patterns("__pycache__"))
    for own in ("flow_defs", "shipped_templates/flow_defs"):
        shutil.copytree(Path(__file__).parent / own, flow_defs, dirs_exist_ok=True)
    with deployed(project, flow_defs) as brought_up:
        yield brought_up


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
