"""Lists of runs: order, filters, and pages that stay as they are while runs start and end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.tracker import queries
from lambdas.tracker.observation import from_event
from lambdas.tracker.store import save
from tests.tracker.views import STARTED, event


def recorded(table: Any, name: str, *, flow: str = "backup", minutes: int = 0, status: str = "SUCCEEDED") -> None:
    """Record a run that started so many minutes after the first."""
    told = event(status, flow=flow, name=name, started=STARTED + timedelta(minutes=minutes))
    save(table, from_event(told["detail"], flow))


def pages(table: Any, *args: Any, **kwargs: Any) -> list[list[str]]:
    """The names of the runs, page by page."""
    found, cursor = [], None
    while True:
        page, cursor = queries.runs(table, *args, cursor=cursor, **kwargs)
        found.append([run.name for run in page])
        if cursor is None:
            return found


@pytest.fixture
def nights(table: Any) -> Any:
    """Twelve runs of three flows, two of them at the same moment."""
    for n in range(12):
        status = "FAILED" if n % 4 == 0 else "SUCCEEDED"
        recorded(table, f"r{n:02}", flow=("backup", "start", "stop")[n % 3], minutes=min(n, 10), status=status)
    return table


def test_runs_are_listed_newest_first_whatever_the_page_is(nights: Any) -> None:
    # The last two started at the same moment; then it goes by name of the flow.
    everything = ["r11", "r10", *(f"r{n:02}" for n in range(9, -1, -1))]
    for limit in (1, 2, 5, 11, 12, 50):
        found = pages(nights, limit=limit)
        assert [name for page in found for name in page] == everything
        assert all(len(page) == limit for page in found[:-1])


def test_of_some_flows_and_in_a_state(nights: Any) -> None:
    assert pages(nights, ["backup"], limit=3) == [["r09", "r06", "r03"], ["r00"]]
    assert pages(nights, ["backup", "stop"], limit=4) == [["r11", "r09", "r08", "r06"], ["r05", "r03", "r02", "r00"]]
    assert pages(nights, state="FAILED") == [["r08", "r04", "r00"]]
    assert pages(nights, ["stop", "start"], state="FAILED", limit=1) == [["r08"], ["r04"]]
    assert pages(nights, ["none"]) == pages(nights, []) == [[]]


def test_a_page_of_several_flows_may_be_all_of_one(table: Any) -> None:
    for n in range(25):
        recorded(table, f"r{n:02}", flow="stop" if n in (0, 3) else "backup", minutes=n)
    newest_first = [f"r{n:02}" for n in range(24, -1, -1)]
    assert pages(table, ["stop", "backup", "none", "start"], limit=20) == [newest_first[:20], newest_first[20:]]


def test_of_a_period(nights: Any) -> None:
    def at(minutes: int) -> Any:
        return STARTED + timedelta(minutes=minutes)

    assert pages(nights, since=at(7), until=at(10), limit=2) == [["r09", "r08"], ["r07"]]
    assert pages(nights, ["backup"], since=at(9)) == [["r09"]]
    assert pages(nights, since=at(99)) == pages(nights, since=at(5), until=at(5)) == [[]]


def test_a_page_stays_where_it_is_while_runs_start_and_end(nights: Any) -> None:
    recorded(nights, "open", minutes=5, status="RUNNING")
    first, cursor = queries.runs(nights, limit=3)
    recorded(nights, "newer", minutes=99)
    recorded(nights, "open", minutes=5)
    second, _ = queries.runs(nights, cursor=cursor, limit=5)
    assert [run.name for run in first] == ["r11", "r10", "r09"]
    assert [run.name for run in second] == ["r08", "r07", "r06", "r05", "open"]

    _, cursor = queries.runs(nights, state="FAILED", limit=1)
    recorded(nights, "r08", flow="stop", minutes=8, status="FAILED")
    assert [run.name for run in queries.runs(nights, state="FAILED", cursor=cursor)[0]] == ["r04", "r00"]


def test_what_is_no_page_is_refused(table: Any) -> None:
    for cursor in ("x", "bm90IGEgcGxhY2U", "____"):
        with pytest.raises(InvalidParameter, match="cursor is not one that a list of runs gave"):
            queries.runs(table, cursor=cursor)
    with pytest.raises(InvalidParameter, match="write one of RUNNING, SUCCEEDED"):
        queries.runs(table, state="succeeded")
    for limit in (0, 501):
        with pytest.raises(InvalidParameter, match=f"limit is {limit}"):
            queries.runs(table, limit=limit)


def test_there_is_no_run_that_was_not_recorded(table: Any) -> None:
    assert queries.run(table, "backup", "never") is None
