"""Virtual time: what is to happen when, and tasks that wait without waiting.

A task is a generator. It yields a command, a function that is given the task and sees to it that the task is resumed:
`until(moment)`, `together(...)`. Between two yields no time passes, and only one task runs at a time; so the same tasks
always go the same way.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Generator, Iterable
from typing import Any

Command = Callable[["Task"], None]
Steps = Generator[Command, Any, Any]
Ended = Callable[[Any, Exception | None], None]


class Event:
    """Something that is to happen. happen: None when it was cancelled."""

    __slots__ = ("happen",)

    def __init__(self, happen: Callable[[], None]) -> None:
        self.happen: Callable[[], None] | None = happen

    def cancel(self) -> None:
        """Let it not happen."""
        self.happen = None


class Agenda:
    """What is to happen, and the clock that jumps from one of them to the next.

    now: seconds since the epoch.
    """

    def __init__(self, start: float) -> None:
        self.now = start
        self._events: list[tuple[float, int, Event]] = []
        self._order = itertools.count()

    def at(self, moment: float, happen: Callable[[], None]) -> Event:
        """Let something happen at a moment; of two at the same moment, the one that was asked for first."""
        event = Event(happen)
        heapq.heappush(self._events, (max(moment, self.now), next(self._order), event))
        return event

    def soon(self, happen: Callable[[], None]) -> None:
        """Let something happen at this moment, after what was asked for before."""
        self.at(self.now, happen)

    def run(self, end: float | None = None) -> None:
        """Let everything happen, also what follows from it; with `end`, only what is due by then."""
        while self._events and (end is None or self._events[0][0] <= end):
            moment, _, event = heapq.heappop(self._events)
            if event.happen is not None:
                self.now = moment
                event.happen()

    def start(self, steps: Steps, ended: Ended) -> Task:
        """Run a task up to its first wait; `ended` is told its result or its error."""
        task = Task(self, steps, ended)
        task.resume()
        return task


class Task:
    """A generator that runs on an agenda."""

    def __init__(self, agenda: Agenda, steps: Steps, ended: Ended) -> None:
        self.agenda = agenda
        self._steps = steps
        self._ended = ended
        self._over = False
        self._children: list[Task] = []

    def resume(self, value: Any = None, error: Exception | None = None) -> None:
        """Go on with what the task waited for."""
        if self._over:
            return
        self._children = []
        try:
            command = self._steps.send(value) if error is None else self._steps.throw(error)
        except StopIteration as end:
            self._end(end.value, None)
        except Exception as raised:
            self._end(None, raised)
        else:
            command(self)

    def cancel(self) -> None:
        """End it here and now, and what it waits for; `ended` is not told."""
        self._over = True
        for child in self._children:
            child.cancel()
        self._steps.close()

    def spawn(self, steps: Steps, ended: Ended) -> None:
        """Start a task that is cancelled with this one."""
        child = Task(self.agenda, steps, ended)
        self._children.append(child)
        child.resume()

    def cancel_children(self) -> None:
        """Cancel what this one waits for."""
        for child in self._children:
            child.cancel()

    def _end(self, value: Any, error: Exception | None) -> None:
        self._over = True
        self._ended(value, error)


def until(moment: float) -> Command:
    """Wait until a moment."""

    def command(task: Task) -> None:
        task.agenda.at(moment, task.resume)

    return command


def together(branches: Iterable[Steps], at_most: int = 0) -> Command:
    """Run branches side by side, `at_most` at a time (0: all), and give the list of their results.

    The first error cancels the others and is raised.
    """

    def command(task: Task) -> None:
        waiting = list(enumerate(branches))
        results: list[Any] = [None] * len(waiting)
        left = len(waiting)
        failed = False
        if not left:
            task.resume([])
            return

        def ended(index: int, value: Any, error: Exception | None) -> None:
            nonlocal left, failed
            if failed:
                return
            if error is not None:
                failed = True
                task.cancel_children()
                # Not at once: the branches that were to start with this one are still being started.
                task.agenda.at(task.agenda.now, lambda: task.resume(error=error))
                return
            results[index] = value
            left -= 1
            if not left:
                task.agenda.at(task.agenda.now, lambda: task.resume(results))
            elif waiting:
                begin()

        def begin() -> None:
            index, steps = waiting.pop(0)
            task.spawn(steps, lambda value, error: ended(index, value, error))

        for _ in range(min(at_most or left, left)):
            if waiting and not failed:
                begin()

    return command
