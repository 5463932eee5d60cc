"""Answers that cross: what is told to who answers too late, and to who has answered already."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from lambdas.approval import waiting
from tests.approval.questions import Tasks, ask
from tests.dashboard.conftest import aws, catalogue_file, flows
from tests.dashboard.test_approvals import asks_leads, tasks
from tests.e2e.site import Site, site
from tests.tables import table

__all__ = ["asks_leads", "aws", "catalogue_file", "flows", "site", "table", "tasks"]

pytestmark = pytest.mark.e2e

WORDS = {
    "en": ("Approve", "Reject", "this is no longer asked", "You approved it"),
    "ja": ("承認", "却下", "この承認依頼は終了しています", "承認済みです"),
}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_who_answers_too_late_is_told_so(tasks: Tasks, site: Site, table: Any, language: str) -> None:
    approve, _, over, _ = WORDS[language]
    question = ask(table)
    shown = site.open("leads-approver", "/approvals", language)
    waiting.forget(table, question)
    shown.page.get_by_role("button", name=approve, exact=True).click()
    # Once, and it stays when the question has gone from the page.
    expect(shown.page.get_by_text("Stop 12 instances?")).to_have_count(1)
    expect(shown.page.get_by_text(over)).to_have_count(1)
    assert (tasks.outputs, shown.violations()) == ([], [])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_who_has_approved_is_not_asked_again_and_may_still_reject(
    tasks: Tasks, site: Site, table: Any, language: str
) -> None:
    approve, reject, _, approved = WORDS[language]
    ask(table, at_least=2)
    shown = site.open("leads-approver", "/approvals", language)
    button = shown.page.get_by_role("button", name=approve, exact=True)
    button.click()
    expect(shown.page.get_by_text(approved)).to_be_visible()
    expect(button).to_have_count(0)
    assert shown.violations() == []
    other = site.open("leads-approver-2", "/approvals", language)
    expect(other.page.get_by_role("button", name=approve, exact=True)).to_be_visible()
    shown.page.get_by_role("button", name=reject, exact=True).click()
    expect(shown.page.get_by_role("button", name=reject, exact=True)).to_have_count(0)
    assert [told["approved"] for told in tasks.outputs] == [False]
