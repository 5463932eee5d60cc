"""The cron dialect of EventBridge Scheduler against two independent libraries, and its rules one by one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from dateutil import tz
from pyawscron import AWSCron

from lambdas.calendar.cron import Cron, TriggerError, fire_times

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
COMPARED = 10_000
ZONES = (
    "UTC",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Africa/Casablanca",
)


def times(expression: str, after: str, count: int, timezone: str = "UTC") -> list[str]:
    """The next fire times as ISO 8601 with offset."""
    start = datetime.fromisoformat(after)
    found = fire_times(f"cron({expression})", timezone, start)
    return [time.isoformat(timespec="minutes") for time in islice(found, count)]


def random_values(rng: random.Random, low: int, high: int, names: list[str] | None = None, step: bool = True) -> str:
    """A random field: `*`, or a list of values, ranges and steps."""

    def item() -> str:
        first = rng.randint(low, high)
        last = rng.randint(first, high)
        shown = (names[first - low], names[last - low]) if names and rng.random() < 0.5 else (str(first), str(last))
        # cronsim reads 12-12/8 as 12/8, so a stepped range gets two ends.
        kind = rng.randrange((5 if first < last else 4) if step else 2)
        if kind == 0:
            return shown[0]
        if kind == 1:
            return f"{shown[0]}-{shown[1]}"
        base = {2: "*", 3: shown[0], 4: f"{shown[0]}-{shown[1]}"}[kind]
        return f"{base}/{rng.randint(1, high - low)}"

    return "*" if rng.random() < 0.25 else ",".join(item() for _ in range(rng.choice((1, 1, 1, 2, 3))))


def random_expression(rng: random.Random) -> tuple[str, str, int | None]:
    """An AWS expression without W, the same in cronsim's dialect, and the only year it fires in, if it names one."""
    minutes, hours = random_values(rng, 0, 59), random_values(rng, 0, 23)
    month = random_values(rng, 1, 12, MONTHS)
    year = rng.choice((None, None, None, rng.randint(2026, 2031)))
    written = "*" if year is None else str(year)
    kind = rng.choice(("month", "month", "last", "last weekday", "week", "nth", "last of week"))
    weekday = rng.randint(1, 7)
    day = {
        "month": (random_values(rng, 1, 28), "?"),
        "last": ("L", "?"),
        "last weekday": ("LW", "?"),
        "week": ("?", random_values(rng, 1, 7, DAYS, step=False)),
        "nth": ("?", f"{rng.choice((weekday, DAYS[weekday - 1]))}#{rng.randint(1, 4)}"),
        "last of week": ("?", f"{rng.choice((weekday, DAYS[weekday - 1]))}L"),
    }[kind]
    aws = f"{minutes} {hours} {day[0]} {month} {day[1]} {written}"
    return aws, f"{minutes} {hours} {day[0].replace('?', '*')} {month} {to_crontab(day[1])}", year


def to_crontab(day_of_week: str) -> str:
    """AWS counts SUN = 1, cron SUN = 0; the number behind # is no day."""
    if day_of_week in ("?", "*"):
        return "*"
    day, hash_, nth = day_of_week.partition("#")
    for number, name in enumerate(DAYS):
        day = day.replace(name, str(number + 1))
    return "".join(str(int(c) - 1) if c.isdigit() else c for c in day) + hash_ + nth


def by_cronsim(crontab: str, year: int | None, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """When cronsim's expression fires after a moment, in the zone as EventBridge Scheduler has it.

    A time the clock leaps over is skipped, one it shows twice fires the first time only ("Daylight savings time in
    EventBridge Scheduler", EventBridge Scheduler User Guide). dateutil says which times there are.
    """
    start = after.astimezone(zone).replace(tzinfo=None) - timedelta(minutes=1)
    for local in CronSim(crontab, max(start, datetime(year, 1, 1) - timedelta(minutes=1)) if year else start):
        if year is not None and local.year > year:
            return
        time = local.replace(tzinfo=zone, fold=0)
        if tz.datetime_exists(local, zone) and time.timestamp() > after.timestamp():
            yield time


def random_moment(rng: random.Random, zone: ZoneInfo) -> datetime:
    """A moment from 2026 to 2030; of a zone with daylight saving time, every second one is in the days before a change
    of the clock."""
    moment = datetime(rng.randint(2026, 2030), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), tzinfo=UTC)
    if rng.random() < 0.5:
        for days in range(366):
            next_day = moment + timedelta(days=days + 1)
            if next_day.astimezone(zone).utcoffset() != moment.astimezone(zone).utcoffset():
                return moment + timedelta(days=days - 1, minutes=rng.randint(0, 1440))
    return moment


