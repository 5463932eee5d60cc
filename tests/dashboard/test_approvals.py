"""Approvals in the API: who sees what waits, and who decides it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdas.approval import waiting
from lambdas.approval.question import Question, Reminder
from lambdas.dashboard import deployment
from tests.approval.questions import Tasks, ask
from tests.dashboard.api import Answer, Api
from tests.dashboard.runs import record

LEAD, SECOND = Api("lea", ("leads",)), Api("lou", ("leads", "service-desk"))


@pytest.fixture
def asks_leads(aws: Any, catalogue_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue in which evening_stop asks the leads."""
    told = json.loads(catalogue_file.read_text())
    told["evening_stop"]["approvers"] = ["leads"]
    (tmp_path / "flows.json").write_text(json.dumps(told))
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(tmp_path / "flows.json"))


@pytest.fixture
def tasks(asks_leads: None, monkeypatch: pytest.MonkeyPatch) -> Tasks:
    """A task that waits, in evening_stop, which asks the leads."""
    made = Tasks("token-1")
    monkeypatch.setattr(deployment, "step_functions", lambda: made)
    return made


def decide(api: Api, question: Question, *, approved: bool = True, comment: str = "", **changed: Any) -> Answer:
    """Somebody decides."""
    body = {"approved": approved, "comment": comment, "asked": question.asked.isoformat(), **changed}
    return api.post(f"/approvals/{question.flow}/{question.run}/{question.id}", body)


def listed(api: Api) -> list[dict[str, Any]]:
    """What waits, as somebody sees it."""
    found: list[dict[str, Any]] = api.get("/approvals").json["approvals"]
    return found


def test_what_waits_is_listed_without_its_token(aws: Any, tasks: Tasks, admin: Api) -> None:
    question = ask(aws, starter="dora", at_least=2)
    answer = admin.get("/approvals")
    assert "token" not in answer.text
    (told,) = answer.json["approvals"]
    assert (told["id"], told["flow"], told["run"], told["step"]) == (
        question.id,
        "evening_stop",
        "tonight",
        "approval",
    )
    assert (told["message"], told["approvers"], told["at_least"], told["starter"]) == (
        "Stop 12 instances?",
        ["leads"],
        2,
        "dora",
    )
    assert datetime.fromisoformat(told["asked"]) == question.asked
    assert datetime.fromisoformat(told["until"]) == question.until
    assert (told["decisions"], told["outcome"]) == ([], "waiting")
    assert (told["remind"], told["escalate_to"], told["escalate_at"], told["reminders"]) == (None, [], None, [])


def test_whom_it_reminded_and_when_it_tells_others_is_seen(aws: Any, tasks: Tasks, admin: Api) -> None:
    question = ask(aws, to="ops@example.com", remind=3600, escalate_to="boss@example.com", escalate_after=5400)
    kept = waiting.find(aws, question.flow, question.run, question.id)
    assert kept is not None
    kept.change(aws, replace(question, reminders=(Reminder(question.asked, ("ops@example.com",), escalation=False),)))
    (told,) = admin.get("/approvals").json["approvals"]
    assert (told["remind"], told["escalate_to"]) == (3600, ["boss@example.com"])
    assert datetime.fromisoformat(told["escalate_at"]) - question.asked == timedelta(minutes=90)
    assert told["reminders"] == [{"time": told["asked"], "to": ["ops@example.com"], "escalation": False}]


def test_who_sees_the_flow_sees_what_it_asks_and_whether_they_may_decide(
    aws: Any, tasks: Tasks, admin: Api, desk: Api
) -> None:
    ask(aws, starter="lou")
    seen = {api.user: [told["refusal"] for told in listed(api)] for api in (admin, desk, LEAD, SECOND)}
    assert seen == {"alice": ["group"], "dora": ["group"], "lea": [None], "lou": ["starter"]}
    assert listed(Api("nobody", ("others",))) == []


def test_without_groups_the_operators_decide(aws: Any, tasks: Tasks, admin: Api, desk: Api) -> None:
    question = ask(aws, approvers=[])
    assert [listed(api)[0]["refusal"] for api in (admin, desk, LEAD)] == [None, None, "operator"]
    refused = decide(LEAD, question)
    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    assert decide(desk, question).json["outcome"] == "approved"
    assert tasks.outputs[0]["by"] == "dora"


