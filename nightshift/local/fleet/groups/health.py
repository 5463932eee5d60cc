"""A group replaces a member that stops, unless it is in Standby or the processes of it are suspended.

Follows "Health checks for instances in an Auto Scaling group" (Amazon EC2 Auto Scaling User Guide): any state of an
instance but running is unhealthy.
"""

from __future__ import annotations

from typing import Any

from nightshift.local.fleet.groups.capacity import end, reconcile
from nightshift.local.fleet.states import on_state
from nightshift.local.fleet.world import World, spread

NOTICED = 60
"""Seconds it usually takes a group to find a member unhealthy."""

_NEEDED = {"HealthCheck", "ReplaceUnhealthy", "Terminate"}


@on_state("stopped")
def _check(world: World, instance: Any) -> None:
    group = getattr(instance, "autoscaling_group", None)
    if group is None:
        return

    def replace() -> None:
        suspended = {process["ProcessName"] for process in group.suspended_processes}
        for state in [s for s in group.instance_states if s.instance is instance]:
            if state.lifecycle_state == "InService" and instance.state != "running" and not suspended & _NEEDED:
                end(group, state)
                reconcile(group)

    world.after(spread(NOTICED, instance.id), replace)
