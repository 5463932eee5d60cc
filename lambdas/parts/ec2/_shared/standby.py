"""Members of Auto Scaling groups that a part stops go into Standby before, and back into service when they run again.

In Standby a group neither checks nor replaces an instance, so that it may be stopped (Amazon EC2 Auto Scaling User
Guide, "Temporarily remove instances from your Auto Scaling group"). Who is there by a part carries the tag `MARK`: a
member that somebody else has put there stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call
from lambdas.engine.selection import tag_map
from lambdas.engine.stages import DONE, Batch, Each, Failed, Stage, Verdict, Verdicts, quoted
from lambdas.engine.tags import tag_value
from lambdas.parts.autoscaling._groups import BUSY, GROUPS, NAME, by_name
from lambdas.parts.autoscaling._standby import at_minimum, members
from lambdas.parts.ec2._shared.instances import Instance
from lambdas.parts.ec2._shared.permissions import INSTANCES
from lambdas.parts.ec2._shared.power import GROUP, scaled

MARK = "nightshift:standby"
"""The tag; its value is the flow that put the instance into Standby."""

_NAMED = 10
_ASKED = ("auto_scaling", "standby")
# "ForAllValues" holds for no keys as well, and DeleteTags without any takes all tags off.
_OWN_TAG: dict[str, dict[str, str | Sequence[str]]] = {
    "ForAllValues:StringEquals": {"aws:TagKeys": [MARK]},
    "Null": {"aws:TagKeys": "false"},
}

ENTERING = (
    Allow(("autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances"), asked_by=_ASKED),
    Allow(("autoscaling:EnterStandby",), GROUPS, asked_by=_ASKED),
    Allow(("ec2:CreateTags",), INSTANCES, _OWN_TAG, asked_by=_ASKED),
)
LEAVING = (
    Allow(("autoscaling:DescribeAutoScalingInstances",), asked_by=_ASKED),
    Allow(("autoscaling:ExitStandby",), GROUPS, asked_by=_ASKED),
    Allow(("ec2:DeleteTags",), INSTANCES, _OWN_TAG, asked_by=_ASKED),
)


class Standby:
    """The way of the members of groups in one call of a part: those of a call that does not ask for it have none.

    auto_scaling: as the call gives it. In the state as `of`: id -> the group of a member that goes this way.
    """

    def __init__(self, call: Call, auto_scaling: Literal["skip", "include", "standby"]) -> None:
        if auto_scaling not in ("skip", "include", "standby"):
            raise InvalidParameter(f'auto_scaling={auto_scaling!r}; write "skip", "include" or "standby"')
        self.call, self.auto_scaling = call, auto_scaling
        self.asked = auto_scaling == "standby"

    @property
    def _of(self) -> dict[str, str]:
        return self.call.state.setdefault("of", {})  # type: ignore[no-any-return]

    def begin(self, instance: Instance) -> Verdict | None:
        """Where a running member of a group goes before it stops; None for one that may stop as it is."""
        member = None if self.auto_scaling == "include" else scaled(instance)
        return "standby" if member and self.asked else member

    def admitted(self, verdicts: Verdicts, then: str) -> Verdicts:
        """The verdicts of a plan: of those that have to go into Standby, whose group can spare them.

        then: the stage of one that is there.
        """
        verdicts = list(verdicts)
        ids = [id_ for id_, verdict in verdicts if verdict == "standby"]
        found = members(self.call, ids)
        groups = by_name(self.call, sorted({member[NAME] for member in found.values()}))
        room = {name: group["DesiredCapacity"] - group["MinSize"] for name, group in groups.items()}
        for id_, verdict in verdicts:
            begun = self._enters(found.get(id_), room, then) if verdict == "standby" else verdict
            if begun in ("standby", "entering"):
                self._of[id_] = found[id_][NAME]
            yield id_, begun

    def entering(self, then: str) -> list[Stage]:
        """The stages into Standby, each member marked before. then: the stage of one that is there."""
        if not self.asked:
            return []
        late = "'{id}' is not in Standby in time"
        return [
            Batch(
                "standby",
                "to be marked as put into Standby",
                late,
                request=lambda ids, dry: self.call.client("ec2").create_tags(
                    Resources=ids, Tags=[{"Key": MARK, "Value": tag_value(self.call.run.flow)}], DryRun=dry
                ),
                denied="one",
            ),
            Each(
                "enter",
                "to be put into Standby",
                late,
                poll=self._poll("EnteringStandby", "entering", {"Standby": then, "InService": "enter"}),
                request=self._enter,
                asks=lambda id_: False,
                busy=BUSY,
                denied="one",
            ),
            Stage(
                "entering",
                "to be in Standby",
                late,
                self._poll("EnteringStandby", "entering", {"Standby": then, "InService": "entering"}),
            ),
        ]

    def kept(self, id_: str, code: str, message: str) -> Failed | None:
        """The failure of one that is in Standby for nothing, as AWS refused what was to follow."""
        if self.call.dry_run or id_ not in self._of:
            return None
        way = 'ec2.start_instances(auto_scaling="standby") takes it out'
        return Failed(code, f"{quoted(message)}; '{{id}}' is in Standby of {self._of[id_]}: {way}")

    def note(self, instance: Instance) -> None:
        """Plan the way back of an instance that a part has put into Standby."""
        tags = tag_map(instance.get("Tags"))
        if MARK in tags and GROUP in tags:
            self._of[instance["InstanceId"]] = tags[GROUP]

    def returns(self, id_: str) -> bool:
        """Whether it goes back into service."""
        return self.asked and id_ in self._of

    def left(self, changed: list[str]) -> list[str]:
        """For the warnings: which of these stay in Standby, as the call does not ask to take them out."""
        there = [] if self.asked else [id_ for id_ in changed if id_ in self.call.state.get("of", {})]
        if not there:
            return []
        names = ", ".join(there[:_NAMED]) + (", ..." if len(there) > _NAMED else "")
        return [f'{len(there)} still in Standby ({names}); auto_scaling="standby" takes them back into service']

    def leaving(self, settled: Callable[[str], Verdict] = lambda id_: DONE) -> list[Stage]:
        """The stages back into service, from "back" on; at last the mark is taken off. settled: where one goes then."""
        if not self.asked:
            return []
        late = "'{id}' runs, and is not in service of its group in time"
        ways: dict[str, Verdict] = {"InService": "unmark", "Standby": "exit"}
        return [
            # An invocation that comes again must not take one out twice.
            Stage("back", "to be found in Standby", late, self._poll("Pending", "leaving", ways, "unmark")),
            Each(
                "exit",
                "to be taken out of Standby",
                late,
                poll=self._poll("Pending", "leaving", ways, "unmark"),
                request=lambda id_, dry: self.call.client("autoscaling").exit_standby(
                    AutoScalingGroupName=self._of[id_], InstanceIds=[id_]
                ),
                refused=lambda id_, code, message: Failed(code, f"'{{id}}' runs, in Standby: {quoted(message)}"),
                asks=lambda id_: False,
                busy=BUSY,
                denied="one",
            ),
            Stage(
                "leaving",
                "to be in service of their group",
                late,
                self._poll("Pending", "leaving", {**ways, "Standby": "leaving"}, "unmark"),
            ),
            Batch(
                "unmark",
                "to lose the mark of Standby",
                late,
                request=lambda ids, dry: self.call.client("ec2").delete_tags(
                    Resources=ids, Tags=[{"Key": MARK}], DryRun=dry
                ),
                then=lambda ids, answer: [(id_, settled(id_)) for id_ in ids],
                asks=self.returns,
                denied="one",
            ),
        ]

    def _enters(self, member: dict[str, Any] | None, room: dict[str, int], then: str) -> Verdict:
        # Without a member the tag is all that is left of it: it has been detached.
        state = member["LifecycleState"] if member else "Standby"
        if state == "Standby":
            return then
        group = member[NAME] if member else ""
        if state.startswith("EnteringStandby"):
            return "entering"
        if state != "InService":
            return Failed("ValidationError", f"'{{id}}' is {state} in {group}")
        if room[group] < 1:
            return at_minimum(group)
        room[group] -= 1
        return "standby"

    def _enter(self, id_: str, dry_run: bool) -> Any:
        return self.call.client("autoscaling").enter_standby(
            AutoScalingGroupName=self._of[id_], InstanceIds=[id_], ShouldDecrementDesiredCapacity=True
        )

    def _poll(
        self, through: str, on: str, at: dict[str, Verdict], gone: Verdict | None = None
    ) -> Callable[[list[str]], Verdicts]:
        """A poll of lifecycle states.

        through, on: the beginning of the names of states on the way, and their stage. at: state -> verdict. gone: of
        one that its group has no more, which is a failure otherwise.
        """

        def judged(ids: list[str]) -> Iterator[tuple[str, Verdict]]:
            found = members(self.call, ids)
            for id_ in ids:
                if id_ not in found:
                    yield id_, gone or Failed("ValidationError", f"'{{id}}' is in {self._of[id_]} no more")
                    continue
                state = found[id_]["LifecycleState"]
                other = Failed("ValidationError", f"'{{id}}' is {state} in {self._of[id_]}")
                yield id_, on if state.startswith(through) else at.get(state, other)

        return judged
