"""Deadlines of a flow: by when its runs start and finish, and how long they usually take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.contract.errors import InvalidParameter, shown
from lambdas.contract.invocation import seconds

USUAL = "usual"
"""`expected` of a flow whose own history says how long its runs take."""

_FEWEST = 5
"""Runs that it takes to tell what is usual."""

_LEAST = 600.0
"""Seconds: what is done before is not told as unusual, however short the runs usually are."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_LONGEST = 86_400


@dataclass(frozen=True)
class Deadlines:
    """What `@flow(...)` was given; InvalidParameter for a value it cannot have.

    start_by, finish_by: "HH:MM" on the clock of the schedule's zone, the first one at or after each due time.
    expected: how long a run may take, as seconds or "45m", a day at most; or "usual".
    """

    start_by: str | None = None
    finish_by: str | None = None
    expected: str | int | None = None

    def __post_init__(self) -> None:
        for name in ("start_by", "finish_by"):
            clock = getattr(self, name)
            if clock is not None and not (isinstance(clock, str) and _CLOCK.fullmatch(clock)):
                raise InvalidParameter(f'{name} is {shown(clock)}: write a time of day such as "06:00" or "22:15"')
        if self.expected is None or self.expected == USUAL:
            return
        if not 0 < seconds(self.expected) <= _LONGEST:
            raise InvalidParameter(f'expected is {self.expected!r}: write "45m" or "3h", a day at most, or "usual"')

    def __bool__(self) -> bool:
        return bool(self.start_by or self.finish_by or self.expected)

    @property
    def longest(self) -> float | None:
        """Seconds that a run is expected to take at most; None when its history tells, or nothing does."""
        return None if self.expected in (None, USUAL) else float(seconds(self.expected))

    def to_json(self) -> dict[str, Any] | None:
        """The deadlines as JSON, for `from_json`; None when there are none."""
        return dict(vars(self)) if self else None

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Deadlines:
        """The deadlines that `to_json` gave."""
        return cls(**(data or {}))


def deadline(due: datetime, clock: str, timezone: str) -> datetime:
    """The first moment at or after a due time at which a zone's clock shows "HH:MM".

    A time that the clock leaps over in spring comes when it has leapt; of two in autumn the first one counts that is
    not before the due time.
    """
    zone = ZoneInfo(timezone)
    local = due.astimezone(zone)
    hour, minute = map(int, clock.split(":"))
    clock_face = local.replace(tzinfo=None, hour=hour, minute=minute, second=0, microsecond=0)
    if clock_face < local.replace(tzinfo=None, second=0, microsecond=0):
        # Also between the two passes of an hour in autumn: what is behind on the clock may be ahead in time.
        second = clock_face.replace(tzinfo=zone, fold=1)
        return second if _not_before(second, due) else (clock_face + timedelta(days=1)).replace(tzinfo=zone)
    first = clock_face.replace(tzinfo=zone)
    return first if _not_before(first, due) else first.replace(fold=1)


def _not_before(moment: datetime, due: datetime) -> bool:
    """By the time that has passed, and not by what the clock shows; the seconds of the due time do not count."""
    return moment.astimezone(UTC) >= due.astimezone(UTC).replace(second=0, microsecond=0)


def longest_usual(took: Sequence[float]) -> float | None:
    """Seconds that runs take at most, by those that were: twice the longest; None when there are too few to tell."""
    return max(_LEAST, 2 * max(took)) if len(took) >= _FEWEST else None
