"""Finding runs by what they touched, who started them, and in another order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.tracker import touched
from lambdas.tracker.record import Record
from lambdas.tracker.search import Order, Wanted, search
from tests.dashboard.runs import record, step

START = datetime(2026, 11, 20, 3, tzinfo=UTC)
DAY = timedelta(days=1)
HUB, MEMBER = "123456789012", "222222222222"


def names(found: list[Record]) -> list[str]:
    """What the runs are called."""
    return [run.name for run in found]


@pytest.fixture
def runs(table: Any) -> Any:
    """A week of runs: of every day one that stops web-1, and on some others."""
    for day in range(7):
        steps = [step("ec2.stop_instances", "i-0abc", "i-0def")]
        if day == 3:
            steps += [
                step("ec2.start_instances", "i-0abc"),
                step("ebs.create_snapshot", "snap-1", failed=("vol-0abc",)),
            ]
        if day == 5:
            steps = [step("ec2.stop_instances", "i-0fff", account=MEMBER)]
        trigger = {"type": "manual", "by": f"arn:aws:iam::{HUB}:user/Alice"} if day % 2 else {"type": "schedule"}
        started, detail = START + day * DAY, {"steps": steps}
        record(table, "stop", f"day-{day}", started=started, minutes=10 - day, detail=detail, trigger=trigger)
    dry = {"steps": [step("ec2.stop_instances", "i-0abc")]}
    record(table, "stop", "dry", started=START + 8 * DAY, dry_run=True, detail=dry)
    record(table, "other", "mine", started=START + 9 * DAY, detail={"steps": [step("s3.put_object", "s3://b/key")]})
    return table


def test_what_touched_a_resource_is_found_newest_first(runs: Any) -> None:
    found, cursor = search(runs, Wanted(ids=["i-0abc"]), limit=4)
    assert names(found) == ["day-6", "day-4", "day-3", "day-2"], "a dry run touches nothing"
    rest, end = search(runs, Wanted(ids=["i-0abc"]), limit=4, cursor=cursor)
    assert (names(rest), end) == (["day-1", "day-0"], None)
    both, _ = search(runs, Wanted(ids=["i-0abc", "vol-0abc"], since=START + DAY, until=START + 4 * DAY))
    assert names(both) == ["day-3", "day-2", "day-1"], "once, though it touched both"
    assert search(runs, Wanted(ids=["i-none"])) == ([], None)


def test_ids_are_found_by_a_text_in_them(runs: Any) -> None:
    assert touched.matching(runs, "0ABC") == ["i-0abc", "vol-0abc"]
    assert touched.matching(runs, "i-0") == ["i-0abc", "i-0def", "i-0fff"]
    assert touched.matching(runs, "b/key") == ["s3://b/key"]
    assert touched.matching(runs, "nothing") == []


def test_an_account_is_found_like_a_resource(runs: Any) -> None:
    assert names(search(runs, Wanted(ids=[MEMBER]))[0]) == ["day-5"]
    assert "day-5" not in names(search(runs, Wanted(ids=[HUB]))[0])


def test_what_a_run_did_to_a_resource_is_kept_with_it(runs: Any) -> None:
    last, before = touched.touches(runs, "i-0abc", 3)[:2], touched.touches(runs, "i-0abc", 3)[2]
    assert [touch.name for touch in last] == ["day-6", "day-4"]
    assert (before.parts, before.failed) == (("ec2.stop_instances", "ec2.start_instances"), False)
    (failed,) = touched.touches(runs, "vol-0abc", 3)
    assert (failed.flow, failed.started, failed.failed) == ("stop", START + 3 * DAY, True)


def test_the_index_is_bounded(table: Any) -> None:
    many = [f"i-{number:04}" for number in range(2 * touched.MOST)]
    made = record(table, "stop", "many", detail={"steps": [step("ec2.stop_instances", *many)]})
    found = touched.touched_by(
        made, {"steps": [step("ec2.stop_instances", *many), step("ec2.stop_instances", "x" * 600)]}
    )
    assert (len(found), "i-0000" in found) == (touched.MOST, True)
    items = [item for item in table.scan()["Items"] if item["pk"].startswith(touched.RESOURCE)]
    assert len(items) == touched.MOST
    assert all(
        0 < int(item["expires"]) - datetime.now(UTC).timestamp() < touched.KEPT.total_seconds() + 60 for item in items
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(trigger="manual"), ["day-5", "day-3", "day-1"]),
        (Wanted(by="ALICE", since=START + 2 * DAY), ["day-5", "day-3"]),
        (Wanted(by="bob"), []),
        (Wanted(flows=["other"], trigger="unknown"), ["mine"]),
        (Wanted(flows=["other"], ids=["i-0abc"]), []),
        (Wanted(ids=["i-0abc"], trigger="manual"), ["day-3", "day-1"]),
        (Wanted(ids=["i-0abc"], state="FAILED"), []),
    ],
)
def test_runs_are_found_by_what_started_them(runs: Any, wanted: Wanted, found: list[str]) -> None:
    assert names(search(runs, wanted)[0]) == found


def test_runs_are_listed_from_the_oldest_on(runs: Any) -> None:
    for wanted in (Wanted(flows=["stop"]), Wanted(ids=["i-0abc", "i-0fff"]), Wanted(flows=["stop", "other"])):
        seen: list[str] = []
        cursor = None
        while True:
            page, cursor = search(runs, wanted, order="oldest", cursor=cursor, limit=3)
            seen += names(page)
            if cursor is None:
                break
        assert seen[:7] == [f"day-{day}" for day in range(7)]
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("order", "first"), [("longest", "day-0"), ("changed", "day-6"), ("failed", "day-6")])
def test_runs_are_sorted_by_what_is_much(runs: Any, order: Order, first: str) -> None:
    wanted = Wanted(flows=["stop"], until=START + 7 * DAY)
    found, more = search(runs, wanted, order=order, limit=3)
    assert (found[0].name, len(found), more is not None) == (first, 3, True), "four more are not on the page"
    found, more = search(runs, wanted, order=order, limit=7)
    assert (found[0].name, len(found), more) == (first, 7, None)
    with pytest.raises(InvalidParameter, match="one page"):
        search(runs, Wanted(), order=order, cursor="abc")
