"""Changing the type of instances: stop, modify, start, verify; without capacity the next type, and at last the old."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.pacing import Bucket
from lambdas.engine.selection import ChangeInstances, selected
from lambdas.engine.stages import DONE, Batch, Each, Failed, Skipped, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ec2._shared.instances import Instance, by_capacity, population, state_of, statuses
from lambdas.parts.ec2._shared.permissions import GRANT_KEYS, INSTANCES
from lambdas.parts.ec2._shared.power import STALE, PowerResult, cannot_stop, fall_back, plan, poll, shown
from lambdas.parts.ec2._shared.standby import ENTERING, LEAVING, Standby


@dataclass
class ModifyInstanceAttributeResult(PowerResult):
    """Result of ec2.modify_instance_attribute.

    changed: instances that have the new type, or one of the fallback types, and are in the state they were in.
    skipped: those that had the type already, running members of Auto Scaling groups unless `auto_scaling` says
        otherwise (their group would terminate them), and those excluded by tag.
    fallen_back: those of `changed` that have one of the fallback types.
    """

    fallen_back: list[str] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeInstanceStatus")),
        Allow(("ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances"), INSTANCES),
        GRANT_KEYS,
        *ENTERING,
        *LEAVING,
    ),
    cost="The price of the new type from the start on. Savings Plans and reservations for another family do not cover "
    "it.",
    timeout="2h",
)
def modify_instance_attribute(
    call: Call,
    *,
    instance_type: str,
    restart: bool = False,
    fallback_types: list[str] | None = None,
    status_check: bool = False,
    auto_scaling: Literal["skip", "include", "standby"] = "skip",
    **common: Unpack[ChangeInstances],
) -> ModifyInstanceAttributeResult | Pending:
    """Change the type of instances; running ones are stopped for it and started again.

    When there is no capacity for the type, or the instance cannot have it, the fallback types are tried in their order,
    and at last the instance gets its old type back and is started again; it then counts as failed.

    Parameters:
    tag: "Role=batch", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    instance_type: the new type, such as "m5.2xlarge".
    restart: stop running instances, and start them again; without it a running instance fails.
    fallback_types: types to try when `instance_type` cannot be had.
    status_check: after the start wait until all status checks have passed ("3/3 checks passed").
    auto_scaling: "skip" leaves running members of Auto Scaling groups alone, because their group terminates one that
        stops; "standby" puts them into Standby before, as far as their groups stay at their minimum size, and back into
        service when they run again; "include" stops them as they are: suspend the group's processes before.

    Result: ModifyInstanceAttributeResult.

    Errors:
    PartFailed: an instance does not exist, is running without `restart`, or could have none of the types; its Auto
        Scaling group is at its minimum, or could not take it back.
    PartTimeout: an instance was not done when `timeout` ended.

    Example:
        from lambdas.parts import ec2
        from nightshift import cron, flow


        @flow(schedule=cron("0 22 L * ? *", timezone="Asia/Tokyo"), timeout="2h")
        def larger_for_the_closing():
            \"\"\"Give the report servers a larger type for the last night of the month, or the next best.\"\"\"
            changed = ec2.modify_instance_attribute(
                tag="Role=report",
                instance_type="m6i.2xlarge",
                fallback_types=["m5.2xlarge"],
                restart=True,
                status_check=True,
            )
            return changed.fallen_back
    """
    ec2 = call.client("ec2")
    types = _Types(call, list(dict.fromkeys([instance_type, *(fallback_types or [])])))
    selection = selected(common, "instance_id")
    standby = Standby(call, auto_scaling)

    def settled(i: str) -> Verdict:
        return "back" if standby.returns(i) else types.settled(i)

    def begin(instance: Instance) -> Verdict:
        state = state_of(instance)
        if instance["InstanceType"] == instance_type:
            return Skipped(f"already {instance_type}")
        if state not in ("running", "stopping", "stopped"):
            return Failed("IncorrectInstanceState", f"'{{id}}' is {state}")
        if state == "running" and not restart:
            return Failed("IncorrectInstanceState", "'{id}' is running; stop it first, or write restart=True")
        member = standby.begin(instance) if state == "running" else None
        if (refused := cannot_stop(instance, False) or member) and refused != "standby":
            return refused
        types.note(instance)
        if member:
            return member
        return {"running": "stop", "stopping": "stopping"}.get(state, "modify")

    def stopped(stage: str) -> Any:
        return poll(call, lambda i: {"stopped": "modify", "stopping": "stopping"}.get(state_of(i), stage))

    def started(stage: str) -> Any:
        """Also of one that is still to be modified or started: the answer of an invocation may have been lost."""

        def judged(instance: Instance) -> Verdict:
            state = state_of(instance)
            if state not in ("pending", "running"):
                return types.fell_back(instance, resize.since()) if stage == "starting" else stage
            types.is_now(instance)
            if state == "pending":
                return "starting"
            return "check" if status_check else settled(instance["InstanceId"])

        return poll(call, judged)

    def checks(ids: list[str]) -> Verdicts:
        found = statuses(call, ids)
        for i in ids:
            yield i, settled(i) if found.get(i) == "ok" else "check" if i in found else "starting"

    def verify(instance: Instance) -> Verdict:
        i = instance["InstanceId"]
        return types.settled(i) if instance["InstanceType"] == types.tried(i) else "verify"

    def stage(name: str, awaited: str) -> tuple[str, str, str]:
        return name, awaited, f"'{{id}}' was still {awaited} when the time ended"

    stages = [
        *standby.entering(then="stop"),
        Batch(
            *stage("stop", "to be stopped"),
            stopped("stop"),
            bucket=Bucket(1000, 20),
            request=lambda ids, dry: ec2.stop_instances(InstanceIds=ids, Force=False, Hibernate=False, DryRun=dry),
            refused=standby.kept,
            denied="one",
        ),
        Stage(*stage("stopping", "to be stopped"), stopped("stopping")),
        Each(
            *stage("modify", "to get their type"),
            started("modify"),
            request=lambda i, dry: ec2.modify_instance_attribute(
                InstanceId=i, InstanceType={"Value": types.tried(i)}, DryRun=dry
            ),
            then=lambda ids, answer: [(i, "start" if types.was_running(i) else "verify") for i in ids],
            refused=types.refused,
            denied="one",
        ),
        Batch(
            *stage("start", "to be started"),
            started("start"),
            bucket=Bucket(1000, 2),
            request=lambda ids, dry: ec2.start_instances(InstanceIds=ids, DryRun=dry),
            # A lack of capacity is one of a type.
            apart=types.tried,
            alike=by_capacity(call),
            refused=types.refused,
            denied="one",
            asks=types.was_running,
        ),
        Stage(*stage("starting", "to be running"), started("starting")),
        Stage(*stage("check", "to pass 2/2 status checks"), checks),
        Stage(*stage("verify", "to show their type"), poll(call, verify)),
        *standby.leaving(types.settled),
    ]
    resize = Stages(
        call,
        stages,
        verb="modify",
        done="modified",
        noun="instance",
        population=population,
        upgrades={0: _upgrade},
    )

    def finish(result: ModifyInstanceAttributeResult) -> None:
        shown(call)(result)
        types.tell(result)

    def planned() -> Verdicts:
        return standby.admitted(plan(call, selection, resize.progress, begin), then="stop")

    return resize.run(planned, ModifyInstanceAttributeResult(), finish)


class _Types:
    """The types that are tried, and how far each instance has come.

    In the state as `who`: id -> {"old": its type, "run": was running, "try": index of the type in `types`, one beyond
    the last for the old one, "why": code and message of the first refusal}.
    """

    def __init__(self, call: Call, types: list[str]) -> None:
        self.call, self.types = call, types

    @property
    def who(self) -> dict[str, dict[str, Any]]:
        """What is noted of each instance."""
        return self.call.state.setdefault("who", {})  # type: ignore[no-any-return]

    def note(self, instance: Instance) -> None:
        """Plan for an instance."""
        about = {"old": instance["InstanceType"], "run": state_of(instance) == "running", "try": 0}
        self.who[instance["InstanceId"]] = about

    def was_running(self, instance: str) -> bool:
        """Whether it has to run again."""
        return bool(self.who[instance]["run"])

    def tried(self, instance: str) -> str:
        """The type that is tried now."""
        who = self.who[instance]
        return str([*self.types, who["old"]][who["try"]])

    def is_now(self, instance: Instance) -> None:
        """Note which attempt a started instance shows."""
        kind = instance["InstanceType"]
        attempt = self.types.index(kind) if kind in self.types else len(self.types)
        self.who[instance["InstanceId"]]["try"] = attempt

    def fell_back(self, instance: Instance, since: float) -> Verdict:
        """Where a started one goes that is not running: on waiting, or to the next type."""
        # What is described may be how the attempt with the type before has ended.
        stale = self.who[instance["InstanceId"]]["try"] > 0 and since < STALE
        reason = None if stale or state_of(instance) != "stopped" else fall_back(instance, since)
        return self._next(instance["InstanceId"], reason.code, reason.message) if reason else "starting"

    def refused(self, instance: str, code: str, message: str) -> Verdict | None:
        """Where one goes that AWS refused: to the next type."""
        if self.call.dry_run:
            return None
        # EC2 may still take it for not quite stopped; the next poll tells.
        return "modify" if code == "IncorrectInstanceState" else self._next(instance, code, message)

    def _next(self, instance: str, code: str, message: str) -> Verdict:
        """To another type; when even the old one is refused, it has failed."""
        who = self.who[instance]
        who.setdefault("why", [code, message.replace("{id}", instance)])
        if who["try"] == len(self.types):
            return Failed(code, f"'{{id}}' is stopped and cannot be started again as {who['old']}: {message}")
        who["try"] += 1
        return "modify"

    def settled(self, instance: str) -> Verdict:
        """It is changed; or has failed, when it is back at its old type."""
        who = self.who[instance]
        if who["try"] < len(self.types):
            return DONE
        code, message = who.get("why", ["NotModified", "it was started with its old type meanwhile"])
        return Failed(code, f"'{{id}}' stays {who['old']}: {message}")

    def tell(self, result: ModifyInstanceAttributeResult) -> None:
        """Add who got another type than the first, and why."""
        for instance in result.changed:
            who = self.who[instance]
            if who["try"]:
                result.fallen_back.append(instance)
                reason = who.get("why", ["", "no capacity"])
                result.warnings.append(f"{instance} is {self.tried(instance)}, not {self.types[0]}: {reason[1]}")


def _upgrade(state: dict[str, Any]) -> None:
    """The state of the code before there were versions, which had the same groups of ids."""
    if "who" not in state:
        state.clear()
        return
    state["pace"] = {stage: state.pop(f"pace {stage}", {}) for stage in ("stop", "start")}
