"""One record of a run, in whatever order and however often it is told of."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest

from lambdas.runs.app_names import AppNames
from lambdas.tracker.observation import from_event
from lambdas.tracker.record import Record, merge
from tests.tracker.views import STARTED, TRIGGER, arn, event

LIFE = [
    event("RUNNING"),
    event("FAILED", took=60, error="PartFailed"),
    event("RUNNING", redrives=1),
    event("SUCCEEDED", redrives=1, took=200, output={"summary": "3 snapshots"}),
]
"""A run that failed, was started again from its failed step, and succeeded."""


def record(told: dict[str, Any]) -> Record:
    """The view in an event."""
    return from_event(told["detail"], "backup")


def test_every_order_and_repetition_of_a_life_ends_at_the_same_record() -> None:
    views = [record(told) for told in LIFE]
    ends = set()
    orders = 0
    for order in set(itertools.permutations([0, 0, 1, 1, 2, 2, 3, 3])):
        ends.add(repr(reduce(merge, (views[i] for i in order))))
        orders += 1
    assert orders == 2520
    assert ends == {repr(views[3])}


def test_the_time_in_which_a_run_waited_for_its_redrive_does_not_count() -> None:
    """Of its events none tells it; its history does, and what was seen before stays."""
    idle = timedelta(minutes=70)
    views = [record(told) for told in LIFE]
    views += [replace(views[2], idle=idle), replace(views[3], ended=STARTED + idle + timedelta(seconds=200), idle=idle)]
    del views[3]
    ends = {repr(reduce(merge, order)) for order in itertools.permutations(views)}
    assert ends == {repr(views[-1])}
    assert views[-1].duration == timedelta(seconds=200)
    assert views[-2].duration is None
    assert views[-2].took(STARTED + idle + timedelta(seconds=30)) == timedelta(seconds=30)


@pytest.mark.parametrize("known", [s for n in range(1, 5) for s in itertools.combinations(range(4), n)])
def test_whatever_part_of_it_is_told_the_order_does_not_matter(known: tuple[int, ...]) -> None:
    views = [record(LIFE[i]) for i in known]
    assert len({repr(reduce(merge, order)) for order in itertools.permutations(views)}) == 1


def test_what_one_view_leaves_out_comes_from_another() -> None:
    told = event("SUCCEEDED", output={"nightshift": {"skipped": "held by alice"}})
    bare = json.loads(json.dumps(told))
    bare["detail"] |= {"input": None, "output": None}
    assert record(bare).trigger == {"type": "unknown"}
    assert record(bare).state == "SUCCEEDED"
    for one, other in itertools.permutations([record(told), record(bare)]):
        found = merge(one, other)
        assert (found.trigger, found.state, found.skipped) == (TRIGGER, "SKIPPED", "held by alice")


def test_a_record_says_what_the_run_was() -> None:
    found = record(LIFE[1])
    assert (found.id, found.state, found.error, found.redrives) == ("backup/night", "FAILED", "PartFailed", 0)
    assert found.started == STARTED
    assert found.duration == timedelta(seconds=60)
    assert found.trigger == TRIGGER
    assert not found.dry_run


def test_an_input_that_is_not_ours_is_no_error() -> None:
    for given in ("text", ["a"], {"nightshift": 3}, {"nightshift": {"trigger": "me"}}):
        assert record(event("RUNNING", given=given)).trigger == {"type": "unknown"}
    odd = record(event("RUNNING", given={"nightshift": {"trigger": {"type": "x" * 9, "by": "y" * 9000}}}))
    assert odd.trigger == {"type": "unknown", "by": "y" * 500}


@pytest.mark.parametrize(
    ("execution", "flow"),
    [
        (arn("backup", "night"), "backup"),
        (arn("backup", "night").replace("nightshift-", "other-"), None),
        (arn("test-backup", "night"), None),
        (arn("backup/Map", "7c1e"), None),
    ],
    ids=["of this app", "of another app", "of an app with a longer name", "item of a Distributed Map"],
)
def test_only_runs_of_flows_are_recorded(execution: str, flow: str | None) -> None:
    assert AppNames().flow_of(execution) == flow
