"""What a user does to runs and flows on the dashboard, in a browser on the local AWS."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from nightshift.local import LocalAws
from tests.dashboard.runs import START, STEP, record
from tests.e2e.browser import RUN_TIMEOUT, Dashboard, dashboard_url, run_state
from tests.e2e.runs import executions, finished, start
from tests.waiting import until

pytestmark = pytest.mark.e2e


def test_a_failed_run_says_what_to_do_and_is_run_again(dashboard: Dashboard, local: LocalAws) -> None:
    page = dashboard.page
    failed = failed_stop(local)
    dashboard.open(f"/runs/evening_stop/{failed}")
    expect(run_state(page, "FAILED")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.get_by_text("What to do")).to_be_visible()
    expect(page.locator('[data-node="ec2.stop_instances"][data-state=failed]')).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("ec2.stop_instances")
    dialog.get_by_role("button", name="Run again").click()
    expect(run_state(page, "SUCCEEDED")).to_be_visible(timeout=RUN_TIMEOUT)
    assert failed not in page.url


def test_a_held_flow_is_seen_to_be_held(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.open("/flows")
    page.get_by_placeholder("Find a flow").fill("weekly_backup")
    page.get_by_role("button", name="More actions for weekly_backup").click()
    page.get_by_role("menuitem", name="Hold").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Hold", exact=True).click()
    expect(dialog).to_contain_text("Say why, so that others know")
    dialog.get_by_label("Why").fill("storage is moved")
    dialog.get_by_role("button", name="Hold", exact=True).click()
    row = page.get_by_role("row").filter(has_text="weekly_backup")
    expect(row).to_contain_text("On hold")
    expect(row).to_contain_text("storage is moved")
    page.get_by_role("button", name="More actions for weekly_backup").click()
    page.get_by_role("menuitem", name="Release").click()
    expect(page.get_by_text("weekly_backup is released")).to_be_visible()
    expect(row).not_to_contain_text("On hold")


def test_a_failed_run_is_redriven_from_the_step_that_failed(dashboard: Dashboard, local: LocalAws) -> None:
    page = dashboard.page
    failed = failed_stop(local)
    dashboard.open(f"/runs/evening_stop/{failed}")
    expect(run_state(page, "FAILED")).to_be_visible(timeout=RUN_TIMEOUT)
    first_end = stopped_at(local, failed)
    page.get_by_role("button", name="Redrive from the failed step").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("ec2.stop_instances")
    dialog.get_by_role("button", name="Redrive from the failed step").click()
    expect(run_state(page, "SUCCEEDED")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.locator('[data-node="ec2.stop_instances"][data-state=succeeded]')).to_be_visible()
    assert failed in page.url
    (execution,) = [found for found in executions(local, "evening_stop") if found["name"] == failed]
    described = finished(local, execution["executionArn"])
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    logged(dashboard, "Redriven", failed)
    run = until(lambda: recorded(dashboard, failed), "the record of the redriven run")
    took = datetime.fromisoformat(run["ended"]) - datetime.fromisoformat(run["started"])
    idle = described["redriveDate"] - first_end
    assert idle.total_seconds() > 0.1
    assert run["duration"] == pytest.approx((took - idle).total_seconds(), abs=0.05)


def test_a_run_whose_finally_has_been_through_is_not_redriven(dashboard: Dashboard, local: LocalAws) -> None:
    with local.control().fault("error", action="CreateSnapshot", code="UnauthorizedOperation"):
        failed = finished(local, start(local, "nightly_backup"))["name"]
    dashboard.open(f"/runs/nightly_backup/{failed}")
    expect(run_state(dashboard.page, "FAILED")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(dashboard.page.get_by_role("button", name="Run again")).to_be_visible()
    expect(dashboard.page.get_by_role("button", name="Redrive from the failed step")).to_have_count(0)
    expect(dashboard.page.get_by_role("main")).to_contain_text("its except and finally have been through")


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "usually 1 h, about"), ("ja", "通常1時間、残り約")],
)
def test_a_run_says_what_is_left_of_what_is_usual(browser: Browser, local: LocalAws, language: str, told: str) -> None:
    table = local.session().resource("dynamodb").Table("nightshift")
    waited = {**STEP, "name": "sleep '1h'", "label": "sleep '1h'", "part": None, "duration": 3600.0}
    for number in range(3):
        began = START + timedelta(hours=number)
        record(table, "wait_an_hour", f"before-{number}", started=began, minutes=60, detail={"steps": [waited]})
    name = start(local, "wait_an_hour").rpartition(":")[2]
    shown = Dashboard(browser, dashboard_url(local), language=language, theme="light")
    shown.open(f"/runs/wait_an_hour/{name}")
    # Of the run, and of the step that waits.
    expect(shown.page.get_by_text(told)).to_have_count(2)
    assert (shown.violations(), shown.overflow(), shown.troubles) == ([], 0, [])
    shown.context.close()


def test_a_run_is_stopped(dashboard: Dashboard, local: LocalAws) -> None:
    page = dashboard.page
    name = start(local, "wait_an_hour").rpartition(":")[2]
    dashboard.open(f"/runs/wait_an_hour/{name}")
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Its clean-up does not run")
    dialog.get_by_label("Why").fill("the wrong group")
    dialog.get_by_role("button", name="Stop", exact=True).click()
    expect(run_state(page, "ABORTED")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.get_by_role("main")).to_contain_text("stopped by admin: the wrong group")
    logged(dashboard, "Stopped", name)


def test_the_next_start_is_skipped(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.open("/flows")
    page.get_by_role("button", name="More actions for evening_stop").click()
    page.get_by_role("menuitem", name="Skip the next start").click()
    page.get_by_role("dialog").get_by_role("button", name="Skip the next start").click()
    expect(page.get_by_text("The next start of evening_stop is skipped")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="evening_stop")
    expect(row).to_contain_text("Next start skipped")
    dashboard.open("/next")
    expect(page.locator(".timeline")).to_contain_text("Stop the office servers")
    skipped = page.get_by_role("row").filter(has_text="evening_stop").first
    expect(skipped).to_contain_text("Will not run")


def failed_stop(local: LocalAws) -> str:
    """A run of evening_stop that was not allowed to look for what it should stop; its name."""
    with local.control().fault("error", action="DescribeInstances", code="UnauthorizedOperation"):
        name: str = finished(local, start(local, "evening_stop"))["name"]
    return name


def stopped_at(local: LocalAws, name: str) -> datetime:
    """When a run of evening_stop ended."""
    (found,) = [each for each in executions(local, "evening_stop") if each["name"] == name]
    ended: datetime = finished(local, found["executionArn"])["stopDate"]
    return ended


def recorded(dashboard: Dashboard, name: str) -> dict[str, Any] | None:
    """A run of evening_stop in the list of those that succeeded."""
    url = f"{dashboard.url}/api/runs?flow=evening_stop&state=SUCCEEDED"
    listed = dashboard.page.request.get(url, headers={"x-nightshift-identity": "admin"}).json()["runs"]
    return next((run for run in listed if run["name"] == name), None)


def logged(dashboard: Dashboard, action: str, name: str) -> None:
    """The log of actions has this one, done to the run of this name, by the user."""
    dashboard.open("/audit")
    page = dashboard.page
    row = page.get_by_role("row").filter(has_text=action).filter(has=page.locator(f'a[href$="{name}"]'))
    expect(row).to_contain_text("admin")
