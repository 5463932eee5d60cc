"""How often each list asks the table, with 200 flows and 300 runs. Seconds are in bench/lists.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from bench.lists import OPERATED, Spent, paths
from bench.tools.crowded import GROUP, Crowd, catalogue_of, fill, launch
from lambdas.store.table import table as own_table
from lambdas.tracker.touched import MOST_MATCHING
from tests.dashboard.api import Api

CROWD = Crowd(runs=300, instances=20, acts=100)
MOST = 3
"""Requests of a list that is not named here."""

MORE = {
    # Holds and skips of 200 flows are 401 keys, 100 of a request.
    "flows": 9,
    "boards: presets": 6,
    "calendar month": 5,
    # Runs, what is open, approvals, actions, the freeze.
    "pulse": 6,
    "hand-over": 5,
    # Runs, stops and starts, prices.
    "report of a month": 4,
    # The ids, a list of each of the 20 that may match, and runs by the hundred.
    "runs of any instance": MOST_MATCHING + 4,
    # Places and runs by the hundred, of which an operator sees a part.
    "runs in an account": 4,
    # A month of acts each, as far back as a year.
    "audit, 200 of a page": 15,
    # Three lists, and the flows that go on, whose short histories are read each time.
    "boards: now": 24,
}


@pytest.fixture
def crowded(
    aws: Any, catalogue_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], dict[str, int]]:
    """Asks for each list twice, as a user of a group; the requests to the table of the second time, by list."""
    told = catalogue_of(json.loads(catalogue_file.read_text()), CROWD, OPERATED)
    (tmp_path / "flows.json").write_text(json.dumps(told))
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(tmp_path / "flows.json"))
    instances = launch(boto3.client("ec2"), CROWD.instances)
    fill(aws, CROWD, instances)
    spent = Spent()
    spent.watch(own_table().meta.client.meta.events)

    def ask(group: str) -> dict[str, int]:
        found = {}
        for name, path in paths(datetime.now(UTC), instances[0]).items():
            for _ in range(2):
                spent.requests.clear()
                got = Api("alice", (group,)).get(path)
            assert got.status == 200, (path, got.text)
            found[name] = spent.requests["dynamodb"]
        return found

    return ask


def test_no_list_asks_for_each_run_or_each_flow(crowded: Callable[[str], dict[str, int]]) -> None:
    found = crowded("admin")
    assert {name: asked for name, asked in found.items() if asked > MORE.get(name, MOST)} == {}


def test_who_operates_sixty_flows_asks_for_all_of_them_only_to_measure(
    crowded: Callable[[str], dict[str, int]],
) -> None:
    """Runs that a filter hardly matches are among the newest 500 of all flows, which is one request."""
    found = crowded(GROUP)
    far = {name for name in found if name.startswith(("summary", "report of a week", "report of a month", "calendar"))}
    limits = {name: OPERATED + 6 if name in far else MORE.get(name, MOST) for name in found}
    assert {name: asked for name, asked in found.items() if asked > limits[name]} == {}
