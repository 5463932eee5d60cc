"""Makes moto's load balancers take their time: health checks and draining on the test's clock."""

from __future__ import annotations

from typing import Any

from tests.parts.driver import TestAws

UNHEALTHY = {
    "State": "unhealthy",
    "Reason": "Target.FailedHealthChecks",
    "Description": "Health checks failed with these codes: [503]",
}


class UnkindElb:
    """Registers itself with `aws`.

    checks: seconds after registration until an instance is healthy.
    drain: seconds a deregistered instance takes to drain.
    lag: seconds during which descriptions are those of before a request.
    health: instance -> the TargetHealth it has instead of becoming healthy.
    """

    def __init__(self, aws: TestAws, *, checks: int = 30, drain: int = 300, lag: int = 0) -> None:
        self.aws = aws
        self.checks = checks
        self.drain = drain
        self.lag = lag
        self.health: dict[str, dict[str, str]] = {}
        self.registered: dict[str, float] = {}
        self.deregistered: dict[str, float] = {}
        aws.hooks.append(self.hook)

    def hook(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "RegisterTargets":
            self._note(self.registered, self.deregistered, [t["Id"] for t in params["Targets"]])
        elif operation == "DeregisterTargets":
            self._note(self.deregistered, self.registered, [t["Id"] for t in params["Targets"]])
        elif operation == "RegisterInstancesWithLoadBalancer":
            self._note(self.registered, self.deregistered, [i["InstanceId"] for i in params["Instances"]])
        elif operation == "DeregisterInstancesFromLoadBalancer":
            self._note(self.deregistered, self.registered, [i["InstanceId"] for i in params["Instances"]])
        elif operation == "DescribeTargetHealth":
            self._targets(answer["TargetHealthDescriptions"])
        elif operation == "DescribeInstanceHealth":
            for state in answer["InstanceStates"]:
                self._classic(state)

    def _note(self, into: dict[str, float], out: dict[str, float], ids: list[str]) -> None:
        for i in ids:
            into[i] = self.aws.now()
            out.pop(i, None)

    def _age(self, moments: dict[str, float], instance: str) -> float:
        return self.aws.now() - moments.get(instance, float("-inf"))

    def _targets(self, listed: list[dict[str, Any]]) -> None:
        for target in list(listed):
            instance = target["Target"]["Id"]
            if self._age(self.registered, instance) < self.lag:
                listed.remove(target)
            elif instance in self.health:
                target["TargetHealth"] = self.health[instance]
            elif self._age(self.registered, instance) < self.checks:
                target["TargetHealth"] = {"State": "initial", "Reason": "Elb.InitialHealthChecking"}
            else:
                target["TargetHealth"] = {"State": "healthy"}
        for instance in self.deregistered:
            age = self._age(self.deregistered, instance)
            if age < self.drain:
                health = {"State": "draining", "Reason": "Target.DeregistrationInProgress"}
                now = {"State": "healthy"} if age < self.lag else health
                listed.append({"Target": {"Id": instance, "Port": 80}, "TargetHealth": now})

    def _classic(self, state: dict[str, Any]) -> None:
        instance = state["InstanceId"]
        if self._age(self.deregistered, instance) < self.drain:
            state |= {"State": "InService", "Description": "Instance deregistration currently in progress."}
        elif state["State"] == "Unknown":
            text = "Instance is not currently registered with the LoadBalancer."
            state |= {"State": "OutOfService", "ReasonCode": "Instance", "Description": text}
        elif instance in self.health:
            state |= {
                "State": "OutOfService",
                "ReasonCode": "Instance",
                "Description": self.health[instance]["Description"],
            }
        elif self._age(self.registered, instance) < self.checks:
            text = "Instance registration is still in progress."
            state |= {"State": "OutOfService", "ReasonCode": "ELB", "Description": text}
