"""How much the dashboard asks for, and what it says and does when the answer is none, late, or another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from nightshift.local import LocalAws
from tests.e2e.browser import PAGES, Dashboard, dashboard_url
from tests.e2e.runs import start
from tests.waiting import until

pytestmark = pytest.mark.e2e

API = re.compile(r"/api/")
MOST_WHEN_IDLE, MOST_OF_A_LIVE_RUN = 6, 40
"""Requests in a minute."""


class Watched(Dashboard):
    """A dashboard whose clock the test moves, and which counts its requests to the API."""

    def __init__(self, browser: Browser, url: str) -> None:
        super().__init__(browser, url, language="en", theme="light")
        self.page.clock.install()
        self.asked: list[str] = []
        self._under_way = 0
        self.page.on("request", lambda request: self._count(request.url, 1))
        self.page.on("requestfinished", lambda request: self._count(request.url, -1))
        self.page.on("requestfailed", lambda request: self._count(request.url, -1))

    def _count(self, url: str, change: int) -> None:
        if API.search(url):
            self._under_way += change
            self.asked += [url] if change > 0 else []

    def minute(self) -> list[str]:
        """What a minute asks for; each request is answered before time goes on."""
        self.quiet()
        before = len(self.asked)
        for _ in range(60):
            self.page.clock.run_for(1_000)
            self.quiet()
        return self.asked[before:]

    def quiet(self) -> None:
        """Wait until every request has been answered."""
        until(lambda: self.page.evaluate("1") and not self._under_way, "the answers", 60)


@pytest.fixture
def watched(browser: Browser, local: LocalAws) -> Iterator[Watched]:
    """The dashboard of an administrator, with a clock that the test moves."""
    opened = Watched(browser, dashboard_url(local))
    yield opened
    opened.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_at_rest_asks_little(watched: Watched, path: str) -> None:
    watched.open(path)
    asked = watched.minute()
    assert len(asked) <= MOST_WHEN_IDLE, asked


def test_a_change_is_seen_all_the_same(watched: Watched, local: LocalAws) -> None:
    watched.open("/runs")
    name = start(local, "wait_an_hour").rpartition(":")[2]
    link = watched.page.locator(f'a[href$="{name}"]')

    def seen() -> bool:
        watched.page.clock.run_for(5_000)
        watched.quiet()
        return link.count() > 0

    until(seen, "the run in the list", 60)


def test_a_live_run_asks_no_more_than_it_may(watched: Watched, local: LocalAws) -> None:
    name = start(local, "wait_an_hour").rpartition(":")[2]
    polls = count()

    def always_news(route: Route) -> None:
        run = route.fetch().json()
        for step in run["steps"]:
            step["looks"] = next(polls)
        route.fulfill(json=run)

    watched.page.route(f"**/api/runs/wait_an_hour/{name}", always_news)
    watched.open(f"/runs/wait_an_hour/{name}")
    asked = watched.minute()
    assert len(asked) <= MOST_OF_A_LIVE_RUN, asked
    assert len(asked) > MOST_WHEN_IDLE


def test_a_hidden_tab_asks_for_nothing(watched: Watched, local: LocalAws) -> None:
    name = start(local, "wait_an_hour").rpartition(":")[2]
    watched.open(f"/runs/wait_an_hour/{name}")
    watched.page.evaluate(
        """() => {
            Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    assert watched.minute() == []


def slow(page: Page) -> Callable[[Route], None]:
    """Nothing answers."""
    return lambda route: None


def problem(code: str, status: int) -> Callable[[Page], Callable[[Route], None]]:
    """The API refuses."""
    answer = {"code": code, "message": f"{code}, because", "fields": []}
    return lambda page: lambda route: route.fulfill(status=status, json=answer)


@pytest.mark.parametrize(
    ("fails", "says"),
    [
        (problem("unauthorized", 401), "You are not signed in"),
        (problem("forbidden", 403), "You may not do that"),
        (problem("internal", 500), "Something went wrong in nightshift"),
        (problem("throttled", 429), "AWS asks to slow down"),
        (lambda page: lambda route: route.fulfill(status=502, body="<html>bad gateway"), "A service does not answer"),
        (lambda page: lambda route: route.fulfill(body="<html>log in"), "Something else than nightshift answered"),
        (lambda page: lambda route: route.abort(), "nightshift cannot be reached"),
        (slow, "There was no answer in time"),
    ],
    ids=["session ended", "403", "500", "429", "502", "a proxy", "no network", "slow"],
)
def test_what_fails_is_said_and_recovers_by_itself(
    watched: Watched, fails: Callable[[Page], Callable[[Route], None]], says: str
) -> None:
    page = watched.page
    watched.open("/report")
    page.route("**/api/flows", fails(page))
    page.get_by_role("link", name="Flows", exact=True).first.click()
    # What is known is fresh for five minutes.
    page.clock.fast_forward(300_000)

    def said() -> bool:
        page.clock.run_for(1_000)
        return page.get_by_text(says).count() > 0

    until(said, f"the page to say {says!r}", 60)
    page.unroute("**/api/flows")

    def back() -> bool:
        page.clock.run_for(1_000)
        shown = page.get_by_role("button", name="Start change_spec").count() > 0
        return shown and page.get_by_text(says).count() == 0

    until(back, "the page to recover", 60)


def test_two_tabs_never_undo_each_other(browser: Browser, local: LocalAws) -> None:
    one, other = (Dashboard(browser, dashboard_url(local), language="en", theme="light") for _ in range(2))
    for tab in (one, other):
        tab.open()
    title = one.page.get_by_role("heading", level=2).first.inner_text().split("\n")[0]
    one.page.get_by_role("button", name=f"Settings of {title}").click()
    with one.page.expect_response(lambda answer: answer.url.endswith("/api/board") and answer.ok):
        one.page.get_by_role("menuitem", name="Remove").click()
    other.page.get_by_role("button", name="Add a panel").click()
    other.page.get_by_role("menuitem", name="Fleet").click()
    expect(other.page.get_by_text("Your page was changed elsewhere at the same time")).to_be_visible()
    # One notice and not two that contradict each other; and what the first tab did is done.
    expect(other.page.get_by_text("Your page could not be saved")).to_have_count(0)
    expect(other.page.get_by_role("button", name=f"Settings of {title}")).to_have_count(0)
    one.page.get_by_role("button", name="Undo").click()
    expect(one.page.get_by_role("button", name=f"Settings of {title}")).to_be_visible()
    for tab in (one, other):
        tab.context.close()
