"""Holding and releasing several flows at once, and the freeze of all of them, by the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.gate import holds
from lambdas.store.table import table
from tests.dashboard.api import Api


def scheduled(api: Api) -> list[dict[str, Any]]:
    """The flows of a user that a schedule starts."""
    return [flow for flow in api.get("/flows").json["flows"] if flow["schedule"]]


def test_a_freeze_holds_every_flow_and_is_told_to_everybody(admin: Api, desk: Api) -> None:
    until = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    given = {"why": "year-end closing", "until": until.isoformat(), "exempt": ["nightly_backup"]}
    freeze = admin.put("/freeze", given).json["freeze"]
    assert (freeze["by"], freeze["why"], freeze["exempt"]) == ("alice", "year-end closing", ["nightly_backup"])
    assert admin.get("/open").json["freeze"] == freeze
    assert desk.get("/open").json["freeze"] == freeze | {"exempt": []}, "a flow that is not for them to see"
    frozen = {flow["name"]: flow["standing"]["frozen"] for flow in scheduled(admin)}
    assert frozen == {name: name != "nightly_backup" for name in frozen}
    for flow in scheduled(desk):
        assert datetime.fromisoformat(flow["next"]) >= until
    due = admin.get("/next", hours=336).json["runs"]
    for run in due:
        inside = run["flow"] != "nightly_backup" and datetime.fromisoformat(run["time"]) < until
        assert bool(run["hold"]) == inside
    assert admin.delete("/freeze").json == admin.delete("/freeze").json == {"freeze": None}
    assert admin.get("/open").json["freeze"] is None
    events = [(e["flow"], e["action"]) for e in desk.get("/audit").json["entries"]]
    assert events == [("*", "release"), ("*", "hold")], "one event for all flows, which everybody sees"


def test_only_administrators_freeze(admin: Api, desk: Api) -> None:
    assert desk.put("/freeze", {"why": "x"}).status == 403
    admin.put("/freeze", {"why": "x"})
    assert desk.delete("/freeze").status == 403
    assert admin.get("/open").json["freeze"]["until"] is None


def test_a_freeze_has_a_reason_an_end_to_come_and_flows_that_are_there(admin: Api) -> None:
    assert admin.put("/freeze", {"why": ""}).fields.keys() == {"body.why"}
    assert admin.put("/freeze", {"why": " "}).status == 422
    assert admin.put("/freeze", {"why": "x", "until": "2020-01-01T00:00:00Z"}).status == 422
    assert admin.put("/freeze", {"why": "x", "exempt": ["nobody"]}).fields.keys() == {"body.exempt"}
    assert admin.get("/open").json["freeze"] is None


def test_several_flows_are_held_and_released_with_an_event_each(admin: Api, desk: Api) -> None:
    both = ["evening_stop", "morning_start"]
    assert desk.put("/holds", {"flows": [*both, both[0]], "why": "moving"}).json == {"flows": both}
    held = {flow["name"]: flow["standing"]["hold"] for flow in desk.get("/flows").json["flows"]}
    assert {name: hold and hold["why"] for name, hold in held.items()} == dict.fromkeys(held, "moving")
    admin.delete("/flows/evening_stop/hold")
    assert desk.post("/holds/release", {"flows": both}).json == {"flows": ["morning_start"]}
    events = [(e["flow"], e["action"], e["by"]) for e in admin.get("/audit").json["entries"]]
    assert sorted(events[2:]) == [("evening_stop", "hold", "dora"), ("morning_start", "hold", "dora")]
    assert events[:2] == [("morning_start", "release", "dora"), ("evening_stop", "release", "alice")]


def test_flows_that_are_not_the_users_let_none_be_held(admin: Api, desk: Api) -> None:
    assert desk.put("/holds", {"flows": ["evening_stop", "nightly_backup"], "why": "x"}).status == 403
    assert admin.put("/holds", {"flows": ["evening_stop", "nobody"], "why": "x"}).status == 404
    assert desk.post("/holds/release", {"flows": ["nightly_backup"]}).status == 403
    assert desk.put("/holds", {"flows": [], "why": "x"}).fields.keys() == {"body.flows"}
    assert not any(flow["standing"]["hold"] for flow in admin.get("/flows").json["flows"])


def test_a_retired_flow_stays_so(admin: Api) -> None:
    holds.retire(table(), "evening_stop", by="alice", why="replaced")
    both = {"flows": ["evening_stop", "morning_start"]}
    assert admin.put("/holds", {**both, "why": "moving"}).json == {"flows": ["morning_start"]}
    assert admin.post("/holds/release", both).json == {"flows": ["morning_start"]}
    assert holds.read(table(), "evening_stop").retired
