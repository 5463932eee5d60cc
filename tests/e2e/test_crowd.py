"""Many flows that start within a minute where ten functions run at once and Step Functions has its quotas."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdas.tracker import queries
from nightshift.local import LocalAws, down, up
from tests.e2e.runs import ROOT, machine_arn
from tests.waiting import until

pytestmark = pytest.mark.e2e

MANY = 300
DUE = datetime(2027, 1, 1, 3, tzinfo=UTC)


@pytest.fixture
def new_account(tmp_path: Path) -> Iterator[LocalAws]:
    """An account that AWS has just made, where a second lasts a second: waits are to outlast the lack of functions."""
    try:
        local = up(tmp_path, app=ROOT, flow_defs=Path(__file__).parent / "crowd_flows", speed=1)
        local.set_quotas(concurrency=10)
        yield local
    finally:
        down(tmp_path)


def scheduled(local: LocalAws, number: int) -> str:
    """Start a flow as its schedule does, due in some year; the ARN of the execution."""
    due = f"{DUE + timedelta(days=number):%Y-%m-%dT%H:%M:%SZ}"
    trigger = {"type": "schedule", "schedule": "crowded", "scheduled_time": due}
    given = json.dumps({"nightshift": {"trigger": trigger}})
    states = local.session().client("stepfunctions")
    arn: str = states.start_execution(
        stateMachineArn=machine_arn(local, "crowded"), name=f"crowd-{uuid.uuid4()}", input=given
    )["executionArn"]
    return arn


def states_of(local: LocalAws) -> Counter[str]:
    """How many runs of the flow the tracker has recorded in each state, newest 500."""
    table: Any = local.session().resource("dynamodb").Table("nightshift")
    return Counter(run.state for run in queries.runs(table, ["crowded"], limit=queries.MOST)[0])


def failures_of(local: LocalAws) -> Counter[str]:
    """What the runs that failed say, and how many say so."""
    table: Any = local.session().resource("dynamodb").Table("nightshift")
    failed = queries.runs(table, ["crowded"], state="FAILED", limit=queries.MOST)[0]
    details = [queries.run(table, run.flow, run.name) for run in failed[:20]]
    return Counter(f"{detail.record.error}: {detail.detail.get('cause')}" for detail in details if detail)


def test_three_hundred_starts_within_a_minute_end_right_and_are_recorded(new_account: LocalAws) -> None:
    with ThreadPoolExecutor(8) as threads:
        started = set(threads.map(lambda number: scheduled(new_account, number), range(MANY)))
    assert len(started) == MANY
    ended = until(
        lambda: found if not (found := states_of(new_account))["RUNNING"] and found.total() == MANY else None,
        "all runs to be recorded at their end",
        seconds=300,
    )
    assert ended == {"SUCCEEDED": MANY}, failures_of(new_account)
