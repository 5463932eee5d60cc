"""How long a flow usually takes."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer


class Usual(Answer):
    """What the last runs of a flow tell, which succeeded; runs: how many, 20 at most.

    duration: the median in seconds, null without runs. steps: the same of each step, by the name of its state, from the
    last ten of these runs; each call of one in a loop counts.
    """

    runs: int
    duration: float | None
    steps: dict[str, float]
