"""ec2.create_image: an available image (AMI) of each instance, and the newest generations kept."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN
from lambdas.engine.rotation import Rotating
from lambdas.engine.selection import FILTER_VALUES, ChangeInstances, Selection, selected, tag_map
from lambdas.engine.stages import Failed, Verdict
from lambdas.engine.tags import FLOW, call_filter, tag_value, tags_for
from lambdas.parts.ec2._shared.images import (
    AGAIN,
    INSTANCE,
    TOO_MANY_PENDING,
    Image,
    ImageRecord,
    delete,
    images_by_id,
    made,
    not_deleted,
    record,
    search_images,
    snapshot_ids,
    snapshots_by_id,
)
from lambdas.parts.ec2._shared.instances import Instance, by_id, find, population, state_of
from lambdas.parts.ec2._shared.permissions import IMAGES, INSTANCES, SNAPSHOTS
from lambdas.parts.ec2._shared.power import scaled

_NAME = re.compile(r"[^A-Za-z0-9()\[\] ./\-'@_]")
"""What an AMI's name cannot hold. Amazon EC2 API Reference, "CreateImage"."""


@dataclass
class CreateImageResult(MakingResult):
    """Result of ec2.create_image.

    matched: ids of the selected instances.
    changed: ids of the instances that have a new, available image.
    image_ids: ids of the new images, each available.
    images: the new images (the first 100).
    generations: the available and disabled images of this flow that are kept, the newest first (the first 100).
    deleted: ids of the images deregistered by rotation, and of their snapshots.
    """

    image_ids: list[str] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)
    generations: list[ImageRecord] = field(default_factory=list)


