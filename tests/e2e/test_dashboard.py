"""The dashboard in a browser, on the local AWS: a user's day with it, operators' limits, and who cannot use a mouse."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, Response, expect

from nightshift.local import LocalAws
from tests.e2e.browser import PAGES, RUN_TIMEOUT, Dashboard, dashboard_url, run_state
from tests.e2e.runs import executions, finished, instances, start
from tests.waiting import until

pytestmark = pytest.mark.e2e


def test_a_user_arranges_a_board_and_finds_it_again(dashboard: Dashboard, local: LocalAws) -> None:
    _forget_board(local)
    page = dashboard.page
    dashboard.open()
    assert _panels(page) == ["Flows", "Summary", "Next runs", "Runs"]

    page.get_by_role("button", name="Add a panel").click()
    page.get_by_role("menuitem", name="Fleet").click()
    expect(_panel(page, "Fleet").get_by_text("bastion", exact=True)).to_be_visible()

    # With the keyboard, as somebody does who uses no mouse.
    handle = page.get_by_role("button", name=re.compile("^Move Fleet"))
    handle.focus()
    for key in ("Enter", *["ArrowUp"] * 12, "Enter"):
        handle.press(key)
    until(lambda: _panels(page)[1] == "Fleet", "the panel to have moved above the others", 30)

    page.get_by_role("button", name="Settings of Fleet").click()
    page.get_by_role("menuitem", name="Settings").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Backup servers")
    page.get_by_role("dialog").get_by_role("textbox", name="Tags").fill("Backup=nightly")
    page.get_by_role("button", name="Save").click()
    expect(_panel(page, "Backup servers").get_by_text("db-1")).to_be_visible()
    expect(_panel(page, "Backup servers").get_by_text("bastion", exact=True)).to_have_count(0)

    page.get_by_role("button", name="Settings of Summary").click()
    # The board is kept at each change; what must be kept before the page is loaded again is that of four panels.
    with page.expect_response(lambda answer: len(_kept(answer)) == 4) as kept:
        page.get_by_role("menuitem", name="Remove").click()
    assert kept.value.ok
    page.reload()
    dashboard.settled()
    expect(_panel(page, "Backup servers").get_by_text("db-1")).to_be_visible()
    assert _panels(page)[:2] == ["Flows", "Backup servers"]
    assert sorted(_panels(page)[2:]) == ["Next runs", "Runs"]


def test_a_panel_is_moved_and_made_larger_with_the_mouse(dashboard: Dashboard, local: LocalAws) -> None:
    _forget_board(local)
    page = dashboard.page
    # High enough for the whole board: a mouse cannot go where nothing is shown.
    page.set_viewport_size({"width": 1400, "height": 2400})
    dashboard.open()
    assert _panels(page) == ["Flows", "Summary", "Next runs", "Runs"]
    flows = _box(_panel(page, "Flows"))
    _drag(page, "Move Summary", flows["x"] + 60, flows["y"] + 30, makes_way=_panel(page, "Flows"))
    assert _panels(page)[0] == "Summary"

    before = _box(_panel(page, "Summary"))
    corner = _box(page.get_by_role("button", name="Resize Summary"))
    _drag(page, "Resize Summary", corner["x"], corner["y"] + 300, makes_way=_panel(page, "Flows"))
    page.reload()
    dashboard.settled()
    assert _panels(page)[0] == "Summary"
    assert _box(_panel(page, "Summary"))["height"] > before["height"]


def test_a_flow_is_started_from_the_list_and_watched_to_its_end(dashboard: Dashboard, local: LocalAws) -> None:
    page = dashboard.page
    dashboard.open("/flows")
    page.get_by_role("button", name="Start nightly_backup").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_contain_text("ec2.stop_instances")
    expect(dialog).to_contain_text("ebs.create_snapshot")
    before = len(executions(local, "nightly_backup"))
    dialog.get_by_role("button", name="Start now").click()

    expect(run_state(page, "RUNNING")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    # The graph follows without the page being loaded again.
    expect(page.locator('[data-node="ec2.stop_instances"][data-state=succeeded]')).to_be_visible(timeout=RUN_TIMEOUT)
    expect(run_state(page, "SUCCEEDED")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.locator('[data-node="notify.email"][data-state=succeeded]')).to_be_visible()
    assert len(executions(local, "nightly_backup")) == before + 1
    expect(page.get_by_role("table", name="Mail sent")).to_contain_text("ops@example.com")
    expect(page.get_by_text("By hand, admin")).to_be_visible()

    page.locator('[data-node="ebs.create_snapshot"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("snap-")
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()

    page.get_by_role("link", name="Report").click()
    expect(page.get_by_role("heading", name="Outcomes by day")).to_be_visible()
    expect(page.get_by_role("application").first).to_be_visible()
    page.get_by_role("link", name="Log of actions").click()
    expect(page.get_by_role("row").filter(has_text="nightly_backup").first).to_contain_text("admin")

    page.get_by_role("button", name="Language: English").click()
    page.get_by_role("menuitemcheckbox", name="日本語").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("操作ログ")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.get_by_role("link", name="マイページ").click()
    expect(page.get_by_role("button", name="パネルを追加")).to_be_visible()


def test_a_dry_run_shows_what_would_change_and_changes_nothing(dashboard: Dashboard, local: LocalAws) -> None:
    page = dashboard.page
    before = instances(local)
    dashboard.open("/flows")
    page.get_by_role("button", name="Start morning_start").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Dry run first").click()
    dialog.get_by_role("button", name="Dry run").click()
    expect(dialog).to_contain_text("The dry run ended", timeout=RUN_TIMEOUT)
    expect(dialog).to_contain_text("would change")
    expect(dialog).to_contain_text(re.compile(r"web-1 \(i-[0-9a-f]{17}\)"))
    expect(dialog.get_by_role("button", name="Start now")).to_be_enabled()
    dialog.get_by_role("button", name="Cancel").click()
    assert instances(local) == before


def test_the_page_of_a_dry_run_names_the_instances_in_japanese(browser: Browser, local: LocalAws) -> None:
    run = finished(local, start(local, "nightly_backup", nightshift={"dry_run": True}))
    shown = Dashboard(browser, dashboard_url(local), language="ja", theme="dark")
    shown.open(f"/runs/nightly_backup/{run['name']}")
    expect(shown.page.get_by_role("table", name="ステップ")).to_contain_text(re.compile(r"db-1 \(i-[0-9a-f]{17}\)"))
    assert (shown.violations(), shown.troubles) == ([], [])
    shown.context.close()


def test_an_operator_sees_the_allowed_flows_and_nothing_else(dashboard: Dashboard, local: LocalAws) -> None:
    page = dashboard.page
    dashboard.open()
    page.get_by_role("button", name="User: admin").click()
    page.get_by_role("menuitemcheckbox", name="service-desk-operator").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What you can start")
    buttons = page.get_by_role("button", name=re.compile("^Start "))
    expect(buttons).to_have_count(2)
    names = sorted(str(button.get_attribute("aria-label")) for button in buttons.all())
    assert names == ["Start Stop the office servers", "Start morning_start"]
    expect(page.get_by_role("link", name="Flows")).to_have_count(0)
    for path in ("/flows", "/flows/nightly_backup", "/audit"):
        dashboard.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("What you can start")
        expect(page.get_by_text("nightly_backup")).to_have_count(0)
    assert dashboard.violations() == []

    before = len(executions(local, "nightly_backup"))
    with pytest.raises(HTTPError) as refused:
        _post(local, "/api/flows/nightly_backup/runs", who="service-desk-operator")
    assert refused.value.code == 403
    assert json.load(refused.value)["code"] == "forbidden"
    assert len(executions(local, "nightly_backup")) == before


def test_every_page_is_for_everybody_and_every_width(dashboard: Dashboard, local: LocalAws) -> None:
    run = finished(local, start(local, "evening_stop", nightshift={"dry_run": True}))
    found: dict[str, object] = {}
    for path in (*PAGES, f"/runs/evening_stop/{run['name']}"):
        dashboard.page.set_viewport_size({"width": 1400, "height": 1000})
        dashboard.open(path)
        found[path] = dashboard.violations()
        dashboard.page.set_viewport_size({"width": 375, "height": 800})
        dashboard.settled()
        found[f"{path}, on a phone"] = ["too wide"] if dashboard.overflow() > 0 else []
    dashboard.open("/flows")
    found["/flows, on a phone"] = dashboard.violations()
    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.parametrize("path", ["/", "/flows/nightly_backup"])
def test_the_dark_colours_can_be_read(browser: Browser, local: LocalAws, path: str) -> None:
    dark = Dashboard(browser, dashboard_url(local), language="ja", theme="dark")
    try:
        dark.open(path)
        assert dark.violations() == []
    finally:
        dark.context.close()


def _forget_board(local: LocalAws) -> None:
    """The administrator has the board again that everybody begins with."""
    table = local.session().resource("dynamodb").Table(local.outputs["nightshift"]["TableName"])
    table.delete_item(Key={"pk": "USER#admin", "sk": "BOARD"})


def _panels(page: Page) -> list[str]:
    """The titles of the panels on the board, in their order."""
    return [title.split("\n")[0] for title in page.get_by_role("heading", level=2).all_inner_texts()]


def _kept(answer: Response) -> list[object]:
    """The panels of the board that was kept; none for another answer."""
    sent: Any = answer.request.post_data_json
    panels: list[object] = sent["panels"] if answer.request.method == "PUT" else []
    return panels


def _panel(page: Page, title: str) -> Locator:
    return page.locator("[data-item-id]").filter(has=page.get_by_role("heading", level=2, name=title))


def _post(local: LocalAws, path: str, *, who: str) -> object:
    headers = {"content-type": "application/json", "x-nightshift-identity": who}
    with urlopen(Request(dashboard_url(local) + path, b"{}", headers, method="POST"), timeout=30) as answer:
        return json.load(answer)


def _drag(page: Page, handle: str, x: float, y: float, *, makes_way: Locator) -> None:
    """Take hold of a handle with the mouse, let go of it there, and see that the board was kept.

    makes_way: the panel that goes further down for it. A busy browser shows a movement late, and the board keeps what
    it showed last: who lets go before that panel has made way has moved nothing.
    """
    start, below = _box(page.get_by_role("button", name=handle)), _box(makes_way)
    from_x, from_y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(from_x + (x - from_x) * step / 10, from_y + (y - from_y) * step / 10)
        page.evaluate("new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(shown)))")
    until(lambda: _box(makes_way)["y"] > below["y"], "the panel below to have made way", 30)
    with page.expect_response(lambda answer: bool(_kept(answer))) as kept:
        page.mouse.up()
    assert kept.value.ok


def _box(located: Locator) -> FloatRect:
    found = located.bounding_box()
    assert found is not None, "it is on the page"
    return found
