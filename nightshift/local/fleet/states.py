"""Instance states, their codes, and moving an instance from one to the next over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nightshift.local.fleet.requests import Request
from nightshift.local.fleet.world import World, spread

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

ON_STATE: dict[str, list[Callable[[World, Any], None]]] = {}
"""State -> what else happens when an instance gets there."""


def set_state(world: World, instance: Any, state: str) -> None:
    """Put an instance into a state."""
    instance._state.name, instance._state.code = state, CODES[state]
    for event in ON_STATE.get(state, []):
        event(world, instance)


def on_state(state: str) -> Callable[[Callable[[World, Any], None]], Callable[[World, Any], None]]:
    """Register what else happens when an instance gets to a state."""

    def add(event: Callable[[World, Any], None]) -> Callable[[World, Any], None]:
        ON_STATE.setdefault(state, []).append(event)
        return event

    return add


def move(request: Request, instance: Any, through: str, to: str, seconds: float) -> None:
    """Let an instance pass the state `through` and be in `to` after about so many seconds."""
    world = request.world
    set_state(world, instance, through)
    if any(fault.strike() for fault in request.faults("stuck", instance)):
        return
    for fault in request.faults("slow", instance):
        seconds *= fault.factor if fault.strike() else 1

    def arrive() -> None:
        # It may have been stopped or terminated on its way.
        if instance._state.name == through:
            set_state(world, instance, to)

    world.after(spread(seconds, instance.id), arrive)


def changes(instances: list[Any], previous: dict[str, str]) -> list[dict[str, Any]]:
    """What StartInstances, StopInstances and TerminateInstances answer: current and previous state of each."""
    return [
        {
            "InstanceId": instance.id,
            "CurrentState": {"Code": instance._state.code, "Name": instance._state.name},
            "PreviousState": {"Code": CODES[previous[instance.id]], "Name": previous[instance.id]},
        }
        for instance in instances
    ]
