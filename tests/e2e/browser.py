"""A browser with the dashboard in it: opening its pages, and having axe look at them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from nightshift.local import LocalAws

ROOT = Path(__file__).parents[2]
PAGES = (
    "/",
    "/flows",
    "/flows/nightly_backup",
    "/buttons",
    "/open",
    "/handover",
    "/runs",
    "/approvals",
    "/report",
    "/next",
    "/calendar",
    "/fleet",
    "/audit",
)
"""Every page of an administrator but that of a run, which is /runs/FLOW/NAME."""

RUN_TIMEOUT = 120_000
"""Milliseconds. A run of the nightly backup takes some 15 seconds on the local AWS, on a busy machine some more."""

_AXE = ROOT / "dashboard/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Fails the test when there is none."""
    path = shutil.which("chromium")
    assert path, "the tests of the dashboard need Chromium: apt-get install chromium, or run `make test` as root"
    # Five seconds, Playwright's own, are too few on a machine that is busy with other tests.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        # Chromium's sandbox does not work for root, as whom containers run.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Dashboard:
    """A page of the browser that shows the dashboard.

    troubles: what the browser complained about: errors of scripts, and of the content security policy.
    """

    def __init__(self, browser: Browser, url: str, *, width: int = 1400, height: int = 1000, **settings: str) -> None:
        """settings: language, theme and identity, as the dashboard keeps them in the browser."""
        self.url = url
        self.context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        # Only where nothing is kept yet: a test may choose anew, and load the page again.
        for name, value in settings.items():
            key, text = json.dumps(f"nightshift.{name}"), json.dumps(value)
            self.context.add_init_script(f"localStorage.getItem({key}) ?? localStorage.setItem({key}, {text})")
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)

    def open(self, path: str = "/") -> None:
        """Open a page, and wait until it has loaded what it shows."""
        self.page.goto(f"{self.url}/#{path}")
        self.settled()

    def settled(self) -> None:
        """Wait until nothing on the page is loading any more."""
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        expect(self.page.get_by_text("Loading", exact=True)).to_have_count(0)
        expect(self.page.get_by_text("読み込み中", exact=True)).to_have_count(0)

    def violations(self) -> list[str]:
        """What axe finds on the page, each with the first element it finds it at."""
        self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate("rules => axe.run(document, { runOnly: rules })", _RULES)
        return [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return width


def dashboard_url(local: LocalAws) -> str:
    """Where the dashboard is."""
    assert local.dashboard is not None
    return local.dashboard.url


def run_state(page: Page, state: str) -> Locator:
    """The sign of a run that is in this state."""
    return page.locator(f"[data-run-state={state}]")
