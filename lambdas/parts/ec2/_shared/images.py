"""Images (AMIs) and the EBS snapshots they consist of, described by the API of EC2: finding and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.generations import Made
from lambdas.engine.progress import Progress
from lambdas.engine.selection import FILTER_VALUES, Selection, choose, tag_map, timestamp
from lambdas.engine.stages import DONE, Skipped, Verdict

Image = dict[str, Any]
Snapshot = dict[str, Any]

INSTANCE = "nightshift:instance"
"""Tag on an image and on its snapshots: of which instance this flow made it."""

SOURCE, SOURCE_INSTANCE = "nightshift:source", "nightshift:source-instance"
"""Tags on a copy of an image and on its snapshots: of which image it is, and of which instance that was made. A copy
has not the tag INSTANCE, so that the rotation of the images themselves never counts it."""

_PAGE = 1000
"""Images or snapshots on one page. Amazon EC2 API Reference, "DescribeImages", "DescribeSnapshots"."""
_KEPT_OF_IMAGE = (
    "ImageId",
    "Name",
    "State",
    "StateReason",
    "CreationDate",
    "Description",
    "OwnerId",
    "Public",
    "SourceInstanceId",
    "Tags",
)
_KEPT_OF_SNAPSHOT = (
    "SnapshotId",
    "VolumeId",
    "State",
    "StateMessage",
    "Progress",
    "OwnerId",
    "Encrypted",
    "KmsKeyId",
    "Description",
    "VolumeSize",
    "StartTime",
    "StorageTier",
    "Tags",
)

TOO_MANY_PENDING = frozenset(
    {"ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded", "MaximumSnapshotsInProgress"}
)
"""Codes for a quota on the account's pending snapshots. Amazon EBS User Guide, "Amazon EBS quotas"."""

AGAIN = "InvalidSnapshot.InUse"
"""The code for a snapshot that is in use, which it is for a moment longer than the image that was just deregistered."""

_GONE = frozenset({"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"})
_STAY = frozenset({AGAIN, "SnapshotLocked"})
_PROTECTED = ("AWS Backup", "is locked", "deregistration protection")
"""What AWS says under codes that mean other things, too, of what may not be deleted by EC2. Amazon EBS User Guide,
"Delete an Amazon EBS snapshot", "Amazon EBS snapshot lock"; Amazon EC2 User Guide, "Deregister an Amazon EC2 AMI"."""
_BACKUP_TAG = "aws:backup:source-resource"


@dataclass(frozen=True)
class ImageRecord:
    """An image as a result shows it.

    instance_id: the instance it was made of.
    state: "pending", "available", "disabled" or "failed".
    creation_date: UTC, ISO 8601.
    snapshot_ids: the snapshots it consists of.
    tags: its tags, by key.
    """

    image_id: str
    name: str
    instance_id: str
    state: str
    creation_date: str
    snapshot_ids: list[str]
    tags: dict[str, str]


def find_images(call: Call, selection: Selection, progress: Progress, *, own: bool = True) -> list[Image]:
    """The account's own selected images; ids that do not exist are noted as failed, excluded ones as skipped.

    own: False to find by their ids also those that other accounts share.
    """
    if selection.ids is None:
        found = search_images(call, {f["Name"]: f["Values"] for f in selection.filters()})
    else:
        found = images_by_id(call, selection.ids, own=own)
        seen = {i["ImageId"] for i in found}
        gone = [i for i in selection.ids if i not in seen]
        progress.fail(gone, "InvalidAMIID.NotFound", "The image '{id}' does not exist")
    return choose(found, "ImageId", selection, progress)


def population(call: Call) -> int:
    """How many images of its own the account has in the Region of the call."""
    return len(search_images(call, {}))


def images_by_id(call: Call, ids: list[str], region: str | None = None, *, own: bool = True) -> list[Image]:
    """The images with these ids, as far as they exist, in `region` or the call's own. own: see `search_images`."""
    found = []
    for start in range(0, len(ids), FILTER_VALUES):
        found += search_images(call, {"image-id": ids[start : start + FILTER_VALUES]}, region, own=own)
    return found


