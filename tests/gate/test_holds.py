"""Holds and skips in the table, and the record of who set them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.gate import holds
from lambdas.store import audit

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
ALICE = "arn:aws:sts::123456789012:assumed-role/Operations/alice"


def test_a_hold_lasts_until_it_is_released(table: Any) -> None:
    holds.hold(table, "backup", by=ALICE, why="  the database\nmoves ", now=NOW)
    found = holds.read(table, "backup").hold
    assert found == holds.Hold(ALICE, "the database moves", NOW)
    assert found.holds(NOW + timedelta(days=4000))
    assert found.told("Asia/Tokyo") == "held by alice: the database moves"
    assert holds.read(table, "other") == holds.Held()

    assert holds.release(table, "backup", by="bob", now=NOW) == found
    assert holds.read(table, "backup").hold is None
    assert holds.release(table, "backup", by="bob", now=NOW) is None


def test_a_hold_with_an_end_ends_by_itself(table: Any) -> None:
    end = datetime(2026, 12, 1, tzinfo=TOKYO)
    holds.hold(table, "backup", by=ALICE, why="inventory", until=end, now=NOW)
    held = holds.read(table, "backup")
    assert held.hold is not None
    assert held.hold.holds(end - timedelta(seconds=1))
    assert not held.hold.holds(end)
    assert held.told("Asia/Tokyo", NOW) == ["held until 2026-12-01 00:00 JST by alice: inventory"]
    assert held.told("Asia/Tokyo", end) == []
    assert holds.release(table, "backup", by="bob", now=end) is None


def test_a_new_hold_replaces_the_one_before(table: Any) -> None:
    holds.hold(table, "backup", by=ALICE, why="one", until=NOW + timedelta(days=1), now=NOW)
    holds.hold(table, "backup", by="bob", why="two", now=NOW)
    assert holds.read(table, "backup").hold == holds.Hold("bob", "two", NOW)


def test_what_makes_no_hold_is_refused(table: Any) -> None:
    with pytest.raises(InvalidParameter, match="needs a reason"):
        holds.hold(table, "backup", by=ALICE, why=" ", now=NOW)
    with pytest.raises(InvalidParameter, match="2026-11-24T03:00\\+00:00 has passed"):
        holds.hold(table, "backup", by=ALICE, why="late", until=NOW, now=NOW)
    assert holds.read(table, "backup") == holds.Held()


def test_a_skip_is_one_occurrence_however_often_it_is_asked_for(table: Any) -> None:
    first = holds.skip_next(table, "backup", by=ALICE, why="done by hand", now=NOW)
    again = holds.skip_next(table, "backup", by="bob", now=NOW + timedelta(hours=1))
    assert again == first == holds.read(table, "backup").skip
    assert holds.read(table, "backup").told("UTC", NOW) == ["next start skipped once by alice: done by hand"]

    due = NOW + timedelta(hours=2)
    assert holds.use_skip(table, "backup", first, due)
    assert not holds.use_skip(table, "backup", first, due + timedelta(days=1))
    held = holds.read(table, "backup")
    assert held.skip is None
    assert held.used == holds.Skip(ALICE, "done by hand", NOW, due)

    later = holds.skip_next(table, "backup", by="bob", now=due)
    assert holds.read(table, "backup") == holds.Held(skip=later, used=held.used)


def test_many_flows_are_read_at_once(table: Any) -> None:
    flows = [f"flow_{n}" for n in range(70)]
    for flow in flows[::2]:
        holds.hold(table, flow, by=ALICE, why=flow, now=NOW)
    found = holds.read_all(table, flows)
    assert list(found) == sorted(flows)
    assert {flow for flow, held in found.items() if held.hold and held.hold.why == flow} == set(flows[::2])


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=TOKYO)),
        ("2026-12-01T09:30", datetime(2026, 12, 1, 9, 30, tzinfo=TOKYO)),
        ("2026-12-01 09:30:10", datetime(2026, 12, 1, 9, 30, 10, tzinfo=TOKYO)),
        ("2026-12-01T00:30Z", datetime(2026, 12, 1, 0, 30, tzinfo=UTC)),
        ("2026-12-01T09:30+02:00", datetime(2026, 12, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_those_of_the_zone_of_the_flow(written: str, moment: datetime) -> None:
    assert holds.moment_of(written, "Asia/Tokyo") == moment


@pytest.mark.parametrize("written", ["tomorrow", "", "2026-13-01", "1.12.2026"])
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(InvalidParameter, match="write 2026-12-01"):
        holds.moment_of(written, "Asia/Tokyo")


def test_it_is_written_down_who_did_what(table: Any) -> None:
    end = NOW + timedelta(days=1)
    holds.hold(table, "backup", by=ALICE, why="inventory", until=end, now=NOW)
    holds.release(table, "backup", by="bob", now=NOW + timedelta(hours=1))
    holds.release(table, "backup", by="bob", now=NOW + timedelta(hours=2))
    holds.skip_next(table, "other", by=ALICE, now=NOW + timedelta(days=20))
    holds.skip_next(table, "other", by="bob", now=NOW + timedelta(days=21))
    found = audit.page(table, None, since=NOW, until=NOW + timedelta(days=30))[0]
    assert [(event.at, event.by, event.action, event.flow) for event in found] == [
        (NOW + timedelta(days=20), ALICE, "skip_next", "other"),
        (NOW + timedelta(hours=1), "bob", "release", "backup"),
        (NOW, ALICE, "hold", "backup"),
    ]
    assert found[-1].details == {"why": "inventory", "until": end.isoformat()}
    assert audit.page(table, None, since=NOW, until=NOW + timedelta(days=30), limit=1)[0] == found[:1]
    assert audit.page(table, None, since=NOW + timedelta(minutes=1), until=NOW + timedelta(days=1))[0] == found[1:2]


def test_events_of_one_moment_are_all_kept_and_read_over_pages(table: Any) -> None:
    why = "x" * 10_000
    for number in range(150):
        audit.record(table, by=ALICE, action="run", flow=f"f{number}", details={"why": why}, now=NOW)
    assert len(audit.page(table, None, since=NOW, until=NOW + timedelta(days=1), limit=500)[0]) == 150


def test_a_retirement_is_a_hold_without_end_that_says_so(table: Any) -> None:
    holds.hold(table, "backup", by="bob", why="inventory", until=NOW + timedelta(days=1), now=NOW)
    made = holds.retire(table, "backup", by=ALICE, why="replaced", now=NOW)
    held = holds.read(table, "backup")
    assert (held.hold, held.retired) == (made, True)
    assert held.told("UTC", NOW + timedelta(days=400)) == ["retired by alice: replaced"]
    assert holds.release(table, "backup", by="bob", now=NOW) == made
    assert not holds.read(table, "backup").retired
    events = audit.page(table, ["backup"], since=NOW - timedelta(1), until=NOW + timedelta(1))[0]
    assert sorted(event.action for event in events) == ["hold", "release", "retire"]


def test_a_freeze_holds_all_flows_but_those_left_out(table: Any) -> None:
    end = NOW + timedelta(days=2)
    freeze = holds.freeze(table, by=ALICE, why="closing", until=end, exempt=["backup"], now=NOW)
    assert holds.frozen(table, NOW) == freeze
    found = holds.read_all(table, ["backup", "other"])
    assert found["backup"] == holds.Held()
    assert found["other"].holding(NOW) == freeze
    assert found["other"].told("UTC", NOW) == ["held with all flows until 2026-11-26 03:00 UTC by alice: closing"]
    assert found["other"].holding(end) is holds.frozen(table, end) is None
    assert [e.flow for e in audit.page(table, ["other"], since=NOW, until=NOW + timedelta(seconds=1))[0]] == [
        audit.EVERY
    ]


def test_what_is_held_by_itself_and_by_a_freeze_is_free_after_both(table: Any) -> None:
    end = NOW + timedelta(days=2)
    holds.freeze(table, by=ALICE, why="closing", until=end, now=NOW)
    holds.hold(table, "backup", by="bob", why="inventory", until=end + timedelta(days=1), now=NOW)
    free = holds.read(table, "backup").free_after(NOW)
    assert free == end + timedelta(days=1) - timedelta(microseconds=1)
    holds.hold(table, "backup", by="bob", why="inventory", now=NOW)
    assert holds.read(table, "backup").free_after(NOW) is None
    assert holds.release(table, holds.EVERY, by="bob", now=NOW) is not None
    held = holds.read(table, "backup")
    assert (held.freeze, held.hold and held.hold.why) == (None, "inventory")
