"""Makes moto's EC2 take its time: instances and snapshots change state on the test's clock."""

from __future__ import annotations

from typing import Any

from tests.parts.driver import TestAws

INSTANCE_CODES = {"pending": 0, "running": 16, "stopping": 64, "stopped": 80}


class Unkind:
    """Registers itself with `aws`.

    power: seconds a start or stop takes. checks: seconds after a start until both status checks pass.
    snapshot: seconds until a snapshot completes.
    fall_back: instance id -> (code, message) of a start that ends in stopped again.
    broken: volumes whose snapshots end in error.
    """

    def __init__(self, aws: TestAws, *, power: int = 30, checks: int = 90, snapshot: int = 60) -> None:
        self.aws = aws
        self.power = power
        self.checks = checks
        self.snapshot = snapshot
        self.changed: dict[str, tuple[str, float]] = {}
        self.created: dict[str, float] = {}
        self.fall_back: dict[str, tuple[str, str]] = {}
        self.broken: set[str] = set()
        self.impaired: set[str] = set()
        aws.hooks.append(self.hook)

    def hook(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        handler = getattr(self, operation, None)
        if handler:
            handler(params, answer)

    def StartInstances(self, params: dict[str, Any], answer: dict[str, Any]) -> None:  # noqa: N802
        self.changed.update((i, ("start", self.aws.now())) for i in params["InstanceIds"])

    def StopInstances(self, params: dict[str, Any], answer: dict[str, Any]) -> None:  # noqa: N802
        self.changed.update((i, ("stop", self.aws.now())) for i in params["InstanceIds"])

    def DescribeInstances(self, params: dict[str, Any], answer: dict[str, Any]) -> None:  # noqa: N802
        for reservation in answer["Reservations"]:
            for instance in reservation["Instances"]:
                self._instance(instance)

    def _instance(self, instance: dict[str, Any]) -> None:
        instance_id = instance["InstanceId"]
        what, since = self.changed.get(instance_id, ("", 0.0))
        moving = self.aws.now() - since < self.power
        if what == "start" and moving:
            self._set(instance, "pending")
        elif what == "start" and instance_id in self.fall_back:
            self._set(instance, "stopped")
            code, message = self.fall_back[instance_id]
            instance["StateReason"] = {"Code": code, "Message": message}
        elif what == "stop" and moving:
            self._set(instance, "stopping")

    @staticmethod
    def _set(instance: dict[str, Any], state: str) -> None:
        instance["State"] = {"Name": state, "Code": INSTANCE_CODES[state]}

    def DescribeInstanceStatus(self, params: dict[str, Any], answer: dict[str, Any]) -> None:  # noqa: N802
        for status in answer["InstanceStatuses"]:
            instance_id = status["InstanceId"]
            _, since = self.changed.get(instance_id, ("", 0.0))
            ok = "ok" if self.aws.now() - since >= self.checks else "initializing"
            status["InstanceStatus"]["Status"] = "impaired" if instance_id in self.impaired else ok
            status["SystemStatus"]["Status"] = "ok"

    def CreateSnapshot(self, params: dict[str, Any], answer: dict[str, Any]) -> None:  # noqa: N802
        self.created[answer["SnapshotId"]] = self.aws.now()
        answer["State"] = "pending"

    def DescribeSnapshots(self, params: dict[str, Any], answer: dict[str, Any]) -> None:  # noqa: N802
        for snapshot in answer["Snapshots"]:
            since = self.created.get(snapshot["SnapshotId"], 0.0)
            if self.aws.now() - since < self.snapshot:
                snapshot["State"], snapshot["Progress"] = "pending", "42%"
            elif snapshot["VolumeId"] in self.broken:
                snapshot["State"], snapshot["StateMessage"] = "error", "The key of the volume is disabled"
        for wanted in params.get("Filters", []):
            if wanted["Name"] == "status":
                answer["Snapshots"] = [s for s in answer["Snapshots"] if s["State"] in wanted["Values"]]
