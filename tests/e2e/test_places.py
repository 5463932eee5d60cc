"""Pages about many accounts: that of a run, what failed first and the rest folded, and the fleet with members."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Route, expect

from nightshift.local import LocalAws
from tests.e2e.browser import Dashboard, dashboard_url
from tests.e2e.runs import start
from tests.waiting import until

pytestmark = pytest.mark.e2e

REGIONS = ("eu-west-1", "ap-northeast-1")


def place(number: int, region: str) -> dict[str, Any]:
    """One of 200 account-Regions: an account that lets nobody in, three stopped instances elsewhere, two not begun."""
    made: dict[str, Any] = {
        "account": f"{number:012}",
        "name": f"shop-{number}",
        "region": region,
        "state": "done",
        "counts": {"matched": 50, "changed": 50, "skipped": 0, "failed": 0},
        "error": None,
        "cause": None,
        "what_to_do": None,
    }
    nothing = {"matched": 0, "changed": 0, "skipped": 0, "failed": 0}
    if number == 7:
        cause = "shop-7 (000000000007): the account does not let the app in by the role nightshift-member."
        todo = "Add what the message names to the part's role, or check the role given as role_arn."
        return made | {
            "state": "failed",
            "counts": nothing,
            "error": "AccessDenied",
            "cause": cause,
            "what_to_do": todo,
        }
    if number == 9 and region == REGIONS[0]:
        cause = (
            f"shop-9 (000000000009), {region}: ec2.stop_instances: 1 of 50 resources failed\n  i-1  Unauthorized: no"
        )
        return made | {"state": "failed", "error": "PartFailed", "cause": cause, "what_to_do": None}
    return made | ({"state": "not_started", "counts": nothing} if number == 99 else {})


ORDER = ("failed", "running", "not_started", "done")
PLACES = sorted((place(n, region) for n in range(100) for region in REGIONS), key=lambda one: ORDER.index(one["state"]))


PATH = "/runs/wait_an_hour/everywhere"


@pytest.fixture(scope="module")
def run(local: LocalAws) -> dict[str, Any]:
    """A run as the API tells it, as if it had ended in two hundred account-Regions."""
    name = start(local, "wait_an_hour").rpartition(":")[2]
    asked = Request(f"{dashboard_url(local)}/api/runs/wait_an_hour/{name}", headers={"x-nightshift-identity": "admin"})

    def told() -> dict[str, Any] | None:
        try:
            with urlopen(asked) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except HTTPError:
            return None

    return {**until(told, "the run"), "state": "SUCCEEDED", "stoppable": False, "places": PLACES}


def shows(dashboard: Dashboard, run: dict[str, Any]) -> None:
    """Open the page of the run."""
    dashboard.page.route(f"**/api{PATH}", lambda route: route.fulfill(json=run))
    dashboard.open(PATH)


def test_what_failed_comes_first_and_the_rest_is_folded(dashboard: Dashboard, run: dict[str, Any]) -> None:
    page = dashboard.page
    shows(dashboard, run)
    table = page.get_by_role("table", name="Accounts and Regions that need a look")
    # One row for both Regions of the account that lets nobody in, and the heading.
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table.get_by_role("row").nth(1)).to_contain_text("shop-7")
    expect(table.get_by_role("row").nth(1)).to_contain_text("eu-west-1")
    expect(table.get_by_role("row").nth(1)).to_contain_text("the account does not let the app in")
    expect(table.get_by_role("row").nth(2)).to_contain_text("1 of 50 resources failed")
    for text in ("3 failed", "2 not started", "195 done"):
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
    well = page.get_by_role("button", name="All went well: 195 account-Regions of 98 accounts")
    expect(page.get_by_text("shop-0", exact=True)).not_to_be_visible()
    well.click()
    expect(page.get_by_text("shop-0", exact=True)).to_be_visible()
    folded = page.get_by_role("table", name="Accounts and Regions in which all went well")
    expect(folded.get_by_role("row")).to_have_count(11)
    expect(folded.get_by_role("row").nth(1)).to_contain_text("100 changed")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_table_is_for_everybody(
    browser: Browser, local: LocalAws, run: dict[str, Any], language: str, theme: str
) -> None:
    found: dict[int, object] = {}
    for width in (1440, 390):
        shown = Dashboard(browser, dashboard_url(local), width=width, language=language, theme=theme)
        shows(shown, run)
        title = "Accounts and Regions" if language == "en" else "アカウントとリージョン"
        expect(shown.page.get_by_role("heading", level=2, name=title)).to_be_visible()
        found[width] = (shown.violations(), shown.overflow() > 0, shown.troubles)
        shown.context.close()
    assert found == {1440: ([], False, []), 390: ([], False, [])}


def with_members(route: Route, told: dict[str, Any]) -> None:
    """The fleet as the API tells it, with two instances of a member account."""
    one = {**told["instances"][0], "account": "222222222222", "region": "eu-west-1", "tags": {}, "name": None}
    one |= {"type": "", "zone": None, "launched": None, "reason": None, "since": "2026-11-27T20:00:00.000Z"}
    members = [{**one, "id": f"i-{n:017x}", "state": state} for n, state in enumerate(("running", "stopped"))]
    route.fulfill(json={**told, "members": members})


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_fleet_has_the_instances_of_members(browser: Browser, local: LocalAws, language: str, theme: str) -> None:
    asked = Request(f"{dashboard_url(local)}/api/fleet", headers={"x-nightshift-identity": "admin"})
    with urlopen(asked) as answer:
        told: dict[str, Any] = json.load(answer)
    for width in (1440, 390):
        shown = Dashboard(browser, dashboard_url(local), width=width, language=language, theme=theme)
        shown.page.route("**/api/fleet*", lambda route: with_members(route, told))
        shown.open("/fleet")
        place = "Account and Region" if language == "en" else "アカウントとリージョン"
        # On a phone it stands in the row, and not above it.
        named = shown.page.get_by_role("table").get_by_text(place, exact=True)
        expect(named.first).to_be_visible()
        expect(shown.page.get_by_role("row").filter(has_text="222222222222")).to_have_count(2)
        assert (shown.violations(), shown.overflow() > 0, shown.troubles) == ([], False, [])
        shown.context.close()