def test_random_expressions_in_random_zones_agree_with_cronsim(record_property: Callable[[str, object], None]) -> None:
    rng = random.Random(20261201)
    different = []
    changes = 0
    for _ in range(COMPARED):
        aws, crontab, year = random_expression(rng)
        zone = ZoneInfo(rng.choice(ZONES))
        start = random_moment(rng, zone)
        expected = list(islice(by_cronsim(crontab, year, zone, start), 10))
        found = list(islice(fire_times(f"cron({aws})", zone.key, start), 10))
        changes += len({time.utcoffset() for time in [start.astimezone(zone), *found]}) > 1
        if found != expected:
            different.append((aws, zone.key, start, found[:3], expected[:3]))
    record_property(
        "compared",
        f"cron expressions and zones: {COMPARED:,} compared, {len(different)} different "
        f"({changes:,} over a change of the clock)",
    )
    assert not different
    assert changes > COMPARED / 10


@pytest.mark.parametrize("day", range(1, 29))
def test_the_nearest_weekday_agrees_with_pyawscron(day: int) -> None:
    expression = f"30 6 {day}W * ? *"
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = list(islice(fire_times(f"cron({expression})", "UTC", start), 60))
    assert found == AWSCron.get_next_n_schedule(60, start, expression)


def test_local_times_agree_with_a_walk_over_every_minute() -> None:
    """Independent of our search: every minute of UTC is looked at on the zone's clock, twice shown ones once."""
    rng = random.Random(7)
    changes = (
        ("Europe/Berlin", datetime(2027, 3, 27, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2027, 10, 30, tzinfo=UTC)),
        ("America/New_York", datetime(2027, 3, 13, tzinfo=UTC)),
        ("America/New_York", datetime(2027, 11, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2027, 4, 3, tzinfo=UTC)),
    )
    for name, start in changes:
        zone = ZoneInfo(name)
        walked = [(start + timedelta(minutes=n)).astimezone(zone) for n in range(1, 3 * 1440)]
        for _ in range(20):
            expression = f"{random_values(rng, 0, 59)} {random_values(rng, 0, 23)} * * ? *"
            cron = Cron(expression)
            expected = [t for t in walked if t.hour in cron.hours and t.minute in cron.minutes and not t.fold]
            found = list(islice(fire_times(f"cron({expression})", name, start), len(expected)))
            assert found == expected, (expression, name)


def test_a_time_the_clock_leaps_over_is_skipped_and_one_shown_twice_fires_once() -> None:
    # Berlin 2027: 02:00 -> 03:00 on 28 March, 03:00 -> 02:00 on 31 October.
    assert times("30 2 * * ? *", "2027-03-27T00:00+00:00", 2, "Europe/Berlin") == [
        "2027-03-27T02:30+01:00",
        "2027-03-29T02:30+02:00",
    ]
    assert times("30 2 * * ? *", "2027-10-30T12:00+00:00", 2, "Europe/Berlin") == [
        "2027-10-31T02:30+02:00",
        "2027-11-01T02:30+01:00",
    ]


