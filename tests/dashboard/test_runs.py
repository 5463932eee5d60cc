"""Runs through the API: lists, one in full, and what can be done to it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.dashboard.deployment import step_functions
from lambdas.tracker import progress
from tests.dashboard.api import Api
from tests.dashboard.runs import START, STEP, record, step


def test_runs_are_listed_by_page(aws: Any, admin: Api) -> None:
    for number in range(5):
        record(aws, "evening_stop", f"n{number}", started=START + timedelta(hours=number))
    record(aws, "nightly_backup", "failed", "FAILED", error="PartFailed")
    names, cursor = [], None
    while True:
        page = admin.get("/runs", limit=2, flow="evening_stop", **({"cursor": cursor} if cursor else {})).json
        names += [run["name"] for run in page["runs"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert names == ["n4", "n3", "n2", "n1", "n0"]
    (failed,) = admin.get("/runs", state="FAILED").json["runs"]
    assert (failed["id"], failed["error"], failed["duration"]) == ("nightly_backup/failed", "PartFailed", 120.0)
    assert failed["counts"] == {"matched": 3, "changed": 2, "skipped": 1, "failed": 0}
    late = admin.get("/runs", since=(START + timedelta(hours=3)).isoformat(), until="2027-01-01T00:00:00Z").json["runs"]
    assert [run["name"] for run in late] == ["n4", "n3"]


def test_a_run_is_told_with_steps_mails_and_advice(aws: Any, admin: Api) -> None:
    detail = {"steps": [STEP], "parameters": {"tag": "a=b"}, "output": {"x": 1}, "cause": "2 of 3 failed"}
    record(aws, "nightly_backup", "one", "FAILED", error="PartFailed", detail=detail)
    run = admin.get("/runs/nightly_backup/one").json
    assert run["parameters"] == {"tag": "a=b"}
    # What Step Functions has as the output of a run that failed is its error once more.
    assert run["output"] is None
    assert run["cause"] == "2 of 3 failed"
    assert run["advice"].startswith("Look at the resources")
    assert run["steps"][0]["counts"]["changed"] == 1
    assert run["mails"] == [
        {
            "step": "notify.email",
            "to": ["ops@example.com"],
            "subject": "Backup",
            "message_id": "m-1",
            "text": "all is well",
        }
    ]
    assert (run["stoppable"], run["from_history"]) == (False, False)
    assert run["console"].startswith("https://ap-northeast-1.console.aws.amazon.com/states/")
    assert admin.get("/runs/nightly_backup/none").status == 404
    record(aws, "nightly_backup", "well", detail={"output": {"x": 1}})
    assert admin.get("/runs/nightly_backup/well").json["output"] == {"x": 1}


def test_a_run_that_has_ended_is_not_stopped(aws: Any, admin: Api) -> None:
    record(aws, "nightly_backup", "one")
    got = admin.post("/runs/nightly_backup/one/stop", {"why": "x"})
    assert (got.status, got.json["code"]) == (409, "conflict")
    assert admin.post("/runs/nightly_backup/one/redrive").status == 409
    assert admin.get("/audit").json["entries"] == []


@pytest.mark.parametrize(
    ("state", "ago", "why"),
    [("FAILED", 20, "too_late"), ("FAILED", 1, "forgotten"), ("SUCCEEDED", 1, None), ("RUNNING", 1, None)],
)
def test_why_a_run_cannot_be_redriven_is_said(aws: Any, admin: Api, state: str, ago: int, why: str | None) -> None:
    record(aws, "nightly_backup", "one", state, started=datetime.now(UTC) - timedelta(days=ago))
    run = admin.get("/runs/nightly_backup/one").json
    assert (run["redrivable_until"], run["not_redrivable"]) == (None, why)


def test_a_run_is_started_again_with_its_parameters(aws: Any, admin: Api) -> None:
    record(aws, "evening_stop", "old", dry_run=True, detail={"parameters": {"tag": "AutoOff=late"}})
    made = admin.post("/runs/evening_stop/old/again", idempotency_key="0123456789").json
    assert admin.post("/runs/evening_stop/old/again", idempotency_key="0123456789").json["repeated"]
    (entry,) = admin.get("/audit").json["entries"]
    assert (entry["action"], entry["run"]) == ("again", made["id"])
    assert entry["details"] == {"after": "evening_stop/old", "dry_run": "true"}
    record(aws, "evening_stop", "vast", detail={"parameters": {"shortened": 300_000}})
    assert admin.post("/runs/evening_stop/vast/again").status == 409


def test_a_run_redriven_a_moment_ago_is_seen_to_go_on_before_an_event_tells_of_it(aws: Any, admin: Api) -> None:
    made = admin.post("/flows/evening_stop/runs", {"parameters": {}}).json["name"]
    record(aws, "evening_stop", made, "FAILED", started=datetime.now(UTC), error="PartFailed", detail={"steps": [STEP]})
    assert admin.get(f"/runs/evening_stop/{made}").json["state"] == "FAILED"

    def redriven(parsed: dict[str, Any], **_: Any) -> None:
        """What moto does not have, and Step Functions tells after RedriveExecution."""
        parsed["redriveCount"] = 1

    events = step_functions().meta.events
    events.register("after-call.sfn.DescribeExecution", redriven)
    try:
        run = admin.get(f"/runs/evening_stop/{made}").json
    finally:
        events.unregister("after-call.sfn.DescribeExecution", redriven)
    assert (run["state"], run["redrives"], run["from_history"]) == ("RUNNING", 1, True)
    assert (run["stoppable"], run["redrivable_until"], run["error"]) == (True, None, None)


def test_a_run_that_goes_on_is_read_once_for_all_who_watch_it(
    aws: Any, admin: Api, desk: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = admin.post("/flows/evening_stop/runs", {"parameters": {}}).json["name"]
    record(aws, "evening_stop", made, "RUNNING", started=datetime.now(UTC))
    asked: list[str] = []
    events = step_functions().meta.events

    def goes_on(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append(model.name)
        parsed["status"] = "RUNNING"
        parsed.pop("stopDate", None)

    events.register("after-call.sfn.DescribeExecution", goes_on)
    try:
        path = f"/runs/evening_stop/{made}"
        seen = [api.get(path).json for api in (admin, desk, admin)]
        assert [(run["state"], run["from_history"]) for run in seen] == [("RUNNING", True)] * 3
        assert asked == ["DescribeExecution"]
        # It gets old, and one of them asks again; whoever stops the run sees what comes of it at once.
        monkeypatch.setattr(progress, "_now", lambda: int(time.time() * 1000) + 60_000)
        admin.get(path)
        desk.get(path)
        assert len(asked) == 2
        admin.post(f"{path}/stop", {"why": "enough"})
        desk.get(path)
        assert len(asked) == 3
    finally:
        events.unregister("after-call.sfn.DescribeExecution", goes_on)


@pytest.mark.parametrize(
    "path",
    [
        "/approvals",
        "/audit",
        "/board",
        "/calendar?since=2026-11-20&until=2026-12-20",
        "/flows",
        "/flows/evening_stop",
        "/flows/evening_stop/usual",
        "/handover",
        "/next",
        "/open",
        "/pulse",
        "/report",
        "/runs",
        "/runs/evening_stop/well",
        "/summary",
    ],
)
def test_what_pages_poll_is_read_from_the_table_alone(aws: Any, admin: Api, path: str) -> None:
    """Step Functions answers a few reads a second ("Quotas related to API action throttling", AWS Step Functions
    Developer Guide), and pages ask every few seconds."""
    record(aws, "evening_stop", "well")
    record(aws, "evening_stop", "goes_on", "RUNNING", started=datetime.now(UTC))
    record(aws, "nightly_backup", "failed", "FAILED", started=datetime.now(UTC), error="PartFailed")
    asked: list[str] = []
    events = step_functions().meta.events

    def note(model: Any, **_: Any) -> None:
        asked.append(model.name)

    events.register("before-call.sfn", note)
    try:
        path, _, query = path.partition("?")
        got = admin.get(path, **dict(pair.split("=") for pair in query.split("&") if pair))
    finally:
        events.unregister("before-call.sfn", note)
    assert (got.status, asked) == (200, []), got.json


def test_charts_add_up(aws: Any, admin: Api) -> None:
    record(aws, "evening_stop", "a", minutes=1)
    record(aws, "evening_stop", "b", "FAILED", minutes=3)
    record(aws, "nightly_backup", "c", "SKIPPED", started=START + timedelta(days=1), skipped="held")
    period = {"since": "2026-11-20", "until": "2026-11-22"}
    summary = admin.get("/summary", **period).json
    assert [day["counts"]["total"] for day in summary["days"]] == [2, 1, 0]
    assert {flow["flow"]: flow["counts"]["total"] for flow in summary["flows"]} == {
        "evening_stop": 2,
        "nightly_backup": 1,
    }
    assert summary["counts"]["failed"] == summary["counts"]["succeeded"] == summary["counts"]["skipped"] == 1
    report = admin.get("/report", **period).json
    assert (report["mean_duration"], report["longest_duration"]) == (120.0, 180.0)
    assert report["days"][1]["mean_duration"] is None
    assert [run["id"] for run in report["runs"]] == ["nightly_backup/c", "evening_stop/b", "evening_stop/a"]
    assert not report["more"]
    assert admin.get("/report", flow="evening_stop", **period).json["counts"]["total"] == 2
    assert (report["success"], report["days"][1]["success"], report["timed"], report["measured"]) == (0.5, None, 2, 2)
    assert report["durations"] == {"p50": 60.0, "p90": 180.0, "p99": 180.0}
    assert (report["days"][1]["durations"], report["timezone"], report["whole"]) == (None, "UTC", "2026-11-20")
    honolulu = admin.get("/report", timezone="Pacific/Honolulu", since="2026-11-19", until="2026-11-20").json
    assert [day["counts"]["total"] for day in honolulu["days"]] == [2, 1]
    assert admin.get("/report", timezone="Pacific/Nowhere").status == 422
    assert (summary["timezone"], summary["whole"]) == ("UTC", "2026-11-20")
    there = {"timezone": "Pacific/Honolulu", "since": "2026-11-19", "until": "2026-11-20"}
    moved = admin.get("/summary", **there).json
    assert [day["counts"]["total"] for day in moved["days"]] == [2, 1]
    assert [flow["counts"]["total"] for flow in moved["flows"]] == [2, 1]
    assert admin.get("/summary", timezone="Pacific/Nowhere").status == 422
    assert len(admin.get("/summary").json["days"]) == 7


def test_audit_events_are_listed_by_page(aws: Any, admin: Api) -> None:
    from lambdas.store import audit

    now = datetime.now(UTC)
    for days in range(0, 70, 10):
        audit.record(aws, by="bob", action="hold", flow="evening_stop", now=now - timedelta(days=days, minutes=1))
        audit.record(aws, by="bob", action="hold", flow="nightly_backup", now=now - timedelta(days=days, minutes=2))
    found, cursor = [], None
    while True:
        page = admin.get("/audit", limit=3, flow="evening_stop", **({"cursor": cursor} if cursor else {})).json
        found += [entry["time"] for entry in page["entries"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(found) == 7
    assert found == sorted(found, reverse=True)
    lately = admin.get("/audit", since=(now - timedelta(days=15)).isoformat()).json["entries"]
    assert [entry["flow"] for entry in lately] == ["evening_stop", "nightly_backup"] * 2


def test_the_fleet_is_what_the_own_flows_select(aws: Any, admin: Api, desk: Api) -> None:
    from lambdas.dashboard import deployment

    for tag in ("AutoOff=yes", "AutoOn=yes", "Backup=nightly"):
        key, _, value = tag.partition("=")
        deployment.ec2().run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value}]}],
        )

    def tags(api: Api, **query: Any) -> list[dict[str, str]]:
        return [instance["tags"] for instance in api.get("/fleet", **query).json["instances"]]

    assert {"Backup": "nightly"} in tags(admin)
    assert tags(desk) == [{"AutoOff": "yes"}, {"AutoOn": "yes"}]
    assert tags(admin, tag="Auto*=yes") == [{"AutoOff": "yes"}, {"AutoOn": "yes"}]
    assert tags(admin, tag=["AutoOn=y*", "AutoOff=yes"]) == []
    assert tags(Api("nobody", ())) == []
    assert admin.get("/fleet", tag="nonsense").fields.keys() == {"query.tag.0"}


def test_runs_are_found_by_what_they_touched(admin: Api, desk: Api, aws: Any) -> None:
    for flow in ("nightly_backup", "evening_stop"):
        record(aws, flow, "a", detail={"steps": [step("ec2.stop_instances", "i-0abc", account="222222222222")]})
    record(aws, "evening_stop", "b", detail={"steps": [step("ec2.stop_instances", "i-0def")]})
    found = admin.get("/runs", resource="0ABC").json
    assert [run["id"] for run in found["runs"]] == ["nightly_backup/a", "evening_stop/a"]
    assert (found["resources"], found["more"]) == (["i-0abc"], False)
    theirs = desk.get("/runs", resource="i-0").json
    assert [run["id"] for run in theirs["runs"]] == ["evening_stop/b", "evening_stop/a"]
    assert theirs["resources"] == [], "ids of other flows are not for them"
    assert [run["id"] for run in desk.get("/runs", account="222222222222").json["runs"]] == ["evening_stop/a"]
    assert admin.get("/runs", resource="nothing").json["runs"] == []
    assert admin.get("/runs", resource="i").fields.keys() == {"query.resource"}
    assert admin.get("/runs", account="1").fields.keys() == {"query.account"}
    there = admin.get("/runs", account="222222222222", resource="i-0").json
    assert [run["id"] for run in there["runs"]] == ["nightly_backup/a", "evening_stop/a"]
    assert there["resources"] == ["i-0abc", "i-0def"]
    assert admin.get("/runs", account="333333333333", resource="i-0").json["runs"] == []


def test_runs_are_found_by_who_started_them_and_sorted(admin: Api, aws: Any) -> None:
    record(aws, "nightly_backup", "a", trigger={"type": "schedule"}, minutes=5)
    record(aws, "nightly_backup", "b", trigger={"type": "manual", "by": "Alice"}, started=START + timedelta(days=1))
    assert [run["name"] for run in admin.get("/runs", trigger="manual", by="alice").json["runs"]] == ["b"]
    assert [run["name"] for run in admin.get("/runs", sort="oldest").json["runs"]] == ["a", "b"]
    longest = admin.get("/runs", sort="longest", limit=1).json
    assert ([run["name"] for run in longest["runs"]], longest["cursor"], longest["more"]) == (["a"], None, True)
    assert admin.get("/runs", sort="longest", limit=2).json["more"] is False
    assert admin.get("/runs", sort="best", trigger="x").fields.keys() == {"query.sort", "query.trigger"}
