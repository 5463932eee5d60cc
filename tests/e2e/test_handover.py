"""The change of shifts in a browser: what happened since a user last looked, and what they have read is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from lambdas.store import audit
from tests.dashboard.conftest import aws, catalogue_file, flows
from tests.dashboard.runs import record
from tests.e2e.browser import Dashboard
from tests.e2e.site import OPERATOR, Site, site
from tests.tables import table

__all__ = ["aws", "catalogue_file", "flows", "site", "table"]

pytestmark = pytest.mark.e2e

ENGLISH = SimpleNamespace(
    language="en",
    title="Hand-over",
    failed="Runs that failed",
    done="What was done by hand",
    why="why: the disk is full",
    open="Open",
    mine="Since I last looked",
    day="The last 24 hours",
    read="Mark as read",
    was_read="Read until",
    none_failed="No run failed",
    none_done="Nothing was done by hand",
)
JAPANESE = SimpleNamespace(
    language="ja",
    title="引き継ぎ",
    failed="失敗した実行",
    done="手動の操作",
    why="理由: the disk is full",
    open="未対応",
    mine="前回の確認以降",
    day="過去 24 時間",
    read="確認済みにする",
    was_read="まで確認済みにしました",
    none_failed="失敗した実行はありません",
    none_done="手動の操作はありません",
)


@pytest.fixture
def night(aws: Any) -> None:
    """Two runs failed, one of them before the shift, and somebody held a flow."""
    for name, hours in (("before-the-shift", 9), ("at-night", 1)):
        fails(aws, name, hours)
    audit.record(aws, by="ito", action="hold", flow="evening_stop", details={"why": "the disk is full"})


def fails(aws: Any, name: str, hours: float = 0) -> None:
    """A run of two minutes fails, or did so hours ago."""
    ended = datetime.now(UTC) - timedelta(hours=hours)
    record(aws, "evening_stop", name, "FAILED", started=ended - timedelta(minutes=2), error="PartFailed")


def names(shown: Dashboard, table: str) -> Locator:
    """The links to runs in a table of the page."""
    return shown.page.get_by_role("table", name=table, exact=True).locator('a[href*="/runs/"]')


@pytest.mark.parametrize("say", [ENGLISH, JAPANESE], ids=lambda say: say.language)
def test_what_was_read_is_read_on_each_computer_and_what_is_open_stays(
    site: Site, aws: Any, night: None, say: SimpleNamespace
) -> None:
    shown = site.open("admin", "/handover", say.language)
    page = shown.page
    expect(page.get_by_role("heading", level=1)).to_have_text(say.title)
    done = page.get_by_role("table", name=say.done)
    expect(names(shown, say.failed)).to_have_count(1)
    expect(names(shown, say.failed)).to_have_attribute("href", "#/runs/evening_stop/at-night")
    expect(done).to_contain_text("ito")
    expect(done).to_contain_text(say.why)
    expect(names(shown, say.open)).to_have_count(2)
    page.get_by_role("button", name=say.mine).click()
    page.get_by_role("option", name=say.day).click()
    expect(names(shown, say.failed)).to_have_count(2)
    assert (shown.violations(), shown.overflow()) == ([], 0)

    page.get_by_role("button", name=say.read).click()
    expect(page.get_by_text(say.was_read)).to_be_visible()
    # A mark from a second ago: what fails from now on is new.
    fails(aws, "after-it", -0.1)
    elsewhere = site.open("admin", "/handover", say.language)
    expect(names(elsewhere, say.failed)).to_have_count(1)
    expect(names(elsewhere, say.failed)).to_have_attribute("href", "#/runs/evening_stop/after-it")
    expect(elsewhere.page.get_by_text(say.none_done)).to_be_visible()
    expect(names(elsewhere, say.open)).to_have_count(3)
    assert (elsewhere.violations(), elsewhere.overflow()) == ([], 0)


@pytest.mark.parametrize("say", [ENGLISH, JAPANESE], ids=lambda say: say.language)
def test_all_that_was_done_is_in_sight_on_a_phone(site: Site, night: None, say: SimpleNamespace) -> None:
    shown = site.open("admin", "/handover", say.language, theme="dark")
    shown.page.set_viewport_size({"width": 390, "height": 800})
    done = shown.page.get_by_role("table", name=say.done)
    expect(done.get_by_role("columnheader")).to_have_count(1)
    expect(done).to_contain_text(say.why)
    expect(done.get_by_role("link")).to_have_attribute("href", "#/flows/evening_stop")
    assert (shown.violations(), shown.overflow()) == ([], 0)


def test_the_mark_of_one_is_not_that_of_another(site: Site, night: None) -> None:
    site.board("service-desk", {"kind": "handover", "column_span": 4})
    admin, operator = site.open("admin", "/handover"), site.open(OPERATOR)
    for shown in (admin, operator):
        expect(names(shown, ENGLISH.failed)).to_have_count(1)
    operator.page.get_by_role("button", name=ENGLISH.read).click()
    expect(operator.page.get_by_text(ENGLISH.none_failed)).to_be_visible()
    expect(operator.page.get_by_text(ENGLISH.none_done)).to_be_visible()
    admin.page.reload()
    admin.settled()
    expect(names(admin, ENGLISH.failed)).to_have_count(1)
    assert (operator.violations(), operator.overflow()) == ([], 0)
