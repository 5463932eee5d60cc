"""Instance refreshes replace the instances of a group one after the other, and stop at checkpoints.

Follows "How an instance refresh works" (Amazon EC2 Auto Scaling User Guide), and StartInstanceRefresh,
DescribeInstanceRefreshes (Amazon EC2 Auto Scaling API Reference).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from nightshift.local.fleet.groups.capacity import LAUNCHING, TERMINATING, Named, end, reconcile
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current

BEGINNING = 15
"""Seconds until a refresh begins."""

_UNDER_WAY = ("Pending", "InProgress")


def _started(response: Any) -> ActionResult:
    group = _group(response)
    refreshes = group.__dict__.setdefault("refreshes", [])
    if any(refresh["Status"] in _UNDER_WAY for refresh in refreshes):
        text = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
        raise AutoscalingClientError("InstanceRefreshInProgress", text)
    refresh = {
        "InstanceRefreshId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Status": "Pending",
        "StartTime": _now(),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(group.instance_states),
        "Preferences": response._get_params().get("Preferences") or {},
    }
    refreshes.insert(0, refresh)
    current().after(BEGINNING, lambda: _step(group, refresh, list(group.instance_states), len(group.instance_states)))
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def _step(group: Any, refresh: dict[str, Any], old: list[Any], total: int) -> None:
    """Replace the next instance, or end."""
    world, preferences = current(), refresh["Preferences"]
    refresh["Status"] = "InProgress"
    if _struck("task_fails", group, refresh) or _struck("stuck", group, refresh):
        return
    done = 100 if not total else (total - len(old)) * 100 // total
    refresh["PercentageComplete"], refresh["InstancesToUpdate"] = done, len(old)
    passed = [int(at) for at in preferences.get("CheckpointPercentages", []) if refresh.get("At", 0) < int(at) <= done]
    if passed and done < 100:
        refresh["At"] = passed[-1]
        world.after(float(preferences.get("CheckpointDelay", 3600)), lambda: _step(group, refresh, old, total))
        return
    if not old:
        refresh |= {"Status": "Successful", "EndTime": _now()}
        return
    if old[0] in group.instance_states:
        end(group, old[0])
        reconcile(group)
    pause = LAUNCHING + TERMINATING + float(preferences.get("InstanceWarmup", 0))
    world.after(pause, lambda: _step(group, refresh, old[1:], total))


def _struck(kind: str, group: Any, refresh: dict[str, Any]) -> bool:
    """Whether a fault ends the refresh, or holds it where it is."""
    for fault in current().faults:
        if fault.kind == kind and fault.concerns(Named(group)) and fault.strike():
            if kind == "task_fails":
                why = fault.message or "the new instances did not become healthy"
                refresh |= {"Status": "Failed", "StatusReason": why, "EndTime": _now()}
            return True
    return False


def _described(response: Any) -> ActionResult:
    refreshes = _group(response).__dict__.get("refreshes", [])
    wanted = response._get_param("InstanceRefreshIds") or [r["InstanceRefreshId"] for r in refreshes]
    most = response._get_int_param("MaxRecords") or 50
    return ActionResult({"InstanceRefreshes": [r for r in refreshes if r["InstanceRefreshId"] in wanted][:most]})


def _group(response: Any) -> Any:
    group = response.autoscaling_backend.autoscaling_groups.get(response._get_param("AutoScalingGroupName"))
    if group is None:
        raise AutoscalingClientError("ValidationError", "AutoScalingGroup name not found - null")
    return group


def _now() -> datetime:
    return datetime.fromtimestamp(current().now(), UTC)


replace_method(AutoScalingResponse, "start_instance_refresh", _started)
replace_method(AutoScalingResponse, "describe_instance_refreshes", _described)
