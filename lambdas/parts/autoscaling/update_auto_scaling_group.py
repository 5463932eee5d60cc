"""Changing the capacity of Auto Scaling groups, and changing it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import selected
from lambdas.engine.stages import DONE, Each, Failed, Skipped, Stage, Stages, Verdict
from lambdas.parts.autoscaling._groups import (
    BUSY,
    GROUPS,
    NAME,
    NOUN,
    ChangeGroups,
    Group,
    Groups,
    GroupsResult,
    capacity,
    in_service,
    population,
    tags,
)

CAPACITY = "nightshift:capacity"
"""Tag on a group: the capacity it had before it was changed, "min=1 desired=2 max=4"."""


@dataclass
class UpdateAutoScalingGroupResult(GroupsResult):
    """Result of autoscaling.update_auto_scaling_group.

    changed: groups that have the capacity, with as many instances in service.
    skipped: those that had it already, those that remember no capacity to restore, and those excluded by tag.
    """


@part(
    allow=(
        Allow(("autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities")),
        Allow(("autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"), GROUPS),
        Allow(("autoscaling:UpdateAutoScalingGroup",), GROUPS),
    ),
    cost="Instances that a group terminates are not billed any more, those that it launches are.",
    hints={
        "ScalingActivityInProgress": "The group is scaling; try again when its activities have ended.",
    },
    timeout="1h",
    interval=15,
    one_of=(("desired_capacity", "min_size", "max_size", "restore"),),
)
def update_auto_scaling_group(
    call: Call,
    *,
    desired_capacity: int | None = None,
    min_size: int | None = None,
    max_size: int | None = None,
    restore: bool = False,
    **common: Unpack[ChangeGroups],
) -> UpdateAutoScalingGroupResult | Pending:
    """Change the capacity of Auto Scaling groups, and wait until as many instances are in service.

    The capacity that a group had before goes into its tag nightshift:capacity, unless it has one already, and
    `restore=True` brings it back: so a group that is scaled to zero for the night comes back as it was. What is not
    given stays; a desired capacity that would lie outside of the new minimum and maximum moves to the nearer of them.

    Parameters:
    desired_capacity: instances that the group is to have.
    min_size: the least that it may have.
    max_size: the most that it may have.
    restore: give back the capacity that the tag remembers, and take the tag away; without the other three.

    Result: UpdateAutoScalingGroupResult.

    Errors:
    PartFailed: a group does not exist, or the desired capacity lies outside of its minimum and maximum.
    PartTimeout: a group had not as many instances in service when `timeout` ended; the message says what its last
        activity failed with.
    AccessDenied: the role may not update the groups.
    InvalidParameter: no selection or no capacity is given, or a capacity with restore.

    Source: "UpdateAutoScalingGroup" (Amazon EC2 Auto Scaling API Reference); "Set scaling limits for your Auto Scaling
    group" (Amazon EC2 Auto Scaling User Guide).

    Example:
        from lambdas.parts import autoscaling, rds
        from nightshift import flow


        @flow(timeout="4h")
        def larger_database(db_instance_identifier: str):
            \"\"\"Take the workers away while their database gets a larger class, and bring them back.\"\"\"
            autoscaling.update_auto_scaling_group(tag="Role=worker", min_size=0, desired_capacity=0)
            try:
                rds.modify_db_instance(
                    db_instance_identifier=db_instance_identifier,
                    db_instance_class="db.r6g.xlarge",
                    apply_immediately=True,
                )
            finally:
                autoscaling.update_auto_scaling_group(tag="Role=worker", restore=True)
    """
    given = [min_size, desired_capacity, max_size]
    if restore is (given != [None, None, None]):
        raise InvalidParameter("give desired_capacity, min_size or max_size, or restore=True, and not both")
    client = call.client("autoscaling")
    groups = Groups(call, selected(common, "auto_scaling_group_name"))

    def begin(group: Group) -> Verdict:
        remembered = tags(group).get(CAPACITY, "")
        if restore and not remembered:
            return Skipped("remembers no capacity")
        wanted = _of_tag(remembered) if restore else _wanted(group, given)
        if isinstance(wanted, Failed):
            return wanted
        call.state.setdefault("to", {})[group[NAME]] = wanted
        call.state.setdefault("was", {})[group[NAME]] = capacity(group)
        if wanted == capacity(group) and _steady(group):
            return "forget" if restore else Skipped("already so")
        return "todo" if restore or remembered else "remember"

    def update(name: str, dry_run: bool) -> Any:
        low, desired, high = call.state["to"][name]
        given = {"MinSize": low, "DesiredCapacity": desired, "MaxSize": high}
        return client.update_auto_scaling_group(AutoScalingGroupName=name, **given)

    def sent(group: Group) -> Verdict:
        name = group[NAME]
        if capacity(group) != call.state["to"][name]:
            # Somebody else has changed it since; or it is described as before for a moment.
            return "sent"
        if _steady(group):
            return "forget" if restore else DONE
        call.state.setdefault("why", {})[name] = _trouble(call, name)
        return "sent"

    def late(name: str) -> Failed:
        why = call.state.get("why", {}).get(name) or "look at the activity of the group in the console of EC2"
        return Failed("Timeout", f"'{{id}}' has not the instances in service: {why}")

    never = "'{id}' was not updated in time"
    stages = [
        Each(
            "remember",
            "to remember their capacity",
            never,
            poll=groups.poll(lambda group: "todo" if CAPACITY in tags(group) else "remember"),
            request=lambda name, dry: client.create_or_update_tags(Tags=[_tag(call, name)]),
            then=lambda names, answer: ((name, "todo") for name in names),
            asks=lambda name: False,
            busy=BUSY,
        ),
        Each(
            "todo",
            "to be updated",
            never,
            poll=groups.poll(lambda group: "sent" if capacity(group) == call.state["to"][group[NAME]] else "todo"),
            request=update,
            asks=lambda name: False,
            busy=BUSY,
        ),
        Stage("sent", "to have the instances in service", late, poll=groups.poll(sent)),
        Each(
            "forget",
            "whose tag is to be taken away",
            never,
            request=lambda name, dry: client.delete_tags(Tags=[_key(name)]),
            then=lambda names, answer: ((name, DONE) for name in names),
            asks=lambda name: False,
            busy=BUSY,
        ),
    ]
    change = Stages(call, stages, verb="update", done="updated", noun=NOUN, population=population)

    return change.run(lambda: groups.plan(change, begin), UpdateAutoScalingGroupResult(), groups.show)


def _wanted(group: Group, given: list[int | None]) -> list[int] | Failed:
    """The capacity a group is to have: what is not given stays, and the desired one moves into the limits."""
    low, desired, high = (new if new is not None else old for new, old in zip(given, capacity(group), strict=True))
    if low > high:
        return Failed("ValidationError", f"'{{id}}' would have a minimum of {low} and a maximum of {high}")
    if given[1] is not None and not low <= desired <= high:
        return Failed("ValidationError", f"a desired capacity of {desired} is not from {low} to {high} of '{{id}}'")
    return [low, min(max(low, desired), high), high]


def _steady(group: Group) -> bool:
    """Whether it has as many instances in service as it should, and none on its way."""
    moving = [s for s in group["Instances"].values() if s.startswith(("Pending", "Terminating", "Quarantined"))]
    return in_service(group) == group["DesiredCapacity"] and not moving


def _trouble(call: Call, name: str) -> str:
    """What the last activity of a group failed with, or ""."""
    answer = call.client("autoscaling").describe_scaling_activities(AutoScalingGroupName=name, MaxRecords=1)
    last: dict[str, Any] = next(iter(answer["Activities"]), {})
    return str(last.get("StatusMessage", "")) if last.get("StatusCode") in ("Failed", "Cancelled") else ""


def _key(name: str) -> dict[str, Any]:
    return {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": CAPACITY}


def _tag(call: Call, name: str) -> dict[str, Any]:
    low, desired, high = call.state["was"][name]
    return {**_key(name), "Value": f"min={low} desired={desired} max={high}", "PropagateAtLaunch": False}


def _of_tag(text: str) -> list[int] | Failed:
    found = re.fullmatch(r"min=(\d+) desired=(\d+) max=(\d+)", text)
    if found is None:
        return Failed("ValidationError", f"the tag {CAPACITY} of '{{id}}' says {text!r}, and no capacity")
    return [int(number) for number in found.groups()]
