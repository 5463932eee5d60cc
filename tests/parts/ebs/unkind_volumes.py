"""Makes moto's volumes take their time: they change state on the test's clock."""

from __future__ import annotations

import copy
from typing import Any

from tests.parts.driver import TestAws


class UnkindVolumes:
    """Registers itself with `aws`. seconds: how long each change takes."""

    def __init__(self, aws: TestAws, seconds: int = 12) -> None:
        self.aws = aws
        self.seconds = seconds
        self.since: dict[tuple[str, str], float] = {}
        self.known: dict[str, dict[str, Any]] = {}
        aws.hooks.append(self.hook)

    def hook(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation in ("CreateVolume", "AttachVolume", "DetachVolume", "DeleteVolume"):
            volume = params.get("VolumeId") or answer["VolumeId"]
            self.since[operation, volume] = self.aws.now()
            answer["State"] = {"CreateVolume": "creating", "AttachVolume": "attaching"}.get(operation, "detaching")
        elif operation == "DescribeVolumes":
            self.describe(params, answer)

    def describe(self, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for volume in answer["Volumes"]:
            name = volume["VolumeId"]
            if self.under_way("DetachVolume", name) and not volume["Attachments"]:
                volume.update(
                    State="in-use", Attachments=[{**self.known[name]["Attachments"][0], "State": "detaching"}]
                )
            elif self.under_way("CreateVolume", name):
                volume["State"] = "creating"
            elif self.under_way("AttachVolume", name) and volume["Attachments"]:
                volume["Attachments"][0]["State"] = "attaching"
            self.known[name] = copy.deepcopy(volume)
        wanted = [i for f in params.get("Filters", []) if f["Name"] == "volume-id" for i in f["Values"]]
        for name in wanted:
            if self.under_way("DeleteVolume", name) and name in self.known:
                answer["Volumes"].append({**self.known[name], "State": "deleting"})

    def under_way(self, operation: str, volume: str) -> bool:
        return self.aws.now() - self.since.get((operation, volume), 0.0) < self.seconds
