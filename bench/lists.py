"""What the lists of the dashboard cost: 10,000 runs in a month of 200 flows and 500 instances.

Prints for each list of the API, for an administrator and for an operator of 60 flows, the median time of an answer,
requests to DynamoDB and to other services, and kilobytes that DynamoDB gave and that the page gets. The first answer
of a process is another line where it is another one. The aim is 1 s.

The DynamoDB is that of `bench/tracker.py`, which answers one request at a time; instances are those of the local AWS,
and state machines those of moto.

    python bench/lists.py [--runs 10000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import base64
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import boto3  # noqa: E402
from moto import mock_aws  # noqa: E402

from bench.tools.crowded import ACCOUNT, GROUP, REGION, Crowd, catalogue_of, fill, launch  # noqa: E402
from bench.tracker import dynalite  # noqa: E402
from lambdas.dashboard import app  # noqa: E402
from lambdas.runs.app_names import AppNames  # noqa: E402
from nightshift.local.dashboard.events import event  # noqa: E402
from nightshift.local.fleet import fast_answers  # noqa: E402, F401  importing it registers it
from nightshift.local.fleet.clock import ScaledClock  # noqa: E402
from nightshift.local.fleet.hooks import honest  # noqa: E402
from nightshift.local.fleet.world import World  # noqa: E402
from nightshift.project import load_flows  # noqa: E402
from nightshift.views.catalogue_file import catalogue_json  # noqa: E402

AIM = 1.0
OPERATED = 60
ZONE = "Asia/Tokyo"


@dataclass
class Spent:
    """Requests by service, and bytes that DynamoDB gave."""

    requests: Counter[str] = field(default_factory=Counter)
    read: int = 0

    def watch(self, events: Any) -> None:
        """Count what the clients of a session ask from now on."""
        events.register("before-send", self._sent)
        events.register("after-call.dynamodb", self._answered)

    def _sent(self, event_name: str, **_: Any) -> None:
        self.requests[event_name.split(".")[1]] += 1

    def _answered(self, http_response: Any, **_: Any) -> None:
        self.read += len(http_response.content)


def paths(now: datetime, instance: str) -> dict[str, str]:
    """The lists, by how they are called in the table that is printed."""
    today = now.date()
    month = {"since": f"{today - timedelta(days=29)}", "until": f"{today}", "timezone": ZONE}
    week = {**month, "since": f"{today - timedelta(days=6)}"}
    moments = {"since": (now - timedelta(days=60)).isoformat(), "until": (now - timedelta(days=15)).isoformat()}
    runs: dict[str, dict[str, Any]] = {
        "runs": {},
        "runs of a flow": {"flow": "flow_007"},
        "runs that failed": {"state": "FAILED"},
        "runs by alarms": {"trigger": "alarm"},
        "runs of a user": {"by": "alice"},
        "runs of nobody": {"by": "nobody"},
        "runs of an instance": {"resource": instance[-8:]},
        "runs of any instance": {"resource": "i-0"},
        "runs in an account": {"account": "123456789012"},
        "runs of last month": moments,
        "runs, longest first": {"sort": "longest"},
        "runs, oldest first": {"sort": "oldest"},
        "runs, 200 of a page": {"limit": 200},
    }
    return {
        **{name: f"/runs?{urlencode(query)}" for name, query in runs.items()},
        "flows": "/flows",
        "a flow": "/flows/flow_007",
        "what is usual": "/flows/flow_007/usual",
        "boards: now": "/now",
        "boards: board": "/board",
        "boards: presets": "/presets",
        "pulse": "/pulse",
        "open items": "/open",
        "hand-over": "/handover",
        "approvals": "/approvals",
        "audit": "/audit",
        "audit, 200 of a page": "/audit?limit=200",
        "summary of a week": f"/summary?{urlencode(week)}",
        "report of a week": f"/report?{urlencode(week)}",
        "report of a month": f"/report?{urlencode(month)}",
        "report of a flow": f"/report?{urlencode({**month, 'flow': 'flow_007'})}",
        "calendar month": f"/calendar?{urlencode(month)}",
        "next runs, 14 days": "/next?hours=336",
        "fleet": "/fleet?limit=1000",
        "an instance": f"/fleet/{instance}",
    }


def asked(path: str, groups: str) -> tuple[int, str]:
    """Status and body of an answer to a user of some groups."""
    claims = {"username": "alice", "token_use": "access", "cognito:groups": f"[{groups}]"}
    got = app.handler(event("GET", f"/api{path}", (), b"", claims), None)
    body = got.get("body") or ""
    return got["statusCode"], base64.b64decode(body).decode() if got.get("isBase64Encoded") else body


@contextmanager
def dashboard(endpoint: str | None, crowd: Crowd) -> Iterator[tuple[Spent, list[str]]]:
    """The function of the dashboard beside a local AWS, with a catalogue; what it spends, and the ids of instances.

    endpoint: of the DynamoDB; None: moto's.
    """
    spent = Spent()
    with tempfile.TemporaryDirectory() as folder, mock_aws(), honest(World(ScaledClock(1))):
        file = Path(folder) / "flows.json"
        shipped = json.loads(catalogue_json(load_flows(ROOT / "flow_defs"), ROOT / "flow_defs", AppNames()))
        file.write_text(json.dumps(catalogue_of(shipped, crowd, OPERATED)), encoding="utf-8")
        os.environ |= {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "NIGHTSHIFT_ACCOUNT": ACCOUNT,
            "NIGHTSHIFT_PREFIX": "nightshift",
            "NIGHTSHIFT_CATALOGUE": str(file),
            "NIGHTSHIFT_TABLE": "nightshift",
            **({"AWS_ENDPOINT_URL_DYNAMODB": endpoint} if endpoint else {}),
        }
        session = boto3.Session()
        boto3.setup_default_session(botocore_session=session._session)
        instances = launch(session.client("ec2"), crowd.instances)
        # What the function asks with are clients of the default session, which share its events.
        spent.watch(session.events)
        yield spent, instances


def measured(spent: Spent, path: str, groups: str, rounds: int) -> list[tuple[float, Counter[str], int, int]]:
    """What each answer takes: seconds, requests, bytes read, bytes answered."""
    found = []
    for _ in range(rounds):
        spent.requests.clear()
        spent.read = 0
        begin = time.perf_counter()
        status, body = asked(path, groups)
        took = time.perf_counter() - begin
        assert status == 200, (path, body)
        found.append((took, Counter(spent.requests), spent.read, len(body)))
    return found


def line(name: str, took: float, requests: Counter[str], read: int, answered: int) -> str:
    """A line of the table that is printed."""
    others = sum(requests.values()) - requests["dynamodb"]
    above = "" if took <= AIM else f"   above the aim of {AIM:g} s"
    sizes = f"{read / 1000:>9,.0f} {answered / 1000:>9,.0f}"
    return f"{name:<34} {took:6.3f} s {requests['dynamodb']:>6} {others:>6} {sizes}{above}"


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    logging.disable(logging.INFO)
    crowd = Crowd(runs=given.runs)
    with dynalite() as table, dashboard(table.meta.client.meta.endpoint_url, crowd) as (spent, instances):
        begin = time.perf_counter()
        fill(table, crowd, instances)
        print(
            f"{crowd.runs:,} runs of {crowd.flows} flows on {crowd.instances} instances; filled in "
            f"{time.perf_counter() - begin:.0f} s"
        )
        for who, groups in (("an administrator", "admin"), (f"an operator of {OPERATED} flows", GROUP)):
            print(f"\n{who:<34}     time   store others   KB read   KB page")
            for name, path in paths(datetime.now(UTC), instances[0]).items():
                first, *again = measured(spent, path, groups, given.rounds + 1)
                if first[1] != again[-1][1]:
                    print(line(f"{name} (first)", *first))
                print(line(name, statistics.median(took for took, *_ in again), *again[-1][1:]))


if __name__ == "__main__":
    main()
