"""What the parts share that change volumes: what they keep of them, and what their results show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Result
from lambdas.engine.progress import SHOWN
from lambdas.parts.ebs._shared.volumes import Volume, VolumeRecord, record


@dataclass
class VolumesResult(Result):
    """Result of a part that changes volumes.

    volumes: the selected volumes as the part last saw them (the first 100).
    """

    volumes: list[VolumeRecord] = field(default_factory=list)


def keep(call: Call, volumes: list[Volume]) -> list[Volume]:
    """Keep the first of the selected volumes for the result, and later what has become of these; `volumes`."""
    about = call.state.setdefault("about", {v["VolumeId"]: v for v in volumes[:SHOWN]})
    about.update({v["VolumeId"]: v for v in volumes if v["VolumeId"] in about})
    return volumes


def shown(call: Call) -> Callable[[VolumesResult], None]:
    """Adds the volumes that were kept to a result."""

    def finish(result: VolumesResult) -> None:
        about: list[Any] = list(call.state["about"].values())
        result.volumes = [record(volume) for volume in about]
        result.responses = {"DescribeVolumesResponse": {"Volumes": about}}

    return finish


def attachment(volume: Volume, instance_id: str) -> dict[str, Any] | None:
    """How a volume is attached to an instance; None when it is not."""
    return next((a for a in volume["Attachments"] if a["InstanceId"] == instance_id), None)
