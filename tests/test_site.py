"""`make site`: the pages build without a warning, and a reader comes from the start page to every one of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent


class Article(HTMLParser):
    """Where the text of a page leads, without the menus that are the same on every page; and what the page loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self._within = False
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._within = self._within or tag == "article"
        if tag == "a" and self._within and given.get("href"):
            self.links.add(str(given["href"]))
        if tag in ("script", "img") or (tag == "link" and given.get("rel") == "stylesheet"):
            self.loads.add(given.get("src") or given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "article"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as `make site` builds it."""
    folder = tmp_path_factory.mktemp("site")
    (command,) = re.findall(r"^\t@NO_MKDOCS_2_WARNING=1 \$\(BIN\)/mkdocs (.+)$", _makefile(), re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", *command.split(), "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_reachable_by_the_text_of_the_pages(site: Path) -> None:
    reached, todo = set[Path](), [site / "index.html"]
    while todo:
        page = todo.pop()
        if page not in reached:
            reached.add(page)
            links = (link.partition("#")[0] for link in Article(page).links if not link.startswith(("http", "mailto")))
            todo += [(page.parent / unquote(link)).resolve() for link in links if link.endswith(".html")]
    pages = {page for page in site.rglob("*.html") if page.name != "404.html"}
    assert {str(page.relative_to(site)) for page in pages - reached} == set()
    assert len(pages) == len(list((ROOT / "docs").rglob("*.md")))


def test_links_of_pages_lead_to_files(site: Path) -> None:
    for page in site.rglob("*.html"):
        links = (link for link in Article(page).links if "://" not in link and not link.startswith("mailto:"))
        here = {unquote(link.partition("#")[0]) for link in links} - {""}
        assert {link for link in here if not (page.parent / link).exists()} == set(), page


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    loads = {source for page in site.rglob("*.html") for source in Article(page).loads}
    assert loads
    assert {source for source in loads if "//" in source} == set()


def test_the_search_finds_the_parts(site: Path) -> None:
    index = (site / "search/search_index.json").read_text(encoding="utf-8")
    assert "ec2.stop_instances" in index
    assert "NS004" in index


def _makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")
