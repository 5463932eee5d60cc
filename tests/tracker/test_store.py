"""Records and counters in the table: right after every order, repetition, race and lost answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from lambdas.tracker import queries
from lambdas.tracker.counters import Contribution, Tally, places, tally
from lambdas.tracker.observation import from_event
from lambdas.tracker.store import Contended, save
from tests.tracker.test_record import LIFE, record
from tests.tracker.views import STARTED, event

DAY = date(2026, 11, 24)
DETAIL: dict[str, Any] = {"steps": [], "parameters": {"tag": "Backup=nightly"}, "output": None, "cause": None}


def counted(table: Any) -> Tally:
    """The runs of the flow "backup" on the day, which has no other: the same in every way they are counted."""
    of_all, of_flow = (queries.counts(table, flows, DAY, DAY) for flows in (None, ["backup", "other"]))
    told = tally(of_all.days.values())
    assert tally(of_flow.days.values()) == tally(of_flow.flows.values()) == told
    assert tally(of_all.flows.values()).states == told.states
    return told


def test_every_order_of_events_counts_the_run_once(table: Any) -> None:
    for number, order in enumerate(itertools.permutations(range(4))):
        for place in (*order, *order):
            told = event(
                LIFE[place]["detail"]["status"],
                name=f"night-{number}",
                redrives=LIFE[place]["detail"]["redriveCount"],
                took=200 if place == 3 else 60,
                error=LIFE[place]["detail"]["error"],
            )
            save(table, from_event(told["detail"], "backup"))
        found = queries.run(table, "backup", f"night-{number}")
        assert found is not None
        assert (found.record.state, found.record.redrives, found.record.error) == ("SUCCEEDED", 1, "")
    counter = counted(table)
    assert counter.states == {
        "RUNNING": 0,
        "SUCCEEDED": 24,
        "FAILED": 0,
        "TIMED_OUT": 0,
        "ABORTED": 0,
        "SKIPPED": 0,
    }
    assert (counter.timed, counter.seconds, counter.longest) == (24, 24 * 200, 200)
    assert queries.runs(table, state="FAILED") == ([], None)


def test_what_is_taken_out_again_leaves_nothing() -> None:
    short, long = (Contribution(DAY, "backup", "FAILED", milliseconds) for milliseconds in (0, 60_000))
    for _, made in places(short):
        both = made(made({}, short, 1), long, 1)
        without = made(both, long, -1)
        assert "60000" in both.get("total", both.get("days", ""))
        assert made(made(without, long, 1), long, -1) == without
        nothing = made(without, short, -1)
        assert [nothing.get(name) for name in ("flows", "days") if name in nothing] == ["{}"]


def test_a_run_that_goes_on_again_leaves_the_failures(table: Any) -> None:
    for told, state, timed in zip(LIFE, ("RUNNING", "FAILED", "RUNNING", "SUCCEEDED"), (0, 1, 0, 1), strict=True):
        save(table, record(told))
        counter = counted(table)
        assert {s: n for s, n in counter.states.items() if n} == {state: 1}
        assert counter.timed == timed
        assert [run.state for run in queries.runs(table, ["backup"], state=state)[0]] == [state]


class Interrupted:
    """A table on which something happens at the first transaction, before or after it is carried out."""

    def __init__(self, table: Any, *, before: Callable[[], Any] | None = None, lost: bool = False) -> None:
        self._table, self._before, self._lost = table, before, lost
        self.meta = self

    def __getattr__(self, name: str) -> Any:
        return self if name == "client" else getattr(self._table, name)

    @property
    def exceptions(self) -> Any:
        """As boto3's client has them."""
        return self._table.meta.client.exceptions

    def transact_write_items(self, **request: Any) -> Any:
        """As boto3's client does it, once with a disturbance."""
        before, self._before = self._before, None
        if before:
            before()
        answer = self._table.meta.client.transact_write_items(**request)
        if self._lost:
            self._lost = False
            raise ConnectionClosedError(endpoint_url="https://dynamodb")
        return answer


def test_two_that_write_at_the_same_time_count_once(table: Any) -> None:
    other = Interrupted(table, before=lambda: save(table, record(LIFE[0])))
    save(other, record(LIFE[1]))
    counter = counted(table)
    assert {s: n for s, n in counter.states.items() if n} == {"FAILED": 1}


def test_two_runs_of_a_day_leave_the_longest(table: Any) -> None:
    def longer() -> None:
        save(table, record(event("SUCCEEDED", name="other", took=300)))

    save(Interrupted(table, before=longer), record(event("SUCCEEDED", took=100)))
    counter = counted(table)
    assert (counter.states["SUCCEEDED"], counter.timed, counter.seconds, counter.longest) == (2, 2, 400, 300)


