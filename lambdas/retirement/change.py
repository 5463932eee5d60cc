"""What a deployment takes away from flows, and from which of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PLACES = ("Flows", "Elsewhere")
"""Properties of the custom resource: the flows in the app's own stacks, and those in stacks of others."""

Uses = Mapping[str, Sequence[str]]
"""Flow -> what its runs use: parts, called flows, roles, secrets."""


@dataclass(frozen=True)
class Change:
    """From the flows before a deployment to those after it.

    added, removed: flows. lost: flow that stays -> what it no longer uses.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    lost: Mapping[str, tuple[str, ...]]

    @classmethod
    def between(cls, before: Mapping[str, Uses], after: Mapping[str, Uses]) -> Change:
        """The change between two deployments, each as the flows of each of `PLACES`.

        A flow that moves from one place to the other is removed and added, for its state machine is made anew.
        """
        old, new = _placed(before), _placed(after)
        lost = {flow: sorted(set(old[place, flow]) - set(new[place, flow])) for place, flow in old.keys() & new.keys()}
        return cls(
            added=_names(new.keys() - old.keys()),
            removed=_names(old.keys() - new.keys()),
            lost={flow: tuple(names) for flow, names in sorted(lost.items()) if names},
        )


def _placed(deployed: Mapping[str, Uses]) -> dict[tuple[str, str], Sequence[str]]:
    return {(place, flow): used for place in PLACES for flow, used in deployed.get(place, {}).items()}


def _names(placed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted({flow for _, flow in placed}))
