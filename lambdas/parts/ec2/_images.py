"""Images (AMIs) of instances, as `lambdas.engine.making` makes them; their snapshots go with them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.making import SHOWN, Making
from lambdas.engine.progress import Progress
from lambdas.engine.selection import FILTER_VALUES, Selection, choose, tag_map
from lambdas.engine.tags import FLOW, call_filter, tag_value, tags_for
from lambdas.parts.ec2 import _snapshots
from lambdas.parts.ec2._instances import Instance, by_id

Image = dict[str, Any]

INSTANCE = "nightshift:instance"
"""Tag on an image and on its snapshots: of which instance this flow made it."""

_PAGE = 1000
_NAME = re.compile(r"[^A-Za-z0-9()\[\] ./\-'@_]")
"""What an AMI's name cannot hold. Amazon EC2 API Reference, "CreateImage"."""

_KEPT = ("ImageId", "Name", "State", "StateReason", "CreationDate", "Description", "OwnerId", "Public", "Tags")


@dataclass(frozen=True)
class ImageRecord:
    """An image as a result shows it.

    instance_id: the instance it was made of.
    state: "pending", "available" or "failed".
    creation_date: UTC, ISO 8601.
    snapshot_ids: the snapshots it consists of.
    """

    image_id: str
    name: str
    instance_id: str
    state: str
    creation_date: str
    snapshot_ids: list[str]


@dataclass
class CreateImageResult(MakingResult):
    """Result of ec2.create_image.

    matched: ids of the selected instances.
    changed: ids of the instances that have a new, available image.
    image_ids: ids of the new images, each available.
    images: the new images (the first 100).
    generations: the available images of this flow that are kept, the newest first (the first 100).
    deleted: ids of the images deregistered by rotation, and of their snapshots.
    """

    image_ids: list[str] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)
    generations: list[ImageRecord] = field(default_factory=list)


class Imaging(Making[CreateImageResult]):
    """Amazon EC2 User Guide, "Create an Amazon EBS-backed AMI"; an AMI is deregistered before its snapshots go."""

    verb, done_verb, noun, product, products = "make an image of", "imaged", "instance", "image", "images"
    gone = frozenset({"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"})
    # EC2 does not delete a snapshot that another image consists of, too.
    in_use = frozenset({"InvalidSnapshot.InUse", "SnapshotLocked"})
    # The name is taken by the image that a lost invocation made and that is not described yet.
    target_busy = {"SnapshotCreationPerVolumeRateExceeded": 15, "InvalidAMIName.Duplicate": 15}  # noqa: RUF012
    account_busy = frozenset(
        {"ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded", "MaximumSnapshotsInProgress"}
    )

    def __init__(self, call: Call, *, name: str, description: str, no_reboot: bool, generation: int | None) -> None:
        super().__init__(call, generation)
        self.name = name
        self.description = description
        self.no_reboot = no_reboot

    def of_call(self) -> list[Made]:
        return [_made(i) for i in search(self.call, call_filter(self.call))]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        flow = tag_value(self.call.run.flow)
        wanted = {f"tag:{FLOW}": [flow], "state": ["available"]}
        if len(targets) <= FILTER_VALUES:
            wanted[f"tag:{INSTANCE}"] = targets
        found: dict[str, list[Made]] = {target: [] for target in targets}
        for image in search(self.call, wanted):
            made = _made(image)
            ours = tag_map(image.get("Tags")).get(FLOW) == flow
            if ours and made.target in found and made.state == "completed":
                found[made.target].append(made)
        for generations in found.values():
            generations.sort(key=lambda m: (m.at, m.id), reverse=True)
        return found

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(i) for i in search(self.call, {"image-id": products[:FILTER_VALUES]})]

    def describe(self, targets: list[str]) -> dict[str, Instance]:
        found = by_id(self.call, targets)
        for ids, code, message in found.failed:
            self.progress.fail(ids, code, message)
        return {i["InstanceId"]: i for i in found.items}

    def create(self, target: Instance, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        instance = target["InstanceId"]
        tags, dropped = tags_for(self.call.run, {INSTANCE: instance}, target.get("Tags"))
        if dropped:
            self.warn(f"{instance}: {dropped} of its tags did not fit the 50 tags of an image")
        name = image_name(self.call, self.name, instance)
        answer = self.call.client("ec2").create_image(
            InstanceId=instance,
            Name=name,
            Description=self.description,
            NoReboot=self.no_reboot,
            TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in ("image", "snapshot")],
            DryRun=dry_run,
        )
        return answer["ImageId"], {"ImageId": answer["ImageId"], "InstanceId": instance, "Name": name}

    def goes_with(self, product: Made) -> list[str]:
        """The snapshots of an image that were made with it."""
        own = [s for s in _snapshots.by_id(self.call, snapshot_ids(product.raw)) if FLOW in tag_map(s.get("Tags"))]
        return [s["SnapshotId"] for s in own]

    def delete(self, product: str, *, dry_run: bool) -> None:
        client = self.call.client("ec2")
        if product.startswith("ami-"):
            client.deregister_image(ImageId=product, DryRun=dry_run)
        else:
            client.delete_snapshot(SnapshotId=product, DryRun=dry_run)

    def empty(self) -> CreateImageResult:
        return CreateImageResult()

    def fill(self, result: CreateImageResult, details: list[Made], kept: list[Made]) -> CreateImageResult:
        made = self.made()
        result.image_ids = [made[i] for i in result.changed if i in made]
        result.images = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in kept]
        shown = list(self.state.get("about", {}).values())
        result.responses = {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": shown}]},
            "CreateImageResponse": self.state.get("answers", []),
            "DescribeImagesResponse": {"Images": [m.raw for m in details], "Generations": [m.raw for m in kept]},
            "DeregisterImageResponse": [{"ImageId": i} for i in result.deleted[:SHOWN] if i.startswith("ami-")],
        }
        return result


def image_name(call: Call, prefix: str, instance: str) -> str:
    """A name that the same call always gives and no other: AWS itself then refuses a second image."""
    call_hash = hashlib.sha256(f"{call.run.id} {call.run.key}".encode()).hexdigest()[:8]
    moment = re.sub(r"[^0-9T]", "", call.run.started[:19])
    parts = [p for p in (instance, moment, call_hash) if p]
    room = 128 - len("-".join(parts)) - 1
    return "-".join([_NAME.sub("_", prefix)[:room], *parts])


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


def search(call: Call, filters: dict[str, list[str]]) -> list[Image]:
    """The account's own images that pass the EC2 filters."""
    pages = (
        call.client("ec2")
        .get_paginator("describe_images")
        .paginate(
            Owners=["self"],
            Filters=[{"Name": name, "Values": values} for name, values in filters.items()],
            PaginationConfig={"PageSize": _PAGE},
        )
    )
    return [trim(i) for page in pages for i in page["Images"]]


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


def _made(image: Image) -> Made:
    states = {"available": "completed", "pending": "pending", "transient": "pending"}
    return Made(
        id=image["ImageId"],
        target=tag_map(image.get("Tags")).get(INSTANCE, ""),
        state=states.get(image["State"], "failed"),
        reason=image.get("StateReason", {}).get("Message", ""),
        at=image.get("CreationDate", ""),
        raw=image,
    )
