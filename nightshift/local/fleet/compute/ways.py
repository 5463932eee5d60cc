"""The way of a task or a job through its states over time, and the faults on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nightshift.local.fleet.faults import Fault
from nightshift.local.fleet.world import World, current, spread

_ENDS = ("DEPROVISIONING", "ended")
"""States of tasks and jobs that come when they have run."""


@dataclass(frozen=True)
class Named:
    """A resource as faults know resources. tags: by key."""

    id: str
    tags: dict[str, str] = field(default_factory=dict)

    def get_tags(self) -> list[dict[str, str]]:
        """Its tags in the form of moto's EC2."""
        return [{"key": key, "value": value} for key, value in self.tags.items()]


def tag_dict(tags: Sequence[dict[str, str]] | None) -> dict[str, str]:
    """Tags as ECS writes them ([{"key": ..., "value": ...}]) as a dict."""
    return {tag["key"]: tag.get("value", "") for tag in tags or ()}


def struck(kind: str, named: Named) -> Fault | None:
    """The fault of a kind that hits a resource now."""
    return next((f for f in current().faults if f.kind == kind and f.concerns(named) and f.strike()), None)


def lasts(world: World, name: str, seconds: float) -> None:
    """Let tasks and jobs of a name run for so many seconds, from when they run to their end."""
    world.notes["lasts", name] = seconds


def go(
    named: Named,
    way: Sequence[tuple[str, float]],
    reach: Callable[[str], bool],
    *,
    sticks_in: str = "",
    seed: str = "",
) -> None:
    """Let something pass states.

    way: the states, each with the seconds that usually pass before it is reached. reach: it is in this state now;
    False ends the way, as something else has become of it. sticks_in: the state in which a fault "stuck" holds it.
    seed: what tells it from others of its name, whose way takes another time.
    """
    world = current()
    held = struck("stuck", named) is not None
    factor = slow.factor if (slow := struck("slow", named)) else 1.0

    def step(rest: Sequence[tuple[str, float]]) -> None:
        if not rest:
            return
        state, seconds = rest[0]

        def arrive() -> None:
            if reach(state) and not (held and state == sticks_in):
                step(rest[1:])

        runs = world.notes.get(("lasts", named.id)) if state in _ENDS else None
        world.after(spread(seconds * factor, seed or named.id) if runs is None else runs * factor, arrive)

    step(way)
