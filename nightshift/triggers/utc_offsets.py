"""Wall clocks of time zones, the way both CPython and the state machine compute them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2020, 2059
"""The years that zones and calendars are written into a state machine for, both included."""

_DAY = 86400


def clock_seconds(clock: str) -> int:
    """ "HH:MM" as seconds after midnight; ValueError for anything else."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", clock)
    if not match:
        raise ValueError(f'{clock!r} is not a time of day; write "HH:MM", such as "06:00"')
    return int(match[1]) * 3600 + int(match[2]) * 60


@cache
def utc_offsets(zone: str) -> tuple[tuple[int, int], ...]:
    """(epoch second from which it holds, offset from UTC in seconds) of a zone, for 2020 to 2059, oldest first.

    A state machine has no time zones, so the compiler writes this table into it.
    """
    info = ZoneInfo(zone)

    def offset(moment: datetime) -> int:
        delta = moment.astimezone(info).utcoffset()
        assert delta is not None
        return int(delta.total_seconds())

    day = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    end = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    found = [(int(day.timestamp()), offset(day))]
    while day < end:
        following = day + timedelta(days=1)
        if offset(following) != found[-1][1]:
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == found[-1][1] else (low, middle)
            found.append((int(high.timestamp()), offset(high)))
        day = following
    return tuple(found)


def next_local_time(now: float, clock: str, zone: str) -> float:
    """The next moment (epoch seconds, later than `now`) at which the clock of `zone` shows `clock` ("HH:MM").

    On the day the clock is put forward over `clock`, the moment is as far after midnight as on other days.
    """
    offsets = utc_offsets(zone)

    def at(moment: float) -> int:
        return next((offset for start, offset in reversed(offsets) if start <= moment), offsets[0][1])

    local = now + at(now)
    target = local - local % _DAY + clock_seconds(clock)
    if target <= local:
        target += _DAY
    # Looked at twice: on the day of a change the offset that holds then is not the one that holds now.
    return target - at(target - at(target - at(now)))
