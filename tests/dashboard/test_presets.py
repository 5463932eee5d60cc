"""Presets: buttons of the flow files and of the dashboard, whose they are, and what pressing one starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdas.gate import holds
from lambdas.runs.app_names import AppNames
from nightshift.project import load_flows
from nightshift.views.catalogue_file import catalogue_json
from tests.dashboard.api import Answer, Api
from tests.dashboard.conftest import ROOT
from tests.dashboard.runs import record
from tests.tables import REGION

FLOW = """
from lambdas.parts import ec2
from nightshift import Preset, flow


@flow(operators=["service-desk"], presets={
    "Server A": Preset({"tag": "Name=a"}, title_ja="サーバー A"),
    "Of the leads": Preset({"tag": "Name=b"}, groups=["admin"]),
})
def evening_stop(tag: str, hours: int | None = None):
    return ec2.stop_instances(tag=tag).summary
"""
BUTTON = {"version": None, "flow": "evening_stop", "title": "Server B", "parameters": {"tag": "Name=b"}}


@pytest.fixture
def filed(aws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flow evening_stop has presets in its file, and needs a parameter."""
    folder = tmp_path / "flow_defs"
    folder.mkdir()
    (folder / "evening_stop.py").write_text(FLOW, encoding="utf-8")
    flows = [flow for flow in load_flows(ROOT / "flow_defs") if flow.name == "nightly_backup"]
    file = tmp_path / "flows.json"
    file.write_bytes(catalogue_json([*load_flows(folder), *flows], folder, AppNames()))
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(file))


def make(api: Api, preset: str = "b-1", **given: Any) -> Answer:
    return api.put(f"/presets/{preset}", BUTTON | given)


def press(api: Api, preset: str, key: str = "a-key-of-mine", **body: Any) -> Answer:
    found = {each["id"]: each for each in api.get("/presets").json["presets"]}
    version = found[preset]["version"] if preset in found else "0" * 16
    return api.post(f"/presets/{preset}/runs", {"version": version, **body}, idempotency_key=key)


def started(name: str) -> dict[str, Any]:
    """The input of a run of evening_stop."""
    arn = f"arn:aws:states:{REGION}:123456789012:execution:nightshift-evening_stop:{name}"
    described = boto3.client("stepfunctions", region_name=REGION).describe_execution(executionArn=arn)
    given: dict[str, Any] = json.loads(described["input"])
    return given


def titles(api: Api) -> list[str]:
    return [preset["title"] for preset in api.get("/presets").json["presets"]]


def test_a_preset_of_a_flow_file_starts_exactly_its_parameters(filed: None, desk: Api, admin: Api) -> None:
    (button,) = desk.get("/presets").json["presets"]
    assert (button["title"], button["title_ja"], button["source"]) == ("Server A", "サーバー A", "file")
    assert (button["parameters"], button["wrong"], button["last_run"]) == ({"tag": "Name=a"}, None, None)
    run = press(desk, button["id"]).json
    assert started(run["name"]) == {
        "tag": "Name=a",
        "nightshift": {"dry_run": False, "trigger": {"type": "manual", "by": "dora"}},
    }
    again = press(desk, button["id"]).json
    assert (again["name"], again["repeated"]) == (run["name"], True)
    (entry,) = admin.get("/audit").json["entries"]
    assert (entry["by"], entry["action"], entry["flow"], entry["run"]) == ("dora", "start", "evening_stop", run["id"])
    assert entry["details"] == {"preset": "Server A"}


def test_nothing_else_is_started_by_a_button_without_a_form(filed: None, desk: Api, admin: Api) -> None:
    (button,) = desk.get("/presets").json["presets"]
    for given in ({}, {"tag": "Name=a"}, {"tag": "Name=z"}):
        refused = press(desk, button["id"], parameters=given)
        assert (refused.status, list(refused.fields)) == (422, ["body.parameters"])
    assert admin.get("/audit").json["entries"] == []
    assert make(admin, form=True, parameters={"tag": "Name=b"}).status == 200
    other = press(desk, "b-1", parameters={"tag": "Name=c", "hours": 2}).json
    assert started(other["name"])["tag"] == "Name=c"
    assert list(press(desk, "b-1", "another-key", parameters={"tag": 5}).fields) == ["body.parameters.tag"]


def test_a_preset_has_to_fit_its_flow(filed: None, admin: Api) -> None:
    assert list(make(admin, parameters={"tag": 1, "tga": "x"}).fields) == ["body.parameters.tag", "body.parameters.tga"]
    assert list(make(admin, parameters={}).fields) == ["body.parameters.tag"]
    assert make(admin, parameters={}, form=True).status == 200
    assert list(make(admin, "c-1", flow="no_such_flow").fields) == ["body.flow"]
    for wrong in ({"title": " "}, {"title": "x" * 81}, {"title_ja": ""}, {"groups": ["a b"]}, {"form": 1}):
        assert make(admin, "c-1", **wrong).status == 422, wrong
    assert titles(admin) == ["Of the leads", "Server A", "Server B"]


