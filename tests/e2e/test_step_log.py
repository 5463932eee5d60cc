"""The log lines of a step in a browser: what its part wrote to CloudWatch Logs in this run, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from nightshift.local import LocalAws
from tests.e2e.browser import Dashboard, dashboard_url
from tests.e2e.runs import finished, start

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def runs(local: LocalAws) -> tuple[str, str]:
    """Two runs of the nightly backup, one of which may make no snapshot; the names of the one that can, and of that."""
    fine: str = finished(local, start(local, "nightly_backup"))["name"]
    with local.control().fault("error", action="CreateSnapshot", code="UnauthorizedOperation"):
        refused: str = finished(local, start(local, "nightly_backup"))["name"]
    return fine, refused


@pytest.fixture(params=[("en", 1440, "light"), ("ja", 390, "dark")], ids=["en", "ja, on a phone, dark"])
def shown(request: pytest.FixtureRequest, browser: Browser, local: LocalAws) -> Iterator[Dashboard]:
    """The dashboard of an administrator."""
    language, width, theme = request.param
    opened = Dashboard(browser, dashboard_url(local), width=width, language=language, theme=theme)
    opened.page.set_default_timeout(30_000)
    yield opened
    assert (opened.violations(), opened.overflow(), opened.troubles) == ([], 0, [])
    opened.context.close()


WORDS = {"en": ("Show the log lines", "Log lines", "Close"), "ja": ("ログを表示", "ログ", "閉じる")}


def lines(shown: Dashboard, step: str) -> Locator:
    """Open the dialog of a step on the page of its run, and ask for its lines."""
    page = shown.page
    show, title, _ = WORDS[str(page.locator("html").get_attribute("lang"))]
    page.locator(f'[data-node="{step}"]').click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("table", name=title, exact=True)).to_have_count(0)
    dialog.get_by_role("button", name=show).click()
    table = dialog.get_by_role("table", name=title, exact=True)
    expect(table).to_be_visible()
    return table


def test_a_step_shows_its_own_lines_of_this_run(shown: Dashboard, runs: tuple[str, str]) -> None:
    fine, refused = runs
    shown.open(f"/runs/nightly_backup/{fine}")
    stopping = lines(shown, "ec2.stop_instances")
    expect(stopping).to_contain_text("to be stopped")
    expect(stopping).not_to_contain_text("snapshot")
    assert (shown.violations(), shown.overflow()) == ([], 0)
    shown.page.keyboard.press("Escape")
    snapshots = lines(shown, "ebs.create_snapshot")
    expect(snapshots).to_contain_text("snapshot is pending")
    expect(snapshots).not_to_contain_text("UnauthorizedOperation")

    shown.open(f"/runs/nightly_backup/{refused}")
    expect(lines(shown, "ebs.create_snapshot")).to_contain_text("UnauthorizedOperation")


def test_lines_that_are_kept_no_longer_are_said_to_be_gone(shown: Dashboard, runs: tuple[str, str]) -> None:
    answers = [{"lines": [], "more": False}, {"lines": [], "more": True}]
    page = shown.page
    page.route("**/logs?*", lambda route: route.fulfill(json=answers.pop(0)))
    shown.open(f"/runs/nightly_backup/{runs[0]}")
    gone, more = {
        "en": ("kept no longer", "all of them are in CloudWatch Logs"),
        "ja": ("保存期間を過ぎています", "すべてのログは CloudWatch Logs で確認できます"),
    }[str(page.locator("html").get_attribute("lang"))]
    expect(lines(shown, "ec2.stop_instances")).to_contain_text(gone)
    page.keyboard.press("Escape")
    lines(shown, "ebs.create_snapshot")
    expect(page.get_by_role("dialog")).to_contain_text(more)
