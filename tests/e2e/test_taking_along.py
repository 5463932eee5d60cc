"""Links that show the same again, and files that are taken along: reports of a month, and runs in any order."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.conftest import aws, catalogue_file, flows
from tests.dashboard.runs import record
from tests.e2e.site import Site, site
from tests.tables import table

__all__ = ["aws", "catalogue_file", "flows", "site", "table"]

pytestmark = pytest.mark.e2e

RUNS = 230
"""More than a request for a file gives, and more than a page shows."""

EXPORT = {"en": ("Export", "As CSV", "As JSON"), "ja": ("エクスポート", "CSV", "JSON")}


def taken(page: Page, form: str, language: str = "en") -> str:
    """What a file of this form holds."""
    title, *forms = EXPORT[language]
    page.get_by_role("button", name=title).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=forms[form == "json"]).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a file of CSV. Without the mark at its beginning Excel would not read Japanese."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_all_runs_are_taken_along_in_the_order_that_is_chosen(site: Site, table: Any) -> None:
    begin = datetime.now(UTC) - timedelta(days=2)
    for n in range(RUNS):
        record(table, "evening_stop", f"run-{n}", started=begin + timedelta(seconds=n), minutes=1 + n * 7 % RUNS)
    said = '=1+1, "夜間"\nバックアップ'
    record(table, "nightly_backup", "odd", "FAILED", started=begin, minutes=0.5, error=said)
    page = site.open("admin", "/runs?sort=longest").page
    expect(page.get_by_text("There is more than is shown")).to_be_visible()
    found = rows(taken(page, "csv"))
    seconds = [float(row["duration"]) for row in found]
    assert len(found) == RUNS + 1, "those of later pages, too"
    assert seconds == sorted(seconds, reverse=True)
    assert found[-1]["error"] == f"'{said}"
    assert {column for column in found[0] if column.startswith("trigger")} >= {"trigger.type", "trigger.by"}
    assert "trigger" not in found[0]
    told = json.loads(taken(page, "json"))
    assert [run["id"] for run in told] == [row["id"] for row in found]
    assert told[-1]["error"] == said


@pytest.mark.parametrize(("language", "last_month"), [("en", "Last month"), ("ja", "先月")])
def test_the_report_of_a_month_is_a_link(site: Site, table: Any, language: str, last_month: str) -> None:
    today = datetime.now(UTC)
    last = today.replace(day=1, hour=12) - timedelta(days=1)
    record(table, "evening_stop", "last", started=last)
    record(table, "nightly_backup", "other", started=last)
    record(table, "evening_stop", "now", started=today)
    shown = site.open("admin", "/report", language)
    page = shown.page
    page.get_by_role("button", name="30").click()
    page.get_by_role("option", name=last_month).click()
    expect(page).to_have_url(f"{site.url}/#/report?when=lastMonth")
    expect(page.get_by_role("main")).to_contain_text("100 %")
    days = rows(taken(page, "csv", language))
    assert (days[0]["day"], days[-1]["day"]) == (f"{last:%Y-%m}-01", f"{last:%Y-%m-%d}")
    assert [day["counts.total"] for day in days if day["counts.total"] != "0"] == ["2"]
    assert days[-1]["durations.p50"] == days[-1]["durations.p99"] == "120"
    assert "durations" not in days[0]
    shown.open(f"/report?flow=evening_stop&when=range&from={last:%Y-%m-%d}&to={last:%Y-%m-%d}")
    (day,) = rows(taken(page, "csv", language))
    assert (day["day"], day["counts.total"]) == (f"{last:%Y-%m-%d}", "1")
    expect(page.get_by_role("heading", level=2, name="evening_stop")).to_be_visible()
    durations = page.get_by_role("main").locator("svg[aria-label]").last
    expect(durations.locator("[class*=series__rect]"), "the percentiles of a day alone are seen").to_have_count(3)
    assert (shown.violations(), shown.overflow()) == ([], 0)
