"""Boards: a user's own, the defaults of groups, and two who arrange the same one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.dashboard.api import Api
from tests.dashboard.runs import record


def panel(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "buttons", "column_span": 1, "row_span": 4, **more}


def ids(panels: list[dict[str, Any]] | None) -> list[str] | None:
    return None if panels is None else [each["id"] for each in panels]


def keep(api: Api, version: int, *names: str, path: str = "/board") -> Any:
    return api.put(path, {"version": version, "panels": [panel(name) for name in names]})


def test_a_user_follows_the_board_of_the_group_until_the_first_change(admin: Api, desk: Api) -> None:
    assert desk.get("/board").json == {"version": 0, "panels": None, "default": None}
    assert keep(admin, 0, "starts", "stops", path="/boards/service-desk").json["version"] == 1
    board = desk.get("/board").json
    assert (board["version"], board["panels"], ids(board["default"])) == (0, None, ["starts", "stops"])
    mine = keep(desk, 0, "stops").json
    assert (mine["version"], ids(mine["panels"]), ids(mine["default"])) == (1, ["stops"], ["starts", "stops"])
    # What the admin changes now reaches those who follow, and nobody else.
    keep(admin, 1, "starts", path="/boards/service-desk")
    assert ids(desk.get("/board").json["panels"]) == ["stops"]
    assert ids(Api("erin", ("service-desk",)).get("/board").json["default"]) == ["starts"]
    assert Api("otto", ("others",)).get("/board").json["default"] is None


def test_back_to_the_default_is_not_undone_by_another_tab(admin: Api, desk: Api) -> None:
    keep(admin, 0, "starts", path="/boards/service-desk")
    keep(desk, 0, "one")
    back = desk.put("/board", {"version": 1, "panels": None}).json
    assert (back["version"], back["panels"], ids(back["default"])) == (2, None, ["starts"])
    # Another tab, with the board of before, and one that has just been opened.
    assert keep(desk, 1, "one", "two").json["code"] == "conflict"
    assert keep(desk, 2, "two").json["version"] == 3
    assert keep(desk, 1, "one").json["code"] == "conflict"
    assert ids(desk.get("/board").json["panels"]) == ["two"]


def test_an_empty_board_is_a_board(admin: Api, desk: Api) -> None:
    keep(admin, 0, "starts", path="/boards/service-desk")
    assert keep(desk, 0).json["panels"] == []
    assert keep(admin, 1, path="/boards/service-desk").json == {"version": 2, "panels": []}
    assert desk.get("/board").json == {"version": 1, "panels": [], "default": []}


def test_the_boards_of_several_groups_stand_one_behind_the_other(admin: Api) -> None:
    keep(admin, 0, "shared", "of-b", path="/boards/b.team")
    keep(admin, 0, "of-a", "shared", path="/boards/a-team")
    both = Api("erin", ("b.team", "a-team", "c"))
    assert ids(both.get("/board").json["default"]) == ["of-a", "shared", "of-b"]
    assert admin.put("/boards/a-team", {"version": 1, "panels": None}).json == {"version": 2, "panels": None}
    assert ids(both.get("/board").json["default"]) == ["shared", "of-b"]


def test_only_admins_arrange_the_boards_of_groups(admin: Api, desk: Api) -> None:
    for refused in (desk.get("/boards/service-desk"), keep(desk, 0, "x", path="/boards/service-desk")):
        assert (refused.status, refused.json["code"]) == (403, "forbidden")
    assert keep(admin, 0, "x", path="/boards/service-desk").status == 200
    assert keep(Api("bob"), 0, "y", path="/boards/service-desk").json["code"] == "conflict"
    assert admin.get("/boards/service-desk").json["version"] == 1
    (entry,) = admin.get("/audit").json["entries"]
    assert (entry["by"], entry["action"], entry["flow"]) == ("alice", "change_board", "")
    assert entry["details"] == {"group": "service-desk", "panels": "1"}
    assert desk.get("/audit").json["entries"] == []


def test_a_panel_keeps_its_buttons_and_columns_in_their_order(desk: Api) -> None:
    settings = {"buttons": ["evening_stop-0a1b2c", "morning_start"], "columns": ["start", "name"]}
    kept = desk.put("/board", {"version": 0, "panels": [panel("a", settings=settings)]}).json
    assert {name: kept["panels"][0]["settings"][name] for name in settings} == settings
    refused: list[dict[str, Any]] = [{"columns": []}, {"columns": ["a b"]}, {"buttons": ["a b"]}, {"buttons": [1]}]
    for wrong in refused:
        assert desk.put("/board", {"version": 1, "panels": [panel("a", settings=wrong)]}).status == 422, wrong


def test_now_is_what_runs_and_what_failed_lately(aws: Any, admin: Api, desk: Api) -> None:
    now = datetime.now(UTC)
    for hours, state in enumerate(("RUNNING", "FAILED", "SUCCEEDED", "TIMED_OUT", "SKIPPED")):
        record(aws, "evening_stop", state.lower(), state, started=now - timedelta(hours=hours + 1))
    record(aws, "evening_stop", "long-ago", "FAILED", started=now - timedelta(hours=25))
    record(aws, "evening_stop", "runs-long", "RUNNING", started=now - timedelta(days=9))
    record(aws, "nightly_backup", "other", "RUNNING", started=now)
    names = [run["name"] for run in desk.get("/now").json["runs"]]
    assert names == ["running", "failed", "timed_out", "runs-long"]
    assert [run["name"] for run in admin.get("/now").json["runs"]] == ["other", *names]


def test_now_tells_how_long_what_runs_usually_takes(aws: Any, admin: Api) -> None:
    now = datetime.now(UTC)
    for number, minutes in enumerate((10, 30, 20)):
        for flow in ("evening_stop", "morning_start", "weekly_backup"):
            record(aws, flow, f"n{number}", started=now - timedelta(days=number + 1), minutes=minutes)
    record(aws, "evening_stop", "goes-on", "RUNNING", started=now)
    record(aws, "weekly_backup", "dry", "RUNNING", started=now, dry_run=True)
    record(aws, "nightly_backup", "first", "RUNNING", started=now)
    assert admin.get("/now").json["usual"] == {"evening_stop": 1200.0}
