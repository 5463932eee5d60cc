"""Drift of stacks, which moto has not: CloudFormation's answers, to be patched into it."""

from __future__ import annotations

from typing import Any

import pytest
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

ID = "b78ac9b0-dec1-11e7-a451-503a3example"


class Drifts:
    """What CloudFormation finds: resources, and how often its look is under way before that."""

    def __init__(self, patch: pytest.MonkeyPatch, *drifts: dict[str, Any], looks: int = 1, end: str = "") -> None:
        self.drifts = list(drifts)
        self.left = looks
        self.end = end or "DETECTION_COMPLETE"
        for name in ("detect_stack_drift", "describe_stack_drift_detection_status", "describe_stack_resource_drifts"):
            method = getattr(self, name)
            patch.setattr(CloudFormationResponse, name, lambda response, answer=method: answer(), raising=False)

    def detect_stack_drift(self) -> ActionResult:
        """Begin a look."""
        return ActionResult({"StackDriftDetectionId": ID})

    def describe_stack_drift_detection_status(self) -> ActionResult:
        """How far it is."""
        told: dict[str, Any] = {"StackId": "demo", "StackDriftDetectionId": ID, "Timestamp": "2026-11-27T00:00:00Z"}
        if self.left:
            self.left -= 1
            return ActionResult({**told, "DetectionStatus": "DETECTION_IN_PROGRESS"})
        status = "DRIFTED" if self.drifts else "IN_SYNC"
        reason = {"DetectionStatusReason": "not authorized"} if self.end == "DETECTION_FAILED" else {}
        counted = {"StackDriftStatus": status, "DriftedStackResourceCount": len(self.drifts)}
        return ActionResult({**told, **counted, **reason, "DetectionStatus": self.end})

    def describe_stack_resource_drifts(self) -> ActionResult:
        """What has drifted."""
        return ActionResult({"StackResourceDrifts": self.drifts})


def drift(name: str, status: str = "MODIFIED", *differences: tuple[str, str, str]) -> dict[str, Any]:
    """A resource that has drifted. differences: path, expected and actual value."""
    return {
        "StackId": "demo",
        "LogicalResourceId": name,
        "PhysicalResourceId": f"{name}-1",
        "ResourceType": "AWS::SQS::Queue",
        "StackResourceDriftStatus": status,
        "Timestamp": "2026-11-27T00:00:00Z",
        "PropertyDifferences": [
            {"PropertyPath": path, "ExpectedValue": was, "ActualValue": now, "DifferenceType": "NOT_EQUAL"}
            for path, was, now in differences
        ],
    }
