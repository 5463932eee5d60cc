"""Finding the EBS volumes to act on: by instance, instance tag, volume or volume tag."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.progress import Progress
from lambdas.engine.selection import FILTER_VALUES, Selection, choose, timestamp
from lambdas.parts.ec2._instances import Found, Instance, find, missing

Volume = dict[str, Any]

_PAGE = 500
"""Volumes on one page. Amazon EC2 API Reference, "DescribeVolumes"."""

_USABLE = ("available", "in-use")
_KEPT = ("VolumeId", "Size", "State", "Encrypted", "VolumeType", "AvailabilityZone", "Attachments", "Tags")


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
        found.update(_chosen(by_id(call, attached), of_instances, progress))
        _complete(found, hosts)
    if volumes:
        described = Found(_search(call, volumes.filters())) if volumes.ids is None else by_id(call, volumes.ids)
        found.update(_chosen(described, volumes, progress))
    return [found[i] for i in sorted(found)], hosts


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
        found.items += _search(call, [{"Name": "volume-id", "Values": batch}])
    missing(found, wanted, "VolumeId", "InvalidVolume.NotFound", "The volume '{id}' does not exist")
    return found


def _search(call: Call, filters: list[dict[str, Any]]) -> list[Volume]:
    pages = (
        call.client("ec2")
        .get_paginator("describe_volumes")
        .paginate(Filters=filters, PaginationConfig={"PageSize": _PAGE})
    )
    return [trim(v) for page in pages for v in page["Volumes"]]


def _chosen(found: Found, selection: Selection, progress: Progress) -> dict[str, Volume]:
    for ids, code, message in found.failed:
        progress.fail(ids, code, message)
    chosen = {}
    for volume in choose(found.items, "VolumeId", selection, progress):
        if volume["State"] not in _USABLE:
            progress.fail([volume["VolumeId"]], "IncorrectState", f"'{{id}}' is {volume['State']}")
        else:
            chosen[volume["VolumeId"]] = volume
    return chosen


def trim(volume: Volume) -> Volume:
    """What parts and mail templates need of a volume, as JSON."""
    kept = {k: volume[k] for k in _KEPT if k in volume}
    kept["Attachments"] = [
        {k: timestamp(v) if isinstance(v, datetime) else v for k, v in a.items()} for a in volume.get("Attachments", [])
    ]
    return kept
