"""`python -m tests.e2e.screenshots`: takes the pictures of the dashboard and of README.md for the documentation.

It brings up a local AWS of its own for that. The history of the charts is made up; the runs that the pictures show at
length are real.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Browser

from lambdas.tracker.record import Counts, Record
from lambdas.tracker.store import save
from nightshift.local import LocalAws, down, up
from tests.e2e.browser import ROOT, Dashboard, chromium
from tests.e2e.runs import finished, start
from tests.e2e.terminal_pictures import take
from tests.waiting import until

IMAGES = ROOT / "docs/images"
_DAYS = 30
_LANGUAGES = ("en", "ja")
_TALLEST = 1_700
"""Pixels of a picture: long tables are all the same further down."""
_OPERATOR = "service-desk-operator"
# A run is made up for each flow that a schedule starts daily: its name, how long it takes, and how often it fails.
_HISTORY = {
    "nightly_backup": (840, 0.05),
    "evening_stop": (150, 0.03),
    "morning_start": (260, 0.08),
    "business_batch": (1_900, 0.04),
}


def main() -> None:
    """Bring a local AWS up, let things happen on it, and take the pictures."""
    project = Path(tempfile.mkdtemp(prefix="nightshift-screenshots-"))
    try:
        local = up(project, on_event=print, app=ROOT, flow_defs=ROOT / "flow_defs")
        runs = _happenings(local)
        _hold(local)
        IMAGES.mkdir(exist_ok=True)
        take(local, IMAGES)
        with chromium() as browser:
            for language in _LANGUAGES:
                for name in _pictures(browser, local, language, runs):
                    print(f"docs/images/dashboard-{name}-{language}.png")
    finally:
        down(project)
        shutil.rmtree(project)


def _happenings(local: LocalAws) -> dict[str, str]:
    """Past runs for the charts, and one real run that succeeds and one that fails; the paths of the latter two."""
    table = local.session().resource("dynamodb").Table(local.outputs["nightshift"]["TableName"])
    # save() catches the errors of its table's client, which is this one; the region is for those it makes itself.
    os.environ.update(local.environment())
    for record in _past(datetime.now(UTC)):
        save(table, record)
    with local.control().fault("capacity", tag="Role=app"):
        failed = finished(local, start(local, "morning_start", nightshift={"trigger": {"type": "manual", "by": "ito"}}))
    done = finished(local, start(local, "nightly_backup", nightshift={"trigger": {"type": "manual", "by": "ito"}}))
    for run in (failed, done):
        flow = run["stateMachineArn"].rpartition("nightshift-")[2]
        until(partial(_recorded, table, flow, run["name"]), "the run to be recorded")
    return {"failed": f"/runs/morning_start/{failed['name']}", "run": f"/runs/nightly_backup/{done['name']}"}


def _recorded(table: Any, flow: str, name: str) -> bool:
    from lambdas.tracker import queries

    found = queries.run(table, flow, name)
    return found is not None and found.record.has_ended


def _past(now: datetime) -> Iterator[Record]:
    """Runs of the last days, the same each time the pictures are taken."""
    chance = random.Random(7)
    for day in range(_DAYS, 0, -1):
        for hour, (flow, (seconds, failing)) in enumerate(_HISTORY.items()):
            started = (now - timedelta(days=day)).replace(hour=9 + hour, minute=0, second=0, microsecond=0)
            weekend = started.weekday() >= 5 and flow in ("business_batch", "morning_start")
            failed = not weekend and chance.random() < failing
            changed = chance.randint(2, 9)
            yield Record(
                flow=flow,
                name=f"past-{started:%Y%m%d}",
                execution=f"arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-{flow}:past-{started:%Y%m%d}",
                state="SKIPPED" if weekend else "FAILED" if failed else "SUCCEEDED",
                started=started,
                ended=started + timedelta(seconds=1 if weekend else seconds * chance.uniform(0.7, 1.4)),
                trigger={"type": "schedule", "scheduled_time": started.isoformat()},
                counts=Counts() if weekend else Counts(changed + 1, changed - failed, 1, int(failed)),
                error="PartFailed" if failed else "",
                skipped="it is no business day" if weekend else "",
            )


def _hold(local: LocalAws) -> None:
    """Put a flow on hold, as the pictures show it."""
    assert local.dashboard is not None
    body = json.dumps({"why": "year-end closing: the servers stay up"}).encode()
    headers = {"content-type": "application/json", "x-nightshift-identity": "admin"}
    url = f"{local.dashboard.url}/api/flows/evening_stop/hold"
    with urlopen(Request(url, body, headers, method="PUT"), timeout=30):
        pass


def _pictures(browser: Browser, local: LocalAws, language: str, runs: Mapping[str, str]) -> Iterator[str]:
    """Take the pictures in a language; the name of each."""
    shown = _open(browser, local, language, "admin")
    paths = {
        "my-page": "/",
        "flows": "/flows",
        "flow": "/flows/nightly_backup",
        "runs": "/runs",
        "report": "/report",
        "next": "/next",
        "fleet": "/fleet",
        "audit": "/audit",
        **runs,
    }
    for name, path in paths.items():
        shown.open(path)
        yield _take(shown, name, language)
    shown.open("/flows")
    shown.page.get_by_role("button", name=re.compile("^(Start nightly_backup|nightly_backup を開始)$")).click()
    shown.page.get_by_role("dialog").get_by_role("button").last.click()
    yield _take(shown, "start", language, whole=False)
    shown.context.close()
    for name, identity, settings in (
        ("operator", _OPERATOR, {}),
        ("phone", "admin", {"width": 375, "height": 800}),
        ("dark", "admin", {"theme": "dark"}),
    ):
        other = _open(browser, local, language, identity, **settings)
        other.open("/")
        yield _take(other, name, language, whole=name != "phone")
        other.context.close()


def _open(browser: Browser, local: LocalAws, language: str, identity: str, **settings: Any) -> Dashboard:
    assert local.dashboard is not None
    url = local.dashboard.url
    return Dashboard(browser, url, **{"language": language, "theme": "light", "identity": identity, **settings})


def _take(shown: Dashboard, name: str, language: str, *, whole: bool = True) -> str:
    shown.page.wait_for_load_state("networkidle")
    # Charts and tables measure themselves: the window is as high as the page before the picture is taken.
    size = shown.page.viewport_size
    assert size is not None
    if whole:
        height = min(_TALLEST, shown.page.evaluate("document.documentElement.scrollHeight"))
        shown.page.set_viewport_size({"width": size["width"], "height": height})
    shown.page.evaluate("document.fonts.ready")
    shown.page.screenshot(path=IMAGES / f"dashboard-{name}-{language}.png", animations="disabled")
    shown.page.set_viewport_size(size)
    return name


if __name__ == "__main__":
    main()
