"""The way of a DB instance, or of a cluster, from available to stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdas.engine.stages import DONE, Already, Each, Stage, Verdict
from lambdas.parts.rds._power import Power


def before_stop(state: str) -> Verdict:
    """Where one in this state begins, or goes on when it was not to be stopped yet."""
    match state:
        case "stopped":
            return Already(state, DONE)
        case "stopping":
            return Already(state, "sent")
    return "todo" if state == "available" else "blocked"


def stop_stages(power: Power, request: Callable[[str], Any]) -> list[Stage]:
    """The stages of stopping. request: asks RDS to stop the one of a name."""
    late = "'{id}' is not stopped in time"
    return [
        Stage("blocked", "to be available", late, poll=power.poll(before_stop)),
        # Refused for its state: by a request of before whose answer was lost, or by what has come between.
        Stage(
            "unclear",
            "to be stopped or available",
            late,
            poll=power.poll(lambda s: {"stopped": DONE, "stopping": "sent", "available": "todo"}.get(s, "unclear")),
        ),
        Each(
            "todo",
            "to be sent to stop",
            late,
            request=lambda id_, dry: request(id_),
            asks=lambda id_: False,
            # A cluster is also refused for the state of one of its members.
            again=dict.fromkeys((power.kind.bad_state, "InvalidDBInstanceState"), "unclear"),
        ),
        Stage("sent", "to be stopped", late, poll=power.poll(lambda s: DONE if s == "stopped" else "sent")),
    ]