def search_images(
    call: Call, filters: Mapping[str, list[str]], region: str | None = None, *, own: bool = True
) -> list[Image]:
    """The images that pass the EC2 filters, disabled ones, too, in `region` or the call's own.

    own: those of the account alone, not what others share.
    """
    pages = (
        call.client("ec2", region=region)
        .get_paginator("describe_images")
        .paginate(
            **({"Owners": ["self"]} if own else {}),
            # Without, disabled images are left out. Amazon EC2 User Guide, "Disable an Amazon EC2 AMI".
            IncludeDisabled=True,
            Filters=[{"Name": name, "Values": values} for name, values in filters.items()],
            PaginationConfig={"PageSize": _PAGE},
        )
    )
    return [_trim_image(i) for page in pages for i in page["Images"]]


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
        tags=tag_map(image.get("Tags")),
    )


def made(image: Image, of: str) -> Made:
    """A trimmed image as a product of `of`."""
    # A disabled image is complete and can be enabled again: it is a generation, and goes in its turn.
    states = {"available": "completed", "disabled": "completed", "pending": "pending", "transient": "pending"}
    return Made(
        id=image["ImageId"],
        target=of,
        state=states.get(image["State"], "failed"),
        reason=image.get("StateReason", {}).get("Message", ""),
        at=image.get("CreationDate", ""),
        raw=image,
    )


def snapshots_by_id(call: Call, ids: list[str], region: str | None = None) -> list[Snapshot]:
    """The snapshots with these ids, as far as they exist."""
    found = []
    for start in range(0, len(ids), FILTER_VALUES):
        # A filter, unlike SnapshotIds, does not refuse the whole request for one that is gone.
        found += search_snapshots(call, {"snapshot-id": ids[start : start + FILTER_VALUES]}, region)
    return found


def search_snapshots(call: Call, filters: dict[str, list[str]], region: str | None = None) -> list[Snapshot]:
    """The account's own snapshots that pass the EC2 filters, in `region` or the call's own."""
    pages = (
        call.client("ec2", region=region)
        .get_paginator("describe_snapshots")
        .paginate(
            OwnerIds=["self"],
            Filters=[{"Name": name, "Values": values} for name, values in filters.items()],
            PaginationConfig={"PageSize": _PAGE},
        )
    )
    return [_trim_snapshot(s) for page in pages for s in page["Snapshots"]]


def delete(call: Call, resource: str, dry_run: bool, region: str | None = None) -> None:
    """Deregister an image or delete a snapshot, in `region` or the call's own.

    A snapshot is in use until the image that consists of it is gone.
    """
    client = call.client("ec2", region=region)
    if resource.startswith("ami-"):
        client.deregister_image(ImageId=resource, DryRun=dry_run)
    else:
        client.delete_snapshot(SnapshotId=resource, DryRun=dry_run)


def not_deleted(resource: str, code: str, message: str) -> Verdict | None:
    """What it means that AWS refused to delete a snapshot or an image; None for a failure."""
    if code in _GONE:
        return DONE
    protected = code in _STAY or any(text in message for text in _PROTECTED)
    return Skipped(message.replace("{id}", resource)) if protected else None


def managed(resource: dict[str, Any]) -> Skipped | None:
    """Why a snapshot or an image is left alone: AWS Backup made it and deletes it, and nobody else can."""
    if _BACKUP_TAG in tag_map(resource.get("Tags")):
        return Skipped("is managed by AWS Backup; delete its recovery point there")
    return None


def upgrade(state: dict[str, Any]) -> None:
    """Read the state of a deletion of before states had versions, in place."""
    state.pop("planned", None)
    state["refused"] = state.pop("used", [])


def _trim_image(image: Image) -> Image:
    """What parts and mail templates need of an image, as JSON."""
    kept = {k: image[k] for k in _KEPT_OF_IMAGE if k in image}
    kept["BlockDeviceMappings"] = [
        {"DeviceName": m.get("DeviceName", ""), "Ebs": {"SnapshotId": m["Ebs"]["SnapshotId"]}}
        for m in image.get("BlockDeviceMappings", [])
        if m.get("Ebs", {}).get("SnapshotId")
    ]
    return kept


def _trim_snapshot(snapshot: Snapshot) -> Snapshot:
    """What parts and mail templates need of a snapshot, as JSON."""
    kept = {k: snapshot[k] for k in _KEPT_OF_SNAPSHOT if k in snapshot}
    if isinstance(kept.get("StartTime"), datetime):
        kept["StartTime"] = timestamp(kept["StartTime"])
    return kept