def test_runs_of_one_moment_are_counted_in_shards(table: Any) -> None:
    def write(number: int) -> None:
        if number < 12:
            others = Interrupted(table, before=lambda: write(number + 1))
            save(others, record(event("RUNNING", name=f"r{number}")))

    write(0)
    sorts = [item["sk"] for item in table.scan()["Items"] if item["pk"].startswith("DAYS#")]
    assert len(sorts) > 1
    assert counted(table).states["RUNNING"] == 12
    for number in range(12):
        save(table, record(event("SUCCEEDED", name=f"r{number}", took=10 * number)))
    told = counted(table)
    assert (told.states["RUNNING"], told.states["SUCCEEDED"], told.seconds, told.longest) == (0, 12, 660, 110)


def test_a_lost_answer_counts_once(table: Any) -> None:
    with pytest.raises(ConnectionClosedError):
        save(Interrupted(table, lost=True), record(LIFE[1]), DETAIL)
    save(table, record(LIFE[1]), DETAIL)
    counter = counted(table)
    assert (counter.states["FAILED"], counter.seconds) == (1, 60)


def test_who_never_gets_through_says_so(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.tracker.store.time.sleep", lambda seconds: None)

    redrives = itertools.count(1)

    class Changing(Interrupted):
        def transact_write_items(self, **request: Any) -> Any:
            save(table, record(event("RUNNING", redrives=next(redrives))))
            return super().transact_write_items(**request)

    with pytest.raises(Contended, match="the record of backup/night could not be written"):
        save(Changing(table), record(event("FAILED", redrives=99)))


def test_the_detail_is_that_of_the_end_that_counts(table: Any) -> None:
    save(table, record(LIFE[1]), DETAIL)
    found = queries.run(table, "backup", "night")
    assert found is not None
    assert found.detail == DETAIL
    save(table, record(LIFE[2]))
    found = queries.run(table, "backup", "night")
    assert found is not None
    assert found.detail == {}
    save(table, record(LIFE[3]), DETAIL | {"output": "done"})
    save(table, record(LIFE[1]), DETAIL)
    found = queries.run(table, "backup", "night")
    assert found is not None
    assert found.detail["output"] == "done"


def test_a_skipped_run_is_counted_as_such_and_has_no_duration(table: Any) -> None:
    save(table, record(event("SUCCEEDED", output={"nightshift": {"skipped": "a holiday"}})))
    counter = counted(table)
    assert (counter.states["SKIPPED"], counter.states["SUCCEEDED"], counter.timed) == (1, 0, 0)
    assert counter.longest is None


def test_days_and_flows_are_counted_apart(table: Any) -> None:
    for days, flow in ((0, "backup"), (1, "backup"), (1, "stop"), (40, "stop")):
        told = event("SUCCEEDED", flow=flow, name=f"{flow}-{days}", started=STARTED - timedelta(days=days), took=10)
        save(table, from_event(told["detail"], flow))
    since = date(2026, 10, 1)

    def by_day(flows: list[str] | None) -> dict[str, int]:
        found = queries.counts(table, flows, since, DAY).days
        return {day.isoformat(): tally([numbers]).states["SUCCEEDED"] for day, numbers in sorted(found.items())}

    def by_flow(flows: list[str] | None, first: date = since) -> dict[str, int]:
        found = queries.counts(table, flows, first, DAY).flows
        return {flow: tally([numbers]).states["SUCCEEDED"] for flow, numbers in sorted(found.items())}

    assert by_day(None) == by_day(["stop", "backup"]) == {"2026-10-15": 1, "2026-11-23": 2, "2026-11-24": 1}
    assert by_day(["stop", "other"]) == {"2026-10-15": 1, "2026-11-23": 1}
    assert by_day([]) == by_flow([]) == {}
    assert by_flow(None) == by_flow(["backup", "stop"]) == {"backup": 2, "stop": 2}
    assert by_flow(None, DAY) == by_flow(["backup", "stop"], DAY) == {"backup": 1}
    assert queries.counts(table, None, since, DAY, by_flow=False).flows == {}


def test_a_period_may_be_of_several_years_and_of_many_flows(table: Any) -> None:
    flows = [f"flow_{n:03}" for n in range(45)]
    for flow in flows:
        for day in (datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)):
            save(table, from_event(event("SUCCEEDED", flow=flow, name=f"{day:%Y}", started=day)["detail"], flow))
    first, last = date(2025, 11, 30), date(2026, 2, 1)
    for wanted in (None, flows):
        found = queries.counts(table, wanted, first, last)
        assert {day: tally([n]).states["SUCCEEDED"] for day, n in found.days.items()} == {
            date(2025, 12, 31): 45,
            date(2026, 1, 1): 45,
        }
        assert sorted(found.flows) == flows
