"""What is kept of what a flow makes again and again: by number, by age, and of days, weeks and months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.engine.generations import Made, Retention

NOW = datetime(2026, 7, 1, 13, tzinfo=UTC)
"""A Wednesday."""


def nightly(nights: int) -> list[Made]:
    """One of each night, the newest first and new: named by its age in days."""
    moments = [NOW - timedelta(days=n) for n in range(nights)]
    return [Made(str(n), "vol-1", "completed", "", f"{at:%Y-%m-%dT%H:%M:%S}.000Z", {}) for n, at in enumerate(moments)]


def kept(retention: Retention, nights: int = 400, new: tuple[str, ...] = ("0",)) -> list[int]:
    made = nightly(nights)
    gone = {m.id for m in retention.beyond(made, set(new), NOW.timestamp())}
    return [int(m.id) for m in made if m.id not in gone]


def test_by_number() -> None:
    assert kept(Retention(generation=3)) == [0, 1, 2]


def test_a_new_one_counts_and_is_kept_wherever_it_stands() -> None:
    assert kept(Retention(generation=2), new=("5",)) == [0, 5]
    assert kept(Retention(keep="1d"), new=("5",)) == [0, 1, 5]


def test_by_age() -> None:
    assert kept(Retention(keep="30d")) == list(range(31))
    assert kept(Retention(keep="12h")) == [0]


def test_of_days_weeks_and_months() -> None:
    assert kept(Retention(daily=3)) == [0, 1, 2]
    # Sundays, as a week ends with them; but for the week that has not ended.
    assert kept(Retention(weekly=3)) == [0, 3, 10]
    # The last days of June, May and so on, and the first of July.
    assert kept(Retention(monthly=4)) == [0, 1, 31, 62]


def test_what_one_of_them_keeps_is_kept() -> None:
    assert kept(Retention(generation=1, keep="2d", daily=2, weekly=3, monthly=4)) == [0, 1, 2, 3, 10, 31, 62]


def test_days_without_one_do_not_count() -> None:
    made = [m for m in nightly(30) if int(m.id) % 7 == 0]
    gone = [m.id for m in Retention(daily=3).beyond(made, {"0"}, NOW.timestamp())]
    assert gone == ["21", "28"]


def test_several_of_a_day() -> None:
    at = [NOW - timedelta(hours=h) for h in (0, 5, 10, 20)]
    made = [Made(str(n), "vol-1", "completed", "", m.isoformat(), {}) for n, m in enumerate(at)]
    assert [m.id for m in Retention(daily=2).beyond(made, {"0"}, NOW.timestamp())] == ["1", "2"]


def test_a_night_after_the_other_ends_with_what_a_look_at_all_keeps() -> None:
    """Weeks and months survive that the nights between them are deleted as they go."""
    retention = Retention(daily=7, weekly=4, monthly=12)
    left: list[Made] = []
    for made in reversed(nightly(400)):
        now = datetime.fromisoformat(made.at).timestamp()
        left.insert(0, made)
        gone = {m.id for m in retention.beyond(left, {made.id}, now)}
        left = [m for m in left if m.id not in gone]
    assert [int(m.id) for m in left] == kept(retention)


def test_what_a_dry_run_tells() -> None:
    at = NOW.timestamp()
    old = {"vol-1": nightly(5)}
    assert [m.id for m in Retention(generation=3).beyond_new(old, at)] == ["2", "3", "4"]
    assert [m.id for m in Retention(keep="2d").beyond_new(old, at)] == ["3", "4"]
    shared = {"snap-1": nightly(5), "snap-2": nightly(5)}
    assert [m.id for m in Retention(generation=3).beyond_new(shared, at)] == ["1", "2", "3", "4"]


def test_without_any_nothing_is_deleted() -> None:
    assert not Retention()
    assert Retention(keep="30d")


@pytest.mark.parametrize("wrong", [{"generation": 0}, {"daily": 0}, {"weekly": -1}, {"monthly": 0}, {"keep": "soon"}])
def test_wrong_ones(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidParameter):
        Retention(**wrong)  # type: ignore[arg-type]
