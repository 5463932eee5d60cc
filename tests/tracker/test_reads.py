"""How often the table is asked for what pages show again and again, and that what is remembered is right."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.tracker import queries
from lambdas.tracker.record import Record
from lambdas.tracker.store import item_of

NOW = datetime.now(UTC).replace(microsecond=0)
FLOWS = [f"flow_{number:02}" for number in range(20)]


@pytest.fixture
def asked(table: Any) -> Counter[str]:
    """The requests to the table from now on, by operation."""
    found: Counter[str] = Counter()

    def count(event_name: str, **_: Any) -> None:
        found[event_name.rpartition(".")[2]] += 1

    table.meta.client.meta.events.register("before-send.dynamodb", count)
    return found


def put(table: Any, flow: str, name: str, started: datetime, *, state: str = "SUCCEEDED", seconds: float = 60) -> None:
    """Record a run."""
    ended = None if state == "RUNNING" else started + timedelta(seconds=seconds)
    arn = f"arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-{flow}:{name}"
    table.put_item(Item=item_of(Record(flow, name, arn, state, started, ended), version=1, detailed=False))


def history(table: Any, flow: str, *seconds: float) -> None:
    """Record runs that took so long, the last one an hour ago."""
    for number, each in enumerate(reversed(seconds), 1):
        put(table, flow, f"{flow}-{number}", NOW - timedelta(hours=number), seconds=each)


def test_a_poll_of_twenty_flows_reads_no_history_that_was_read_a_moment_ago(table: Any, asked: Counter[str]) -> None:
    for flow in FLOWS:
        history(table, flow, 10, 20, 30, 40, 50)
    first = queries.took(table, FLOWS)
    assert (first[FLOWS[0]], len(first)) == ([50, 40, 30, 20, 10], 20)
    asked.clear()
    assert queries.took(table, FLOWS) == first
    assert asked == {"BatchGetItem": 1}


def test_what_is_usual_follows_within_a_minute(table: Any) -> None:
    history(table, "backup", 10, 20, 30, 40, 50)
    assert queries.took(table, ["backup"]) == {"backup": [50, 40, 30, 20, 10]}
    put(table, "backup", "new", NOW, seconds=99)
    assert queries.took(table, ["backup"])["backup"][0] == 50
    partition, sort = queries._usual_key("backup")
    item = table.get_item(Key={"pk": partition, "sk": sort})["Item"]
    assert 0 < int(item["expires"]) - time.time() <= 60
    table.put_item(Item={**item, "expires": int(time.time()) - 1})
    assert queries.took(table, ["backup"])["backup"][0] == 99


def test_a_short_history_is_not_remembered(table: Any) -> None:
    assert queries.took(table, ["backup"]) == {}
    history(table, "backup", 10, 20)
    assert queries.took(table, ["backup"]) == {"backup": [20, 10]}
    put(table, "backup", "new", NOW, seconds=99)
    assert queries.took(table, ["backup"]) == {"backup": [99, 20, 10]}


@pytest.fixture
def busy(table: Any) -> Any:
    """The latest 200 runs, of three days, are of one flow; most others ran long ago, some never, one is under way."""
    for number in range(220):
        put(table, "busy", f"busy-{number}", NOW - timedelta(minutes=20 * number))
    for flow in FLOWS[:-1]:
        put(table, flow, "old", NOW - timedelta(days=30))
        put(table, flow, "older", NOW - timedelta(days=31))
    put(table, FLOWS[0], "goes-on", NOW - timedelta(days=20), state="RUNNING")
    return table


def names(table: Any, last: queries.LastRuns) -> dict[str, str]:
    """The last run of each flow."""
    return {flow: run.name for flow, run in last.read(table, ["busy", *FLOWS]).items()}


def test_the_last_runs_of_flows_that_rest_are_looked_for_once(busy: Any, asked: Counter[str]) -> None:
    last = queries.LastRuns()
    first = names(busy, last)
    assert first == {"busy": "busy-0", FLOWS[0]: "goes-on", **dict.fromkeys(FLOWS[1:-1], "old")}
    asked.clear()
    assert names(busy, last) == first
    assert asked == {"Query": 1, "BatchGetItem": 1}


def test_what_has_started_or_ended_since_is_seen(busy: Any) -> None:
    last = queries.LastRuns()
    names(busy, last)
    put(busy, FLOWS[1], "new", NOW)
    put(busy, FLOWS[-1], "first", NOW)
    put(busy, FLOWS[0], "goes-on", NOW - timedelta(days=20), state="FAILED")
    found = last.read(busy, FLOWS)
    assert {flow: found[flow].name for flow in (FLOWS[1], FLOWS[-1])} == {FLOWS[1]: "new", FLOWS[-1]: "first"}
    assert found[FLOWS[0]].state == "FAILED"


def test_what_was_remembered_is_asked_for_again_once_the_latest_runs_do_not_reach_back(
    busy: Any, asked: Counter[str]
) -> None:
    last = queries.LastRuns()
    names(busy, last)
    put(busy, FLOWS[1], "in-between", NOW)
    for number in range(220):
        put(busy, "busy", f"more-{number}", NOW + timedelta(seconds=number + 1))
    asked.clear()
    assert names(busy, last)[FLOWS[1]] == "in-between"
    assert asked["Query"] == 1 + len(FLOWS)


def test_a_run_that_is_dropped_is_not_the_last(busy: Any) -> None:
    last = queries.LastRuns()
    names(busy, last)
    busy.delete_item(Key={"pk": f"RUN#{FLOWS[1]}/old", "sk": "RECORD"})
    assert names(busy, last)[FLOWS[1]] == "older"
