"""Two hundred flows are found by favourites, folders and words: in a browser on the local AWS."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Locator, expect

from nightshift.local import LocalAws
from tests.e2e.browser import Dashboard, dashboard_url

pytestmark = pytest.mark.e2e

STARRED = "weekly_backup"
ENGLISH = SimpleNamespace(
    language="en",
    star=f"Add {STARRED} to your favourites",
    unstar=f"Remove {STARRED} from your favourites",
    only="Favourites only",
    find="Find a flow",
    folder="Folder",
)
JAPANESE = SimpleNamespace(
    language="ja",
    star=f"{STARRED} をお気に入りに追加",
    unstar=f"{STARRED} をお気に入りから削除",
    only="お気に入りのみ",
    find="フローを検索",
    folder="フォルダー",
)


@pytest.fixture(params=[ENGLISH, JAPANESE], ids=lambda say: say.language)
def say(request: pytest.FixtureRequest, local: LocalAws) -> Iterator[SimpleNamespace]:
    """The words of a language; nobody has favourites before and after."""
    table = local.session().resource("dynamodb").Table("nightshift")
    key = {"pk": "USER#admin", "sk": "FAVOURITES"}
    table.delete_item(Key=key)
    yield request.param
    table.delete_item(Key=key)


def opened(browser: Browser, local: LocalAws, say: SimpleNamespace, width: int = 1400) -> Dashboard:
    """The list of flows, in a tab of its own."""
    made = Dashboard(browser, dashboard_url(local), width=width, language=say.language, theme="light")
    made.page.set_default_timeout(30_000)
    made.open("/flows")
    return made


def rows(shown: Dashboard) -> Locator:
    """The flows that are listed."""
    return shown.page.get_by_role("row").filter(has=shown.page.locator('a[href^="#/flows/"]'))


def test_a_favourite_comes_first_wherever_the_user_signs_in(
    browser: Browser, local: LocalAws, say: SimpleNamespace
) -> None:
    here, there = opened(browser, local, say), opened(browser, local, say, width=390)
    expect(rows(here).first).not_to_contain_text(STARRED)
    here.page.get_by_placeholder(say.find).fill(STARRED)
    star = here.page.get_by_role("button", name=say.star)
    star.focus()
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("button", name=say.unstar)).to_have_attribute("aria-pressed", "true")
    here.page.get_by_placeholder(say.find).fill("")
    expect(rows(here).first).to_contain_text(STARRED)
    assert (here.violations(), here.overflow()) == ([], 0)

    there.page.reload()
    there.settled()
    expect(rows(there).first).to_contain_text(STARRED)
    there.page.get_by_text(say.only).click()
    expect(rows(there)).to_have_count(1)
    assert (there.violations(), there.overflow()) == ([], 0)
    there.page.get_by_role("button", name=say.unstar).click()
    expect(rows(there)).to_have_count(0)
    for shown in (here, there):
        assert shown.troubles == []
        shown.context.close()


def test_flows_are_found_by_words_and_by_folder(browser: Browser, local: LocalAws, say: SimpleNamespace) -> None:
    shown = opened(browser, local, say)
    find = shown.page.get_by_placeholder(say.find)
    find.fill("weekly ec2.create_image")
    expect(rows(shown)).to_have_count(1)
    expect(rows(shown)).to_contain_text(STARRED)
    find.fill("")
    shown.page.get_by_role("button", name=say.folder).click()
    shown.page.get_by_role("option", name="office", exact=True).click()
    expect(rows(shown)).to_have_count(1)
    expect(rows(shown)).to_contain_text("stop_the_office")
    assert (shown.violations(), shown.troubles) == ([], [])
    shown.context.close()
