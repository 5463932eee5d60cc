"""What the lists and charts of 100,000 recorded runs cost, in units of one key lookup on the same DynamoDB.

Prints the median latency of each question that the dashboard and the command line ask (`lambdas/tracker/queries.py`)
over that of a GetItem of a record. All are asked in turns, each right after such a GetItem. The aim is 3 or less.
A report reads many records and has no such aim: what it takes is printed in seconds.

The DynamoDB is dynalite, which keeps items and indexes sorted in LevelDB. MiniStack and moto look through and sort a
whole partition for each query, so on them the latency grows with everything that was ever recorded, as it does not on
AWS. Dynalite answers one request at a time: lists that are read side by side on AWS add up here.

    python bench/tracker.py [--runs 100000] [--rounds 60]
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402

from lambdas.tracker import keys, queries  # noqa: E402
from lambdas.tracker.counters import contribution, places  # noqa: E402
from lambdas.tracker.measured import MOST_READ, measure  # noqa: E402
from lambdas.tracker.record import STATES, Counts, Record  # noqa: E402
from lambdas.tracker.store import item_of  # noqa: E402
from nightshift.local.node import node_module_bin  # noqa: E402
from nightshift.local.processes import free_ports  # noqa: E402
from stacks.settings import Settings  # noqa: E402
from stacks.shared.table import table as table_resources  # noqa: E402

AIM = 3.0
DAYS, FLOWS = 30, 100
BEGIN = datetime(2026, 11, 12, tzinfo=UTC)
"""So that the days are of two months, as the last thirty usually are."""


@contextmanager
def dynalite() -> Iterator[Any]:
    """boto3's `Table` of the app on a DynamoDB of its own."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as path:
        options = ["--port", str(port), "--host", "127.0.0.1", "--path", path, "--createTableMs", "0"]
        server = subprocess.Popen([*node_module_bin("dynalite", ROOT), *options], stdout=subprocess.DEVNULL)
        try:
            yield _created(_client(port), server)
        finally:
            server.terminate()
            server.wait()


def _client(port: int) -> Any:
    return boto3.resource(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _created(dynamodb: Any, server: subprocess.Popen[bytes]) -> Any:
    properties = table_resources(Settings())["Table"]["Properties"]
    taken = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    deadline = time.monotonic() + 30
    while True:
        try:
            table = dynamodb.create_table(**{name: properties[name] for name in taken})
            break
        except (BotoCoreError, ClientError):
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    table.wait_until_exists()
    return table


def records(runs: int) -> Iterator[Record]:
    """Runs of a month in the order of their start: one in ten did not succeed, the last twenty are running."""
    rng = random.Random(1)
    for number in range(runs):
        started = BEGIN + timedelta(seconds=number * DAYS * 86400 // runs)
        state = "RUNNING" if number >= runs - 20 else rng.choices(STATES[1:], (90, 4, 1, 2, 3))[0]
        flow = f"flow_{rng.randrange(FLOWS):02}"
        name = f"{flow}-{number:06}"
        yield Record(
            flow,
            name,
            f"arn:aws:states:eu-west-1:123456789012:execution:nightshift-{flow}:{name}",
            state,
            started,
            None if state == "RUNNING" else started + timedelta(seconds=rng.randrange(1, 3600)),
            {"type": "schedule", "schedule": flow, "scheduled_time": keys.moment_text(started)},
            counts=Counts(rng.randrange(50), rng.randrange(50), 1, 0),
            error="PartFailed" if state == "FAILED" else "",
            skipped="2026-11-23 is a holiday (Labor Thanksgiving Day)" if state == "SKIPPED" else "",
        )


def fill(table: Any, runs: int) -> Record:
    """Record the runs and their counters; one of the runs."""
    counters: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    known: Record | None = None
    with table.batch_writer() as batch:
        for number, record in enumerate(records(runs)):
            batch.put_item(item_of(record, version=2, detailed=False))
            counted = contribution(record)
            for key, made in places(counted):
                counters[key] = made(counters[key], counted, 1)
            known = record if number == runs // 2 else known
        for (partition, sort), texts in counters.items():
            batch.put_item({"pk": partition, "sk": sort, **texts, "version": 2})
    assert known is not None, "there are runs"
    return known


def questions(table: Any, known: Record) -> dict[str, Callable[[], Any]]:
    """What is asked, by how it is called in the table that is printed."""
    last = (BEGIN + timedelta(days=DAYS - 1)).date()
    week, month = last - timedelta(days=6), BEGIN.date()
    middle = BEGIN + timedelta(days=DAYS / 2)
    _, cursor = queries.runs(table, until=middle)
    lists: dict[str, dict[str, Any]] = {
        "newest runs of all flows": {},
        "newest runs of a flow": {"flows": ["flow_07"]},
        "newest failed runs": {"state": "FAILED"},
        "newest failed runs of a flow": {"flows": ["flow_07"], "state": "FAILED"},
        "runs before the middle of the month": {"until": middle},
        "runs of the page after a cursor": {"cursor": cursor},
        "newest runs of three flows": {"flows": ["flow_01", "flow_02", "flow_03"]},
    }
    return {
        "one run": lambda: queries.run(table, known.flow, known.name),
        **{
            f"{limit} {name}": partial(queries.runs, table, **given, limit=limit)
            for limit in (20, 50)
            for name, given in lists.items()
        },
        "all runs that are running": lambda: queries.runs(table, state="RUNNING", limit=50),
        "chart of a flow, 30 days": lambda: queries.counts(table, ["flow_07"], month, last),
        "chart of three flows, 30 days": lambda: queries.counts(table, ["flow_01", "flow_02", "flow_03"], month, last),
        "chart of all flows, 7 days": lambda: queries.counts(table, None, week, last, by_flow=False),
        "chart of all flows, 30 days": lambda: queries.counts(table, None, month, last, by_flow=False),
        "all flows by flow, 7 days": lambda: queries.counts(table, None, week, last),
        "all flows by flow, 30 days": lambda: queries.counts(table, None, month, last),
    }


def main() -> None:
    """Fill, ask in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    with dynalite() as table:
        known = fill(table, given.runs)
        key = {"pk": keys.run_key(known.flow, known.name), "sk": keys.RECORD}
        asked = questions(table, known)
        lookups: list[float] = []
        took: dict[str, list[float]] = {name: [] for name in asked}
        for _ in range(given.rounds):
            for name, ask in asked.items():
                lookups.append(_seconds(lambda: table.get_item(Key=key)["Item"]))
                took[name].append(_seconds(ask))
        last = (BEGIN + timedelta(days=DAYS - 1)).date()
        report = _seconds(lambda: measure(table, None, BEGIN.date(), last, ZoneInfo("Asia/Tokyo")))
    lookup = statistics.median(lookups)
    print(f"{given.runs:,} runs of {FLOWS} flows in {DAYS} days; one GetItem takes {lookup * 1000:.1f} ms here")
    for name, times in took.items():
        ratio = statistics.median(times) / lookup
        print(f"{name:<38} {ratio:5.1f} x{'' if ratio <= AIM else f'   above the aim of {AIM:g}'}")
    print(f"{'report of 30 days in Tokyo':<38} {report:5.2f} s for the newest {MOST_READ:,} records")


def _seconds(ask: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
