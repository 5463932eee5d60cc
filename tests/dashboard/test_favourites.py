"""Favourites: a star at a flow, for each user, and the folder and tags by which flows are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.api import Api


def favourites(api: Api) -> list[str]:
    """The flows with a star, as a user sees them."""
    return [flow["name"] for flow in api.get("/flows").json["flows"] if flow["favourite"]]


def mark(api: Api, flow: str, favourite: bool = True) -> int:
    """Put a star at a flow, or take it away; the status."""
    return api.put(f"/flows/{flow}/favourite", {"favourite": favourite}).status


def test_each_user_has_favourites_of_their_own(admin: Api, desk: Api) -> None:
    assert favourites(desk) == []
    assert [mark(desk, flow) for flow in ("morning_start", "evening_stop", "evening_stop")] == [200, 200, 200]
    assert favourites(desk) == ["evening_stop", "morning_start"]
    assert desk.get("/flows/evening_stop").json["favourite"]
    assert favourites(admin) == []
    assert desk.put("/flows/evening_stop/favourite", {"favourite": False}).json == {
        "flow": "evening_stop",
        "favourite": False,
    }
    assert mark(desk, "evening_stop", favourite=False) == 200
    assert favourites(desk) == ["morning_start"]


def test_a_star_is_no_action_and_changes_no_board(admin: Api, desk: Api) -> None:
    before = desk.get("/board").json
    mark(desk, "evening_stop")
    assert desk.get("/board").json == before
    assert admin.get("/audit").json["entries"] == []


def test_only_what_they_see_gets_a_star(desk: Api) -> None:
    assert mark(desk, "nightly_backup") == 404
    assert desk.put("/flows/evening_stop/favourite", {}).fields.keys() == {"body.favourite"}


def test_a_flow_has_the_folder_it_lies_in_and_the_tags_it_selects_by(
    aws: Any, admin: Api, catalogue_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(catalogue_file.read_text())
    told["evening_stop"]["file"] = "flow_defs/office/night/evening_stop.py"
    (tmp_path / "flows.json").write_text(json.dumps(told))
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(tmp_path / "flows.json"))
    flows = {flow["name"]: flow for flow in admin.get("/flows").json["flows"]}
    assert flows["evening_stop"]["folder"] == "office/night"
    assert flows["evening_stop"]["tags"] == ["AutoOff=yes"]
    assert flows["nightly_backup"]["folder"] == ""
    assert flows["nightly_backup"]["tags"] == ["Backup=nightly"]
