"""A night in the operations room, in a browser and both languages: from a deadline that is missed to the repair."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from nightshift.local import LocalAws, sent_mail
from tests.e2e.browser import RUN_TIMEOUT, Dashboard, dashboard_url, run_state
from tests.e2e.runs import instances
from tests.waiting import until

pytestmark = pytest.mark.e2e

NIGHT, REPAIR = "stop_the_office", "repair_the_night"
OPERATOR, LEAD = "night-desk-operator", "leads-approver"

ENGLISH = SimpleNamespace(
    language="en",
    year=2028,
    late="Not started in time",
    acknowledge="Acknowledge",
    comment="Comment",
    done="started it by hand",
    start="Start Repair the night",
    go_on="Go on",
    now="Start now",
    approve="Approve",
    agreed="go ahead",
    look="Read the state of instances",
    timeline="Time line",
    export="Export",
    server_b="Start Server B",
)
JAPANESE = SimpleNamespace(
    language="ja",
    year=2029,
    late="開始遅延",
    acknowledge="対応済みにする",
    comment="コメント",
    done="手動で開始しました",
    start="夜間処理の復旧 を開始",
    go_on="次へ",
    now="今すぐ開始",
    approve="承認",
    agreed="進めてください",
    look="インスタンスの状態を取得",
    timeline="タイムライン",
    export="エクスポート",
    server_b="サーバー B を開始",
)


@pytest.fixture
def watch(local: LocalAws) -> Iterator[None]:
    """The watch of the deadlines begins anew, and does not go on from the years of this story."""
    table = local.session().resource("dynamodb").Table("nightshift")
    cursor = {"pk": "WATCH", "sk": "CURSOR"}
    table.delete_item(Key=cursor)
    yield
    table.delete_item(Key=cursor)


@pytest.mark.parametrize("say", [ENGLISH, JAPANESE], ids=lambda say: say.language)
def test_a_night_that_goes_wrong_is_found_decided_and_repaired(
    browser: Browser, local: LocalAws, watch: None, say: SimpleNamespace
) -> None:
    key = misses_its_start(local, say.year)
    (mail,) = [mail for mail in sent_mail(local) if mail.to == ("night@example.com",) and key in mail.text]
    assert mail.subject == "[nightshift] Stop the office servers has not started in time"

    def someone(name: str) -> Dashboard:
        made = Dashboard(browser, dashboard_url(local), language=say.language, theme="light", identity=name)
        made.page.set_default_timeout(30_000)
        return made

    operator = someone(OPERATOR)
    operator.open()
    acknowledges(operator, say)
    run = starts_the_repair(operator, say)

    lead = someone(LEAD)
    link = until(lambda: link_to(local, run), "the mail that asks the lead")
    lead.page.goto(link)
    lead.page.get_by_label(say.comment).fill(say.agreed)
    lead.page.get_by_role("button", name=say.approve, exact=True).click()
    expect(run_state(lead.page, "SUCCEEDED")).to_be_visible(timeout=RUN_TIMEOUT)
    for page in (lead.page, operator.page):
        looked = page.locator('[data-node="ec2.describe_instances"][data-state=succeeded]')
        expect(looked).to_be_visible(timeout=RUN_TIMEOUT)
        expect(looked).to_contain_text(say.look)
        expect(page.get_by_role("list", name=say.timeline)).to_contain_text(say.look)
        expect(page.get_by_role("main")).to_contain_text(say.agreed)
    starts_server_b(operator, local, say)
    admin = someone("admin")
    exports(admin, run, say)
    for each in (operator, lead, admin):
        assert (each.violations(), each.troubles, each.overflow()) == ([], [], 0)
        each.context.close()


def misses_its_start(local: LocalAws, year: int) -> str:
    """Nothing starts the flow at 3 on 1 February, Tokyo: the schedules' clock is elsewhere; the key of what is open."""
    due = datetime(year, 1, 31, 18, tzinfo=UTC)
    for moment in (due - timedelta(hours=1), due + timedelta(minutes=30)):
        time = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        event = {"source": "aws.events", "detail-type": "Scheduled Event", "time": time, "detail": {}}
        client = local.session().client("lambda")
        answer = client.invoke(FunctionName="nightshift-alerts", Payload=json.dumps(event).encode())
        assert "FunctionError" not in answer, answer["Payload"].read()
    return f"late-start-{due:%Y%m%dT%H%M%SZ}"


def acknowledges(operator: Dashboard, say: SimpleNamespace) -> None:
    """The operator's page begins with what is open; it is gone once somebody has said what was done."""
    page = operator.page
    button = page.get_by_role("row").filter(has_text=say.late).get_by_role("button")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(say.comment).fill(say.done)
    dialog.get_by_role("button", name=say.acknowledge, exact=True).click()
    expect(button).to_have_count(0)


def starts_the_repair(operator: Dashboard, say: SimpleNamespace) -> str:
    """By its button; the name of the run, on whose page the operator is then."""
    page = operator.page
    page.get_by_role("button", name=say.start, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=say.go_on).click()
    dialog.get_by_role("button", name=say.now).click()
    expect(run_state(page, "RUNNING")).to_be_visible(timeout=RUN_TIMEOUT)
    return page.url.rpartition("/")[2]


def starts_server_b(operator: Dashboard, local: LocalAws, say: SimpleNamespace) -> None:
    """By a button with its parameters filled in; no other instance changes, and afterwards it is as it was."""
    before = instances(local)
    operator.open()
    operator.page.get_by_role("button", name=say.server_b, exact=True).click()
    operator.page.get_by_role("dialog").get_by_role("button", name=say.now).click()
    expect(run_state(operator.page, "SUCCEEDED")).to_be_visible(timeout=RUN_TIMEOUT)
    assert instances(local) == {**before, "db-2": "running"}
    assert before["db-2"] == "stopped"
    ec2: Any = local.session().client("ec2")
    named = [{"Name": "tag:Name", "Values": ["db-2"]}]
    (found,) = [i for r in ec2.describe_instances(Filters=named)["Reservations"] for i in r["Instances"]]
    ec2.stop_instances(InstanceIds=[found["InstanceId"]])
    until(lambda: instances(local) == before, "server B to stop again")


def exports(admin: Dashboard, run: str, say: SimpleNamespace) -> None:
    """The runs of the day, as the page shows them, in a file."""
    admin.open("/runs")
    page = admin.page
    page.get_by_role("button", name=say.export, exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    (row,) = [row for row in rows if run in row.values()]
    assert {REPAIR, "SUCCEEDED"} <= set(row.values())


def link_to(local: LocalAws, run: str) -> str | None:
    """What the mail that asks the leads about a run links to."""
    asks = next((mail for mail in sent_mail(local) if mail.to == ("leads@example.com",) and run in mail.text), None)
    return next((line for line in asks.text.split() if line.startswith("http") and run in line), None) if asks else None
