"""Load balancers as the parts see them: who is registered, how healthy, and the requests that change it.

Classic load balancers and target groups have different APIs for the same things; both come out as `TargetState`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter, ServiceError
from lambdas.contract.part import Call
from lambdas.parts.ec2._shared.instances import describe_by_id

_CLASSIC_BATCH = 1000
_BATCH = 200
"""Targets in one request; larger ones are refused now and then. A target group holds 1,000 targets at most.
Elastic Load Balancing User Guides, "Quotas for your Application Load Balancers"."""


@dataclass(frozen=True)
class TargetState:
    """An instance as its load balancer sees it.

    port: port it is registered on; 0 for a classic load balancer, whose listeners have the ports.
    state: "initial", "healthy", "unhealthy", "draining", "unused", "unavailable", or "" when it is not registered.
    reason: AWS's reason code ("Target.FailedHealthChecks"), or "".
    description: AWS's description of the reason, or "".
    """

    instance_id: str
    port: int
    state: str
    reason: str
    description: str

    @property
    def registered(self) -> bool:
        """Whether it gets traffic, or will once it is healthy."""
        return self.state not in ("", "draining")

    @property
    def error(self) -> str:
        """The reason code as an error code; a classic load balancer only says whose fault it is."""
        return self.reason if "." in self.reason else "OutOfService"


States = dict[str, list[TargetState]]
"""Registrations by instance; one instance may be registered on several ports."""


class LoadBalancer(Protocol):
    """Where instances are registered.

    one_port: whether only registrations on the port asked for count, or on the default one; else those on every port.
    facts: what `load` found, as JSON: vpc_id, port (the default one), used (whether traffic can come), members.
    """

    name: str
    batch: int
    one_port: bool
    facts: dict[str, Any]

    def load(self) -> None:
        """Read the facts. Raises ServiceError when it does not exist."""

    def states(self, ids: list[str]) -> States:
        """The registrations of these instances; those that have none are absent."""

    def register(self, ids: list[str]) -> Any:
        """Register instances."""

    def deregister(self, ids: list[str]) -> Any:
        """Deregister instances; those that the last `states` found on several ports from all of them."""

    def responses(self, ids: list[str]) -> dict[str, Any]:
        """The API response of the last `states`, for these instances, by its name."""


def load_balancer(
    call: Call, target_group_arn: str | None, load_balancer_name: str | None, port: int | None
) -> LoadBalancer:
    """The load balancer that a flow's parameters name.

    Raises InvalidParameter unless exactly one is named, or for a port of a classic load balancer.
    """
    if bool(target_group_arn) == bool(load_balancer_name):
        raise InvalidParameter(
            "give one of target_group_arn (Application and Network Load Balancers) and load_balancer_name (classic)"
        )
    if target_group_arn:
        return TargetGroup(call, target_group_arn, port)
    if port is not None:
        raise InvalidParameter("the listeners of a classic load balancer have the ports; leave port out")
    return ClassicLoadBalancer(call, str(load_balancer_name))


class TargetGroup:
    """A target group of an Application or Network Load Balancer."""

    batch = _BATCH
    one_port = False

    def __init__(self, call: Call, arn: str, port: int | None) -> None:
        self.name = arn.rpartition("targetgroup/")[2].partition("/")[0] or arn
        self.facts = call.state.get("facts", {})
        self._client = call.client("elbv2")
        self._arn = arn
        self._port = port
        self._seen: dict[str, list[dict[str, Any]]] = {}

    def load(self) -> None:
        """Read the facts."""
        try:
            group = self._client.describe_target_groups(TargetGroupArns=[self._arn])["TargetGroups"][0]
        except Exception as error:
            if aws_errors.code(error) not in ("TargetGroupNotFound", "ValidationError"):
                raise
            text = f"{aws_errors.code(error)}: {aws_errors.message(error)}"
            raise ServiceError(f"{self._arn}: {text}. Check the ARN, the region and the account.") from error
        if group["TargetType"] != "instance":
            raise InvalidParameter(
                f"{self.name} has targets of type {group['TargetType']}; only type instance takes instances"
            )
        self.facts = {"vpc_id": group["VpcId"], "port": group["Port"], "used": bool(group["LoadBalancerArns"])}
        self.facts["members"] = sorted({t["Target"]["Id"] for t in self._listed() if _state(t) != "draining"})

    def states(self, ids: list[str]) -> States:
        """The registrations of these instances, on the port asked for, or the one that counts, or on any."""
        wanted, asked = set(ids), self._port or (self.facts["port"] if self.one_port else None)
        self._seen = {}
        for target in self._listed():
            instance, port = target["Target"]["Id"], target["Target"]["Port"]
            registered = target["TargetHealth"].get("Reason") != "Target.NotRegistered"
            if instance in wanted and registered and asked in (None, port):
                self._seen.setdefault(instance, []).append(target)
        return {i: [_target_state(t) for t in targets] for i, targets in self._seen.items()}

    def register(self, ids: list[str]) -> Any:
        """Register instances on the port asked for, or the group's."""
        port = self._port or self.facts["port"]
        return self._client.register_targets(
            TargetGroupArn=self._arn, Targets=[{"Id": instance, "Port": port} for instance in ids]
        )

    def deregister(self, ids: list[str]) -> Any:
        """Deregister instances from every port they were seen on."""
        targets = [{"Id": t["Target"]["Id"], "Port": t["Target"]["Port"]} for i in ids for t in self._seen[i]]
        return self._client.deregister_targets(TargetGroupArn=self._arn, Targets=targets)

    def responses(self, ids: list[str]) -> dict[str, Any]:
        """The DescribeTargetHealth response for these instances."""
        seen = [t for i in ids for t in self._seen.get(i, [])]
        return {"DescribeTargetHealthResponse": {"TargetHealthDescriptions": seen}}

    def _listed(self) -> list[dict[str, Any]]:
        """All targets: one call, however many there are."""
        listed: list[dict[str, Any]] = self._client.describe_target_health(TargetGroupArn=self._arn)[
            "TargetHealthDescriptions"
        ]
        return listed


