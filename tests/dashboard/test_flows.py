"""Flows through the API: what they are, starting them, and keeping them back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.dashboard import deployment
from lambdas.gate import holds
from lambdas.store.table import table
from tests.dashboard.api import Api
from tests.dashboard.runs import record

KEY = "0123456789abcdef"


def execution(flow: str, name: str) -> dict[str, Any]:
    """What Step Functions says of a run."""
    found: dict[str, Any] = deployment.step_functions().describe_execution(
        executionArn=deployment.execution_arn(flow, name)
    )
    return found


def test_a_flow_is_told_in_full(aws: Any, admin: Api) -> None:
    record(aws, "change_spec", "older", "FAILED", started=datetime(2026, 11, 1, tzinfo=UTC))
    record(aws, "change_spec", "newer", started=datetime(2026, 11, 2, tzinfo=UTC))
    flow = admin.get("/flows/change_spec").json
    assert flow["title"].endswith(".")
    assert [(p["name"], p["kind"], p["required"]) for p in flow["parameters"]] == [
        ("instance_type", "text", True),
        ("tag", "text", False),
        ("fallback_types", "list", False),
        ("to", "text", False),
    ]
    assert flow["parameters"][2]["nullable"]
    assert flow["last_run"]["name"] == "newer"
    assert (flow["schedule"], flow["next"], flow["next_times"]) == (None, None, [])
    assert flow["called_by"] == ["larger_at_month_end", "smaller_after_month_end"]
    assert flow["file"] == "flow_defs/month_end.py"
    assert "def change_spec(" in flow["source"]
    assert {"part", "actions", "resources", "condition"} == flow["permissions"][0].keys()


def test_titles_and_parameters_are_told_in_both_languages(admin: Api, desk: Api) -> None:
    flow = admin.get("/flows/evening_stop").json
    assert (flow["title"], flow["title_ja"]) == ("Stop the office servers", "社内サーバーの停止")
    assert flow["doc"].startswith("Stop the office-hours instances")
    assert "Parameters" not in flow["doc"]
    assert flow["doc_ja"].startswith("業務時間用")
    (tag,) = flow["parameters"]
    assert (tag["title"], tag["description"]) == ("Which instances", 'A tag, "Key=Value".')
    assert (tag["title_ja"], tag["description_ja"]) == ("対象のインスタンス", "タグを「キー=値」で指定します。")
    assert {"flow": "evening_stop", "title": "Stop the office servers", "title_ja": "社内サーバーの停止"} in (
        desk.get("/me").json["titles"]
    )
    assert not [told for told in desk.get("/me").json["titles"] if told["flow"] == "nightly_backup"]


def test_the_graph_has_the_names_of_the_steps(admin: Api) -> None:
    graph = admin.get("/flows/nightly_backup").json["graph"]
    nodes = {node["id"]: node for node in graph["nodes"]}
    assert nodes["ebs.create_snapshot"]["part"] == "ebs.create_snapshot"
    assert {edge["source"] for edge in graph["edges"]} | {edge["target"] for edge in graph["edges"]} <= nodes.keys()
    assert not [name for name in nodes if ": wait" in name or ": done?" in name]
    assert any(edge["caught"] for edge in graph["edges"])


def test_a_start_is_who_by_and_written_down(admin: Api, desk: Api) -> None:
    started = desk.post("/flows/evening_stop/runs", {"parameters": {"tag": "AutoOff=late"}, "dry_run": True}).json
    described = execution("evening_stop", started["name"])
    assert described["input"] == (
        '{"tag": "AutoOff=late", "nightshift": {"dry_run": true, "trigger": {"type": "manual", "by": "dora"}}}'
    )
    assert started["id"] == f"evening_stop/{started['name']}"
    (entry,) = admin.get("/audit").json["entries"]
    assert (entry["by"], entry["action"], entry["run"]) == ("dora", "start", started["id"])
    assert entry["details"] == {"dry_run": "true"}


def test_the_same_key_starts_one_run(admin: Api, desk: Api) -> None:
    path = "/flows/evening_stop/runs"
    first, again = (admin.post(path, {}, idempotency_key=KEY).json for _ in range(2))
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert again | {"repeated": False} == first
    assert len(admin.get("/audit").json["entries"]) == 1
    other = admin.post(path, {"parameters": {"tag": "x=y"}}, idempotency_key=KEY)
    assert (other.status, other.json["code"]) == (409, "conflict")
    assert desk.post(path, {}, idempotency_key=KEY).json["name"] != first["name"]
    assert admin.post(path, {}, idempotency_key="short").fields.keys() == {"header.idempotency-key"}


def test_parameters_have_to_fit(admin: Api) -> None:
    got = admin.post("/flows/change_spec/runs", {"parameters": {"tag": 1, "fallback_types": ["a", 2], "other": 1}})
    assert got.status == 422
    assert got.fields == {
        "body.parameters.tag": "takes text",
        "body.parameters.fallback_types": "takes a list of text (a,b,c) or null",
        "body.parameters.other": "is no parameter of the flow; it takes instance_type, tag, fallback_types, to",
        "body.parameters.instance_type": "is missing; it takes text",
    }
    assert admin.get("/audit").json["entries"] == []


def test_a_flow_is_held_and_released(admin: Api, desk: Api) -> None:
    until = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    held = desk.put("/flows/evening_stop/hold", {"why": "year end", "until": until.isoformat()}).json["hold"]
    assert (held["by"], held["why"]) == ("dora", "year end")
    assert datetime.fromisoformat(held["until"]) == until
    flow = admin.get("/flows/evening_stop").json
    assert flow["standing"]["hold"] == held
    assert datetime.fromisoformat(flow["next"]) >= until
    assert flow["next_times"][0]["skipped"].startswith("held until")
    due = admin.get("/next", hours=336).json["runs"]
    mine = [run for run in due if run["flow"] == "evening_stop"]
    assert [bool(run["hold"]) for run in mine] == [datetime.fromisoformat(run["time"]) < until for run in mine]
    assert desk.delete("/flows/evening_stop/hold").json == {"hold": None, "skip_next": None, "frozen": False}
    assert [e["action"] for e in admin.get("/audit", flow="evening_stop").json["entries"]] == ["release", "hold"]
    past = desk.put("/flows/evening_stop/hold", {"why": "x", "until": "2020-01-01T00:00:00Z"})
    assert (past.status, past.json["code"]) == (422, "invalid")


def test_the_next_start_is_skipped_once(admin: Api) -> None:
    assert admin.post("/flows/evening_stop/skip-next").json["skip_next"]["by"] == "alice"
    flow = admin.get("/flows/evening_stop").json
    first, second, *_ = flow["next_times"]
    assert (first["skipped"], second["skipped"]) == ("skipped once by alice", None)
    assert flow["next"] == second["time"]


def test_a_skip_has_a_reason_and_is_taken_back(admin: Api) -> None:
    skipped = admin.post("/flows/evening_stop/skip-next", {"why": "moving day"}).json["skip_next"]
    assert (skipped["by"], skipped["why"]) == ("alice", "moving day")
    first = admin.get("/flows/evening_stop").json["next_times"][0]
    assert first["skipped"] == "skipped once by alice: moving day"
    for _ in range(2):
        assert admin.delete("/flows/evening_stop/skip-next").json == {"hold": None, "skip_next": None, "frozen": False}
    assert admin.get("/flows/evening_stop").json["next_times"][0]["skipped"] is None
    assert [e["action"] for e in admin.get("/audit", flow="evening_stop").json["entries"]] == ["unskip", "skip_next"]
    assert admin.post("/flows/evening_stop/skip-next", {"why": "x" * 501}).status == 422


def test_a_retired_flow_is_not_listed_and_not_started(admin: Api) -> None:
    holds.retire(table(), "evening_stop", by="alice", why="replaced")
    assert "evening_stop" not in [flow["name"] for flow in admin.get("/flows").json["flows"]]
    assert admin.get("/flows/evening_stop").json["standing"]["hold"]["why"] == "replaced"
    refused = admin.post("/flows/evening_stop/runs", {"parameters": {}, "dry_run": False})
    assert (refused.status, "the flow is retired" in refused.text) == (409, True)
    assert admin.delete("/flows/evening_stop/hold").status == 200
    assert "evening_stop" in [flow["name"] for flow in admin.get("/flows").json["flows"]]
