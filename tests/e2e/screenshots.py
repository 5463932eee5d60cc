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
from tests.e2e.happenings import ASKING, NESTED, OFFICE, happen
from tests.e2e.terminal_pictures import take

IMAGES = ROOT / "docs/images"
MORE = ROOT / "build/screenshots"
_LANGUAGES = ("en", "ja")
_TALLEST = 1_700
"""Pixels of a picture: long tables are all the same further down."""
PHONE = 390
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
        MORE.mkdir(parents=True, exist_ok=True)
        take(local, IMAGES)
        with chromium() as browser:
            for language in _LANGUAGES:
                for folder, wanted in ((IMAGES, pictures(runs)), (MORE, more(runs))):
                    for name, picture in wanted.items():
                        file = folder / f"dashboard-{name}-{language}.png"
                        print(take_picture(browser, local, picture, language, file))
    finally:
        down(project)
        shutil.rmtree(project)


def flow_defs_in(project: Path) -> Path:
    """The shipped flows, with one in a folder, one that asks, and one of thirty nested steps."""
    made = project / "flow_defs"
    shutil.copytree(ROOT / "flow_defs", made, ignore=shutil.ignore_patterns("__pycache__"))
    for own in (f"office/{OFFICE}.py", f"{ASKING}.py", f"{NESTED}.py"):
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
        "phone": Picture("/", width=PHONE, whole=False),
        "dark": Picture("/", theme="dark"),
    }


def more(runs: Mapping[str, str]) -> dict[str, Picture]:
    """Name -> picture, of states and small windows: not for the documentation, but to be looked at."""
    drawing = f"/flows/{NESTED}"
    lists = (
        "flows",
        "buttons",
        "runs",
        "open",
        "handover",
        "report",
        "next",
        "calendar",
        "fleet",
        "audit",
        "approvals",
    )
    return {
        "buttons": Picture("/buttons"),
        "start-wrong": Picture(drawing, _start_wrong, whole=False),
        "thirty-steps": Picture(drawing),
        "thirty-steps-phone": Picture(drawing, theme="dark", width=PHONE),
        "folded": Picture(drawing, _fold),
        "full-screen": Picture(drawing, _fill_window, whole=False),
        "machine": Picture(drawing, _show_machine, whole=False),
        "instance": Picture("/fleet", _open_instance),
        "board-of-group": Picture("/boards/service-desk"),
        "nothing-found": Picture("/runs?resource=i-of-nobody", whole=False),
        "not-found": Picture("/runs/nightly_backup/none", whole=False),
        "no-page": Picture("/nowhere", whole=False),
        "offline": Picture("/runs", _lose_network, whole=False),
        "run-phone": Picture(runs["failed"], width=PHONE),
        "run-dark": Picture(runs["failed"], theme="dark"),
        **{f"{name}-phone": Picture(f"/{name}", theme="dark", width=PHONE) for name in lists},
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


def _start_wrong(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Start .*|.*を開始)$")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("rounds").fill("often")
    dialog.get_by_role("button").last.click()
    # Where the mistake is.
    expect(dialog.get_by_label("rounds")).to_be_focused()


def _fold(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Fold all|すべて折りたたむ)$")).click()


def _fill_window(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Full screen|全画面表示)$")).click()
    expect(page.locator(".drawing-full")).to_be_visible()


def _show_machine(page: Page) -> None:
    page.get_by_text(re.compile("^(State machine|ステートマシン)")).click()
    page.locator("svg .graph-node").first.scroll_into_view_if_needed()


def _open_instance(page: Page) -> None:
    page.get_by_role("link", name="web-1", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web-1")


def _lose_network(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_role("link", name=re.compile("^(Report|レポート)$")).click()
    expect(page.get_by_text(re.compile("cannot be reached|に接続できません")).first).to_be_visible()


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
