"""Who sees and may do what: everything for admins, their flows and nothing else for anyone else."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.store import audit
from tests.dashboard.api import Api, answer
from tests.dashboard.runs import START, record

OWN = {"evening_stop", "morning_start"}

ACTS = [
    ("POST", "/flows/{flow}/runs", {}),
    ("PUT", "/flows/{flow}/hold", {"why": "x"}),
    ("DELETE", "/flows/{flow}/hold", None),
    ("POST", "/flows/{flow}/skip-next", None),
    ("DELETE", "/flows/{flow}/skip-next", None),
    ("POST", "/runs/{flow}/one/stop", {}),
    ("POST", "/runs/{flow}/one/redrive", None),
    ("POST", "/runs/{flow}/one/again", None),
]


def test_nobody_gets_nothing(aws: Any) -> None:
    for claims in (None, {}, {"username": "alice", "token_use": "id"}, {"token_use": "access"}):
        got = answer("GET", "/api/me", [], b"", claims)
        assert (got.status, got.json["code"]) == (401, "unauthorized")


def test_a_user_is_who_the_token_says(aws: Any) -> None:
    me = Api("dora", ("ops", "service-desk")).get("/me").json
    assert (me["name"], me["groups"], me["admin"]) == ("dora", ["ops", "service-desk"], False)
    assert (me["app"], me["region"], me["account"]) == ("nightshift", "ap-northeast-1", "123456789012")
    assert Api("dora", (), {"cognito:groups": ["admin"]}).get("/me").json["admin"]
    assert Api("dora", ()).get("/me").json["groups"] == []


def test_an_operator_sees_the_flows_of_the_group(admin: Api, desk: Api) -> None:
    assert {flow["name"] for flow in desk.get("/flows").json["flows"]} == OWN
    assert {flow["name"] for flow in admin.get("/flows").json["flows"]} > OWN
    assert Api("nobody", ()).get("/flows").json == {"flows": []}
    assert desk.get("/flows/evening_stop").status == 200
    assert desk.get("/flows/nightly_backup").status == 404
    assert admin.get("/flows/nightly_backup").status == 200


def test_an_operator_sees_the_runs_of_these_flows(aws: Any, admin: Api, desk: Api) -> None:
    for flow in ("evening_stop", "nightly_backup"):
        record(aws, flow, "one")
        audit.record(aws, by="alice", action="start", flow=flow)
    period = {"since": START.date().isoformat(), "until": START.date().isoformat()}

    def seen(api: Api) -> list[set[str]]:
        return [
            {run["flow"] for run in api.get("/runs").json["runs"]},
            {flow["flow"] for flow in api.get("/summary", **period).json["flows"]},
            {run["flow"] for run in api.get("/report", **period).json["runs"]},
            {entry["flow"] for entry in api.get("/audit").json["entries"]},
        ]

    assert seen(desk) == [{"evening_stop"}] * 4
    assert seen(admin) == [{"evening_stop", "nightly_backup"}] * 4
    assert seen(Api("nobody", ())) == [set()] * 4
    assert desk.get("/summary", **period).json["counts"]["total"] == 1
    assert {run["flow"] for run in desk.get("/next", hours=336).json["runs"]} == OWN
    assert desk.get("/runs/evening_stop/one").status == 200


@pytest.mark.parametrize("path", ["/runs?flow={}", "/runs/{}/one", "/report?flow={}", "/audit?flow={}", "/flows/{}"])
def test_what_an_operator_may_not_see_is_not_there(aws: Any, desk: Api, path: str) -> None:
    record(aws, "nightly_backup", "one")
    hidden, missing = desk.get(path.format("nightly_backup")), desk.get(path.format("no_such_flow"))
    assert (hidden.status, hidden.text) == (missing.status, missing.text)
    assert hidden.status == 404


@pytest.mark.parametrize(("method", "path", "body"), ACTS)
def test_what_an_operator_may_not_do_is_forbidden(
    aws: Any, admin: Api, desk: Api, method: str, path: str, body: Any
) -> None:
    record(aws, "nightly_backup", "one")
    hidden = desk.send(method, path.format(flow="nightly_backup"), body)
    missing = desk.send(method, path.format(flow="no_such_flow"), body)
    assert (hidden.status, hidden.text) == (missing.status, missing.text)
    assert hidden.status == 403
    assert admin.get("/audit").json["entries"] == []
    assert admin.send(method, path.format(flow="no_such_flow"), body).status == 404


def test_the_flow_that_called_another_stays_hidden(aws: Any, admin: Api, desk: Api) -> None:
    trigger = {"type": "flow", "flow": "nightly_backup", "execution": "arn:of:nightly_backup"}
    record(aws, "evening_stop", "one", trigger=trigger)
    assert admin.get("/runs/evening_stop/one").json["trigger"]["flow"] == "nightly_backup"
    hidden = desk.get("/runs/evening_stop/one").json["trigger"]
    assert (hidden["type"], hidden["flow"], hidden["execution"]) == ("flow", None, None)


def test_boards_are_of_their_users(admin: Api, desk: Api) -> None:
    panel = {"id": "a", "kind": "runs", "column_span": 1, "row_span": 2}
    assert admin.put("/board", {"version": 0, "panels": [panel]}).json["version"] == 1
    assert desk.get("/board").json == {"version": 0, "panels": None, "default": None}
    assert admin.get("/board").json["panels"][0]["kind"] == "runs"
    late = admin.put("/board", {"version": 0, "panels": []})
    assert (late.status, late.json["code"]) == (409, "conflict")
    assert admin.put("/board", {"version": 1, "panels": []}).json == {"version": 2, "panels": [], "default": None}
