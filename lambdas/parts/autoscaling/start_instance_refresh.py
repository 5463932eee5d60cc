"""Replacing the instances of Auto Scaling groups, a few at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, part, seconds
from lambdas.engine.selection import selected
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts, quoted
from lambdas.parts.autoscaling._groups import (
    BUSY,
    GROUPS,
    NAME,
    NOUN,
    ChangeGroups,
    Group,
    Groups,
    GroupsResult,
    population,
)

_UNDER_WAY = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")
_BUSY = {**BUSY, "InstanceRefreshInProgress": 60}
_MOST_DELAY = 172800
_PERCENT = 100
"""Amazon EC2 Auto Scaling API Reference, "RefreshPreferences": a checkpoint lasts two days at most."""


@dataclass(frozen=True)
class RefreshState:
    """The refresh of a group.

    status: "Successful", "Failed", "InProgress", ... percentage_complete: of the instances that are replaced.
    """

    auto_scaling_group_name: str
    instance_refresh_id: str
    status: str
    percentage_complete: int


@dataclass
class StartInstanceRefreshResult(GroupsResult):
    """Result of autoscaling.start_instance_refresh.

    changed: groups whose instances are all replaced.
    refreshes: the refreshes of the first 100 groups.
    """

    refreshes: list[RefreshState] = field(default_factory=list)


@part(
    allow=(
        Allow(("autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeInstanceRefreshes")),
        Allow(("autoscaling:StartInstanceRefresh",), GROUPS),
    ),
    cost="While an instance is replaced, it and the one in its place are both billed.",
    hints={
        "InstanceRefreshFailed": "Look at the refresh of the group in the console of EC2: its reason tells which "
        "instances were not healthy.",
    },
    timeout="4h",
    interval=30,
)
def start_instance_refresh(
    call: Call,
    *,
    min_healthy_percentage: int | None = None,
    max_healthy_percentage: int | None = None,
    instance_warmup: str | int | None = None,
    checkpoint_percentages: list[int] | None = None,
    checkpoint_delay: str | int | None = None,
    skip_matching: bool = False,
    **common: Unpack[ChangeGroups],
) -> StartInstanceRefreshResult | Pending:
    """Replace the instances of Auto Scaling groups by new ones of their launch template, and wait for the last.

    A group has one refresh at a time: one that somebody else has started is waited for. A refresh whose answer was lost
    is found by being new. At a checkpoint AWS stops for `checkpoint_delay`, so that what was replaced can be looked at;
    a refresh that is cancelled then, or whose instances do not become healthy, fails the step. What is under way when
    `timeout` ends goes on.

    Parameters:
    min_healthy_percentage: how much of the desired capacity stays in service; default: that of the group, else 90.
    max_healthy_percentage: how far the group may grow meanwhile, 100 to 200; default: 100.
    instance_warmup: how long a new instance takes before it counts: seconds, or "5m"; default: that of the group.
    checkpoint_percentages: where to stop for a while, in percent of the instances: [20, 50, 100].
    checkpoint_delay: how long to stop there: seconds, or "30m", at most 48 hours; default: an hour.
    skip_matching: leave alone what has the launch template and the type of the group already.

    Result: StartInstanceRefreshResult.

    Errors:
    PartFailed: a group does not exist, or its refresh failed, was cancelled or rolled back.
    PartTimeout: a refresh had not ended when `timeout` ended; the message says how far it is.
    AccessDenied: the role may not start a refresh.
    InvalidParameter: no selection is given, or a percentage or a delay is none that AWS takes.

    Source: "StartInstanceRefresh", "DescribeInstanceRefreshes", "RefreshPreferences" (Amazon EC2 Auto Scaling API
    Reference).

    Example:
        from lambdas.parts import autoscaling
        from nightshift import cron, flow


        @flow(schedule=cron("0 3 ? * SUN *", timezone="Asia/Tokyo"), timeout="9h")
        def patch_by_replacing():
            \"\"\"Have every group with the tag run the image that its launch template names now.\"\"\"
            autoscaling.start_instance_refresh(
                tag="Patch=weekly",
                min_healthy_percentage=90,
                checkpoint_percentages=[20, 100],
                checkpoint_delay="30m",
                timeout="8h",
            )
    """
    preferences = _preferences(
        min_healthy_percentage, max_healthy_percentage, instance_warmup, checkpoint_percentages, checkpoint_delay
    )
    given = {"Preferences": {**preferences, "SkipMatching": True} if skip_matching else preferences}
    groups = Groups(call, selected(common, "auto_scaling_group_name"))
    work = _Refreshes(call)

    def refresh(name: str, dry_run: bool) -> Any:
        request = given if given["Preferences"] else {}
        return work.client.start_instance_refresh(AutoScalingGroupName=name, Strategy="Rolling", **request)

    stages = [
        Each(
            "todo",
            "to begin their refresh",
            "'{id}' could not begin its refresh in time",
            poll=work.begun,
            request=refresh,
            asks=lambda name: False,
            busy=_BUSY,
        ),
        Stage("sent", "to be refreshed", work.late, poll=work.ended),
    ]
    change = Stages(call, stages, verb="refresh", done="refreshed", noun=NOUN, population=population)

    def finish(result: StartInstanceRefreshResult) -> None:
        groups.show(result)
        result.refreshes = [RefreshState(name, *told) for name, told in list(call.state.get("seen", {}).items())[:100]]
        result.responses["DescribeInstanceRefreshesResponse"] = {"InstanceRefreshes": call.state.get("seen", {})}

    return change.run(lambda: groups.plan(change, work.begin), StartInstanceRefreshResult(), finish)


def _preferences(
    least: int | None,
    most: int | None,
    warmup: str | int | None,
    checkpoints: list[int] | None,
    delay: str | int | None,
) -> dict[str, Any]:
    """The preferences of a refresh. Raises InvalidParameter for those that AWS does not take."""
    if least is not None and not 0 <= least <= _PERCENT:
        raise InvalidParameter(f"min_healthy_percentage={least}; write 0 to 100")
    if most is not None and not _PERCENT <= most <= 2 * _PERCENT:
        raise InvalidParameter(f"max_healthy_percentage={most}; write 100 to 200")
    rising = checkpoints == sorted(set(checkpoints or []))
    if checkpoints and not (rising and checkpoints[0] >= 1 and checkpoints[-1] <= _PERCENT):
        raise InvalidParameter(f"checkpoint_percentages={checkpoints}; write rising percentages from 1 to 100")
    if delay is not None and not (checkpoints and seconds(delay) <= _MOST_DELAY):
        raise InvalidParameter(f"checkpoint_delay={delay!r}; it goes with checkpoint_percentages, and 48h is the most")
    found = {
        "MinHealthyPercentage": least,
        "MaxHealthyPercentage": most,
        "InstanceWarmup": None if warmup is None else seconds(warmup),
        "CheckpointPercentages": checkpoints or None,
        "CheckpointDelay": None if delay is None else seconds(delay),
    }
    return {name: value for name, value in found.items() if value is not None}


class _Refreshes:
    """The refreshes of one call. Noted in the state, by group: `before`, the ids of those that there were; `seen`, id,
    status and percentage of its own.
    """

    def __init__(self, call: Call) -> None:
        self.call, self.state, self.client = call, call.state, call.client("autoscaling")

    def begin(self, group: Group) -> Verdict:
        """Every group begins with those that it has had."""
        name = group[NAME]
        self.state.setdefault("before", {})[name] = [r["InstanceRefreshId"] for r in self._of(name)]
        return "todo"

    def begun(self, names: list[str]) -> Verdicts:
        """Which have one of an earlier invocation, whose answer was lost."""
        return ((name, "sent") for name in names if self._own(name))

    def ended(self, names: list[str]) -> Verdicts:
        """Which have ended, and how."""
        for name in names:
            found = self._own(name)
            if found is None:
                # It is described a moment later.
                continue
            status, done = found["Status"], found.get("PercentageComplete", 0)
            self.state.setdefault("seen", {})[name] = [found["InstanceRefreshId"], status, done]
            if status == "Successful":
                yield name, DONE
            elif status not in _UNDER_WAY:
                why = quoted(found.get("StatusReason") or "AWS gives no reason")
                yield name, Failed("InstanceRefreshFailed", f"the refresh of '{{id}}' ended {status} at {done}%: {why}")

    def late(self, name: str) -> Failed:
        """What has not ended goes on."""
        _, status, done = self.state.get("seen", {}).get(name, ["", "not described", 0])
        return Failed("Timeout", f"the refresh of '{{id}}' is {status} at {done}% and goes on")

    def _own(self, name: str) -> dict[str, Any] | None:
        """The refresh that is new."""
        before = self.state["before"][name]
        return next((r for r in self._of(name) if r["InstanceRefreshId"] not in before), None)

    def _of(self, name: str) -> list[dict[str, Any]]:
        """The last refreshes of a group, the newest first."""
        answer = self.client.describe_instance_refreshes(AutoScalingGroupName=name, MaxRecords=20)
        return list(answer["InstanceRefreshes"])
