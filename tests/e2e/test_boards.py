"""Boards and buttons in a browser: an admin gives a group its page, an operator presses a button and arranges the rest.

The API answers from a table of its own; what a button starts is a state machine that only notes its input.
"""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.dashboard.conftest import aws, catalogue_file, flows
from tests.e2e.site import OPERATOR, Site, site
from tests.tables import REGION, table

__all__ = ["aws", "catalogue_file", "flows", "site", "table"]

pytestmark = pytest.mark.e2e


def inputs() -> list[dict[str, Any]]:
    """What evening_stop was started with."""
    client = boto3.client("stepfunctions", region_name=REGION)
    arn = f"arn:aws:states:{REGION}:123456789012:stateMachine:nightshift-evening_stop"
    listed = client.list_executions(stateMachineArn=arn)["executions"]
    found = [client.describe_execution(executionArn=each["executionArn"])["input"] for each in listed]
    return [json.loads(given) for given in found]


def panels(page: Page) -> list[str]:
    """The titles of the panels, in their order."""
    return [title.split("\n")[0] for title in page.get_by_role("heading", level=2).all_inner_texts()]


def notices(page: Page) -> Locator:
    """What was just said; screen readers are told of removed panels elsewhere, too."""
    return page.get_by_role("region", name="Notifications")


def columns(page: Page, table_name: str) -> list[str]:
    """The headings of a table."""
    return page.get_by_role("table", name=table_name).get_by_role("columnheader").all_inner_texts()


@pytest.mark.parametrize(
    ("language", "press", "now", "watch"),
    [
        ("en", "Start Server B", "Start now", "Server B was started"),
        ("ja", "サーバー B を開始", "今すぐ開始", "サーバー B を開始しました"),
    ],
)
def test_a_button_starts_server_b_and_nothing_else(site: Site, language: str, press: str, now: str, watch: str) -> None:
    for letter in "abc":
        site.button(letter)
    page = site.open(language=language).page
    # With the keyboard alone.
    page.get_by_role("button", name=press).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("tag = Name=b")
    expect(dialog.get_by_role("textbox")).to_have_count(0)
    dialog.get_by_role("button", name=now).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(watch)).to_be_visible()
    (given,) = inputs()
    assert given == {"tag": "Name=b", "nightshift": {"dry_run": False, "trigger": {"type": "manual", "by": OPERATOR}}}
    (entry,) = [entry for entry in site.admin.get("/audit")["entries"] if entry["action"] == "start"]
    assert (entry["by"], entry["action"], entry["details"]) == (OPERATOR, "start", {"preset": "Server B"})


def test_a_form_opens_filled_in_and_may_be_changed(site: Site) -> None:
    site.button("a", form=True)
    page = site.open().page
    page.get_by_role("button", name="Start Server A").click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("Which instances")
    expect(field).to_have_value("Name=a")
    field.fill("Name=z")
    dialog.get_by_role("button", name="Go on").click()
    dialog.get_by_role("button", name="Start now").click()
    expect(page.get_by_text("Server A was started")).to_be_visible()
    assert [given["tag"] for given in inputs()] == ["Name=z"]


def test_a_button_that_was_changed_in_between_starts_nothing(site: Site) -> None:
    site.button("a")
    page = site.open().page
    page.get_by_role("button", name="Start Server A").click()
    version = site.admin.get("/presets")["presets"][0]["version"]
    site.button("a", version=version, parameters={"tag": "Name=everything"})
    page.get_by_role("dialog").get_by_role("button", name="Start now").click()
    expect(page.get_by_role("dialog")).to_contain_text("It cannot be done now")
    assert inputs() == []


def test_an_admin_makes_a_button_and_gives_it_to_a_group(site: Site) -> None:
    page = site.open("admin", "/buttons").page
    page.get_by_role("button", name="Add a button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Give the button a name")).to_be_visible()
    dialog.get_by_role("button", name=re.compile("^Flow")).click()
    page.get_by_role("option", name="Stop the office servers").click()
    dialog.get_by_label("Name", exact=True).fill("Server B")
    dialog.get_by_label("Name in Japanese").fill("サーバー B")
    dialog.get_by_label("Which instances").fill("Name=b")
    dialog.get_by_role("button", name=re.compile("^Groups")).click()
    page.get_by_role("option", name="service-desk").click()
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Server B")
    expect(row).to_contain_text("tag = Name=b")
    expect(row).to_contain_text("service-desk")
    (made,) = site.desk.get("/presets")["presets"]
    assert (made["title"], made["title_ja"], made["parameters"]) == ("Server B", "サーバー B", {"tag": "Name=b"})

    row.get_by_role("button", name="More actions for Server B").click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert [preset["id"] for preset in site.desk.get("/presets")["presets"]] == [made["id"]]


def test_an_operator_arranges_the_board_of_the_group_and_goes_back_to_it(site: Site) -> None:
    b, a = site.button("b"), site.button("a")
    site.button("c")
    site.board(
        "service-desk",
        {"kind": "buttons", "title": "Stops", "settings": {"buttons": [b, a, "gone-1"]}},
        {"kind": "now"},
    )
    page = site.open().page
    assert panels(page) == ["Stops", "Failed or running"]
    starts = page.get_by_role("button", name=re.compile("^Start "))
    assert [each.get_attribute("aria-label") for each in starts.all()] == ["Start Server B", "Start Server A"]

    page.get_by_role("button", name="Settings of Failed or running").click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(notices(page)).to_contain_text("Failed or running was removed")
    assert panels(page) == ["Stops"]
    assert len(site.desk.get("/board")["panels"]) == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Failed or running")).to_be_visible()

    # The group's board is as it was, and what an admin changes there does not reach who has a board of his own.
    site.board("service-desk", {"kind": "open"})
    page.reload()
    expect(page.get_by_role("heading", name="Failed or running")).to_be_visible()
    page.get_by_role("button", name="Add a panel").click()
    page.get_by_role("menuitem", name="Back to the default").click()
    expect(page.get_by_role("heading", name="Open")).to_be_visible()
    assert panels(page) == ["Open"]
    assert site.desk.get("/board")["panels"] is None


