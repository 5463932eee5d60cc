"""Many flows that start at once in a small account: Step Functions' own quotas, and ten functions at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.tracker import queries
from nightshift.local import LocalAws
from tests.e2e.runs import machine_arn
from tests.waiting import until

pytestmark = pytest.mark.e2e

RUNS = 24
NEW_ACCOUNT = 10


@pytest.fixture
def small(local: LocalAws) -> Iterator[LocalAws]:
    """The local AWS as an account that was just opened."""
    local.set_quotas(speed=1, concurrency=NEW_ACCOUNT)
    yield local
    local.set_quotas(speed=local.speed, concurrency=0)


def test_runs_that_start_at_once_end_right_and_are_recorded(small: LocalAws) -> None:
    session: Any = small.session()
    states, table = session.client("stepfunctions"), session.resource("dynamodb").Table("nightshift")
    before, refused_before = small.asked()
    names = [f"at-once-{number:03}" for number in range(RUNS)]
    for number, name in enumerate(names):
        due = f"2026-12-01T10:{number:02}:00Z"
        trigger = {"type": "schedule", "schedule": "evening_stop", "scheduled_time": due}
        given = {"tag": "Nobody=has", "nightshift": {"dry_run": False, "trigger": trigger}}
        states.start_execution(stateMachineArn=machine_arn(small, "evening_stop"), name=name, input=json.dumps(given))

    def recorded() -> list[Any] | None:
        found = [queries.run(table, "evening_stop", name) for name in names]
        return found if all(run is not None and run.record.has_ended for run in found) else None

    runs = until(recorded, "all runs to be recorded with their end", seconds=300)
    assert Counter(run.record.state for run in runs) == {"SUCCEEDED": RUNS}
    assert {run.detail["output"] for run in runs} == {runs[0].detail["output"]}
    asked, refused = small.asked()
    # The events tell of a start and of an end, and each is asked about once.
    assert asked["DescribeExecution"] - before["DescribeExecution"] == 2 * RUNS
    assert asked["ListExecutions"] == before["ListExecutions"]
    assert refused == refused_before
