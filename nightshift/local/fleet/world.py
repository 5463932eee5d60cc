"""The world of the fleet: its clock, what is going to happen, its faults, and the calls it has received."""

from __future__ import annotations

import heapq
import itertools
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nightshift.local.fleet.clock import ScaledClock
from nightshift.local.fleet.faults import Fault

_CALLS = 100_000
_TRAIL = 20_000

Event = tuple[float, int, Callable[[], None], bool]


@dataclass(frozen=True)
class Retention:
    """A retention rule of Recycle Bin: what is deleted is kept for `days`; tag: "Key=Value", or "" for everything."""

    days: float
    tag: str = ""


@dataclass
class World:
    """One fleet.

    lock: held while a request is answered, so that rules and moto see no half-done request.
    calls: (service, action, error code or "") of the last requests, oldest first.
    trail: what CloudTrail would tell of those that a role has made.
    retention: the rules of Recycle Bin for snapshots and images, in all Regions.
    notes: what a rule has to remember, by the rule's own key.
    executes: whether commands sent by Systems Manager are executed, by this machine's shell.
    control_plane: endpoint of the services that the fleet has not, to which what containers write goes; "" for moto's.
    publish: hands an event to EventBridge; the event as a target gets it, without its id and time.
    strict: whether rules that depend on the rate and the time of calls are on (throttling, eventual consistency).
    """

    clock: ScaledClock
    strict: bool = False
    executes: bool = False
    control_plane: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    faults: list[Fault] = field(default_factory=list)
    retention: list[Retention] = field(default_factory=list)
    calls: deque[tuple[str, str, str]] = field(default_factory=lambda: deque(maxlen=_CALLS))
    trail: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_TRAIL))
    notes: dict[Any, Any] = field(default_factory=dict)
    publish: Callable[[dict[str, Any]], None] = lambda event: None
    _events: list[Event] = field(default_factory=list)
    _happening: float | None = None
    _order: itertools.count[int] = field(default_factory=itertools.count)

    def now(self) -> float:
        """Seconds since the epoch, on the fleet's clock; within an event, the moment it was due."""
        return self.clock.now() if self._happening is None else self._happening

    def after(self, seconds: float, event: Callable[[], None], *, lasting: bool = False) -> None:
        """Let `event` happen in so many seconds.

        lasting: it ends what is settled, so that `settle` does not wait for it: a start that AWS makes after a week.
        """
        heapq.heappush(self._events, (self.now() + seconds, next(self._order), event, lasting))

    def catch_up(self) -> None:
        """Let everything happen that is due by now."""
        # What follows from an event counts from when it was due, however far the clock was put forward over it.
        while self._events and self._events[0][0] <= self.clock.now():
            self._happening, _, event, _ = heapq.heappop(self._events)
            event()
        self._happening = None

    def settle(self) -> None:
        """Let everything happen now that was going to."""
        kept = []
        while self._events:
            event = heapq.heappop(self._events)
            if event[3]:
                kept.append(event)
            else:
                event[2]()
        self._events = kept

    def reset(self) -> None:
        """Forget everything; the clock stays."""
        self._events.clear()
        self.faults.clear()
        self.retention.clear()
        self.calls.clear()
        self.trail.clear()
        self.notes.clear()


_current: list[World] = []


@contextmanager
def as_current(world: World) -> Iterator[World]:
    """Within, `current()` is this world."""
    _current.append(world)
    try:
        yield world
    finally:
        _current.remove(world)


def current() -> World:
    """The world of this process, for what moto calls without a request."""
    return _current[-1]


def spread(seconds: float, resource: str) -> float:
    """A duration that differs by up to a quarter between resources, and is the same each time for one of them."""
    return seconds * (0.75 + (zlib.crc32(resource.encode()) % 1000) / 2000)