def test_an_admin_arranges_the_board_of_a_group(site: Site) -> None:
    site.button("a")
    page = site.open("admin").page
    page.get_by_role("button", name="Boards of groups").click()
    page.get_by_role("menuitem", name="Default board of service-desk").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Default board of service-desk")
    expect(page.get_by_text("The group has no board of its own yet")).to_be_visible()
    page.get_by_role("button", name="Add a panel").click()
    page.get_by_role("menuitem", name="Next runs").click()
    expect(page.get_by_text("Next runs was added")).to_be_visible()
    kinds = [panel["kind"] for panel in site.desk.get("/board")["default"]]
    assert kinds == ["buttons", "now", "runs", "next"]
    assert site.admin.get("/audit")["entries"][0]["action"] == "change_board"


def test_the_columns_of_a_panel_are_chosen_and_ordered_with_the_keyboard(site: Site) -> None:
    site.button("a")
    site.board("service-desk", {"kind": "buttons", "column_span": 4})
    shown = site.open()
    page = shown.page
    assert columns(page, "Buttons") == ["Name", "Next", "State", "Action"]
    page.get_by_role("button", name="Settings of Buttons").click()
    page.get_by_role("menuitem", name="Settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="Parameters").check()
    for usual in ("State", "Next"):
        dialog.get_by_role("checkbox", name=usual).uncheck()
    handle = dialog.get_by_role("button", name=re.compile("Action"))
    handle.focus()
    # What is moved is drawn once more beside the dialog until it has come to rest. Keys before are lost.
    moving = page.locator("input:not([role=dialog] input)")
    page.keyboard.press("Enter")
    expect(moving).to_have_count(1)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_text("Moving item to position 1 of 6")).to_be_attached()
    page.keyboard.press("Enter")
    expect(moving).to_have_count(0)
    assert shown.violations() == []
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("columnheader").first).to_have_text("Action")
    assert columns(page, "Buttons") == ["Action", "Name", "Parameters"]
    expect(page.get_by_role("row").filter(has_text="Server A")).to_contain_text("tag = Name=a")
    page.reload()
    shown.settled()
    expect(page.get_by_role("columnheader").first).to_have_text("Action")
    (kept,) = site.desk.get("/board")["panels"]
    assert kept["settings"]["columns"] == ["start", "name", "parameters"]


def test_two_tabs_never_undo_each_others_board(site: Site) -> None:
    site.board("service-desk", {"kind": "buttons"}, {"kind": "now"}, {"kind": "next"})
    first, second = site.open(), site.open()
    _remove(first.page, "Buttons")
    expect(notices(first.page)).to_contain_text("Buttons was removed")
    # The other tab does not know of it. Two changes of the board of before, the second while the first is on its way.
    kept_back: list[Route] = []

    def keep_back(route: Route) -> None:
        if route.request.method == "PUT" and not kept_back:
            kept_back.append(route)
        else:
            route.continue_()

    second.page.route("**/api/board", keep_back)
    with second.page.expect_request(lambda request: request.method == "PUT"):
        _remove(second.page, "Next runs")
    second.page.get_by_role("button", name="Add a panel").click()
    second.page.get_by_role("menuitem", name="Fleet").click()
    expect(second.page.get_by_role("heading", name="Fleet")).to_be_visible()
    kept_back[0].continue_()
    changed = second.page.get_by_text("Your page was changed elsewhere at the same time")
    expect(changed).to_have_count(1)
    for title in ("Next runs", "Failed or running"):
        expect(second.page.get_by_role("heading", name=title)).to_be_visible()
    expect(second.page.get_by_role("heading", name="Fleet")).to_have_count(0)
    expect(notices(second.page).get_by_role("status")).to_have_count(1)
    kept = site.desk.get("/board")
    assert (sorted(panel["kind"] for panel in kept["panels"]), kept["version"]) == (["next", "now"], 1)
    # From there it goes on.
    _remove(second.page, "Next runs")
    expect(notices(second.page)).to_contain_text("Next runs was removed")


def test_an_empty_board_offers_the_default(site: Site) -> None:
    site.board("service-desk", {"kind": "now"})
    page = site.open().page
    _remove(page, "Failed or running")
    page.get_by_role("button", name="Show the usual panels").click()
    expect(page.get_by_role("heading", name="Failed or running")).to_be_visible()
    assert site.desk.get("/board")["panels"] is None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pages_of_buttons_are_for_everybody_and_every_width(site: Site, theme: str, language: str) -> None:
    site.button("a")
    site.board("service-desk", *({"kind": kind} for kind in ("buttons", "open", "now", "approvals")))
    found: dict[str, object] = {}
    for who, path in ((OPERATOR, "/"), ("admin", "/buttons"), ("admin", "/boards/service-desk")):
        shown = site.open(who, path, language, theme=theme)
        found[f"{who} {path}"] = shown.violations()
        shown.page.set_viewport_size({"width": 390, "height": 800})
        shown.settled()
        found[f"{who} {path}, on a phone"] = [*shown.violations(), *(["too wide"] if shown.overflow() > 0 else [])]
    assert {place: problems for place, problems in found.items() if problems} == {}


def _remove(page: Page, title: str) -> None:
    page.get_by_role("button", name=f"Settings of {title}").click()
    page.get_by_role("menuitem", name="Remove").click()
