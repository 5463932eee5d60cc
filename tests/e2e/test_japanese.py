"""Every page in Japanese, in Chromium: no sentence on it is English but what authors of flows have written."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.dashboard.conftest import aws, catalogue_file, flows
from tests.e2e.browser import Dashboard
from tests.e2e.site import Site, site
from tests.tables import table

__all__ = ["aws", "catalogue_file", "flows", "site", "table"]

pytestmark = pytest.mark.e2e

PAGES = (
    "/",
    "/flows",
    "/open",
    "/runs",
    "/report",
    "/next",
    "/calendar",
    "/fleet",
    "/approvals",
    "/handover",
    "/audit",
    "/buttons",
    "/nowhere",
)
# Two English words side by side, in small letters: names of AWS and of resources are not.
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
# What is no text of nightshift: code, and what is read by machines.
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest("code, pre, script, style, .ace_editor, [class*=code-view]")) found.push(node.data);
  for (const one of document.querySelectorAll("[aria-label], [placeholder]"))
    found.push(one.getAttribute("aria-label") ?? "", one.getAttribute("placeholder") ?? "");
  return found;
}"""


def english(shown: Dashboard, authors: str) -> list[str]:
    """The English texts of a page. authors: all that flows say of themselves."""
    texts = {" ".join(text.split()) for text in shown.page.evaluate(TEXTS)}
    return sorted(t for t in texts if ENGLISH.search(t) and not JAPANESE.search(t) and t not in authors)


def written_by_authors(site: Site) -> str:
    """What flows say of themselves, without the titles of parts, which nightshift says."""
    details = [site.admin.get(f"/flows/{flow['name']}") for flow in site.admin.get("/flows")["flows"]]
    own = [{key: one[key] for key in ("title", "doc", "parameters")} for one in details]
    return " ".join(json.dumps(own, ensure_ascii=False).replace("\\n", " ").replace('\\"', '"').split())


def test_no_page_has_an_english_sentence(site: Site) -> None:
    site.admin.put("/flows/nightly_backup/hold", {"why": "保守", "until": None})
    authors = written_by_authors(site)
    names = [flow["name"] for flow in site.admin.get("/flows")["flows"]]
    shown = site.open("admin", language="ja")
    left: dict[str, list[str]] = {}
    for path in (*PAGES, *(f"/flows/{name}" for name in names)):
        shown.open(path)
        if found := english(shown, authors):
            left[path] = found
    assert left == {}


def test_the_form_of_a_start_and_its_review_are_in_japanese(site: Site) -> None:
    shown = site.open("admin", "/flows", language="ja")
    shown.page.get_by_role("button", name=re.compile("を開始$")).first.click()
    dialog = shown.page.get_by_role("dialog")
    dialog.get_by_role("button", name="次へ").click()
    expect(dialog).to_contain_text("変更を伴います")
    assert english(shown, written_by_authors(site)) == []
