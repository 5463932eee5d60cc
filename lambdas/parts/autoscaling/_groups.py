"""Auto Scaling groups: finding the selected ones, their capacity, and what their results show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Changing, Common, Result
from lambdas.engine.progress import SHOWN, Progress
from lambdas.engine.selection import Ids, Selection, Tags, choose, tag_map
from lambdas.engine.stages import Failed, Stages, Verdict, Verdicts

Group = dict[str, Any]
"""What a description tells of a group, as JSON, with its tags under "Tags"."""

GROUPS = ("arn:${AWS::Partition}:autoscaling:*:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/*",)
"""The resources that the parts declare."""

PAGE = 100
"""Groups on one page. Amazon EC2 Auto Scaling API Reference, "DescribeAutoScalingGroups"."""

BUSY = {"ResourceContention": 15, "ScalingActivityInProgress": 30}
"""Codes for a group at which something else is at work, with the seconds to wait."""

NAME = "AutoScalingGroupName"
NOUN = "Auto Scaling group"
NOT_FOUND = Failed("ValidationError", "The Auto Scaling group '{id}' does not exist")

_KEPT = (NAME, "MinSize", "DesiredCapacity", "MaxSize", "Status")


class SelectGroups(Common, total=False):
    """Which groups a part acts on.

    auto_scaling_group_name: names, as a list or as "web;workers".
    tag: "Env=test", or a list of which all must match; `*` and `?` are wildcards. With auto_scaling_group_name: of
        those, the ones with the tag.
    exclude_tag: groups with one of these tags are left alone.
    """

    auto_scaling_group_name: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeGroups(SelectGroups, Changing, total=False):
    """Which groups a part changes, and within which guard rails."""


# A TypedDict does not know its bases before Python 3.12.
ChangeGroups.__doc__ = SelectGroups.__doc__


@dataclass(frozen=True)
class GroupState:
    """A group as the part found and left it.

    previous_capacity, capacity: [min_size, desired_capacity, max_size] before the part acted, and now.
    in_service: instances that are in service.
    suspended_processes: its suspended processes.
    tags: its tags, by key.
    """

    auto_scaling_group_name: str
    previous_capacity: list[int]
    capacity: list[int]
    in_service: int
    suspended_processes: list[str]
    tags: dict[str, str]


@dataclass
class GroupsResult(Result):
    """Result of a part that changes Auto Scaling groups.

    groups: the first 100 matched groups, before and after.
    """

    groups: list[GroupState] = field(default_factory=list)


def find(call: Call, selection: Selection, progress: Progress) -> list[Group]:
    """The selected groups; names that do not exist are noted as failed, excluded ones as skipped."""
    if selection.ids is None:
        return choose(_described(call), NAME, selection, progress)
    found = by_name(call, selection.ids)
    progress.fail([name for name in selection.ids if name not in found], NOT_FOUND.code, NOT_FOUND.message)
    return choose(list(found.values()), NAME, selection, progress)


def by_name(call: Call, names: list[str]) -> dict[str, Group]:
    """Those of these names that there are."""
    batches = (names[start : start + PAGE] for start in range(0, len(names), PAGE))
    return {group[NAME]: group for batch in batches for group in _described(call, AutoScalingGroupNames=batch)}


def population(call: Call) -> int:
    """How many groups there are in the account and Region of the call."""
    return len(_described(call))


def capacity(group: Group) -> list[int]:
    """Its minimum, desired capacity and maximum."""
    return [group["MinSize"], group["DesiredCapacity"], group["MaxSize"]]


def in_service(group: Group) -> int:
    """How many of its instances are in service."""
    return sum(state == "InService" for state in group["Instances"].values())


def tags(group: Group) -> dict[str, str]:
    """Its tags, by key."""
    return tag_map(group["Tags"])


class Groups:
    """The groups of one call, as they were and as they are."""

    def __init__(self, call: Call, selection: Selection) -> None:
        self.call, self.selection = call, selection

    def plan(self, stages: Stages, begin: Callable[[Group], Verdict]) -> Verdicts:
        """Where each selected group begins; the details of the first are kept for the result."""
        found = sorted(find(self.call, self.selection, stages.progress), key=lambda group: str(group[NAME]))
        self.call.state["about"] = {group[NAME]: [capacity(group), group] for group in found[:SHOWN]}
        return [(group[NAME], begin(group)) for group in found]

    def poll(self, seen: Callable[[Group], Verdict]) -> Callable[[list[str]], Verdicts]:
        """A poll that judges groups by their descriptions; one that is gone or is being deleted has failed."""

        def judged(names: list[str]) -> Verdicts:
            found = by_name(self.call, names)
            for name in names:
                if (group := found.get(name)) is None or group.get("Status"):
                    yield name, NOT_FOUND
                    continue
                if name in self.call.state["about"]:
                    self.call.state["about"][name][1] = group
                yield name, seen(group)

        return judged

    def show(self, result: GroupsResult) -> None:
        """Add the details of the first groups to a result."""
        about: list[tuple[list[int], Group]] = list(self.call.state["about"].values())
        result.groups = [
            GroupState(
                auto_scaling_group_name=group[NAME],
                previous_capacity=before,
                capacity=capacity(group),
                in_service=in_service(group),
                suspended_processes=group["Suspended"],
                tags=tags(group),
            )
            for before, group in about
        ]
        result.responses = {"DescribeAutoScalingGroupsResponse": {"AutoScalingGroups": [group for _, group in about]}}


def _described(call: Call, **given: Any) -> list[Group]:
    pages = call.client("autoscaling").get_paginator("describe_auto_scaling_groups")
    return [
        _trim(group)
        for page in pages.paginate(**given, PaginationConfig={"PageSize": PAGE})
        for group in page["AutoScalingGroups"]
    ]


def _trim(group: dict[str, Any]) -> Group:
    """What parts and mail templates need of a group, as JSON."""
    return {
        **{key: group[key] for key in _KEPT if key in group},
        "Instances": {i["InstanceId"]: i["LifecycleState"] for i in group.get("Instances", [])},
        "Suspended": sorted(process["ProcessName"] for process in group.get("SuspendedProcesses", [])),
        "Tags": [{"Key": tag["Key"], "Value": tag.get("Value", "")} for tag in group.get("Tags", [])],
    }
