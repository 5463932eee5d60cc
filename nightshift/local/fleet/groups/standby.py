"""Instances of Auto Scaling groups go into standby and come back over time, within the limits of their group.

Follows EnterStandby and ExitStandby (Amazon EC2 Auto Scaling API Reference), and "Amazon EC2 Auto Scaling instance
lifecycle" (Amazon EC2 Auto Scaling User Guide).
"""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.models import AutoScalingBackend

from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current, spread

ENTERING = 20
LEAVING = 40
"""Seconds it usually takes: load balancers drain, and check again."""

_enter = AutoScalingBackend.enter_standby_instances
_exit = AutoScalingBackend.exit_standby_instances


def _entered(backend: Any, group_name: str, instance_ids: list[str], should_decrement: bool) -> Any:
    group, states = _members(backend, group_name, instance_ids, "InService")
    if should_decrement and group.desired_capacity - len(states) < group.min_size:
        raise AutoscalingClientError("ValidationError", _at_limit(group, "place into", len(states)))
    activities = _enter(backend, group_name, instance_ids, should_decrement)
    for state in states:
        _move(state, "EnteringStandby", "Standby", ENTERING)
    return activities


def _exited(backend: Any, group_name: str, instance_ids: list[str]) -> Any:
    group, states = _members(backend, group_name, instance_ids, "Standby")
    if group.desired_capacity + len(states) > group.max_size:
        raise AutoscalingClientError("ValidationError", _at_limit(group, "move out of", len(states)))
    activities = _exit(backend, group_name, instance_ids)
    for state in states:
        _move(state, "Pending", "InService", LEAVING)
    return activities


def _members(backend: Any, group_name: str, ids: list[str], wanted: str) -> tuple[Any, list[Any]]:
    group = backend.autoscaling_groups.get(group_name)
    if group is None:
        raise AutoscalingClientError("ValidationError", "AutoScalingGroup name not found - null")
    states = [state for state in group.instance_states if state.instance.id in ids]
    for state in states:
        if state.lifecycle_state != wanted:
            text = (
                f"The instance {state.instance.id} is in {state.lifecycle_state} state. Operation is only allowed on "
            )
            raise AutoscalingClientError("ValidationError", f"{text}instances in {wanted} state.")
    return group, states


def _at_limit(group: Any, what: str, count: int) -> str:
    return (
        f"AutoScalingGroup {group.name} has min-size={group.min_size}, max-size={group.max_size}, and "
        f"desired-size={group.desired_capacity}. To {what} standby {count} instance, please update the "
        "AutoScalingGroup sizes appropriately."
    )


def _move(state: Any, through: str, to: str, seconds: float) -> None:
    state.lifecycle_state = through

    def arrive() -> None:
        if state.lifecycle_state == through:
            state.lifecycle_state = to

    current().after(spread(seconds, state.instance.id), arrive)


replace_method(AutoScalingBackend, "enter_standby_instances", _entered)
replace_method(AutoScalingBackend, "exit_standby_instances", _exited)
