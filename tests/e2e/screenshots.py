"""`python -m tests.e2e.screenshots`: takes the pictures of the dashboard and of README.md for the documentation.

It brings up a local AWS of its own for that. The history of the charts is made up; the runs that the pictures show at
length are real.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from nightshift.local import LocalAws, down, up
from tests.e2e.browser import ROOT, RUN_TIMEOUT, Dashboard, chromium, dashboard_url
from tests.e2e.happenings import ASKING, OFFICE, happen
from tests.e2e.terminal_pictures import take

IMAGES = ROOT / "docs/images"
_LANGUAGES = ("en", "ja")
_TALLEST = 1_700
"""Pixels of a picture: long tables are all the same further down."""
_OPERATOR, _LEAD = "service-desk-operator", "leads-approver"


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it.

    path: of the page. act: what is done there before the picture is taken. whole: the page, and not only what the
    window shows of it. width: pixels.
    """

    path: str
    act: Callable[[Page], None] = lambda page: None
    identity: str = "admin"
    theme: str = "light"
    width: int = 1400
    whole: bool = True


def main() -> None:
    """Bring a local AWS up, let things happen on it, and take the pictures."""
    project = Path(tempfile.mkdtemp(prefix="nightshift-screenshots-"))
    try:
        local = up(project, on_event=print, app=ROOT, flow_defs=flow_defs_in(project))
        runs = happen(local)
        IMAGES.mkdir(exist_ok=True)
        take(local, IMAGES)
        with chromium() as browser:
            for language in _LANGUAGES:
                for name, picture in pictures(runs).items():
                    print(take_picture(browser, local, picture, language, IMAGES / f"dashboard-{name}-{language}.png"))
    finally:
        down(project)
        shutil.rmtree(project)


def flow_defs_in(project: Path) -> Path:
    """The shipped flows, with one in a folder and one that asks."""
    made = project / "flow_defs"
    shutil.copytree(ROOT / "flow_defs", made, ignore=shutil.ignore_patterns("__pycache__"))
    for own in (f"office/{OFFICE}.py", f"{ASKING}.py"):
        (made / own).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / "tests/e2e/flow_defs" / own, made / own)
    return made


def pictures(runs: Mapping[str, str]) -> dict[str, Picture]:
    """Name -> picture. runs: the paths of pages of runs, by the names of their pictures."""
    names = ("flows", "runs", "open", "handover", "report", "next", "calendar", "fleet", "audit")
    return {
        "my-page": Picture("/"),
        **{name: Picture(f"/{name}") for name in names},
        "flow": Picture("/flows/nightly_backup"),
        "flow-late": Picture(f"/flows/{OFFICE}"),
        **{name: Picture(path) for name, path in runs.items()},
        "log": Picture(runs["run"], _open_log, whole=False),
        "approvals": Picture("/approvals", _dry_run, identity=_LEAD),
        "start": Picture("/flows", _start, whole=False),
        "operator": Picture("/", identity=_OPERATOR),
        "phone": Picture("/", width=375, whole=False),
        "dark": Picture("/", theme="dark"),
    }


def take_picture(browser: Browser, local: LocalAws, picture: Picture, language: str, file: Path) -> Path:
    """Take a picture in a language; where it is."""
    height = 800 if picture.width < 688 else 1000
    shown = Dashboard(
        browser,
        dashboard_url(local),
        width=picture.width,
        height=height,
        language=language,
        theme=picture.theme,
        identity=picture.identity,
    )
    shown.page.set_default_timeout(30_000)
    shown.open(picture.path)
    picture.act(shown.page)
    shown.page.wait_for_load_state("networkidle")
    # Charts and tables measure themselves: the window is as high as the page before the picture is taken.
    if picture.whole:
        tall = min(_TALLEST, shown.page.evaluate("document.documentElement.scrollHeight"))
        shown.page.set_viewport_size({"width": picture.width, "height": tall})
    shown.page.evaluate("document.fonts.ready")
    shown.page.screenshot(path=file, animations="disabled")
    shown.context.close()
    return file


def _start(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Start nightly_backup|nightly_backup を開始)$")).click()
    page.get_by_role("dialog").get_by_role("button").last.click()


def _open_log(page: Page) -> None:
    page.locator('[data-node="ec2.stop_instances"]').click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("^(Show the log lines|ログを表示)$")).click()
    expect(dialog.get_by_role("table")).to_contain_text("to be stopped")


def _dry_run(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(What would it touch now|ドライランで対象を確認)")).click()
    expect(page.locator(".next-steps")).to_contain_text(re.compile("web-1"), timeout=RUN_TIMEOUT)


if __name__ == "__main__":
    main()