class ClassicLoadBalancer:
    """A load balancer of the previous generation."""

    batch = _CLASSIC_BATCH
    one_port = False

    def __init__(self, call: Call, name: str) -> None:
        self.name = name
        self.facts = call.state.get("facts", {})
        self._client = call.client("elb")
        self._seen: dict[str, dict[str, Any]] = {}

    def load(self) -> None:
        """Read the facts."""
        try:
            answer = self._client.describe_load_balancers(LoadBalancerNames=[self.name])
        except Exception as error:
            if aws_errors.code(error) not in ("LoadBalancerNotFound", "AccessPointNotFound"):
                raise
            raise ServiceError(
                f"there is no classic load balancer {self.name} in this region and account; "
                "for an Application or Network Load Balancer give target_group_arn"
            ) from error
        described = answer["LoadBalancerDescriptions"][0]
        members = [i["InstanceId"] for i in described["Instances"]]
        self.facts = {"vpc_id": described.get("VPCId", ""), "port": 0, "used": True, "members": members}

    def states(self, ids: list[str]) -> States:
        """The registrations of these instances."""

        def describe(batch: list[str]) -> Iterator[dict[str, Any]]:
            asked = [{"InstanceId": i} for i in batch]
            yield from self._client.describe_instance_health(LoadBalancerName=self.name, Instances=asked)[
                "InstanceStates"
            ]

        described = describe_by_id(ids, _CLASSIC_BATCH, describe).items if ids else []
        self._seen = {d["InstanceId"]: d for d in described if _classic_state(d)}
        return {
            i: [TargetState(i, 0, _classic_state(d), _plain(d.get("ReasonCode")), _plain(d.get("Description")))]
            for i, d in self._seen.items()
        }

    def register(self, ids: list[str]) -> Any:
        """Register instances."""
        return self._client.register_instances_with_load_balancer(
            LoadBalancerName=self.name, Instances=[{"InstanceId": i} for i in ids]
        )

    def deregister(self, ids: list[str]) -> Any:
        """Deregister instances."""
        return self._client.deregister_instances_from_load_balancer(
            LoadBalancerName=self.name, Instances=[{"InstanceId": i} for i in ids]
        )

    def responses(self, ids: list[str]) -> dict[str, Any]:
        """The DescribeInstanceHealth response for these instances."""
        seen = [self._seen[i] for i in ids if i in self._seen]
        return {"DescribeInstanceHealthResponse": {"InstanceStates": seen}}


def _state(target: Mapping[str, Any]) -> str:
    # "unhealthy.draining" is a target that drains because it is unhealthy: it stays registered.
    state = str(target["TargetHealth"]["State"])
    return "unhealthy" if state == "unhealthy.draining" else state


def _target_state(target: Mapping[str, Any]) -> TargetState:
    health = target["TargetHealth"]
    return TargetState(
        target["Target"]["Id"],
        target["Target"]["Port"],
        _state(target),
        health.get("Reason", ""),
        health.get("Description", ""),
    )


def _classic_state(described: Mapping[str, Any]) -> str:
    """Elastic Load Balancing API Reference 2012-06-01, "InstanceState": most is only told in the description."""
    state, description = described["State"], described.get("Description", "")
    if "not currently registered" in description:
        return ""
    if "deregistration currently in progress" in description:
        return "draining"
    if state == "InService":
        return "healthy"
    if "registration is still in progress" in description or "HealthyThreshold number" in description:
        # Until the first checks have passed; one that fails them later has failed the "UnhealthyThreshold number".
        return "unhealthy" if "UnhealthyThreshold" in description else "initial"
    if state == "Unknown":
        return "initial" if "transient" in description else ""
    return "unhealthy"


def _plain(text: str | None) -> str:
    return "" if text in (None, "N/A") else str(text)
