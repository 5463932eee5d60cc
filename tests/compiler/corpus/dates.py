"""Questions to calendars and windows. The run starts on 2026-03-27, a Friday, at 21:30 UTC; in Tokyo it is Saturday."""

from typing import Any

import fake
from expect import case

from nightshift import Calendar, Failed, flow, for_each, monthly, parallel, rate, sleep, window

STARTS_NOW = "its executions start at the time of this machine"
UNCAUGHT = "States.QueryEvaluationError"
JP = Calendar("JP", extra_holidays={"12-29": "closed", "12-30": "closed", "12-31": "closed"})
TOKYO = Calendar("JP", extra_workdays=["2026-11-28"], timezone="Asia/Tokyo")
BAVARIA = Calendar("DE", subdivision="BY", timezone="Europe/Berlin")
RIYADH = Calendar("SA", timezone="Asia/Riyadh")
EVENING = monthly(business_day=-1, at="21:00", calendar=JP, timezone="Asia/Tokyo")
night = window("22:30-07:00", timezone="Asia/Tokyo")
office = window("09:00-18:00", days="MON-FRI", calendar=TOKYO, only="business days", except_on=["2026-11-25"])
shift = window("22:30-07:00", days="FRI", timezone="Asia/Tokyo", also_on=["2026-11-24"])


def due(moment: str) -> dict[str, Any]:
    """The input of a run that its schedule fired for."""
    return {"nightshift": {"dry_run": False, "trigger": {"type": "schedule", "scheduled_time": moment}}}


@case(result=[False, True, False, False, 1, "2026-11-24"], given=due("2026-11-22T15:00:00Z"))
@case(result=[False, False, False, False, 2, "2026-11-24"], given=due("2026-11-22T14:59:59Z"))
@case(result=[True, False, False, True, 1, "2026-12-01"], given=due("2026-11-30T12:00:00Z"))
@case(result=[True, False, True, False, 1, "2026-12-02"], given=due("2026-12-01T12:00:00Z"))
@case(result=[True, False, False, True, 7, "2027-01-04"], given=due("2026-12-28T12:00:00Z"))
@case(result=[False, True, False, False, 3, "2027-01-04"], given=due("2027-01-01T12:00:00+09:00"))
@flow(schedule=EVENING)
def answers() -> list[object]:
    """The zone is the schedule's: the second run is due on Sunday, one second before the holiday."""
    return [
        JP.is_business_day(),
        JP.is_holiday(),
        JP.business_day_of_month(1),
        JP.business_day_of_month(-1),
        JP.days_until_business_day(),
        JP.next_business_day(),
    ]


@case(result="closing", calls=["act close"], given=due("2026-11-30T12:00:00Z"))
@case(result="business day", given=due("2026-11-27T12:00:00Z"))
@case(result="day off until 2026-11-24", given=due("2026-11-21T12:00:00Z"))
@flow(schedule=EVENING)
def branch_by_date() -> str:
    if JP.business_day_of_month(-1):
        fake.act(name="close")
        return "closing"
    return "business day" if JP.is_business_day() else f"day off until {JP.next_business_day()}"


@case(result=[False, False], given={"n": 0} | due("2026-11-04T12:00:00Z"))
@case(result=[True, False], given={"n": 2} | due("2026-11-04T12:00:00Z"))
@case(result=[True, False], given={"n": -19} | due("2026-11-04T12:00:00Z"))
@case(result=[False, True], given={"n": 2} | due("2026-11-02T12:00:00Z"))
@flow
def number_from_outside(n: int) -> list[bool]:
    return [
        TOKYO.business_day_of_month(n),
        n > 0 and TOKYO.business_day_of_month(n - 1),
    ]


@case(result=[True, True, False, True], given=due("2026-11-27T16:00:00Z"))
@case(result=[True, True, True, True], given=due("2026-06-03T22:30:00Z"))
@case(result=[True, True, False, True], given=due("2026-11-19T22:30:00Z"))
@flow
def zones_and_countries() -> list[bool]:
    """Saturday the 28th of November is a workday at this company; Corpus Christi is a holiday in Bavaria."""
    return [
        TOKYO.is_business_day() and TOKYO.is_business_day(timezone="Asia/Tokyo"),
        TOKYO.is_business_day(timezone="America/Los_Angeles"),
        RIYADH.is_business_day() and not BAVARIA.is_business_day(),
        BAVARIA.is_business_day() or BAVARIA.is_holiday(),
    ]


