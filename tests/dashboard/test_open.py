"""What is open, as the API shows and closes it for users."""

from __future__ import annotations

from typing import Any

from tests.dashboard.api import Api
from tests.dashboard.runs import record

DONE = {"comment": "the disk was full; made room"}


def test_what_is_open_is_shown_until_it_is_acknowledged(admin: Api, aws: Any) -> None:
    record(aws, "nightly_backup", "a", "FAILED", error="PartFailed", detail={"cause": "1 of 3 resources failed"})
    record(aws, "evening_stop", "b")
    (item,) = admin.get("/open").json["items"]
    assert (item["flow"], item["key"], item["kind"], item["run"]) == ("nightly_backup", "a", "failed", "a")
    assert item["why"] == "PartFailed: 1 of 3 resources failed"
    assert admin.post("/open/nightly_backup/a/acknowledge", DONE).status == 200
    assert admin.get("/open").json == {"items": [], "freeze": None}
    (entry,) = admin.get("/audit").json["entries"]
    assert (entry["by"], entry["action"], entry["run"]) == ("alice", "acknowledge", "nightly_backup/a")
    assert entry["details"]["comment"] == DONE["comment"]
    again = admin.post("/open/nightly_backup/a/acknowledge", DONE)
    assert (again.status, again.json["code"]) == (404, "not_found")


def test_a_comment_has_to_say_something(admin: Api, aws: Any) -> None:
    record(aws, "nightly_backup", "a", "FAILED")
    for body in ({}, {"comment": ""}, {"comment": " \n "}, {"comment": "x" * 501}):
        assert admin.post("/open/nightly_backup/a/acknowledge", body).fields.keys() == {"body.comment"}
    assert len(admin.get("/open").json["items"]) == 1


def test_others_see_and_close_only_what_is_theirs(admin: Api, desk: Api, aws: Any) -> None:
    record(aws, "nightly_backup", "a", "FAILED")
    record(aws, "evening_stop", "b", "ABORTED")
    assert [item["flow"] for item in desk.get("/open").json["items"]] == ["evening_stop"]
    assert desk.post("/open/nightly_backup/a/acknowledge", DONE).status == 403
    assert desk.post("/open/evening_stop/b/acknowledge", DONE).status == 200
    assert [item["flow"] for item in admin.get("/open").json["items"]] == ["nightly_backup"]


def test_an_administrator_closes_what_is_left_of_a_flow_that_is_gone(admin: Api, aws: Any) -> None:
    record(aws, "removed", "a", "FAILED")
    assert admin.post("/open/removed/a/acknowledge", DONE).status == 200