@part(
    # It deletes only what nightshift made.
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeImages", "ec2:DescribeSnapshots")),
        Allow(("ec2:CreateImage",), INSTANCES),
        Allow(("ec2:CreateImage",), (*IMAGES, *SNAPSHOTS), {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:CreateTags",), (*IMAGES, *SNAPSHOTS), {"StringEquals": {"ec2:CreateAction": "CreateImage"}}),
        Allow(("ec2:DeregisterImage",), IMAGES, {"StringLike": {"aws:ResourceTag/nightshift:flow": "?*"}}),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:instance": "?*"}}),
    ),
    cost="Storage of the image's snapshots, as for ebs.create_snapshot. `generation` bounds it; what that deletes and "
    "a rule of Recycle Bin retains is billed until it leaves there.",
    hints={"ImageError": "Usually the encryption key of a volume is disabled. Check the key, then run the flow again."},
    timeout="6h",
    interval=30,
)
def create_image(
    call: Call,
    *,
    name: str = "",
    description: str = "",
    no_reboot: bool = False,
    generation: int | None = None,
    **common: Unpack[ChangeInstances],
) -> CreateImageResult | Pending:
    """Make an image (AMI) of each instance, wait until it is available, and keep the newest generations.

    Image and snapshots get the tags of the instance, and nightshift:flow, nightshift:run, nightshift:call and
    nightshift:instance.

    A running member of an Auto Scaling group is skipped, unless `no_reboot` is given: its group terminates one that
    shuts down.

    Rotation: when the new image of an instance is available, the available and disabled images that this flow made of
    this instance are counted; those older than the newest `generation` are deregistered, and their own snapshots
    deleted. A snapshot that another image consists of stays and is reported under `skipped`; so does what is locked or
    protected from deregistration.

    Parameters:
    tag: "Backup=weekly", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    name: what the names of the images begin with; instance, time and call follow; default: the name of the flow.
    description: description of the images, at most 255 characters; default: names the flow and the run.
    no_reboot: do not reboot a running instance; its file systems are then as after a power cut.
    generation: images to keep of each instance, at least 1; default: keep all.

    Result: CreateImageResult.

    Errors:
    PartFailed: an instance does not exist, an image failed, or an old one could not be deregistered.
    PartTimeout: an image was not available when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not make images.
    InvalidParameter: no selection is given, or generation is less than 1.

    Example:
        from lambdas.parts import ec2
        from nightshift import cron, flow


        @flow(schedule=cron("0 2 ? * SUN *", timezone="Asia/Tokyo"), timeout="6h")
        def images_of_the_week():
            \"\"\"Make an image of each web server without rebooting it, and keep those of four weeks.\"\"\"
            return ec2.create_image(tag="Role=web", name="web", no_reboot=True, generation=4).image_ids
    """
    retention = Retention(generation)
    selection = selected(common, "instance_id")
    text = (description or f"{call.run.flow} {call.run.started}".strip())[:255]
    request = {"Description": text, "NoReboot": no_reboot}
    return Imaging(call, selection, name or call.run.flow, request, retention).run()


class Imaging(Rotating[CreateImageResult]):
    """Amazon EC2 User Guide, "Create an Amazon EBS-backed AMI"; an AMI is deregistered before its snapshots go."""

    verb, done, noun, product, products = "make an image of", "imaged", "instance", "image", "images"
    result = CreateImageResult
    gone = "InvalidAMIID.NotFound"
    again = frozenset({AGAIN})
    # The name is taken by the image that a lost invocation made and that is not described yet.
    busy = {"SnapshotCreationPerVolumeRateExceeded": 15, "InvalidAMIName.Duplicate": 15}  # noqa: RUF012
    full = TOO_MANY_PENDING

    def __init__(
        self, call: Call, selection: Selection, name: str, request: dict[str, Any], retention: Retention
    ) -> None:
        super().__init__(call, retention)
        self.selection = selection
        self.name = name
        self.request = request

    def targets(self) -> dict[str, Instance]:
        targets = {}
        for instance in find(self.call, self.selection, self.progress):
            reboots = state_of(instance) == "running" and not self.request["NoReboot"]
            if reboots and (member := scaled(instance)):
                self.progress.skip(
                    [instance["InstanceId"]], f"{member.reason} when it shuts down; write no_reboot=True"
                )
            else:
                targets[instance["InstanceId"]] = instance
        return targets

    def population(self) -> int:
        return population(self.call)

    def describe(self, targets: list[str]) -> dict[str, Instance | Failed]:
        found = by_id(self.call, targets)
        lost = {i: Failed(code, message) for ids, code, message in found.failed for i in ids}
        return {i["InstanceId"]: i for i in found.items} | lost

    def create(self, target: Instance, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        instance = target["InstanceId"]
        tags, dropped = tags_for(self.call.run, {INSTANCE: instance}, target.get("Tags"))
        if dropped:
            self.warn(f"{instance}: {dropped} of its tags did not fit the 50 tags of an image")
        name = image_name(self.call, self.name, instance)
        answer = self.call.client("ec2").create_image(
            InstanceId=instance,
            Name=name,
            TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in ("image", "snapshot")],
            DryRun=dry_run,
            **self.request,
        )
        return answer["ImageId"], {"ImageId": answer["ImageId"], "InstanceId": instance, "Name": name}

    def of_call(self) -> list[Made]:
        return [_made(i) for i in search_images(self.call, call_filter(self.call))]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        flow = tag_value(self.call.run.flow)
        wanted = {f"tag:{FLOW}": [flow], "state": ["available", "disabled"]}
        if len(targets) <= FILTER_VALUES:
            wanted[f"tag:{INSTANCE}"] = targets
        images = [i for i in search_images(self.call, wanted) if tag_map(i.get("Tags")).get(FLOW) == flow]
        found: dict[str, list[Made]] = {target: [] for target in targets}
        for one in sorted(map(_made, images), key=lambda m: (m.at, m.id), reverse=True):
            if one.target in found and one.state == "completed":
                found[one.target].append(one)
        return found

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(i) for i in images_by_id(self.call, products)]

    def goes_with(self, product: Made) -> list[str]:
        """The snapshots of an image that were made with it."""
        own = [s for s in snapshots_by_id(self.call, snapshot_ids(product.raw)) if FLOW in tag_map(s.get("Tags"))]
        return [s["SnapshotId"] for s in own]

    def delete(self, product: str, *, dry_run: bool) -> None:
        delete(self.call, product, dry_run)

    def not_deleted(self, product: str, code: str, message: str) -> Verdict | None:
        return not_deleted(product, code, message)

    def fill(self, result: CreateImageResult, details: list[Made]) -> None:
        kept = self.kept()
        result.image_ids = [self.made[i] for i in result.changed if i in self.made]
        result.images = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in kept]
        deregistered = [i for i in self.deleted[:SHOWN] if i.startswith("ami-")]
        shown = list(self.state.get("about", {}).values())
        result.responses = {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": shown}]},
            "CreateImageResponse": self.state.get("answers", []),
            "DescribeImagesResponse": {"Images": [m.raw for m in details], "Generations": [m.raw for m in kept]},
            "DeregisterImageResponse": [{"ImageId": i} for i in deregistered],
        }


def image_name(call: Call, prefix: str, instance: str) -> str:
    """A name that the same call always gives and no other: AWS itself then refuses a second image."""
    call_hash = hashlib.sha256(f"{call.run.id} {call.run.key}".encode()).hexdigest()[:8]
    moment = re.sub(r"[^0-9T]", "", call.run.started[:19])
    parts = [p for p in (instance, moment, call_hash) if p]
    room = 128 - len("-".join(parts)) - 1
    return "-".join([_NAME.sub("_", prefix)[:room], *parts])


def _made(image: Image) -> Made:
    return made(image, of=tag_map(image.get("Tags")).get(INSTANCE, ""))
