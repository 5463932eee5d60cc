"""Scaling services of ECS, and scaling them back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import selected
from lambdas.engine.stages import DONE, Each, Failed, Skipped, Stage, Stages, Verdict, quoted
from lambdas.parts.ecs._services import NAME, NOUN, SERVICES, ChangeServices, Service, Services, ServicesResult, tags

COUNT = "nightshift:capacity"
"""Tag on a service: the tasks it wanted before it was changed, "desired=2"."""

_BUSY = {"UpdateInProgressException": 15, "LimitExceededException": 15}


@dataclass
class UpdateServiceResult(ServicesResult):
    """Result of ecs.update_service.

    changed: services that are steady with the tasks they are to have.
    skipped: those that had them already, those that remember no count to restore, and those excluded by tag.
    """


@part(
    allow=(
        Allow(("ecs:ListServices",)),
        Allow(("ecs:DescribeServices", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateService"), SERVICES),
    ),
    cost="Tasks that a service stops are not billed any more on Fargate, those that it starts are; instances of the "
    "cluster are billed all the same.",
    hints={
        "ClusterNotFoundException": "Check the name of the cluster, the Region and the account.",
        "DeploymentFailed": "Look at the stopped tasks of the service; their reason tells why they do not start.",
        "InvalidParameterException": "A DAEMON service has no count: it runs a task on each instance.",
    },
    timeout="1h",
    interval=15,
    one_of=(("desired_count", "restore", "force_new_deployment"),),
)
def update_service(
    call: Call,
    *,
    cluster: str = "default",
    desired_count: int | None = None,
    restore: bool = False,
    force_new_deployment: bool = False,
    **common: Unpack[ChangeServices],
) -> UpdateServiceResult | Pending:
    """Scale services of an ECS cluster, or deploy them anew, and wait until they are steady.

    A service is steady when as many tasks run as it wants, none is starting, and one deployment is left, which is
    completed. The count that a service had before goes into its tag nightshift:capacity, unless it has one already, and
    `restore=True` brings it back: so a service that is scaled to zero for the night comes back as it was.

    Application Auto Scaling goes on scaling a service that is its target; suspend it before (`aws.call` of
    "application-autoscaling", register_scalable_target), or scale to zero what it does not scale.

    Parameters:
    cluster: name or ARN of the cluster.
    desired_count: tasks that the service is to run.
    restore: give back the count that the tag remembers, and take the tag away; without desired_count.
    force_new_deployment: start new tasks in the place of all that run, with the image that their tag names now.

    Result: UpdateServiceResult.

    Errors:
    PartFailed: a service does not exist, or its deployment failed.
    PartTimeout: a service was not steady when `timeout` ended; the message has its last event.
    AccessDenied: the role may not update the services.
    InvalidParameter: no selection and nothing to change is given, or a count with restore.

    Source: "UpdateService", "DescribeServices" (Amazon ECS API Reference).

    Example:
        from lambdas.parts import ecs
        from nightshift import cron, flow


        @flow(schedule=cron("0 2 ? * SUN *", timezone="Asia/Tokyo"), timeout="4h")
        def migrate_quietly():
            \"\"\"Take the workers away while the schema of their database changes, and bring them back.\"\"\"
            ecs.update_service(cluster="prod", tag="Role=worker", desired_count=0)
            try:
                ecs.run_task(cluster="prod", task_definition="migrate", timeout="2h")
            finally:
                ecs.update_service(cluster="prod", tag="Role=worker", restore=True)
    """
    _check(desired_count, restore, force_new_deployment)
    services = Services(call, cluster, selected(common, "service"))
    work = _Work(call, services, desired_count, restore=restore, anew=force_new_deployment)
    never = "'{id}' was not updated in time"
    stages = [
        Each(
            "remember",
            "to remember their count",
            never,
            poll=services.poll(lambda service: "todo" if COUNT in tags(service) else "remember"),
            request=lambda name, dry: services.client.tag_resource(
                resourceArn=call.state["arn"][name],
                tags=[{"key": COUNT, "value": f"desired={call.state['was'][name]}"}],
            ),
            then=lambda names, answer: ((name, "todo") for name in names),
            asks=lambda name: False,
        ),
        Each(
            "todo",
            "to be updated",
            never,
            poll=services.poll(lambda service: "sent" if work.sent(service) else "todo"),
            request=work.update,
            asks=lambda name: False,
            busy=_BUSY,
        ),
        Stage("sent", "to be steady", work.late, poll=services.poll(work.settled)),
        Each(
            "forget",
            "whose tag is to be taken away",
            never,
            request=lambda name, dry: services.client.untag_resource(
                resourceArn=call.state["arn"][name], tagKeys=[COUNT]
            ),
            then=lambda names, answer: ((name, DONE) for name in names),
            asks=lambda name: False,
        ),
    ]
    change = Stages(call, stages, verb="update", done="updated", noun=NOUN, population=services.population)
    return change.run(lambda: services.plan(change, work.begin), UpdateServiceResult(), services.show)


def _check(desired_count: int | None, restore: bool, anew: bool) -> None:
    if restore and desired_count is not None:
        raise InvalidParameter("give desired_count or restore=True, and not both")
    if not restore and desired_count is None and not anew:
        raise InvalidParameter("give desired_count, restore=True or force_new_deployment=True")
    if desired_count is not None and desired_count < 0:
        raise InvalidParameter(f"desired_count={desired_count}; a service has 0 tasks or more")


class _Work:
    """What one call does to services. Noted in the state, by name: `to`, the count it is to have; `was`, the count it
    had; `arn`; `deployment`, its deployment before; `event`, the last one.
    """

    def __init__(self, call: Call, services: Services, count: int | None, *, restore: bool, anew: bool) -> None:
        self.call, self.services, self.state = call, services, call.state
        self.count, self.restore, self.anew = count, restore, anew

    def begin(self, service: Service) -> Verdict:
        """Where a service begins."""
        name, remembered = service[NAME], tags(service).get(COUNT, "")
        if self.restore and not remembered:
            return Skipped("remembers no capacity")
        wanted: int | Failed = service["desiredCount"] if self.count is None else self.count
        if self.restore:
            wanted = _of_tag(remembered)
        if isinstance(wanted, Failed):
            return wanted
        if service.get("schedulingStrategy") == "DAEMON" and not (self.anew and self.count is None):
            return Failed("InvalidParameterException", "'{id}' is a DAEMON service, which has no count")
        for key, value in {
            "to": wanted,
            "was": service["desiredCount"],
            "arn": service["serviceArn"],
            "deployment": _primary(service),
        }.items():
            self.state.setdefault(key, {})[name] = value
        same = wanted == service["desiredCount"]
        if same and not self.anew and _steady(service):
            return "forget" if self.restore else Skipped("already so")
        return "todo" if self.restore or remembered or same else "remember"

    def update(self, name: str, dry_run: bool) -> Any:
        """Ask for it."""
        given = {"forceNewDeployment": True} if self.anew else {}
        if self.state["to"][name] != self.state["was"][name] or not self.anew:
            given["desiredCount"] = self.state["to"][name]
        return self.services.client.update_service(cluster=self.services.cluster, service=name, **given)

    def sent(self, service: Service) -> bool:
        """Whether it was asked for: by an earlier invocation whose answer was lost."""
        name = service[NAME]
        counted: bool = service["desiredCount"] == self.state["to"][name]
        return counted and (not self.anew or _primary(service) != self.state["deployment"][name])

    def settled(self, service: Service) -> Verdict:
        """Whether it is steady, or its deployment failed."""
        name = service[NAME]
        lacks = service["runningCount"] < service["desiredCount"]
        failed = next((d for d in service["deployments"] if d.get("rolloutState") == "FAILED"), None)
        if failed and (lacks or failed["id"] != self.state["deployment"][name]):
            why = quoted(failed.get("rolloutStateReason") or service["event"])
            return Failed("DeploymentFailed", f"the deployment of '{{id}}' failed: {why}")
        if self.sent(service) and _steady(service):
            return "forget" if self.restore else DONE
        self.state.setdefault("event", {})[name] = service["event"]
        return "sent"

    def late(self, name: str) -> Failed:
        """What is said of one that is not steady in time."""
        event = quoted(self.state.get("event", {}).get(name) or "look at the events of the service in the console")
        return Failed("Timeout", f"'{{id}}' is not steady: {event}")


def _primary(service: Service) -> str:
    return str(next((d["id"] for d in service["deployments"] if d["status"] == "PRIMARY"), ""))


def _steady(service: Service) -> bool:
    """Whether as many tasks run as it wants, and no deployment is under way. Those of CodeDeploy and of another
    controller are no deployments of ECS and are not listed.
    """
    rolling = [d for d in service["deployments"] if d.get("rolloutState") == "IN_PROGRESS"]
    counted: bool = service["runningCount"] == service["desiredCount"] and not service["pendingCount"]
    return counted and not rolling and len(service["deployments"]) <= 1


def _of_tag(text: str) -> int | Failed:
    found = re.fullmatch(r"desired=(\d+)", text)
    if found is None:
        return Failed("InvalidParameterException", f"the tag {COUNT} of '{{id}}' says {quoted(text)!r}, and no count")
    return int(found[1])
