"""A failure from its start to its end without a mouse, in both languages: with Tab, Enter, Escape and letters."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, expect

from nightshift.local import LocalAws
from tests.e2e.browser import RUN_TIMEOUT, Dashboard, dashboard_url, run_state
from tests.e2e.keyboard import fill, go_to, press

pytestmark = pytest.mark.e2e

FLOW, GONE = "recover_instance", "i-00000000000000bad"

ENGLISH = SimpleNamespace(
    language="en",
    user="User",
    flows="Flows",
    find="Find a flow",
    start=f"Start {FLOW}",
    go_on="Go on",
    now="Start now",
    log="Show the log lines",
    lines="Log lines",
    open="Open",
    acknowledge="Acknowledge",
    of="Acknowledge {}",
    comment="Comment",
    done="there is no such instance",
    acknowledged="{} is acknowledged",
    audit="Log of actions",
)
JAPANESE = SimpleNamespace(
    language="ja",
    user="ユーザー",
    flows="フロー",
    find="フローを検索",
    start=f"{FLOW} を開始",
    go_on="次へ",
    now="今すぐ開始",
    log="ログを表示",
    lines="ログ",
    open="未対応",
    acknowledge="対応済みにする",
    of="{} を対応済みにする",
    comment="コメント",
    done="該当するインスタンスはありません",
    acknowledged="{} を対応済みにしました",
    audit="操作ログ",
)


@pytest.mark.parametrize("say", [ENGLISH, JAPANESE], ids=lambda say: say.language)
def test_a_day_without_a_mouse(browser: Browser, local: LocalAws, say: SimpleNamespace) -> None:
    shown = Dashboard(
        browser, dashboard_url(local), language=say.language, theme="light", identity="service-desk-operator"
    )
    shown.page.set_default_timeout(30_000)
    shown.open()
    becomes_admin(shown, say)
    run = starts_a_flow(shown, say)
    reads_why_it_failed(shown, say)
    acknowledges(shown, run, say)
    assert (shown.violations(), shown.overflow(), shown.troubles) == ([], 0, [])
    shown.context.close()


def becomes_admin(shown: Dashboard, say: SimpleNamespace) -> None:
    """By the menu at the top right: on the local AWS that is how one signs in."""
    page = shown.page
    press(page, page.get_by_role("button", name=f"{say.user}: service-desk-operator"))
    admin = page.get_by_role("menuitemcheckbox", name=re.compile("^admin"))
    for _ in range(20):
        if admin.evaluate("item => item.contains(document.activeElement)"):
            break
        page.keyboard.press("ArrowUp")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"{say.user}: admin")).to_be_visible()


def starts_a_flow(shown: Dashboard, say: SimpleNamespace) -> str:
    """Find the flow, fill in its parameter, and follow the run to its end; the name of the run."""
    page = shown.page
    press(page, page.get_by_role("navigation").get_by_role("link", name=say.flows, exact=True))
    fill(page, page.get_by_placeholder(say.find), FLOW)
    press(page, page.get_by_role("button", name=say.start))
    dialog = page.get_by_role("dialog")
    fill(page, dialog.get_by_role("textbox"), GONE)
    press(page, dialog.get_by_role("button", name=say.go_on))
    expect(dialog).to_contain_text(f"instance_id = {GONE}")
    press(page, dialog.get_by_role("button", name=say.now))
    expect(page).to_have_url(re.compile(rf"#/runs/{FLOW}/"))
    expect(run_state(page, "FAILED")).to_be_visible(timeout=RUN_TIMEOUT)
    return page.url.rpartition("/")[2]


def reads_why_it_failed(shown: Dashboard, say: SimpleNamespace) -> None:
    """Open the step that failed and its log lines; Escape closes them and gives the focus back."""
    page = shown.page
    step = page.locator('[data-node="ec2.stop_instances"][data-state=handled]')
    press(page, step)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(GONE)
    press(page, dialog.get_by_role("button", name=say.log))
    expect(dialog.get_by_role("table", name=say.lines)).to_contain_text("InvalidInstanceID.NotFound")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(step).to_be_focused()


def acknowledges(shown: Dashboard, run: str, say: SimpleNamespace) -> None:
    """On the page of what is open; the log of actions has who, and why."""
    page = shown.page
    item = f"{FLOW}/{run}"
    press(page, page.get_by_role("navigation").get_by_role("link", name=say.open, exact=True), back=True)
    button = page.get_by_role("button", name=say.of.format(item))
    press(page, button)
    dialog = page.get_by_role("dialog")
    fill(page, dialog.get_by_label(say.comment), say.done)
    press(page, dialog.get_by_role("button", name=say.acknowledge, exact=True))
    expect(page.get_by_text(say.acknowledged.format(item))).to_be_visible()
    expect(button).to_have_count(0)
    press(page, page.get_by_role("navigation").get_by_role("link", name=say.audit))
    row = page.get_by_role("row").filter(has=page.locator(f'a[href$="{run}"]')).filter(has_text=say.done)
    go_to(page, row.get_by_role("link").first)
