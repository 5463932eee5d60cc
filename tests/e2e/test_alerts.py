"""A run that fails, and a start that was lost: who is responsible is told, and it is open until somebody cares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from lambdas.tracker import opened
from lambdas.tracker.opened import OpenItem
from nightshift.local import LocalAws, sent_mail
from nightshift.local.mail import Mail
from tests.e2e.browser import Dashboard, dashboard_url
from tests.e2e.runs import finished, start
from tests.waiting import until

pytestmark = pytest.mark.e2e

FLOW = "stop_missing"


@pytest.fixture(scope="module")
def queue(local: LocalAws) -> str:
    """URL of a queue that gets what is published to the topic of the flow."""
    session = local.session()
    topic = session.client("sns").create_topic(Name="told")["TopicArn"]
    endpoint = f"arn:aws:sqs:{local.region}:{local.account}:told"
    may = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": endpoint,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    made: str = session.client("sqs").create_queue(QueueName="told", Attributes={"Policy": policy})["QueueUrl"]
    session.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
    return made


def mails_about(local: LocalAws, text: str) -> list[Mail]:
    """The mails to whom the flow names, about something."""
    return [mail for mail in sent_mail(local) if mail.to == ("oncall@example.com",) and text in mail.text]


def messages(local: LocalAws, queue: str) -> list[dict[str, Any]]:
    """The messages on the topic since they were last asked for."""
    got = local.session().client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(json.loads(message["Body"])["Message"]) for message in got.get("Messages", [])]


def is_open(local: LocalAws, flow: str | None = FLOW) -> dict[str, str]:
    """What is open of the flow, or of all: key -> kind."""
    table = local.session().resource("dynamodb").Table("nightshift")
    return {item.key: item.kind for item in opened.listed(table, flow)}


def acknowledge(dashboard: Dashboard, item: str, count: int) -> None:
    """Acknowledge what is open on its page. count: how many are open, which the title of the tab says."""
    dashboard.open("/open")
    page = dashboard.page
    expect(page).to_have_title(f"({count}) Open - nightshift")
    assert (dashboard.violations(), dashboard.overflow()) == ([], 0)
    button = page.get_by_role("button", name=f"Acknowledge {item}")
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(dialog.get_by_text("Say in 1 to 500 characters what was found or done")).to_be_visible()
    dialog.get_by_label("Comment").fill("the instance is gone")
    dialog.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(button).to_have_count(0)
    expect(page).to_have_title(f"({count - 1}) Open - nightshift" if count > 1 else "Open - nightshift")


def test_a_run_that_fails_is_told_once_and_open_until_it_is_acknowledged(
    local: LocalAws, queue: str, dashboard: Dashboard
) -> None:
    run = start(local, FLOW)
    assert finished(local, run)["status"] == "FAILED"
    name = run.rpartition(":")[2]
    (mail,) = until(lambda: mails_about(local, f"{FLOW}/{name}"), "the mail about the run")
    assert mail.subject == "[nightshift] Stop what is not there failed: 1 of 1 resources (i-0123456789abcdef0)"
    assert "InvalidInstanceID.NotFound" in mail.text
    assert "What to do: Check the id, the region and the account" in mail.text
    assert local.dashboard is not None
    assert f"{local.dashboard.url}/#/runs/{FLOW}/{name}" in mail.text
    (message,) = until(lambda: messages(local, queue), "the message about the run")
    assert (message["version"], message["source"], message["metadata"]["threadId"]) == (
        "1.0",
        "custom",
        f"{FLOW}/{name}",
    )
    assert message["metadata"]["additionalContext"]["state"] == "FAILED"
    assert is_open(local) == {name: "failed"}
    dashboard.open(f"/runs/{FLOW}/{name}")
    needed = dashboard.page.get_by_role("table", name="Open")
    expect(needed.get_by_role("button", name=f"Acknowledge {FLOW}/{name}")).to_be_visible()
    assert (dashboard.violations(), dashboard.overflow()) == ([], 0)
    acknowledge(dashboard, f"{FLOW}/{name}", len(is_open(local, None)))
    assert is_open(local) == {}
    assert len(mails_about(local, f"{FLOW}/{name}")) == 1
    assert messages(local, queue) == []


def test_a_start_that_was_lost_is_told_and_open(local: LocalAws) -> None:
    """No schedule starts the flow, as the schedules' clock is elsewhere; the watch goes by the time of its events."""
    due = datetime(2027, 12, 31, 18, tzinfo=UTC)
    for moment in (due.replace(hour=17), due.replace(minute=30)):
        event = {
            "source": "aws.events",
            "detail-type": "Scheduled Event",
            "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "detail": {},
        }
        client = local.session().client("lambda")
        answer = client.invoke(FunctionName="nightshift-alerts", Payload=json.dumps(event).encode())
        assert "FunctionError" not in answer, answer["Payload"].read()
    assert is_open(local) == {"late-start-20271231T180000Z": "late_start"}
    (mail,) = mails_about(local, "late-start-20271231T180000Z")
    assert mail.subject == "[nightshift] Stop what is not there has not started in time"
    assert "No run of it has started." in mail.text


@pytest.fixture
def late_start(local: LocalAws) -> Iterator[str]:
    """A start that was late, as the watch of the deadlines opens it; its key."""
    table = local.session().resource("dynamodb").Table("nightshift")
    due = datetime(2026, 12, 31, 18, tzinfo=UTC)
    found = OpenItem(FLOW, f"late-start-{due:%Y%m%dT%H%M%SZ}", "late_start", due, due, why="It was due.")
    opened.add(table, found)
    yield found.key
    opened.acknowledge(table, FLOW, found.key, by="a test", comment="it was none")


@pytest.mark.parametrize(
    ("language", "late", "by", "width"),
    [("en", "Not started in time", "start by 03:15", 1400), ("ja", "開始遅延", "03:15 までに開始", 390)],
)
def test_the_page_of_a_flow_shows_its_deadlines_and_what_was_late(
    browser: Browser, local: LocalAws, late_start: str, language: str, late: str, by: str, width: int
) -> None:
    shown = Dashboard(browser, dashboard_url(local), width=width, language=language, theme="light")
    shown.open(f"/flows/{FLOW}")
    row = shown.page.get_by_role("row").filter(has=shown.page.get_by_role("button", name=re.compile(late_start)))
    expect(row).to_contain_text(late)
    expect(shown.page.locator("[data-deadline=start_by]")).to_contain_text(by)
    assert (shown.violations(), shown.overflow(), shown.troubles) == ([], 0, [])
    # What is late in one flow is not on the page of another.
    shown.open("/flows/evening_stop")
    expect(row).to_have_count(0)
    shown.context.close()
