"""What has happened on the local AWS of the pictures: runs, decisions that wait, and what needs someone."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

from lambdas.store import favourites
from lambdas.tracker import opened, queries
from lambdas.tracker.opened import OpenItem
from lambdas.tracker.record import Counts, Record
from lambdas.tracker.store import save
from nightshift.local import LocalAws
from tests.dashboard.runs import record
from tests.e2e.runs import finished, start
from tests.e2e.test_places import PLACES
from tests.waiting import until

OFFICE, ASKING, NESTED = "stop_the_office", "ask_the_leads", "thirty_steps"
"""Flows of tests/e2e/flow_defs: with a folder and a deadline, with a question, with thirty nested steps."""
_DAYS = 30
# A run is made up for each flow that a schedule starts daily: its name, how long it takes, and how often it fails.
_HISTORY = {
    "nightly_backup": (840, 0.05),
    "evening_stop": (150, 0.03),
    "morning_start": (260, 0.08),
    "business_batch": (1_900, 0.04),
}


def happen(local: LocalAws) -> dict[str, str]:
    """Let all of it happen. Picture -> path, of the pages of runs."""
    table = local.session().resource("dynamodb").Table(local.outputs["nightshift"]["TableName"])
    # save() catches the errors of its table's client, which is this one; the region is for those it makes itself.
    os.environ.update(local.environment())
    for past in _past(datetime.now(UTC)):
        save(table, past)
    by_hand = {"trigger": {"type": "manual", "by": "ito"}}
    with local.control().fault("capacity", tag="Role=app"):
        failed = finished(local, start(local, "morning_start", nightshift=by_hand))
    done = finished(local, start(local, "nightly_backup", nightshift=by_hand))
    for run in (failed, done):
        flow = run["stateMachineArn"].rpartition("nightshift-")[2]
        until(partial(_recorded, table, flow, run["name"]), "the run to be recorded")
    for flow in ("weekly_backup", OFFICE):
        favourites.mark(table, "admin", flow, favourite=True)
    _ask(local, "PUT", "/flows/evening_stop/hold", "admin", {"why": "year-end closing: the servers stay up"})
    _ask(local, "POST", f"/flows/{ASKING}/runs", "leads-operator", {})
    until(lambda: _ask(local, "GET", "/approvals", "admin")["approvals"], "the question to the leads")
    return {
        "failed": f"/runs/morning_start/{failed['name']}",
        "run": f"/runs/nightly_backup/{done['name']}",
        "accounts": _in_accounts(table),
        "deadlines": _late(table),
    }


def _recorded(table: Any, flow: str, name: str) -> bool:
    found = queries.run(table, flow, name)
    return found is not None and found.record.has_ended


def _in_accounts(table: Any) -> str:
    """A run that acted in two hundred account-Regions; its path."""
    started = datetime.now(UTC) - timedelta(hours=3)
    failed = partial(record, table, "evening_stop", "everywhere", "FAILED", error="PartFailed")
    failed(started=started, minutes=14, detail={"places": PLACES, "cause": "3 of 200 account-Regions failed"})
    return "/runs/evening_stop/everywhere"


def _late(table: Any) -> str:
    """A run that started late and failed, and a start that was lost the year after; the path of the run."""
    due = datetime(2026, 2, 1, 3, tzinfo=ZoneInfo("Asia/Tokyo"))
    trigger = {"type": "schedule", "schedule": OFFICE, "scheduled_time": due.isoformat()}
    late = due + timedelta(minutes=40)
    record(table, OFFICE, "late", "FAILED", started=late, trigger=trigger, error="PartFailed")
    lost = due + timedelta(minutes=15)
    why = "It was due at 03:00 and had to start by 03:15 (Asia/Tokyo). No run of it has started."
    opened.add(table, OpenItem(OFFICE, f"late-start-{due:%Y%m%d}", "late_start", lost, lost, why=why))
    return f"/runs/{OFFICE}/late"


def _ask(local: LocalAws, method: str, path: str, who: str, body: Any = None) -> Any:
    """Ask the API of the dashboard as somebody."""
    assert local.dashboard is not None
    headers = {"content-type": "application/json", "x-nightshift-identity": who}
    sent = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{local.dashboard.url}/api{path}", sent, headers, method=method), timeout=30) as answer:
        return json.load(answer)


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
