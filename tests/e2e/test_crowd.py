"""Many starts within a minute, of one flow and of many, where ten functions run at once and Step Functions has its
quotas.

The 300 flows are deployed as all are, by the CDK CLI: that takes a minute or two, less than a way of their own would
explain.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdas.tracker import queries
from lambdas.tracker.record import Record
from nightshift.local import LocalAws, down, up
from tests.e2e.runs import ROOT, TOKYO, machine_arn
from tests.waiting import until

pytestmark = pytest.mark.e2e

MANY = 300
DUE = datetime(2027, 1, 1, 3, tzinfo=UTC)
AT_ONCE = datetime(2027, 1, 1, 4, tzinfo=TOKYO)
"""When the schedules of all flows but the crowded one are due."""

NAMES = [f"one_of_many_{number:03}" for number in range(MANY)]
FLOW = '''from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("0 4 1 1 ? *", timezone="Asia/Tokyo"))
def {name}():
    """Start together with many others."""
    return len(ec2.describe_instances(tag="Backup=nightly").matched)
'''


@pytest.fixture(scope="module")
def new_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """An account that AWS has just made, where a second lasts a second: waits are to outlast the lack of functions."""
    project = tmp_path_factory.mktemp("crowd")
    flow_defs = project / "flow_defs"
    shutil.copytree(Path(__file__).parent / "crowd_flows", flow_defs, ignore=shutil.ignore_patterns("__pycache__"))
    for name in NAMES:
        (flow_defs / f"{name}.py").write_text(FLOW.format(name=name), encoding="utf-8")
    try:
        local = up(project, app=ROOT, flow_defs=flow_defs, speed=1)
        # Hours from any moment at which a schedule would start a flow by itself.
        local.set_scheduler_clock(AT_ONCE - timedelta(hours=12))
        local.set_quotas(concurrency=10)
        yield local
    finally:
        down(project)


def starter(local: LocalAws) -> Callable[[int], str]:
    """Starts a flow as its schedule does, due in some year; gives the ARN of the execution."""
    states = local.session().client("stepfunctions")

    def scheduled(number: int) -> str:
        due = f"{DUE + timedelta(days=number):%Y-%m-%dT%H:%M:%SZ}"
        trigger = {"type": "schedule", "schedule": "crowded", "scheduled_time": due}
        given = json.dumps({"nightshift": {"trigger": trigger}})
        arn: str = states.start_execution(
            stateMachineArn=machine_arn(local, "crowded"), name=f"crowd-{uuid.uuid4()}", input=given
        )["executionArn"]
        return arn

    return scheduled


def ended(local: LocalAws, since: datetime, count: Callable[[], int]) -> list[Record]:
    """Wait until so many runs that started from a moment on are recorded at their end; the records, newest 500."""
    table: Any = local.session().resource("dynamodb").Table("nightshift")

    def all_ended() -> list[Record] | None:
        # All of them are read only when there is nothing to wait for: the tracker needs the table as well.
        if queries.runs(table, state="RUNNING", since=since, limit=1)[0]:
            return None
        found = queries.runs(table, since=since, limit=queries.MOST)[0]
        return found if len(found) >= MANY and len(found) == count() else None

    return until(all_ended, "all runs to be recorded at their end", seconds=540)


def failures_of(local: LocalAws, found: list[Record]) -> Counter[str]:
    """What the runs that failed say, and how many say so."""
    table: Any = local.session().resource("dynamodb").Table("nightshift")
    failed = [run for run in found if run.state not in ("SUCCEEDED", "SKIPPED")]
    details = [queries.run(table, run.flow, run.name) for run in failed[:20]]
    return Counter(f"{detail.record.error}: {detail.detail.get('cause')}" for detail in details if detail)


def test_three_hundred_starts_of_a_flow_within_a_minute_end_right_and_are_recorded(new_account: LocalAws) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    with ThreadPoolExecutor(8) as threads:
        started = set(threads.map(starter(new_account), range(MANY)))
    assert len(started) == MANY
    found = ended(new_account, since, lambda: MANY)
    assert Counter(run.state for run in found) == {"SUCCEEDED": MANY}, failures_of(new_account, found)


def test_three_hundred_flows_that_are_due_in_the_same_minute_run_once_each(new_account: LocalAws) -> None:
    """By their schedules, which deliver a start twice now and then."""
    since = datetime.now(UTC) - timedelta(seconds=1)
    new_account.set_scheduler_clock(AT_ONCE - timedelta(seconds=1))
    found = ended(new_account, since, lambda: sum(new_account.delivered(f"nightshift/{name}") for name in NAMES))
    assert Counter(run.state for run in found).keys() == {"SUCCEEDED", "SKIPPED"}, failures_of(new_account, found)
    assert Counter(run.flow for run in found if run.state == "SUCCEEDED") == dict.fromkeys(NAMES, 1)
