"""The clock of the fleet: the wall clock made faster, or one that only moves when told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Tells the fleet's time."""

    def now(self) -> float:
        """Seconds since the epoch."""


class ScaledClock:
    """Starts at the wall clock's time and runs `speed` times as fast; can be put forward."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._wall = time.time()
        self._start = time.monotonic()
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._wall + self._ahead + (time.monotonic() - self._start) * self.speed

    def advance(self, seconds: float) -> None:
        """Put the clock forward."""
        self._ahead += seconds


class VirtualClock(ScaledClock):
    """Stands still until it is advanced.

    tell: tells the time instead, in seconds since the epoch, where somebody else has the clock.
    """

    def __init__(self, tell: Callable[[], float] | None = None) -> None:
        super().__init__(speed=0.0)
        self._tell = tell

    def now(self) -> float:
        """Seconds since the epoch."""
        return super().now() if self._tell is None else self._tell() + self._ahead