def test_asking_within_the_repeated_hour_does_not_fire_again() -> None:
    second_pass = datetime(2027, 10, 31, 2, 15, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    assert times("30 2 * * ? *", second_pass.isoformat(), 1, "Europe/Berlin") == ["2027-11-01T02:30+01:00"]


def test_a_day_of_a_rate_is_24_hours_over_a_change_of_the_clock() -> None:
    start = datetime(2027, 3, 27, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    found = list(islice(fire_times("rate(1 day)", "Europe/Berlin", start), 2))
    assert [t.isoformat() for t in found] == ["2027-03-28T13:00:00+02:00", "2027-03-29T13:00:00+02:00"]


def test_a_one_time_schedule_fires_once_and_never_again() -> None:
    before, after = datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    once = "at(2026-12-01T09:00:00)"
    assert [t.isoformat() for t in fire_times(once, "Asia/Tokyo", before)] == ["2026-12-01T09:00:00+09:00"]
    assert list(fire_times(once, "Asia/Tokyo", after)) == []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 22 * * ? *", ["2026-11-24T22:00+00:00", "2026-11-25T22:00+00:00"]),
        ("1/10 9 * * ? *", ["2026-11-24T09:01+00:00", "2026-11-24T09:11+00:00"]),
        ("0 8 ? * MON-FRI *", ["2026-11-24T08:00+00:00", "2026-11-25T08:00+00:00"]),
        ("0 8 ? * L *", ["2026-11-28T08:00+00:00", "2026-12-05T08:00+00:00"]),
        ("0 8 ? * 3#2 *", ["2026-12-08T08:00+00:00", "2027-01-12T08:00+00:00"]),
        ("0 8 ? * FRI#5 *", ["2027-01-29T08:00+00:00", "2027-04-30T08:00+00:00"]),
        ("0 8 ? * fril *", ["2026-11-27T08:00+00:00", "2026-12-25T08:00+00:00"]),
        ("0 8 L * ? *", ["2026-11-30T08:00+00:00", "2026-12-31T08:00+00:00"]),
        ("0 8 LW * ? *", ["2026-11-30T08:00+00:00", "2026-12-31T08:00+00:00"]),
        ("0 8 1W * ? *", ["2026-12-01T08:00+00:00", "2027-01-01T08:00+00:00"]),
        ("0 8 31 * ? *", ["2026-12-31T08:00+00:00", "2027-01-31T08:00+00:00"]),
        ("0 8 29 2 ? *", ["2028-02-29T08:00+00:00", "2032-02-29T08:00+00:00"]),
        ("0 8 1 JAN,JUL ? 2027-2199/50", ["2027-01-01T08:00+00:00", "2027-07-01T08:00+00:00"]),
        ("0 0 1 1 ? 2199", ["2199-01-01T00:00+00:00"]),
        ("0 0 1 1 ? 2020", []),
    ],
)
def test_next_times(expression: str, expected: list[str]) -> None:
    assert times(expression, "2026-11-24T00:00+00:00", 2) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("60 * * * ? *", "cron field minutes is '60': '60' is not a value of this field; values are 0-59"),
        ("0 24 * * ? *", "cron field hours is '24': '24' is not a value of this field; values are 0-23"),
        ("0 0 ? * 0 *", "cron field day-of-week is '0': '0' is not a value of this field; AWS counts the days from"),
        ("0 0 ? * MOON *", "'MOON' is not a value of this field; did you mean MON?"),
        ("0 0 * JANUARY ? *", "did you mean JAN?"),
        ("0 0 ? * FRI-MON *", "the range FRI-MON runs backwards; write FRI,SAT,SUN,MON"),
        ("0 22-2 * * ? *", "the range 22-2 runs backwards; write 22-23,0-2"),
        ("0 0 ? * MON/2 *", "cron field day-of-week is 'MON/2': this field takes no step; list the days"),
        ("*/60 * * * ? *", "the step '60' is not 1 to 59"),
        ("*/0 * * * ? *", "the step '0' is not 1 to 59"),
        ("0, * * * ? *", "cron field minutes is '0,': a value is missing"),
        ("0 0 15,L * ? *", "cron field day-of-month is '15,L': L and W stand alone"),
        ("0 0 31W * ? *", "not every month has day 31; take a day up to 28W, or LW"),
        ("0 0 ? * MON#6 *", "# takes one day and a number from 1 to 5"),
        ("0 0 ? * 3#1,6#3 *", "# takes one day and a number from 1 to 5"),
        ("0 0 * * * *", "one of the two has to be ?; write ? as day-of-week"),
        ("0 0 ? * ? *", "one of the two has to be ?, and only one; write * as day-of-month"),
        ("0 0 1 * MON *", "AWS cannot combine them"),
        ("0 0 31 2,4 ? *", "never fires"),
        ("0 0 1 1 ? 1969", "cron field year is '1969': '1969' is not a value of this field; values are 1970-2199"),
        ("0 22 * * 1-5", 'has 5 fields, AWS takes six; write cron("0 22 ? * MON-FRI *")'),
        ("0 22 * * *", 'write cron("0 22 * * ? *")'),
        ("@daily", 'has 1 field, AWS takes six; write cron("0 0 * * ? *")'),
        ("", "has 0 fields, AWS takes six; write minutes hours day-of-month month day-of-week year"),
    ],
)
def test_errors_say_which_field_what_is_wrong_and_what_to_write(expression: str, message: str) -> None:
    with pytest.raises(TriggerError) as caught:
        Cron(expression)
    assert message in f"{caught.value}; {caught.value.hint}"
