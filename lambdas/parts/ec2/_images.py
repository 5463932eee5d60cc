"""Images (AMIs): selecting, finding and deregistering them; their records. Their snapshots go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.progress import Progress
from lambdas.engine.selection import FILTER_VALUES, Selection, choose, tag_map
from lambdas.parts.ec2 import _snapshots

Image = dict[str, Any]

INSTANCE = "nightshift:instance"
"""Tag on an image and on its snapshots: of which instance this flow made it."""

_PAGE = 1000
_KEPT = ("ImageId", "Name", "State", "StateReason", "CreationDate", "Description", "OwnerId", "Public", "Tags")


@dataclass(frozen=True)
class ImageRecord:
    """An image as a result shows it.

    instance_id: the instance it was made of.
    state: "pending", "available", "disabled" or "failed".
    creation_date: UTC, ISO 8601.
    snapshot_ids: the snapshots it consists of.
    """

    image_id: str
    name: str
    instance_id: str
    state: str
    creation_date: str
    snapshot_ids: list[str]


def find_images(call: Call, selection: Selection, progress: Progress) -> list[Image]:
    """The account's own selected images; ids that do not exist are noted as failed, excluded ones as skipped."""
    if selection.ids is None:
        found = search(call, {f["Name"]: f["Values"] for f in selection.filters()})
    else:
        found = []
        for start in range(0, len(selection.ids), FILTER_VALUES):
            found += search(call, {"image-id": selection.ids[start : start + FILTER_VALUES]})
        seen = {i["ImageId"] for i in found}
        gone = [i for i in selection.ids if i not in seen]
        progress.fail(gone, "InvalidAMIID.NotFound", "The image '{id}' does not exist")
    return choose(found, "ImageId", selection, progress)


def search(call: Call, filters: Mapping[str, list[str]]) -> list[Image]:
    """The account's own images that pass the EC2 filters, disabled ones, too."""
    pages = (
        call.client("ec2")
        .get_paginator("describe_images")
        .paginate(
            Owners=["self"],
            # Without, disabled images are left out. Amazon EC2 User Guide, "Disable an Amazon EC2 AMI".
            IncludeDisabled=True,
            Filters=[{"Name": name, "Values": values} for name, values in filters.items()],
            PaginationConfig={"PageSize": _PAGE},
        )
    )
    return [trim(i) for page in pages for i in page["Images"]]


def delete(call: Call, resource: str, dry_run: bool) -> None:
    """Deregister an image, or delete a snapshot that one consists of; a snapshot is in use until its image is gone."""
    if resource.startswith("ami-"):
        call.client("ec2").deregister_image(ImageId=resource, DryRun=dry_run)
    else:
        _snapshots.delete(call, resource, dry_run)


def trim(image: Image) -> Image:
    """What parts and mail templates need of an image, as JSON."""
    kept = {k: image[k] for k in _KEPT if k in image}
    kept["BlockDeviceMappings"] = [
        {"DeviceName": m.get("DeviceName", ""), "Ebs": {"SnapshotId": m["Ebs"]["SnapshotId"]}}
        for m in image.get("BlockDeviceMappings", [])
        if m.get("Ebs", {}).get("SnapshotId")
    ]
    return kept


def snapshot_ids(image: Image) -> list[str]:
    """The snapshots an image consists of."""
    return [m["Ebs"]["SnapshotId"] for m in image["BlockDeviceMappings"]]


def record(image: Image) -> ImageRecord:
    """The record of a trimmed image."""
    return ImageRecord(
        image_id=image["ImageId"],
        name=image.get("Name", ""),
        instance_id=tag_map(image.get("Tags")).get(INSTANCE, ""),
        state=image["State"],
        creation_date=image.get("CreationDate", ""),
        snapshot_ids=snapshot_ids(image),
    )
