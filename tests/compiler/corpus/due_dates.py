"""The day and the moment a run is due, and how old a timestamp is then."""

from typing import Any

from expect import case

from nightshift import Calendar, age_in_days, daily, flow, now, parallel, rate, sleep, today

STARTS_NOW = "its executions start at the time of this machine"
JP = Calendar("JP", timezone="Asia/Tokyo")


def due(moment: str) -> dict[str, Any]:
    """The input of a run that its schedule fired for."""
    return {"nightshift": {"dry_run": False, "trigger": {"type": "schedule", "scheduled_time": moment}}}


@case(result=["2026-11-27T20:00:00Z", "2026-11-28", "2026-11-27", "2026-11-27"], given=due("2026-11-27T20:00:00Z"))
@case(result=["2026-11-27T20:00:00Z", "2026-11-28", "2026-11-27", "2026-11-27"], given=due("2026-11-28T05:00:00+09:00"))
@flow(schedule=daily("05:00", timezone="Asia/Tokyo"))
def day_and_moment() -> list[str]:
    return [now(), today(), today(timezone="UTC"), today(timezone="America/New_York")]


@case(result=["2026-03-27", "2026-03-28"], unable={"ministack": STARTS_NOW, "moto": STARTS_NOW})
@flow(schedule=rate("1 hour"))
def without_a_zone() -> list[str]:
    """A rate has no zone, and nothing says when the run was due: the start counts, in UTC."""
    return [today(), today(timezone="Asia/Tokyo")]


@case(
    result=[3, 2, 3, 0, -1, 3, 2, 3, 330],
    given={"launched": "2026-11-24T20:00:00+00:00"} | due("2026-11-27T20:00:00Z"),
)
@flow(schedule=daily("05:00", timezone="Asia/Tokyo"))
def ages(launched: str = "2026-11-24T20:00:00Z") -> list[int]:
    """Whole days of 24 hours for a timestamp; for a day, days of the calendar, here the 28th in Tokyo."""
    return [
        age_in_days(launched),
        age_in_days("2026-11-24T20:00:01.000Z"),
        age_in_days("2026-11-25T05:00:00+09:00"),
        age_in_days(now()),
        age_in_days("2026-11-27T20:00:01Z"),
        age_in_days("2026-11-25"),
        age_in_days(moment="2026-11-25", timezone="UTC"),
        age_in_days("2026-11-24T20:00:00.000Z"),
        age_in_days("2026-01-01T12:00:00Z"),
    ]


@case(result=[["old"], "warned", [4, 4]], waits=[86400 * 2], given=due("2026-11-28T00:00:00Z"))
@flow(schedule=daily("09:00", timezone="Asia/Tokyo"))
def in_lists_conditions_and_branches() -> list[object]:
    """The moment does not move, however long the run takes."""
    seen = {"old": "2026-11-24", "new": "2026-11-27T00:00:00Z"}
    old = [name for name in seen if age_in_days(seen[name]) >= 3]
    sleep("2d")
    said = "warned" if age_in_days(seen["old"]) > 3 and not JP.is_business_day() else "nothing"
    return [old, said, parallel(lambda: age_in_days("2026-11-24"), lambda: age_in_days(today()) + 4)]


WRONG = {"fails": "States.QueryEvaluationError", "cpython": "ValueError"}


@case(**WRONG, given={"then": "2026-02-30"} | due("2026-11-28T00:00:00Z"))
@case(**WRONG, given={"then": "2026-02-30T10:00:00Z"} | due("2026-11-28T00:00:00Z"))
@case(**WRONG, given={"then": "2026-11-24T24:00:00Z"} | due("2026-11-28T00:00:00Z"))
@case(**WRONG, given={"then": "20261124"} | due("2026-11-28T00:00:00Z"))
@case(**WRONG, given={"then": "2026-W47-2"} | due("2026-11-28T00:00:00Z"))
@case(**WRONG, given={"then": "2026-11-24 10:00:00"} | due("2026-11-28T00:00:00Z"))
@case(**WRONG, given={"then": "2026-11"} | due("2026-11-28T00:00:00Z"))
@case(**WRONG, given={"then": "1970-01-01x"} | due("2026-11-28T00:00:00Z"))
@case(result=3, given={"then": "2026-11-24T10:00:00"} | due("2026-11-28T00:00:00Z"))
@case(result=3, given={"then": "2026-11-24T10:00:00.123456+00:00"} | due("2026-11-28T00:00:00Z"))
@case(result=739947, given={"then": "0001-01-01"} | due("2026-11-28T00:00:00Z"))
@flow
def days_and_timestamps_only(then: str) -> int:
    """Python and JSONata each take other forms, and the 30th of February is a day of March for some."""
    return age_in_days(then)
