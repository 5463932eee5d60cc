"""The alerts: there when somebody is to be told, and with permission to tell exactly those."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack

from lambdas.calendar.deadlines import Deadlines
from nightshift import cron
from stacks.app_stack import NightshiftStack
from stacks.settings import Settings
from tests.stacks.compiled import compiled
from tests.stacks.conftest import TOLD_TOPIC, Synthesized


def resources(folder: Path, flow: Any, **settings: Any) -> dict[str, Any]:
    """The resources of an app with one flow."""
    app = App(outdir=str(folder / "out"))
    NightshiftStack(app, "nightshift", settings=Settings(flow_defs=folder, dashboard=False, **settings), flows=[flow])
    app.synth()
    template = json.loads((folder / "out" / "nightshift.template.json").read_text())
    found: dict[str, Any] = template["Resources"]
    return found


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    """What a role may do, its own logs and traces left out."""
    found = [s for policy in role["Properties"]["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    return [s for s in found if not str(s["Action"]).startswith(("['logs", "logs", "['xray", "xray"))]


def test_it_may_tell_those_who_are_named_and_nobody_else(app: Synthesized) -> None:
    made = app.template["Resources"]
    allowed = statements(made["AlertsRole"])
    assert [s["Action"] for s in allowed[:4]] == ["dynamodb:Query", "dynamodb:PutItem", "ses:SendEmail", "sns:Publish"]
    assert allowed[3]["Resource"] == [TOLD_TOPIC]
    assert allowed[2]["Condition"] == {"StringEquals": {"ses:FromAddress": "nightshift@example.com"}}
    for function in ("Tracker", "TrackerReconciler"):
        variables = made[function]["Properties"]["Environment"]["Variables"]
        assert variables["NIGHTSHIFT_ALERTS"] == "nightshift-alerts"
        (invoke,) = [s for s in statements(made[f"{function}Role"]) if s["Action"] == "lambda:InvokeFunction"]
        assert str(invoke["Resource"]).endswith("function:nightshift-alerts'}")


def test_deadlines_are_looked_at_every_few_minutes_and_need_nobody_to_tell(tmp_path: Path) -> None:
    made = resources(tmp_path, compiled("f", schedule=cron("0 1 ? * MON *"), deadlines=Deadlines(start_by="01:15")))
    assert made["AlertsRule"]["Properties"]["ScheduleExpression"] == "rate(5 minutes)"
    allowed = {str(s["Action"]): s["Condition"]["ForAllValues:StringLike"] for s in statements(made["AlertsRole"])}
    assert {tuple(condition["dynamodb:LeadingKeys"]) for condition in allowed.values()} <= {
        ("RUN#*",),
        ("TOLD#*",),
        ("WATCH",),
        ("OPEN",),
        ("FLOW#*",),
        ("RUNS#*",),
        ("USUAL#*",),
    }
    assert "NIGHTSHIFT_ALERTS" not in made["Tracker"]["Properties"]["Environment"]["Variables"]


def test_without_deadlines_nobody_looks(tmp_path: Path) -> None:
    assert "AlertsRule" not in resources(tmp_path, compiled("f", notify=("ops@example.com",)))


def test_nobody_to_tell_needs_no_function(tmp_path: Path) -> None:
    made = resources(tmp_path, compiled("f"))
    assert "Alerts" not in made
    assert "NIGHTSHIFT_ALERTS" not in made["Tracker"]["Properties"]["Environment"]["Variables"]
    assert not [s for s in statements(made["TrackerRole"]) if s["Action"] == "lambda:InvokeFunction"]


def test_whom_the_app_names_is_in_its_context(tmp_path: Path) -> None:
    app = App(context={"notify": f"night@example.com, {TOLD_TOPIC}"})
    settings = Settings.of(Stack(app, "s").node)
    assert settings.notify == ("night@example.com", TOLD_TOPIC)
    made = resources(tmp_path, compiled("f"), notify=settings.notify)
    assert made["Alerts"]["Properties"]["Environment"]["Variables"]["NIGHTSHIFT_NOTIFY"] == ",".join(settings.notify)


def test_a_webhook_reads_its_secret_and_no_other(tmp_path: Path) -> None:
    hook = "https://hooks.example.com/in#secret=nightshift/hook"
    made = resources(tmp_path, compiled("f", notify=(hook,)), http_hosts=("hooks.example.com",))
    assert made["Alerts"]["Properties"]["Environment"]["Variables"]["NIGHTSHIFT_HTTP_HOSTS"] == "hooks.example.com"
    allowed = {str(s["Action"]): s["Resource"] for s in statements(made["AlertsRole"])}
    assert "ses:SendEmail" not in allowed
    assert str(allowed["secretsmanager:GetSecretValue"]).endswith(":secret:nightshift/hook-??????'}]")


def test_a_webhook_without_a_secret_reads_none(tmp_path: Path) -> None:
    made = resources(tmp_path, compiled("f", notify=("https://h.example.com/",)), http_hosts=("*.example.com",))
    assert not [s for s in statements(made["AlertsRole"]) if s["Action"] == "secretsmanager:GetSecretValue"]


def test_a_webhook_of_a_host_that_the_app_may_not_reach_is_refused(tmp_path: Path) -> None:
    flow = compiled("f", notify=("https://hooks.example.com:8443/in",))
    with pytest.raises(ValueError, match=r"a webhook of hooks\.example\.com:8443, which is not in http_hosts"):
        resources(tmp_path, flow, http_hosts=("hooks.example.com",))


def test_a_wrong_address_in_the_context_is_refused() -> None:
    with pytest.raises(ValueError, match="context notify names 'ops', which is no mail address"):
        Settings.of(Stack(App(context={"notify": ["ops"]}), "s").node)


def test_more_topics_than_a_policy_holds_are_refused(tmp_path: Path) -> None:
    topics = tuple(f"arn:aws:sns:us-east-1:123456789012:topic-{number}" for number in range(200))
    with pytest.raises(ValueError, match="notify names 200 topics in all, more than a policy of IAM holds"):
        resources(tmp_path, compiled("f"), notify=topics)
