"""What the lists and charts of 100,000 recorded runs cost, in units of one key lookup on the same DynamoDB.

Prints the median latency of each question the dashboard and the command line ask (`lambdas/tracker/queries.py`) over
that of a single GetItem of a record, measured in turns in one run. The aim is 3 or less.

The DynamoDB is dynalite, which keeps items and indexes sorted on LevelDB. MiniStack and moto sort a whole partition for
each query, so on them the latency grows with everything that was ever recorded, as it does not on AWS.

    python bench/tracker.py [--runs 100000] [--rounds 40]
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402

from lambdas.tracker import keys, queries  # noqa: E402
from lambdas.tracker.record import STATES, Counts, Record  # noqa: E402
from lambdas.tracker.store import item_of  # noqa: E402
from nightshift.local.node import node_module_bin  # noqa: E402
from nightshift.local.processes import free_ports  # noqa: E402
from stacks.settings import Settings  # noqa: E402
from stacks.table import table as table_resources  # noqa: E402

AIM = 3.0
DAYS, FLOWS = 30, 20
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


@contextmanager
def dynalite() -> Iterator[Any]:
    """boto3's `Table` of the app on a DynamoDB of its own, in memory."""
    (port,) = free_ports(1)
    command = [*node_module_bin("dynalite", ROOT), "--port", str(port), "--host", "127.0.0.1", "--createTableMs", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        dynamodb = boto3.resource(
            "dynamodb",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="eu-west-1",
            aws_access_key_id="bench",
            aws_secret_access_key="bench",
            config=Config(retries={"total_max_attempts": 1}),
        )
        yield _created(dynamodb, server)
    finally:
        server.terminate()
        server.wait()


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


def records(count: int) -> Iterator[Record]:
    """Runs over a month: 20 flows, one in ten not succeeded, the last few running."""
    rng = random.Random(1)
    for number in range(count):
        started = BEGIN + timedelta(seconds=number * DAYS * 86400 // count)
        state = "RUNNING" if number > count - 20 else rng.choice(("SUCCEEDED",) * 9 + STATES[2:])
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
        )


def fill(table: Any, count: int) -> Record:
    """Record the runs and their counters; one of the runs."""
    counters: dict[tuple[str, str], dict[str, Any]] = {}
    known: Record | None = None
    with table.batch_writer() as batch:
        for record in records(count):
            batch.put_item(item_of(record, version=2, detailed=False))
            day = record.started.date()
            key = keys.month_key(day), keys.day_key(day, record.flow)
            counter = counters.setdefault(
                key,
                {
                    "pk": key[0],
                    "sk": key[1],
                    "flow": record.flow,
                    "gsi1pk": keys.days_of(record.flow),
                    "gsi1sk": day.isoformat(),
                    "timed": 0,
                    "milliseconds": 0,
                    "longest": 3_600_000,
                },
            )
            counter[record.state] = counter.get(record.state, 0) + 1
            known = record
        for counter in counters.values():
            batch.put_item(counter)
    assert known is not None, "there are runs"
    return known


def questions(table: Any, known: Record) -> dict[str, Callable[[], Any]]:
    """What is asked, by how it is called in the table that is printed."""
    last = (BEGIN + timedelta(days=DAYS - 1)).date()
    week, month = last - timedelta(days=6), BEGIN.date()
    middle = BEGIN + timedelta(days=DAYS / 2)
    _, cursor = queries.runs(table, until=middle)
    some = ["flow_01", "flow_02", "flow_03"]
    return {
        "one run": lambda: queries.run(table, known.flow, known.name),
        "20 newest runs of all flows": lambda: queries.runs(table, limit=20),
        "50 newest runs of all flows": lambda: queries.runs(table, limit=50),
        "the page of 20 after a cursor": lambda: queries.runs(table, cursor=cursor, limit=20),
        "20 newest runs of a flow": lambda: queries.runs(table, ["flow_07"], limit=20),
        "20 newest failed runs": lambda: queries.runs(table, state="FAILED", limit=20),
        "20 newest failed runs of a flow": lambda: queries.runs(table, ["flow_07"], state="FAILED", limit=20),
        "runs that are running": lambda: queries.runs(table, state="RUNNING", limit=20),
        "20 newest runs of three flows": lambda: queries.runs(table, some, limit=20),
        "20 runs of a day in the middle": lambda: queries.runs(table, until=middle, limit=20),
        "chart of a flow, 30 days": lambda: queries.counts(table, ["flow_07"], month, last),
        "chart of all flows, a week": lambda: queries.counts(table, None, week, last),
        "chart of all flows, 30 days": lambda: queries.counts(table, None, month, last),
    }


def main() -> None:
    """Fill, ask in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with dynalite() as table:
        known = fill(table, given.runs)
        key = {"pk": keys.run_key(known.flow, known.name), "sk": keys.RECORD}
        asked = {"GetItem of a record": lambda: table.get_item(Key=key)["Item"], **questions(table, known)}
        took: dict[str, list[float]] = {name: [] for name in asked}
        for _ in range(given.rounds):
            for name, ask in asked.items():
                begin = time.perf_counter()
                ask()
                took[name].append(time.perf_counter() - begin)
    lookup = statistics.median(took["GetItem of a record"])
    print(f"{given.runs:,} runs of {FLOWS} flows in {DAYS} days; one GetItem takes {lookup * 1000:.1f} ms here")
    for name, times in took.items():
        ratio = statistics.median(times) / lookup
        print(f"{name:<34} {ratio:5.1f} x{'' if ratio <= AIM else f'   above the aim of {AIM:g}'}")


if __name__ == "__main__":
    main()
