"""The drawing of a flow and of a run in a browser: thirty nested steps, at the width of a screen and of a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from nightshift.local import LocalAws
from tests.e2e.browser import RUN_TIMEOUT, Dashboard, dashboard_url
from tests.e2e.runs import start

pytestmark = pytest.mark.e2e

INTERNAL = ("$", "gate:", "raise", "after finally", "States.ALL")


@pytest.mark.parametrize(("width", "language", "theme"), [(1440, "en", "light"), (390, "ja", "dark")])
def test_a_run_of_thirty_nested_steps_is_legible(
    browser: Browser, local: LocalAws, width: int, language: str, theme: str
) -> None:
    run = start(local, "thirty_steps").rpartition(":")[2]
    opened = Dashboard(browser, dashboard_url(local), width=width, language=language, theme=theme)
    page = opened.page
    opened.open(f"/runs/thirty_steps/{run}")
    expect(page.locator("[data-run-state=SUCCEEDED]")).to_be_visible(timeout=RUN_TIMEOUT)
    drawing = page.locator(".tree")
    expect(drawing.locator(".tree-step")).to_have_count(28)
    # Of the branches side by side nothing is "not reached"; of the ways of an `if` only the one that was not taken.
    assert drawing.locator(".tree-frame.parallel .tree-step.missed").count() == 0
    assert drawing.locator(".tree-frame.loop > .tree-head").first.inner_text().count("2") == 1
    assert not [word for word in INTERNAL if word in drawing.inner_text()]
    assert opened.overflow() == 0
    narrowest = min(step.evaluate("step => step.clientWidth") for step in drawing.locator(".tree-step").all())
    assert narrowest > 100
    assert opened.violations() == []

    fold = page.get_by_role("button", name="Fold all" if language == "en" else "すべて折りたたむ")
    fold.click()
    expect(drawing.locator(".tree-frame .tree-step")).to_have_count(0)
    page.get_by_role("button", name="Unfold all" if language == "en" else "すべて展開").click()
    drawing.locator("button.tree-step").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    opened.context.close()
    assert opened.troubles == []
