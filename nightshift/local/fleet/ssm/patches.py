"""What instances lack, and what AWS-RunPatchBaseline does about it.

Follows "SSM Command document for patching: AWS-RunPatchBaseline" and "Patch groups" (AWS Systems Manager User Guide),
and DescribeInstancePatchStatesForPatchGroup in the AWS Systems Manager API Reference. An instance lacks `MISSING`
patches until an installation has succeeded, and has no state before its first scan. What was installed with NoReboot
is pending until an operation finds that the instance has been rebooted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nightshift.local.fleet.world import World

DOCUMENT = "AWS-RunPatchBaseline"
GROUPS = ("PatchGroup", "Patch Group")
"""Tags of an instance that name its patch group."""

MISSING = 3
_BASELINE = "pb-0123456789abcdef0"

States = dict[str, dict[str, Any]]


def states(world: World, account: str, region: str) -> States:
    """The patch states of the instances that were scanned, by id."""
    found: States = world.notes.setdefault(("patches", account, region), {})
    return found


def ran(known: States, instance: Any, parameters: Mapping[str, list[str]], began: float, ended: float) -> None:
    """An operation has succeeded on an instance, between two moments. instance: moto's."""
    (operation,) = parameters.get("Operation", ["Scan"])
    reboots = parameters.get("RebootOption", ["RebootIfNeeded"]) == ["RebootIfNeeded"]
    before = known.get(instance.id, {"MissingCount": MISSING, "InstalledCount": 0, "InstalledPendingRebootCount": 0})
    counts = {name: count for name, count in before.items() if name.endswith("Count")}
    if getattr(instance, "_checks_began", 0) > before.get("OperationEndTime", 0):
        counts["InstalledCount"] += counts["InstalledPendingRebootCount"]
        counts["InstalledPendingRebootCount"] = 0
    if operation == "Install":
        counts["InstalledCount" if reboots else "InstalledPendingRebootCount"] += counts["MissingCount"]
        counts["MissingCount"] = 0
    known[instance.id] = {
        **counts,
        "InstanceId": instance.id,
        "BaselineId": _BASELINE,
        "Operation": operation,
        "OperationStartTime": began,
        "OperationEndTime": ended,
    }


def of_group(known: States, instances: Mapping[str, Any], group: str) -> Iterator[dict[str, Any]]:
    """The states of the instances that are in a patch group."""
    for id_, instance in instances.items():
        tagged = any(t["key"] in GROUPS and t["value"] == group for t in instance.get_tags())
        if tagged and id_ in known:
            yield {**known[id_], "PatchGroup": group}
