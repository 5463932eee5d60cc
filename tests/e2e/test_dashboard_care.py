"""What the dashboard does when a hand slips, the network is gone, or the tab is older than the server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from nightshift.local import LocalAws
from tests.e2e.browser import Dashboard, dashboard_url

pytestmark = pytest.mark.e2e


@pytest.fixture
def shaky(browser: Browser, local: LocalAws) -> Iterator[Dashboard]:
    """The dashboard of an administrator where requests fail on purpose, of which the browser complains."""
    opened = Dashboard(browser, dashboard_url(local), language="en", theme="light")
    yield opened
    opened.context.close()


def test_a_removed_panel_comes_back_and_notices_stay_on_their_page(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.open()
    before = _panels(page)
    page.get_by_role("button", name=f"Settings of {before[1]}").click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(page.get_by_text(f"{before[1]} was removed").first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=2, name=before[1])).to_be_visible()
    assert _panels(page) == before

    page.get_by_role("button", name="Add a panel").click()
    page.get_by_role("menuitem", name="Back to the default").click()
    expect(page.get_by_text("Your page has the default panels again")).to_be_visible()
    page.wait_for_timeout(1_100)  # What is said within a second of leaving a page is for the next one.
    page.get_by_role("link", name="Flows", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Flows")
    expect(page.get_by_text("Your page has the default panels again")).to_have_count(0)


def test_a_filled_form_is_not_dropped_unasked_and_the_wrong_field_is_found(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.open("/flows")
    page.get_by_role("button", name="Start change_spec").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Go on").click()
    wrong = dialog.get_by_role("textbox").first
    expect(wrong).to_be_focused()
    wrong.fill("m5.large")
    page.keyboard.press("Escape")
    expect(dialog).to_contain_text("Close, and lose what you filled in?")
    expect(wrong).to_have_value("m5.large")
    dialog.get_by_role("button", name="Close and lose it").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Start change_spec").click()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_skip_has_a_reason_and_is_taken_back(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.open("/flows")
    more = page.get_by_role("button", name="More actions for business_batch")
    row = page.get_by_role("row").filter(has=more)
    more.click()
    page.get_by_role("menuitem", name="Skip the next start").click()
    page.get_by_role("dialog").get_by_label("Why").fill("moving day")
    page.get_by_role("dialog").get_by_role("button", name="Skip the next start").click()
    expect(row).to_contain_text("moving day")
    more.click()
    page.get_by_role("menuitem", name="Take the skip back").click()
    expect(row).not_to_contain_text("moving day")


def test_an_open_tab_follows_a_deployment(shaky: Dashboard) -> None:
    page = shaky.page
    shaky.open("/flows")
    # As a deployment does: another script on the server, and the files of the old one gone.
    gone = re.compile(r"/assets/report-.*\.js$")
    page.route(gone, lambda route: route.fulfill(status=404))

    def newer(route: Route) -> None:
        if route.request.resource_type != "fetch":
            return route.continue_()
        # It asks whether there is a newer version; from now on the files are those of that one.
        page.unroute(gone)
        return route.fulfill(body='<script type="module" src="/assets/index-newer.js"></script>')

    page.route(re.compile(r":\d+/$"), newer)
    page.get_by_role("link", name="Report").click()
    expect(page.get_by_text("There is a new version of nightshift")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Report")


def test_without_a_network_the_page_is_not_given_up(shaky: Dashboard) -> None:
    page, tried = shaky.page, []

    def fails_twice(route: Route) -> None:
        tried.append(route.request.url)
        route.abort() if len(tried) < 3 else route.continue_()

    page.route("**/config.json", fails_twice)
    shaky.open("/flows")
    assert len(tried) == 3
    expect(page.get_by_role("button", name="Start change_spec")).to_be_visible()


def test_a_large_fleet_has_pages(dashboard: Dashboard) -> None:
    page = dashboard.page

    def many(route: Route) -> None:
        fleet = route.fetch().json()
        one = fleet["instances"][0]
        fleet["instances"] = [{**one, "id": f"i-{n:017x}", "name": f"srv-{n}"} for n in range(120)]
        route.fulfill(json=fleet)

    page.route("**/api/fleet*", many)
    dashboard.open("/fleet")
    expect(page.get_by_text("srv-0", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(51)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("srv-50", exact=True)).to_be_visible()
    expect(page.get_by_text("srv-0", exact=True)).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_many_flows_with_long_names_have_pages_and_their_buttons_stay_in_sight(
    dashboard: Dashboard, width: int
) -> None:
    page = dashboard.page

    def many(route: Route) -> None:
        told = route.fetch().json()
        one = {**told["flows"][0], "favourite": False}
        told["flows"] = [{**one, "name": f"flow_{n:03}_".ljust(64, "x"), "title": None} for n in range(200)]
        route.fulfill(json=told)

    page.route("**/api/flows", many)
    page.set_viewport_size({"width": width, "height": 900})
    dashboard.open("/flows")
    start = page.get_by_role("button", name=re.compile("^Start flow_000"))
    expect(start).to_be_visible()
    box = start.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    assert dashboard.overflow() == 0
    expect(page.get_by_role("button", name=re.compile("^Start flow_"))).to_have_count(50)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_role("button", name=re.compile("^Start flow_050"))).to_be_visible()


def _panels(page: Page) -> list[str]:
    return [title.split("\n")[0] for title in page.get_by_role("heading", level=2).all_inner_texts()]
