"""The rounds of the reconciler: all flows have their turn in an hour, and none is in the way of another."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambdas.store.table import table as the_table
from lambdas.tracker import handler, queries, rounds
from tests.tracker.test_handler import CONTEXT, DEFINITION, started
from tests.tracker.views import PREFIX

FLOWS = [f"flow_{number:02}" for number in range(30)]


@pytest.fixture
def listed(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Step Functions with thirty flows; how often the executions of each state machine were listed."""
    monkeypatch.setenv("NIGHTSHIFT_PREFIX", PREFIX)
    client = boto3.client("stepfunctions")
    for flow in FLOWS:
        role = "arn:aws:iam::123456789012:role/flow"
        client.create_state_machine(name=f"{PREFIX}-{flow}", definition=json.dumps(DEFINITION), roleArn=role)
    for cached in (the_table, handler._step_functions):
        cached.cache_clear()
    counted: Counter[str] = Counter()

    def count(params: dict[str, Any], **_: Any) -> None:
        counted[json.loads(params["body"])["stateMachineArn"].rpartition(f"{PREFIX}-")[2]] += 1

    handler._step_functions().meta.events.register("before-call.sfn.ListExecutions", count)
    yield counted
    for cached in (the_table, handler._step_functions):
        cached.cache_clear()


def test_an_hour_is_a_round_of_all_flows(listed: Counter[str], table: Any) -> None:
    arn = started(boto3.client("stepfunctions"), "unseen", f"{PREFIX}-flow_29")
    assert handler.reconcile({}, CONTEXT) == {"reconciled": 0}
    assert sorted(listed) == FLOWS[:3]
    found = sum(handler.reconcile({}, CONTEXT)["reconciled"] for _ in range(9))
    assert listed == Counter(FLOWS)
    assert found == 1
    assert queries.run(table, "flow_29", arn.rpartition(":")[2]) is not None
    handler.reconcile({}, CONTEXT)
    assert listed["flow_00"] == 2


def test_a_flow_that_cannot_be_looked_at_is_told_and_keeps_no_other_from_its_turn(
    listed: Counter[str], table: Any
) -> None:
    def refused(params: dict[str, Any], **_: Any) -> None:
        if params["body"].find(b"flow_01") >= 0 if isinstance(params["body"], bytes) else "flow_01" in params["body"]:
            raise RuntimeError("throttled for long")

    handler._step_functions().meta.events.register("before-call.sfn.ListExecutions", refused)
    with pytest.raises(RuntimeError, match="throttled for long"):
        handler.reconcile({}, CONTEXT)
    assert listed["flow_02"] == 1
    assert rounds.read_cursor(table) == "flow_02"


def test_a_thousand_flows_stay_within_what_step_functions_lists_at_once() -> None:
    flows = [f"flow_{number:04}" for number in range(1000)]
    after, turns = "", []
    for _ in range(12):
        taken = rounds.share(flows, after)
        assert len(taken) <= rounds.MOST
        turns += taken
        after = taken[-1]
    assert set(turns) == set(flows)
    assert rounds.share([], "") == []
