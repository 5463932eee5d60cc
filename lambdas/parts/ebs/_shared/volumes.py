"""Finding the EBS volumes to act on: by instance, instance tag, volume or volume tag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.progress import Progress
from lambdas.engine.selection import FILTER_VALUES, Selection, choose, tag_map, timestamp
from lambdas.parts.ec2._shared.instances import Found, Instance, find, missing

Volume = dict[str, Any]

_PAGE = 500
"""Volumes on one page. Amazon EC2 API Reference, "DescribeVolumes"."""

_USABLE = ("available", "in-use")
_KEPT = (
    "VolumeId",
    "Size",
    "State",
    "Encrypted",
    "VolumeType",
    "Iops",
    "Throughput",
    "AvailabilityZone",
    "SnapshotId",
    "CreateTime",
    "MultiAttachEnabled",
    "Attachments",
    "Tags",
)


@dataclass(frozen=True)
class VolumeRecord:
    """A volume as a result shows it.

    size: GiB.
    state: "available", "in-use", ...
    instance_id, device: the instance it is attached to and the device name there, or "".
    volume_type: "gp3", ...
    snapshot_id: the snapshot it was made of, or "".
    create_time: UTC, ISO 8601.
    tags: its tags, by key.
    """

    volume_id: str
    size: int
    state: str
    instance_id: str
    device: str
    volume_type: str
    availability_zone: str
    snapshot_id: str
    create_time: str
    tags: dict[str, str]


def record(volume: Volume) -> VolumeRecord:
    """The record of a trimmed volume."""
    attachments = volume.get("Attachments") or [{}]
    return VolumeRecord(
        volume_id=volume["VolumeId"],
        size=volume.get("Size", 0),
        state=volume.get("State", ""),
        instance_id=attachments[0].get("InstanceId", ""),
        device=attachments[0].get("Device", ""),
        volume_type=volume.get("VolumeType", ""),
        availability_zone=volume.get("AvailabilityZone", ""),
        snapshot_id=volume.get("SnapshotId", ""),
        create_time=volume.get("CreateTime", ""),
        tags=tag_map(volume.get("Tags")),
    )


def find_volumes(
    call: Call, instances: Selection | None, volumes: Selection | None, progress: Progress
) -> tuple[list[Volume], list[Instance]]:
    """The volumes of the selected instances and the selected volumes, each once; and those instances.

    Ids that do not exist and volumes in a state without data are noted as failed, excluded ones as skipped.
    """
    hosts = find(call, instances, progress) if instances else []
    found: dict[str, Volume] = {}
    attached = [m["Ebs"]["VolumeId"] for i in hosts for m in i["BlockDeviceMappings"]]
    if instances and attached:
        of_instances = Selection(attached, (), instances.exclude)
        found.update(_with_data(_chosen(by_id(call, attached), of_instances, progress), progress))
        _complete(found, hosts)
    if volumes:
        found.update(_with_data(select_volumes(call, volumes, progress), progress))
    return [found[i] for i in sorted(found)], hosts


def select_volumes(call: Call, selection: Selection, progress: Progress) -> list[Volume]:
    """The selected volumes, in any state; ids that do not exist are noted as failed, excluded ones as skipped."""
    found = Found(search(call, selection.filters())) if selection.ids is None else by_id(call, selection.ids)
    return sorted(_chosen(found, selection, progress), key=lambda volume: str(volume["VolumeId"]))


def _complete(volumes: dict[str, Volume], hosts: list[Instance]) -> None:
    """Add to the attachments what only the description of the instance tells."""
    for mapping in (m["Ebs"] for i in hosts for m in i["BlockDeviceMappings"]):
        for attachment in volumes.get(mapping["VolumeId"], {}).get("Attachments", []):
            attachment.setdefault("DeleteOnTermination", mapping.get("DeleteOnTermination", False))


def by_id(call: Call, ids: list[str]) -> Found:
    """The volumes with these ids.

    Asked for by filter: VolumeIds would refuse the whole request for one volume that is gone.
    """
    found = Found()
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), FILTER_VALUES):
        batch = wanted[start : start + FILTER_VALUES]
        found.items += search(call, [{"Name": "volume-id", "Values": batch}])
    missing(found, wanted, "VolumeId", "InvalidVolume.NotFound", "The volume '{id}' does not exist")
    return found


def population(call: Call) -> int:
    """How many volumes there are in the account and Region of the call."""
    return len(search(call, []))


def search(call: Call, filters: list[dict[str, Any]]) -> list[Volume]:
    """The volumes that pass the EC2 filters."""
    pages = (
        call.client("ec2")
        .get_paginator("describe_volumes")
        .paginate(Filters=filters, PaginationConfig={"PageSize": _PAGE})
    )
    return [trim(v) for page in pages for v in page["Volumes"]]


def _chosen(found: Found, selection: Selection, progress: Progress) -> list[Volume]:
    for ids, code, message in found.failed:
        progress.fail(ids, code, message)
    return choose(found.items, "VolumeId", selection, progress)


def _with_data(volumes: list[Volume], progress: Progress) -> dict[str, Volume]:
    chosen = {}
    for volume in volumes:
        if volume["State"] not in _USABLE:
            progress.fail([volume["VolumeId"]], "IncorrectState", f"'{{id}}' is {volume['State']}")
        else:
            chosen[volume["VolumeId"]] = volume
    return chosen


def trim(volume: Volume) -> Volume:
    """What parts and mail templates need of a volume, as JSON."""
    kept = {k: _json(volume[k]) for k in _KEPT if k in volume}
    kept["Attachments"] = [{k: _json(v) for k, v in a.items()} for a in volume.get("Attachments", [])]
    return kept


def _json(value: Any) -> Any:
    return timestamp(value) if isinstance(value, datetime) else value
