"""A flow asks, on the local AWS with its permissions enforced: who may not answer, and who does, in a browser."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from nightshift.local import LocalAws
from nightshift.local.mail import sent_mail
from tests.e2e.browser import RUN_TIMEOUT, Dashboard, dashboard_url, run_state
from tests.e2e.runs import finished, machine_arn
from tests.waiting import until

pytestmark = pytest.mark.e2e

FLOW = "ask_the_leads"
STARTER, LEAD, OPERATOR = "leads-operator", "leads-approver", "service-desk-operator"


def request(local: LocalAws, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """What the API answers somebody."""
    sent = urllib.request.Request(
        f"{dashboard_url(local)}/api{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json", "x-nightshift-identity": who},
        method=method,
    )
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def asked(local: LocalAws) -> dict[str, Any]:
    """Start the flow; what it asks."""
    name = request(local, STARTER, "POST", f"/flows/{FLOW}/runs", {})[1]["name"]

    def waiting() -> dict[str, Any] | None:
        found = request(local, "admin", "GET", "/approvals")[1]["approvals"]
        return next((question for question in found if question["run"] == name), None)

    return until(waiting, f"the question of {name}")


def output(local: LocalAws, run: str) -> Any:
    """What a run returned in the end."""
    arn = machine_arn(local, FLOW).replace(":stateMachine:", ":execution:")
    return json.loads(finished(local, f"{arn}:{run}")["output"])


def test_a_lead_approves_in_the_browser_and_the_flow_goes_on(browser: Browser, local: LocalAws) -> None:
    question = asked(local)
    answer = {"approved": True, "comment": "", "asked": question["asked"]}
    path = f"/approvals/{FLOW}/{question['run']}/{question['id']}"
    for who, status in ((OPERATOR, 404), ("admin", 403), (STARTER, 403)):
        assert request(local, who, "POST", path, answer)[0] == status
    assert question["starter"] == STARTER
    mail = next(mail for mail in sent_mail(local) if question["run"] in mail.text)
    assert f"{dashboard_url(local)}/#/runs/{FLOW}/{question['run']}\n" in mail.text

    lead = Dashboard(browser, dashboard_url(local), language="en", theme="light", identity=LEAD)
    page = lead.page
    lead.open()
    expect(page.locator(f"[data-question='{question['id']}']")).to_have_text("Look at the web servers?")
    lead.open(f"/runs/{FLOW}/{question['run']}")
    expect(page.get_by_text("to head@example.com")).to_be_visible()
    expect(page.get_by_text("What the flow does next")).to_be_visible()
    expect(page.locator(".next-steps")).to_contain_text("Read the state of instances")
    page.get_by_role("button", name="What would it touch now? Dry run").click()
    expect(page.get_by_text("As a dry run of the whole flow tells it now")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.locator(".next-steps")).to_contain_text(re.compile(r"web-1 \(i-[0-9a-f]{17}\)"))
    assert lead.violations() == []
    page.get_by_label("Comment").fill("go ahead")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved: Look at the web servers?")).to_be_visible()
    expect(run_state(page, "SUCCEEDED")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    assert output(local, question["run"]) == f"{LEAD} says yes: go ahead"
    assert lead.troubles == []
    lead.context.close()

    admin = Dashboard(browser, dashboard_url(local), language="en", theme="light", identity="admin")
    admin.open("/audit")
    row = admin.page.get_by_role("row").filter(has_text="go ahead")
    expect(row).to_contain_text("Approved")
    expect(row).to_contain_text(LEAD)
    admin.context.close()


def test_a_lead_rejects_in_japanese(browser: Browser, local: LocalAws) -> None:
    question = asked(local)
    lead = Dashboard(browser, dashboard_url(local), language="ja", theme="dark", width=390, identity=LEAD)
    page = lead.page
    lead.open("/approvals")
    expect(page.get_by_role("heading", level=1)).to_have_text("承認")
    expect(page.get_by_text("この後の処理")).to_be_visible()
    page.get_by_role("button", name="ドライランで対象を確認").click()
    expect(page.locator(".next-steps")).to_contain_text(re.compile(r"変更なし: .*web-1 \("), timeout=RUN_TIMEOUT)
    assert lead.violations() == []
    assert lead.overflow() <= 0
    page.get_by_label("コメント").fill("今夜は不可")
    page.get_by_role("button", name="却下").click()
    expect(page.get_by_text("承認待ちはありません")).to_be_visible()
    assert output(local, question["run"]) == f"{LEAD} says no: 今夜は不可"
    lead.context.close()


def test_a_run_that_is_stopped_asks_nothing_any_more(local: LocalAws) -> None:
    question = asked(local)
    assert request(local, "admin", "POST", f"/runs/{FLOW}/{question['run']}/stop", {})[0] == 200

    def gone() -> bool:
        found = request(local, "admin", "GET", "/approvals")[1]["approvals"]
        return question["run"] not in [each["run"] for each in found]

    until(gone, "the question to be dropped")
