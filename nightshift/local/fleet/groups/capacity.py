"""Auto Scaling groups launch and terminate over time, unless that is suspended, and tell of it in their activities.

Follows "Amazon EC2 Auto Scaling instance lifecycle", "Suspend and resume Amazon EC2 Auto Scaling processes" (Amazon EC2
Auto Scaling User Guide), and UpdateAutoScalingGroup (Amazon EC2 Auto Scaling API Reference).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from nightshift.local.fleet.faults import Fault
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.states import set_state
from nightshift.local.fleet.world import current, spread

LAUNCHING = 60
TERMINATING = 45
"""Seconds an instance usually takes from its launch to service, and from service to its end."""

RETRY = 120
"""Seconds after which a group tries again what there was no capacity for."""

_update = AutoScalingBackend.update_auto_scaling_group


def _updated(backend: Any, name: str, **given: Any) -> Any:
    group = backend.autoscaling_groups.get(name)
    if group is None:
        raise AutoscalingClientError("ValidationError", "AutoScalingGroup name not found - null")
    low = group.min_size if given["min_size"] is None else given["min_size"]
    high = group.max_size if given["max_size"] is None else given["max_size"]
    desired = given["desired_capacity"]
    if low > high:
        raise AutoscalingClientError("ValidationError", "Max bound must be greater than or equal to min bound")
    if desired is not None and not low <= desired <= high:
        text = f"Desired capacity:{desired} must be between the specified min size:{low} and max size:{high}"
        raise AutoscalingClientError("ValidationError", text)
    if desired is None:
        given["desired_capacity"] = min(max(low, group.desired_capacity), high)
    return _update(backend, name, **given)


def _set_desired(group: Any, new_capacity: int | None) -> None:
    group.desired_capacity = group.min_size if new_capacity is None else new_capacity
    reconcile(group)


def reconcile(group: Any) -> None:
    """Launch what is missing, and terminate what is too much."""
    live = [state for state in group.instance_states if state.lifecycle_state in ("Pending", "InService")]
    missing = group.desired_capacity - len(live)
    suspended = {process["ProcessName"] for process in group.suspended_processes}
    if missing > 0 and "Launch" not in suspended:
        _launch(group, missing)
    elif missing < 0 and "Terminate" not in suspended:
        for state in [s for s in live if not s.protected_from_scale_in][:-missing]:
            end(group, state)
    backend = group.autoscaling_backend
    if group.name in backend.autoscaling_groups:
        backend.update_attached_elbs(group.name)
        backend.update_attached_target_groups(group.name)


def _launch(group: Any, count: int) -> None:
    world = current()
    if fault := _no_capacity(group):
        text = (
            f"We currently do not have sufficient {group.instance_type} capacity in the Availability Zone you "
            "requested. Launching EC2 instance failed."
        )
        _note(group, "Launching a new EC2 instance", "Failed", fault.message or text)
        world.after(RETRY, lambda: reconcile(group), lasting=True)
        return
    known = set(map(id, group.instance_states))
    group.replace_autoscaling_group_instances(count, group.get_propagated_tags())
    for state in [s for s in group.instance_states if id(s) not in known]:
        activity = _note(group, f"Launching a new EC2 instance: {state.instance.id}", "InProgress")
        state.lifecycle_state = "Pending"
        set_state(world, state.instance, "pending")

        def arrive(state: Any = state, activity: dict[str, Any] = activity) -> None:
            if state.lifecycle_state == "Pending":
                state.lifecycle_state = "InService"
                set_state(world, state.instance, "running")
                activity |= {"StatusCode": "Successful", "Progress": 100}

        world.after(spread(LAUNCHING, state.instance.id), arrive)


def end(group: Any, state: Any) -> None:
    """Take an instance out of service and terminate it."""
    world = current()
    state.lifecycle_state = "Terminating"
    set_state(world, state.instance, "shutting-down")
    activity = _note(group, f"Terminating EC2 instance: {state.instance.id}", "InProgress")

    def arrive() -> None:
        group.instance_states = [s for s in group.instance_states if s is not state]
        group.autoscaling_backend.ec2_backend.terminate_instances([state.instance.id])
        set_state(world, state.instance, "terminated")
        activity.update(StatusCode="Successful", Progress=100)

    world.after(spread(TERMINATING, state.instance.id), arrive)


class Named:
    """A group as faults know resources."""

    def __init__(self, group: Any) -> None:
        self.id = group.name
        self._tags = group.tags

    def get_tags(self) -> list[dict[str, str]]:
        """Its tags in the form of moto's EC2."""
        return [{"key": tag["Key"], "value": tag["Value"]} for tag in self._tags]


def _no_capacity(group: Any) -> Fault | None:
    for fault in current().faults:
        of_type = fault.instance_type in ("", group.instance_type)
        if fault.kind == "capacity" and of_type and fault.concerns(Named(group)) and fault.strike():
            return fault
    return None


def _note(group: Any, description: str, status: str, message: str = "") -> dict[str, Any]:
    """Add an activity to a group; the newest is the first."""
    activity = {
        "ActivityId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Description": description,
        "Cause": "The capacity of the group was changed.",
        "StartTime": datetime.fromtimestamp(current().now(), UTC),
        "StatusCode": status,
        "StatusMessage": message,
        "Progress": 100 if status == "Failed" else 0,
    }
    group.__dict__.setdefault("noted", []).insert(0, activity)
    return activity


def _activities(response: Any) -> ActionResult:
    name = response._get_param("AutoScalingGroupName")
    groups = response.autoscaling_backend.autoscaling_groups
    noted = groups[name].__dict__.get("noted", []) if name in groups else []
    return ActionResult({"Activities": noted[: response._get_int_param("MaxRecords") or 100]})


replace_method(AutoScalingBackend, "update_auto_scaling_group", _updated)
replace_method(FakeAutoScalingGroup, "set_desired_capacity", _set_desired)
replace_method(AutoScalingResponse, "describe_scaling_activities", _activities)
