"""Services of an ECS cluster: finding the selected ones, and what their results show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Changing, Common, Result
from lambdas.engine.progress import SHOWN, Progress
from lambdas.engine.selection import Ids, Selection, Tags, choose, tag_map
from lambdas.engine.stages import Failed, Stages, Verdict, Verdicts

Service = dict[str, Any]
"""What a description tells of a service, as JSON, with its tags under "Tags" as EC2 writes them."""

SERVICES = ("arn:${AWS::Partition}:ecs:*:${AWS::AccountId}:service/*",)
"""The resources that the parts declare: those of a cluster, and those with an ARN of before 2021 that has none."""

DESCRIBED = 10
LISTED = 100
"""Services in one description, and on one page. Amazon ECS API Reference, "DescribeServices", "ListServices"."""

NAME = "serviceName"
NOUN = "service"
MISSING = Failed("ServiceNotFoundException", "there is no service '{id}' in the cluster {cluster}")

_KEPT = (NAME, "serviceArn", "status", "desiredCount", "runningCount", "pendingCount", "schedulingStrategy")


class SelectServices(Common, total=False):
    """Which services a part acts on.

    service: names, as a list or as "web;workers".
    tag: "Env=test", or a list of which all must match; `*` and `?` are wildcards. With service: of those, the ones with
        the tag.
    exclude_tag: services with one of these tags are left alone.
    """

    service: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeServices(SelectServices, Changing, total=False):
    """Which services a part changes, and within which guard rails."""


# A TypedDict does not know its bases before Python 3.12.
ChangeServices.__doc__ = SelectServices.__doc__


@dataclass(frozen=True)
class ServiceState:
    """A service as the part found and left it.

    previous_count: tasks it wanted before. desired_count, running_count: tasks it wants and has now.
    tags: its tags, by key.
    """

    service: str
    previous_count: int
    desired_count: int
    running_count: int
    tags: dict[str, str]


@dataclass
class ServicesResult(Result):
    """Result of a part that changes services.

    services: the first 100 matched services, before and after.
    """

    services: list[ServiceState] = field(default_factory=list)


class Services:
    """The services of one call in a cluster, as they were and as they are."""

    def __init__(self, call: Call, cluster: str, selection: Selection) -> None:
        self.call, self.cluster, self.selection = call, cluster, selection
        self.client = call.client("ecs")
        self._missing = Failed(MISSING.code, MISSING.message.replace("{cluster}", cluster))

    def plan(self, stages: Stages, begin: Callable[[Service], Verdict]) -> Verdicts:
        """Where each selected service begins; the details of the first are kept for the result."""
        found = sorted(self._find(stages.progress), key=lambda service: str(service[NAME]))
        self.call.state["about"] = {s[NAME]: [s["desiredCount"], s] for s in found[:SHOWN]}
        return [(service[NAME], begin(service)) for service in found]

    def poll(self, seen: Callable[[Service], Verdict]) -> Callable[[list[str]], Verdicts]:
        """A poll that judges services by their descriptions; one that is gone has failed."""

        def judged(names: list[str]) -> Verdicts:
            found = self.by_name(names)
            for name in names:
                if name not in found:
                    yield name, self._missing
                    continue
                if name in self.call.state["about"]:
                    self.call.state["about"][name][1] = found[name]
                yield name, seen(found[name])

        return judged

    def by_name(self, names: list[str]) -> dict[str, Service]:
        """Those of these names that are active."""
        batches = (names[start : start + DESCRIBED] for start in range(0, len(names), DESCRIBED))
        return {
            service[NAME]: _trim(service)
            for batch in batches
            for service in self.client.describe_services(cluster=self.cluster, services=batch, include=["TAGS"])[
                "services"
            ]
            if service["status"] != "INACTIVE"
        }

    def population(self, call: Call) -> int:
        """How many services there are in the cluster."""
        return len(self._names())

    def show(self, result: ServicesResult) -> None:
        """Add the details of the first services to a result."""
        about: list[tuple[int, Service]] = list(self.call.state["about"].values())
        result.services = [
            ServiceState(service[NAME], before, service["desiredCount"], service["runningCount"], tags(service))
            for before, service in about
        ]
        result.responses = {"DescribeServicesResponse": {"services": [service for _, service in about]}}

    def _find(self, progress: Progress) -> list[Service]:
        """The selected services; names that do not exist are noted as failed, excluded ones as skipped."""
        names = self._names() if self.selection.ids is None else self.selection.ids
        found = self.by_name(names)
        if self.selection.ids is not None:
            absent = [name for name in names if name not in found]
            progress.fail(absent, self._missing.code, self._missing.message)
        return choose(list(found.values()), NAME, self.selection, progress)

    def _names(self) -> list[str]:
        pages = self.client.get_paginator("list_services").paginate(
            cluster=self.cluster, PaginationConfig={"PageSize": LISTED}
        )
        return [arn.rpartition("/")[2] for page in pages for arn in page["serviceArns"]]


def tags(service: Service) -> dict[str, str]:
    """Its tags, by key."""
    return tag_map(service["Tags"])


def _trim(service: dict[str, Any]) -> Service:
    """What parts and mail templates need of a service, as JSON."""
    first: dict[str, Any] = next(iter(service.get("events", [])), {})
    return {
        **{key: service[key] for key in _KEPT if key in service},
        "deployments": [
            {key: d[key] for key in ("id", "status", "rolloutState", "rolloutStateReason") if key in d}
            for d in service.get("deployments", [])
        ],
        "event": first.get("message", ""),
        "Tags": [{"Key": tag["key"], "Value": tag.get("value", "")} for tag in service.get("tags", [])],
    }
