"""`@flow`: marks a function as a flow and says what starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, TypeVar, overload

from lambdas.calendar.deadlines import Deadlines
from lambdas.contract.part import seconds
from lambdas.gate.overlap import Overlap
from nightshift.given import as_declared, with_lists
from nightshift.model import FlowOptions
from nightshift.operating import Operating, Preset
from nightshift.triggers import Alarm, Schedule, Topic
from nightshift.triggers.due import running
from nightshift.triggers.schedule import together

P = ParamSpec("P")
R = TypeVar("R")


class Flow(Generic[P, R]):
    """A flow: a function that runs under CPython and compiles to a state machine."""

    def __init__(self, function: Callable[P, R], options: FlowOptions) -> None:
        self.function = function
        self.options = options
        self.name = function.__name__
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__

    def __repr__(self) -> str:
        return f"<flow {self.name}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the flow under CPython; its parts need `with nightshift.local_run(...):` around it."""
        schedule = self.options.schedule
        with running(schedule.zone if schedule else None):
            given = as_declared(self.function, args, kwargs)
            result: R = with_lists(self.function(*given.args, **given.kwargs))
            return result


@overload
def flow(function: Callable[P, R], /) -> Flow[P, R]: ...
@overload
def flow(
    *,
    schedule: Schedule | Sequence[Schedule] | None = None,
    on_alarm: Alarm | Topic | None = None,
    timeout: str | int | None = None,
    retry: int = 0,
    overlap: Overlap | None = None,
    operators: Iterable[str] = (),
    title: str | None = None,
    title_ja: str | None = None,
    presets: Mapping[str, Mapping[str, Any] | Preset] | None = None,
    notify: str | Sequence[str] | None = None,
    start_by: str | None = None,
    finish_by: str | None = None,
    expected: str | int | None = None,
) -> Callable[[Callable[P, R]], Flow[P, R]]: ...
def flow(
    function: Callable[..., Any] | None = None,
    /,
    *,
    schedule: Schedule | Sequence[Schedule] | None = None,
    on_alarm: Alarm | Topic | None = None,
    timeout: str | int | None = None,
    retry: int = 0,
    overlap: Overlap | None = None,
    operators: Iterable[str] = (),
    title: str | None = None,
    title_ja: str | None = None,
    presets: Mapping[str, Mapping[str, Any] | Preset] | None = None,
    notify: str | Sequence[str] | None = None,
    start_by: str | None = None,
    finish_by: str | None = None,
    expected: str | int | None = None,
) -> Any:
    """Declare a flow.

    schedule: when EventBridge Scheduler starts it: `cron(...)`, `rate(...)` or `at(...)`, or
        a list of them.
    on_alarm: the CloudWatch alarm or SNS topic that starts it.
    timeout: how long a run may take in all, as seconds or "90s", "30m", "3h".
    retry: how many times a part that failed for some resources, or that AWS refused, is tried again.
    overlap: what becomes of a start by schedule or alarm while a run of the flow is under way: "skip" it (the default
        with a schedule), "queue" it until its turn comes, or "allow" both to run (the default otherwise).
    operators: groups of users who may see, start and hold it in the dashboard; the group `admin` always may.
    title, title_ja: what people call it, in English and Japanese; default: the first line of its docstring.
    presets: buttons that start it with parameters filled in, by their titles: the parameters, or a `Preset`.
    notify: who is told of runs that failed or otherwise need someone: mail addresses, ARNs of SNS topics, URLs of
        webhooks; default: whom the app names, [] for nobody.
    start_by, finish_by: the time of day, in the schedule's zone, by which a run that is due has started and succeeded,
        such as "22:15" and "06:00"; the first at or after its due time. Who is responsible is told when it has not.
    expected: how long a run takes at most, as seconds or "45m"; "usual" for twice the longest of the last ones.
    """
    if function is not None and not callable(function):
        raise TypeError(f"flow() takes its options by name, and not {function!r}")
    options = FlowOptions(
        schedule=together(schedule) if isinstance(schedule, list | tuple) else schedule,  # type: ignore[arg-type]
        on_alarm=on_alarm,
        timeout=None if timeout is None else seconds(timeout),
        retry=retry,
        overlap=overlap,
        operators=(operators,) if isinstance(operators, str) else tuple(operators),
        operating=Operating(title, title_ja, {} if presets is None else presets),  # type: ignore[arg-type]
        notify=notify,  # type: ignore[arg-type]
        deadlines=Deadlines(start_by, finish_by, expected),
    )
    if function is not None:
        return Flow(function, options)
    return lambda decorated: Flow(decorated, options)
