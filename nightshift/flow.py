"""`@flow`: marks a function as a flow and says what starts it."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar, overload

from lambdas.contract.part import seconds
from lambdas.gate.overlap import Overlap
from nightshift.model import FlowOptions
from nightshift.triggers import Alarm, Schedule, Topic
from nightshift.triggers.due import running

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
            return self.function(*args, **_as_declared(self.function, kwargs))


@overload
def flow(function: Callable[P, R], /) -> Flow[P, R]: ...
@overload
def flow(
    *,
    schedule: Schedule | None = None,
    on_alarm: Alarm | Topic | None = None,
    timeout: str | int | None = None,
    retry: int = 0,
    overlap: Overlap | None = None,
    operators: Iterable[str] = (),
) -> Callable[[Callable[P, R]], Flow[P, R]]: ...
def flow(
    function: Callable[..., Any] | None = None,
    /,
    *,
    schedule: Schedule | None = None,
    on_alarm: Alarm | Topic | None = None,
    timeout: str | int | None = None,
    retry: int = 0,
    overlap: Overlap | None = None,
    operators: Iterable[str] = (),
) -> Any:
    """Declare a flow.

    schedule: when EventBridge Scheduler starts it: `cron(...)`, `rate(...)` or `at(...)`.
    on_alarm: the CloudWatch alarm or SNS topic that starts it.
    timeout: how long a run may take in all, as seconds or "90s", "30m", "3h".
    retry: how many times a part that failed for some resources, or that AWS refused, is tried again.
    overlap: what becomes of a start by schedule or alarm while a run of the flow is under way: "skip" it (the default
        with a schedule), "queue" it until its turn comes, or "allow" both to run (the default otherwise).
    operators: groups of users who may see, start and hold it in the dashboard; the group `admin` always may.
    """
    options = FlowOptions(
        schedule=schedule,
        on_alarm=on_alarm,
        timeout=None if timeout is None else seconds(timeout),
        retry=retry,
        overlap=overlap,
        operators=(operators,) if isinstance(operators, str) else tuple(operators),
    )
    if function is not None:
        return Flow(function, options)
    return lambda decorated: Flow(decorated, options)


def _as_declared(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a flow, with objects of JSON where its parameters are dataclasses made into those.

    given: by name. Raises TypeError for an object that has not the fields of its class.
    """
    hints = typing.get_type_hints(function)
    return {name: _typed(value, hints.get(name, Any)) for name, value in given.items()}


def _typed(value: Any, hint: Any) -> Any:
    """`value` with the dataclasses that `hint` names; other values, and those that are instances, stay."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(value, Mapping) and dataclasses.is_dataclass(hint) and isinstance(hint, type):
        fields = typing.get_type_hints(hint)
        return hint(**{name: _typed(field, fields.get(name, Any)) for name, field in value.items()})
    if isinstance(value, list) and origin is list and args:
        return [_typed(item, args[0]) for item in value]
    if isinstance(value, dict) and origin is dict and args:
        return {key: _typed(item, args[1]) for key, item in value.items()}
    if origin in (typing.Union, types.UnionType):
        wanted = next((a for a in args if _holds(value, a)), Any)
        return _typed(value, wanted)
    return value


def _holds(value: Any, hint: Any) -> bool:
    kinds = {dict: Mapping, list: list}
    made_of = Mapping if dataclasses.is_dataclass(hint) else kinds.get(typing.get_origin(hint) or hint)
    return made_of is not None and isinstance(value, made_of)