def test_only_admins_make_change_and_remove_presets(filed: None, desk: Api, admin: Api) -> None:
    made = make(admin, groups=["service-desk", "service-desk"]).json
    assert made["groups"] == ["service-desk"]
    for refused in (
        make(desk, "c-1"),
        make(desk, "b-1", version=made["version"]),
        desk.delete(f"/presets/b-1?version={made['version']}"),
    ):
        assert (refused.status, refused.json["code"]) == (403, "forbidden")
    assert titles(desk) == ["Server A", "Server B"]
    changed = make(admin, version=made["version"], title="Server C").json
    assert admin.delete(f"/presets/b-1?version={changed['version']}").json["title"] == "Server C"
    assert titles(desk) == ["Server A"]
    kept = [(entry["action"], entry["details"]["preset"]) for entry in admin.get("/audit").json["entries"]]
    assert kept == [("remove_preset", "Server C"), ("change_preset", "Server C"), ("add_preset", "Server B")]


def test_two_who_change_a_preset_do_not_undo_each_other(filed: None, desk: Api, admin: Api) -> None:
    first = make(admin).json["version"]
    assert make(admin).json["code"] == "conflict"
    second = make(admin, version=first, parameters={"tag": "Name=c"}).json["version"]
    assert make(admin, version=first, title="Other").json["code"] == "conflict"
    assert admin.delete(f"/presets/b-1?version={first}").json["code"] == "conflict"
    # Whoever looked at the button before it was changed does not start what they have not seen.
    late = desk.post("/presets/b-1/runs", {"version": first}, idempotency_key="a-key-of-mine")
    assert (late.status, late.json["code"]) == (409, "conflict")
    assert admin.delete(f"/presets/b-1?version={second}").status == 200
    assert make(admin, version=second).json["code"] == "conflict"
    # Undo of the removal: the same button again, on every board that has it.
    assert make(admin).status == 200


def test_a_button_is_given_to_groups_and_needs_the_right_to_the_flow(filed: None, desk: Api, admin: Api) -> None:
    make(admin, "ours-1", title="Ours", groups=["service-desk"])
    make(admin, "theirs-1", title="Theirs", groups=["night-desk"])
    make(admin, "foreign-1", title="Foreign", flow="nightly_backup", parameters={}, groups=["service-desk"])
    assert titles(desk) == ["Ours", "Server A"]
    assert titles(Api("nobody", ("night-desk",))) == []
    hidden = [press(desk, preset) for preset in ("theirs-1", "foreign-1", "no-such")]
    assert {(answer.status, answer.text) for answer in hidden} == {(403, hidden[0].text)}
    assert press(admin, "no-such").status == 404
    assert press(admin, "theirs-1").status == 200


def test_a_button_of_the_file_is_changed_in_the_file(filed: None, admin: Api) -> None:
    button = next(p for p in admin.get("/presets").json["presets"] if p["title"] == "Server A")
    assert "flow file" in make(admin, button["id"], version=button["version"]).json["message"]
    assert admin.delete(f"/presets/{button['id']}?version={button['version']}").status == 409


def test_a_button_says_how_its_last_run_ended(filed: None, aws: Any, desk: Api) -> None:
    (button,) = desk.get("/presets").json["presets"]
    press(desk, button["id"], "key-of-a-dry-run", dry_run=True)
    run = press(desk, button["id"]).json
    assert desk.get("/presets").json["presets"][0]["last_run"] is None
    record(aws, "evening_stop", run["name"], "FAILED")
    last = desk.get("/presets").json["presets"][0]["last_run"]
    assert (last["id"], last["state"]) == (run["id"], "FAILED")


def test_a_button_that_its_flow_does_not_fit_any_more_says_so(
    filed: None, admin: Api, desk: Api, tmp_path: Path
) -> None:
    make(admin)
    make(admin, "n-1", flow="nightly_backup", parameters={}, title="Backup")
    folder = tmp_path / "flow_defs"
    (folder / "evening_stop.py").write_text(
        FLOW.replace("tag", "tags").replace("tags=tags", "tag=tags"), encoding="utf-8"
    )
    (tmp_path / "flows.json").write_bytes(catalogue_json(load_flows(folder), folder, AppNames()))
    wrong = {preset["title"]: preset["wrong"] for preset in admin.get("/presets").json["presets"]}
    assert wrong["Server B"].startswith("tag is no parameter of the flow; it takes tags, hours; tags is missing")
    assert wrong["Backup"] == "there is no such flow any more"
    assert titles(desk) == ["Server A", "Server B"]
    assert press(desk, "b-1").status == 422
    assert press(admin, "n-1").status == 404


def test_a_button_of_a_retired_flow_starts_nothing(filed: None, aws: Any, admin: Api, desk: Api) -> None:
    make(admin)
    version = admin.get("/presets").json["presets"][-1]["version"]
    holds.retire(aws, "evening_stop", by="alice", why="replaced")
    assert titles(desk) == []
    refused = desk.post("/presets/b-1/runs", {"version": version}, idempotency_key="a-key-of-mine")
    assert (refused.status, refused.json["code"]) == (409, "conflict")
