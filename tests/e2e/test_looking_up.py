"""What an operator looks up: what failed or runs now, why a run is not redriven, which flows touch an instance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.dashboard.conftest import aws, catalogue_file, flows
from tests.dashboard.runs import record, step
from tests.dashboard.test_deadlines import DUE, limited, scheduled
from tests.dashboard.test_instance import launched
from tests.e2e.site import OPERATOR, Site, site
from tests.tables import table

__all__ = ["aws", "catalogue_file", "flows", "limited", "site", "table"]

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("language", "title", "runs", "failed", "running", "left"),
    [
        ("en", "Failed or running", "Runs", "Failed", "Running", "usually 3 h, about"),
        ("ja", "失敗と実行中", "実行履歴", "失敗", "実行中", "通常3時間、残り約"),
    ],
)
def test_a_panel_shows_what_failed_or_runs_now(
    site: Site, aws: Any, language: str, title: str, runs: str, failed: str, running: str, left: str
) -> None:
    now = datetime.now(UTC)
    states = {"good": "SUCCEEDED", "bad": "FAILED", "goes-on": "RUNNING"}
    for name, state in states.items():
        record(aws, "evening_stop", name, state, started=now - timedelta(hours=1), minutes=180)
    record(aws, "evening_stop", "long-ago", "FAILED", started=now - timedelta(days=2))
    site.board("service-desk", {"kind": "now", "column_span": 4})
    shown = site.open(OPERATOR, language=language)
    expect(shown.page.get_by_role("heading", name=title)).to_be_visible()
    panel = shown.page.get_by_role("table", name=runs, exact=True)
    row = panel.get_by_role("row")
    expect(row.filter(has=shown.page.locator('a[href$="evening_stop/bad"]'))).to_contain_text(failed)
    goes_on = row.filter(has=shown.page.locator('a[href$="evening_stop/goes-on"]'))
    expect(goes_on).to_contain_text(running)
    expect(goes_on).to_contain_text(left)
    for name in ("good", "long-ago"):
        expect(panel.locator(f'a[href$="evening_stop/{name}"]')).to_have_count(0)
    assert (shown.violations(), shown.overflow()) == ([], 0)


@pytest.mark.parametrize(
    ("language", "ago", "why", "redrive"),
    [
        ("en", 20, "It cannot be redriven: it ended more than 14 days ago.", "Redrive from the failed step"),
        ("ja", 20, "終了から 14 日を過ぎているため", "失敗したステップから再開"),
        ("en", 1, "It cannot be redriven: Step Functions does not offer it", "Redrive from the failed step"),
    ],
)
def test_a_run_that_is_not_redriven_says_why(
    site: Site, aws: Any, language: str, ago: int, why: str, redrive: str
) -> None:
    record(aws, "evening_stop", "bad", "FAILED", started=datetime.now(UTC) - timedelta(days=ago), error="PartFailed")
    shown = site.open(OPERATOR, "/runs/evening_stop/bad", language)
    expect(shown.page.get_by_role("main")).to_contain_text(why)
    expect(shown.page.get_by_role("button").filter(has_text=redrive)).to_have_count(0)
    assert (shown.violations(), shown.overflow()) == ([], 0)


@pytest.mark.parametrize(
    ("language", "comes", "last", "failed"),
    [("en", "What comes next", "What was done last", "Failed"), ("ja", "次の操作", "前回までの操作", "失敗")],
)
def test_an_instance_has_the_flows_that_touch_it(
    site: Site, aws: Any, language: str, comes: str, last: str, failed: str
) -> None:
    instance = launched({"Name": "web-1", "AutoOff": "yes"})
    record(aws, "evening_stop", "stops", detail={"steps": [step("ec2.stop_instances", instance)]})
    record(aws, "nightly_backup", "fails", detail={"steps": [step("ec2.start_instances", failed=(instance,))]})
    shown = site.open("admin", "/fleet", language)
    shown.page.get_by_role("link", name="web-1").click()
    expect(shown.page.get_by_role("heading", level=1)).to_contain_text("web-1")
    selecting = shown.page.get_by_role("table", name=comes).get_by_role("row").filter(has_text="evening_stop")
    expect(selecting).to_contain_text("ec2.stop_instances")
    touched = shown.page.get_by_role("table", name=last)
    expect(touched.locator('a[href$="evening_stop/stops"]')).to_be_visible()
    expect(touched.get_by_role("row").filter(has_text="nightly_backup")).to_contain_text(failed)
    assert (shown.violations(), shown.overflow()) == ([], 0)


@pytest.mark.parametrize(
    ("language", "find", "choose", "account"),
    [
        ("en", "Find an instance", "State, account, Region and tags", "222222222222"),
        ("ja", "インスタンスを検索", "状態、アカウント、リージョン、タグ", "222222222222"),
    ],
)
def test_an_instance_is_found_by_text_and_by_place(
    site: Site, aws: Any, language: str, find: str, choose: str, account: str
) -> None:
    for name in ("web-1", "web-2", "db-1"):
        launched({"Name": name, "Role": name[:-2]})

    def with_a_member(route: Route) -> None:
        fleet = route.fetch().json()
        there = {**fleet["instances"][0], "id": "i-0123", "name": "web-9", "account": account, "region": "eu-west-1"}
        route.fulfill(json={**fleet, "members": [there]})

    shown = site.open("admin", "/", language)
    shown.page.route("**/api/fleet*", with_a_member)
    shown.open("/fleet")
    rows = shown.page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(5)
    text = shown.page.get_by_role("searchbox", name=find)
    text.fill("WEB")
    expect(rows).to_have_count(4)
    shown.page.get_by_role("button", name=choose).click()
    shown.page.get_by_role("option", name=account).click()
    shown.page.keyboard.press("Escape")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("web-9")
    text.fill("db")
    expect(rows.last).not_to_contain_text("db-1")
    assert (shown.violations(), shown.overflow()) == ([], 0)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    ("path", "title"),
    [("/fleet/i-0123456789abcdef0", "i-0123456789abcdef0"), ("/flows/gone", "gone"), ("/runs/gone/tonight", "gone")],
)
def test_what_is_not_there_is_a_page_that_says_so(site: Site, path: str, title: str, language: str) -> None:
    shown = site.open("admin", path, language)
    expect(shown.page.get_by_role("heading", level=1)).to_contain_text(title)
    again = {"en": "Try again", "ja": "再試行"}[language]
    expect(shown.page.get_by_role("main").get_by_role("button", name=again)).to_be_visible()
    assert (shown.violations(), shown.overflow()) == ([], 0)
    # The browser has told of each answer that was a 404.
    shown.troubles.clear()


@pytest.mark.parametrize(
    ("language", "met", "late", "acknowledge"),
    [
        ("en", ["start by", "met"], "7 h 15 min late", "Acknowledge evening_stop/bad"),
        ("ja", ["までに開始", "期限内"], "7時間15分の遅れ", "evening_stop/bad を対応済みにする"),
    ],
)
@pytest.mark.parametrize("width", [1400, 390])
def test_a_run_says_which_deadline_it_missed_and_is_acknowledged_there(
    site: Site, limited: Any, language: str, met: list[str], late: str, acknowledge: str, width: int
) -> None:
    record(limited, "evening_stop", "bad", "FAILED", started=DUE, minutes=480, trigger=scheduled())
    shown = site.open(OPERATOR, "/runs/evening_stop/bad", language)
    shown.page.set_viewport_size({"width": width, "height": 900})
    for text in met:
        expect(shown.page.locator("[data-deadline=start_by]")).to_contain_text(text)
    expect(shown.page.locator("[data-deadline=expected]")).to_contain_text(late)
    button = shown.page.get_by_role("button", name=acknowledge)
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width, "the button is in sight on a phone, too"
    assert (shown.violations(), shown.overflow()) == ([], 0)
