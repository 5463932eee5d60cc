"""Ten thousand instances: the fewest calls the API allows, pacing, and a state that fits."""

from __future__ import annotations

import json
import random

import pytest

from lambdas.parts import ec2 as parts
from tests.parts.big_fleet import BigFleet
from tests.parts.driver import STATE_LIMIT, drive

COUNT = 10_000
PAGES = BATCHES = POLLS = COUNT // 1000


def test_ten_thousand_by_tag_take_the_fewest_calls() -> None:
    fleet = BigFleet(COUNT, "running")
    outcome = drive(parts.stop_instances, fleet, {"tag": "AutoOff=yes", "interval": 40})
    assert outcome.result["changed"] == sorted(fleet.ids)
    assert fleet.count() == {"DescribeInstances": PAGES + POLLS, "StopInstances": BATCHES}
    assert outcome.largest_state < STATE_LIMIT


@pytest.mark.parametrize("where", ["every other", "scattered"])
def test_half_of_them_refusing_costs_a_call_for_each_batch_of_the_rest(where: str) -> None:
    fleet = BigFleet(COUNT, "running")
    fleet.refused = set(fleet.ids[::2] if where == "every other" else random.Random(1).sample(fleet.ids, COUNT // 2))
    outcome = drive(parts.stop_instances, fleet, {"tag": "AutoOff=yes", "interval": 40, "on_failure": "continue"})
    assert set(outcome.result["changed"]) == set(fleet.ids) - fleet.refused
    assert {f["id"] for f in outcome.result["failed"]} == fleet.refused
    assert fleet.count()["StopInstances"] == BATCHES + BATCHES // 2
    assert fleet.count()["DescribeInstances"] == PAGES + POLLS // 2
    assert outcome.largest_state < STATE_LIMIT
    message = outcome.result["failed"][0]["message"]
    assert outcome.result["failed"][0]["id"] in message
    assert len(message) < 100


def test_status_checks_of_thousands_are_read_by_page() -> None:
    fleet = BigFleet(COUNT, "stopped")
    outcome = drive(parts.start_instances, fleet, {"tag": "AutoOff=yes", "interval": 40, "status_check": True})
    assert len(outcome.result["changed"]) == COUNT
    assert fleet.count()["DescribeInstanceStatus"] == PAGES


def test_what_exceeds_the_token_bucket_is_carried_on_and_never_bisected() -> None:
    """1,000 starts at once and 2 a second are documented: 9,000 more take 75 minutes, and one call for 1,000."""
    fleet = BigFleet(COUNT, "stopped", bucket=1000, rate=2)
    outcome = drive(parts.start_instances, fleet, {"tag": "AutoOff=yes"})
    assert len(outcome.result["changed"]) == COUNT
    assert {len(p["InstanceIds"]) for p in fleet.made("StartInstances")} == {1000}
    assert fleet.throttled == 1
    assert 4500 <= sum(outcome.waits) < 4800
    assert outcome.largest_state < STATE_LIMIT


def test_a_raised_quota_is_used_to_the_full() -> None:
    fleet = BigFleet(COUNT, "stopped", bucket=5000, rate=100)
    outcome = drive(parts.start_instances, fleet, {"tag": "AutoOff=yes"})
    assert len(outcome.result["changed"]) == COUNT
    assert fleet.throttled <= 3


def test_a_bucket_smaller_than_a_batch_is_not_waited_for_in_vain() -> None:
    fleet = BigFleet(1000, "stopped", bucket=300, rate=5)
    outcome = drive(parts.start_instances, fleet, {"tag": "AutoOff=yes"})
    assert len(outcome.result["changed"]) == 1000


@pytest.mark.parametrize("count", [999, 1000, 1001])
def test_the_edges_of_a_batch(count: int) -> None:
    fleet = BigFleet(count, "running")
    drive(parts.stop_instances, fleet, {"tag": "AutoOff=yes", "interval": 40})
    assert fleet.count()["StopInstances"] == -(-count // 1000)


def test_an_invocation_that_runs_out_of_time_hands_on_the_rest() -> None:
    fleet = BigFleet(3000, "running")
    fleet.left = 10
    outcome = drive(parts.stop_instances, fleet, {"tag": "AutoOff=yes", "interval": 40})
    assert len(outcome.result["changed"]) == 3000
    assert [len(p["InstanceIds"]) for p in fleet.made("StopInstances")] == [1000, 1000, 1000]


def test_the_result_shows_the_details_of_a_hundred() -> None:
    fleet = BigFleet(COUNT, "running")
    result = drive(parts.stop_instances, fleet, {"tag": "AutoOff=yes", "interval": 40}).result
    assert len(result["instances"]) == 100
    assert len(json.dumps(result["responses"])) < 64 * 1024