def test_a_lead_approves_and_the_flow_goes_on(aws: Any, tasks: Tasks, admin: Api, desk: Api) -> None:
    question = ask(aws, starter="lou", at_least=2)
    for api, why in ((desk, "none of these groups"), (admin, "none of these groups"), (SECOND, "started this run")):
        refused = decide(api, question)
        assert (refused.status, why in refused.json["message"]) == (403, True)
    answer = decide(LEAD, question, comment="the batch is done")
    assert answer.json["outcome"] == "waiting"
    assert [(d["by"], d["approved"]) for d in answer.json["decisions"]] == [("lea", True)]
    assert tasks.outputs == []
    assert decide(Api("lex", ("leads",)), question).json["outcome"] == "approved"
    assert tasks.outputs[0]["comment"] == "the batch is done"
    assert listed(admin) == []
    entries = admin.get("/audit", flow="evening_stop").json["entries"]
    assert [(e["by"], e["action"], e["run"], e["details"]) for e in entries] == [
        ("lex", "approve", "evening_stop/tonight", {"question": "Stop 12 instances?"}),
        ("lea", "approve", "evening_stop/tonight", {"question": "Stop 12 instances?", "comment": "the batch is done"}),
    ]


def test_a_lead_rejects(aws: Any, tasks: Tasks, admin: Api) -> None:
    answer = decide(LEAD, ask(aws), approved=False, comment="not tonight")
    assert (answer.status, answer.json["outcome"]) == (200, "rejected")
    assert (tasks.outputs[0]["approved"], tasks.outputs[0]["comment"]) == (False, "not tonight")
    assert admin.get("/audit").json["entries"][0]["action"] == "reject"


def test_what_no_longer_waits_is_a_conflict(aws: Any, tasks: Tasks) -> None:
    question = ask(aws)
    other = decide(LEAD, question, asked=(question.asked - timedelta(seconds=1)).isoformat())
    assert (other.status, other.json["code"]) == (409, "conflict")
    assert decide(LEAD, question).status == 200
    assert decide(LEAD, question).status == 409


def test_who_is_asked_sees_the_run_and_no_more(aws: Any, tasks: Tasks) -> None:
    record(aws, "evening_stop", "tonight")
    record(aws, "nightly_backup", "tonight")
    assert LEAD.get("/runs/evening_stop/tonight").status == 200
    assert LEAD.get("/flows/evening_stop").status == 200
    assert LEAD.get("/runs/nightly_backup/tonight").status == 404
    assert LEAD.post("/flows/evening_stop/runs", {}).status == 403
    assert LEAD.get("/flows").json == {"flows": []}
    assert decide(LEAD, ask(aws, run={**_run(), "flow": "nightly_backup"})).status == 404


def test_a_question_whose_time_is_over_is_not_listed(aws: Any, tasks: Tasks) -> None:
    question = ask(aws, now=datetime.now(UTC) - timedelta(hours=3))
    assert listed(LEAD) == []
    assert decide(LEAD, question).status == 409
    assert waiting.find(aws, question.flow, question.run, question.id) is not None


@pytest.mark.usefixtures("asks_leads")
def test_who_decides_sees_what_the_flow_would_do_by_a_dry_run(aws: Any, admin: Api, desk: Api) -> None:
    record(aws, "evening_stop", "tonight", detail={"parameters": {"tag": "AutoOff=late"}})
    question = ask(aws)
    path = f"/approvals/evening_stop/tonight/{question.id}/dry-run"
    started = LEAD.post(path, idempotency_key="0123456789abcdef").json
    arn = deployment.execution_arn("evening_stop", started["name"])
    assert json.loads(deployment.step_functions().describe_execution(executionArn=arn)["input"]) == {
        "tag": "AutoOff=late",
        "nightshift": {"dry_run": True, "trigger": {"type": "manual", "by": "lea"}},
    }
    again = LEAD.post(path, idempotency_key="0123456789abcdef").json
    assert (again["name"], again["repeated"]) == (started["name"], True)
    (entry,) = admin.get("/audit").json["entries"]
    assert (entry["by"], entry["action"], entry["run"]) == ("lea", "start", started["id"])
    assert entry["details"] == {"dry_run": "true", "question": "Stop 12 instances?"}
    assert (desk.post(path).status, Api("nobody", ("others",)).post(path).status) == (200, 404)
    waiting.forget(aws, question)
    assert LEAD.post(path).status == 409


@pytest.mark.usefixtures("asks_leads")
def test_who_may_not_decide_gets_no_dry_run(aws: Any) -> None:
    record(aws, "evening_stop", "tonight")
    question = ask(aws, approvers=["others"])
    refused = LEAD.post(f"/approvals/evening_stop/tonight/{question.id}/dry-run")
    assert (refused.status, refused.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "changed", [{"comment": "x" * 501}, {"approved": "yes"}, {"asked": "2026-11-24T21:00:00"}, {"by": "alice"}]
)
def test_a_wrong_answer_is_refused(aws: Any, tasks: Tasks, changed: dict[str, Any]) -> None:
    answer = decide(LEAD, ask(aws), **changed)
    assert (answer.status, set(answer.fields)) == (422, {f"body.{name}" for name in changed})


def _run() -> dict[str, Any]:
    execution = "arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-nightly_backup:tonight"
    return {"id": execution, "step": "approval", "call": 0, "item": None}