@case(result=[False, "2026-03-30"], unable={"ministack": STARTS_NOW, "moto": STARTS_NOW})
@flow(schedule=rate("1 hour"))
def without_a_trigger() -> list[object]:
    """The start of the run counts; a rate has no zone, so the calendar's does."""
    return [TOKYO.is_business_day(), TOKYO.next_business_day()]


@case(result=["2026-11-30", "2026-11-30"], waits=[86400 * 3], given=due("2026-11-27T12:00:00Z"))
@flow
def the_moment_does_not_move() -> list[str]:
    """However long the run takes."""
    before = BAVARIA.next_business_day()
    sleep("3d")
    return [before, BAVARIA.next_business_day()]


def _working() -> bool:
    return TOKYO.is_business_day()


def _named(day: str) -> str:
    fake.act(name=day)
    if TOKYO.is_holiday():
        return f"holiday before {TOKYO.next_business_day()}"
    return day


@case(
    result=[["a", "holiday before 2026-11-24", 1], "holiday before 2026-11-24", [True, "none"]],
    calls=["act a", "act b", "act c"],
    given=due("2026-11-23T00:00:00Z"),
)
@flow
def in_helpers_loops_and_branches() -> list[object]:
    said, until = "", 0
    for name in ["a"]:
        said = _named(name)
        until = TOKYO.days_until_business_day()
    while not _working():
        last = _named("b")
        break
    else:
        last = "none"

    def left() -> bool:
        return not _working()

    def right() -> str:
        fake.act(name="c")
        return "none" if not TOKYO.is_business_day() else "some"

    return [["a", said, until], last, parallel(left, right)]


@case(result=[["a", "2026-11-24", True], ["b", "2026-11-24", True]], given=due("2026-11-20T12:00:00Z"))
@flow
def in_each() -> list[list[object]]:
    return for_each(["a", "b"], lambda name: [name, TOKYO.next_business_day(), _working()], at_most=2)


@case(result=[["a", "2026-11-24", True], ["b", "2026-11-24", True]], given=due("2026-11-20T12:00:00Z"))
@flow
def in_each_of_a_distributed_map() -> list[list[object]]:
    """Its child executions read no variables of the flow; a helper there takes them along too."""
    return for_each(["a", "b"], lambda name: [name, TOKYO.next_business_day(), _working()], at_most=50)


@case(fails=UNCAUGHT, cpython="OutsideCalendar", calls=["act a"], given=due("2061-01-05T12:00:00Z"))
@case(fails=UNCAUGHT, cpython="OutsideCalendar", calls=["act a"], given=due("2019-12-31T14:59:59Z"))
@case(result=True, calls=["act a"], given=due("2027-01-04T12:00:00Z"))
@flow
def outside_the_years() -> bool:
    fake.act(name="a")
    return TOKYO.is_business_day()


@case(fails=UNCAUGHT, cpython="OutsideCalendar", given=due("2059-12-31T12:00:00Z"))
@case(result="2059-12-31", given=due("2059-12-30T12:00:00Z"))
@flow
def the_day_after_the_last() -> str:
    if not TOKYO.is_business_day():
        raise Failed("it is one")
    return TOKYO.next_business_day()


@case(result=["open"], calls=["act start"], given=due("2026-11-24T13:30:00Z"))
@case(result=["open"], calls=["act start"], given=due("2026-11-24T21:59:59Z"))
@case(result=["closed"], calls=["act stop"], given=due("2026-11-24T22:00:00Z"))
@case(result=["closed"], calls=["act stop"], given=due("2026-11-24T13:29:59Z"))
@flow(schedule=night)
def over_midnight() -> list[str]:
    if night.is_open():
        fake.act(name="start")
        return ["open"]
    fake.act(name="stop")
    return ["closed"]


@case(result=[True, False], given=due("2026-11-24T00:00:00Z"))
@case(result=[False, False], given=due("2026-11-24T09:00:00Z"))
@case(result=[False, False], given=due("2026-11-23T00:00:00Z"))
@case(result=[False, True], given=due("2026-11-24T13:30:00Z"))
@case(result=[False, True], given=due("2026-11-24T21:00:00Z"))
@case(result=[False, False], given=due("2026-11-25T01:00:00Z"))
@case(result=[False, True], given=due("2026-11-27T21:59:00Z"))
@case(result=[False, False], given=due("2026-11-26T21:59:00Z"))
@flow
def windows_on_some_days() -> list[bool]:
    """The shift of Friday ends on Saturday; that of the 24th, a Tuesday, is one more. The 25th is no office day."""
    return [office.is_open(), shift.is_open()]
