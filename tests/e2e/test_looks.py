"""What was seen to be wrong on pictures of the pages: at each width the eye and the hand reach all that is there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, expect

from tests.dashboard.conftest import aws, catalogue_file, flows
from tests.dashboard.runs import STEP, record
from tests.e2e.browser import Dashboard
from tests.e2e.site import Site, site
from tests.tables import table

__all__ = ["aws", "catalogue_file", "flows", "site", "table"]

pytestmark = pytest.mark.e2e

WIDE, PHONE = 1440, 390


def test_the_graph_fills_the_window_and_gives_the_focus_back(site: Site) -> None:
    page = site.open("admin", "/flows/nightly_backup").page
    bar = page.locator(".sticky-top")
    expect(bar).to_be_in_viewport()
    page.get_by_role("button", name="Full screen", exact=True).press("Enter")
    full = page.locator(".drawing-full")
    assert full.bounding_box() == {"x": 0, "y": 0, "width": 1400, "height": 1000}
    leave = page.get_by_role("button", name="Leave full screen")
    expect(leave).to_be_focused()
    # Nothing of the page stands above the drawing.
    assert full.evaluate("full => full.contains(document.elementFromPoint(700, 10))")

    page.keyboard.press("Escape")
    expect(full).to_have_count(0)
    expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_focused()
    assert bar.evaluate("bar => bar.contains(document.elementFromPoint(700, 10))")


def test_a_drawing_in_full_screen_opens_a_step_and_stays(site: Site, table: Any) -> None:
    page = _run_page(site, table, WIDE)
    page.get_by_role("button", name="Full screen", exact=True).click()
    page.locator('button.tree-step[data-node="ec2.stop_instances"]').click()
    expect(page.get_by_role("dialog")).to_contain_text("Stop running instances")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".drawing-full")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".drawing-full")).to_have_count(0)


def test_on_a_phone_the_state_machine_begins_whole_and_grows_step_by_step(site: Site) -> None:
    page = site.open("admin", "/flows/nightly_backup").page
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.get_by_text("State machine (for engineers)").click()
    machine = page.get_by_role("region", name=re.compile("nightly_backup"))
    expect(machine.locator("circle").first).to_be_visible()
    seen, drawn = _box(machine), _box(machine.locator("svg"))
    assert seen["x"] <= drawn["x"]
    assert drawn["x"] + drawn["width"] <= seen["x"] + seen["width"]
    page.get_by_role("button", name="Larger").click()
    grown = _box(machine.locator("svg"))
    # The next scale, not one of those that stand far above.
    assert drawn["width"] < grown["width"] <= 1.8 * drawn["width"]
    dot = _box(machine.locator("circle").first)
    assert seen["x"] <= dot["x"] <= seen["x"] + seen["width"] - dot["width"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_on_a_phone_no_date_of_a_run_is_broken_across_lines(site: Site, table: Any, language: str) -> None:
    page = _run_page(site, table, PHONE, language)
    date = page.get_by_role("heading", level=1).locator(".nowrap")
    assert date.evaluate("date => date.getClientRects().length") == 1
    for label in ("Started", "Ended") if language == "en" else ("開始", "終了"):
        value = page.locator(".card-line").filter(has=page.get_by_text(label, exact=True)).locator("dd")
        assert _lines(value) == 1


def test_no_state_of_a_step_is_broken_in_a_word(site: Site, table: Any) -> None:
    page = _run_page(site, table, WIDE)
    states = page.get_by_role("table", name="Steps").locator("tbody td .nowrap")
    expect(states).to_have_count(2)
    assert [_lines(state) for state in states.all()] == [1, 1]
    # However narrow its column becomes.
    assert states.first.evaluate("state => getComputedStyle(state).whiteSpace") == "nowrap"


@pytest.mark.parametrize("path", ["/next", "/fleet", "/report", "/flows/nightly_backup", "run"])
def test_on_a_phone_no_table_has_more_at_its_side(site: Site, table: Any, path: str) -> None:
    page = _run_page(site, table, PHONE) if path == "run" else _on(site, path, PHONE)
    expect(page.get_by_role("table").first).to_be_visible()
    assert _cut(page) == []
    if path.startswith("/flows/"):
        for tab in ("Next fire times", "IAM permissions"):
            page.get_by_role("tab", name=tab).evaluate("tab => tab.click()")
            expect(page.get_by_role("tabpanel", name=tab).get_by_role("table")).to_be_visible()
            assert _cut(page) == []


def test_the_names_of_flows_stand_beside_their_time_line(site: Site) -> None:
    page = _on(site, "/next", WIDE)
    line = page.locator(".timeline")
    name, track = _box(line.locator(".name").first), _box(line.locator(".timeline-track").first)
    assert name["x"] + name["width"] <= track["x"]
    assert track["y"] <= name["y"] + name["height"] / 2 <= track["y"] + track["height"]


def test_the_steps_of_a_run_are_called_what_the_drawing_calls_them(site: Site, table: Any) -> None:
    page = _run_page(site, table, WIDE)
    steps = page.get_by_role("table", name="Steps")
    expect(steps.get_by_role("button", name="Stop running instances and wait until they are stopped")).to_be_visible()
    expect(steps.get_by_role("button", name="Checks before the start")).to_be_visible()
    expect(page.get_by_role("list", name="Time line")).not_to_contain_text("gate")


def test_a_failure_is_told_from_a_success_in_the_calendar(site: Site, table: Any) -> None:
    record(table, "nightly_backup", "bad", "FAILED", started=datetime.now(UTC), error="PartFailed")
    page = _on(site, "/calendar", WIDE)
    today = page.get_by_role("cell").filter(has=page.locator("[aria-current=date]"))
    sign = today.locator("[class*=status-error]")
    expect(sign).to_contain_text("Failed")


def test_many_things_that_need_someone_have_pages(site: Site) -> None:
    shown = site.open("admin")

    def many(route: Route) -> None:
        one = {"flow": "evening_stop", "kind": "failed", "run": None, "time": "2026-01-01T00:00:00Z"}
        more = {"why": "PartFailed", "what_to_do": None}
        route.fulfill(json={"freeze": None, "items": [{**one, **more, "key": f"run-{n}"} for n in range(120)]})

    shown.page.route("**/api/open*", many)
    shown.open("/open")
    # What it knew before is of the page that was loaded first.
    shown.page.reload()
    needed = shown.page.get_by_role("table")
    expect(needed.get_by_role("button", name=re.compile("^Acknowledge"))).to_have_count(50)
    shown.page.get_by_role("button", name="Next page").click()
    expect(needed.get_by_role("button", name=re.compile("^Acknowledge.*run-50$"))).to_be_visible()


def test_a_page_that_was_never_loaded_comes_when_the_network_does(site: Site) -> None:
    shown = site.open("admin", "/runs")
    page = shown.page
    shown.context.set_offline(True)
    page.get_by_role("link", name="Report").click()
    expect(page.get_by_text("nightshift cannot be reached").first).to_be_visible()
    expect(page.get_by_text("This page ran into an error")).to_have_count(0)
    shown.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Report")
    # The browser has told of each request that failed.
    shown.troubles.clear()


def test_a_limited_operator_holds_releases_and_takes_a_skip_back(site: Site) -> None:
    page = site.open().page
    row = page.get_by_role("row").filter(has_text="morning_start").first
    # Its schedule is of weekdays: the next time is a date and not a dash.
    expect(row).to_contain_text(re.compile(r"\d{1,2} [A-Z][a-z]{2}, \d{2}:\d{2}"))

    _act(page, "Hold")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("the office moves")
    dialog.get_by_role("button", name="Hold", exact=True).click()
    expect(row).to_contain_text("On hold")
    expect(row).to_contain_text("the office moves")
    assert site.desk.get("/flows/morning_start")["standing"]["hold"]["by"] == "service-desk-operator"

    _act(page, "Release")
    expect(row).not_to_contain_text("On hold")
    assert site.desk.get("/flows/morning_start")["standing"]["hold"] is None

    _act(page, "Skip the next start")
    dialog.get_by_role("button", name="Skip the next start").click()
    expect(row).to_contain_text("Next start skipped")
    _act(page, "Take the skip back")
    expect(row).not_to_contain_text("Next start skipped")
    assert site.desk.get("/flows/morning_start")["standing"]["skip_next"] is None


def _act(page: Page, action: str) -> None:
    page.get_by_role("button", name="More actions for morning_start").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def _on(site: Site, path: str, width: int, language: str = "en") -> Page:
    """A page for an administrator, at a width in pixels."""
    shown: Dashboard = site.open("admin", language=language)
    shown.page.set_viewport_size({"width": width, "height": 900})
    shown.open(path)
    return shown.page


def _run_page(site: Site, table: Any, width: int, language: str = "en") -> Page:
    """The page of a run of two steps."""
    gate = {**STEP, "name": "gate", "label": "gate", "part": None}
    stop = {**STEP, "name": "ec2.stop_instances", "label": "ec2.stop_instances", "part": "ec2.stop_instances"}
    record(
        table, "nightly_backup", "seen", started=datetime.now(UTC) - timedelta(hours=1), detail={"steps": [gate, stop]}
    )
    return _on(site, "/runs/nightly_backup/seen", width, language)


def _cut(page: Page) -> list[str]:
    """Tables that are wider than their room, by what they begin with."""
    wider = "all => all.filter(t => t.scrollWidth > t.parentElement.clientWidth + 1).map(t => t.innerText.slice(0, 60))"
    found: list[str] = page.get_by_role("main").locator("table:visible").evaluate_all(wider)
    return found


def _lines(of: Locator) -> int:
    """How many lines a text takes."""
    lines: int = of.evaluate(
        "of => { const all = document.createRange(); all.selectNodeContents(of);"
        " return new Set([...all.getClientRects()].map(({ top }) => Math.round(top))).size }"
    )
    return lines


def _box(of: Locator) -> FloatRect:
    box = of.bounding_box()
    assert box is not None
    return box
