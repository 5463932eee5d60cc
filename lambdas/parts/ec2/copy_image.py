"""ec2.copy_image: an available copy of each image (AMI), in the same or another Region, and the newest kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN
from lambdas.engine.rotation import Rotating
from lambdas.engine.selection import ChangeImages, Selection, selected, tag_map
from lambdas.engine.stages import Failed, Verdict
from lambdas.engine.tags import FLOW, call_filter, client_token, tag_value, tags_for
from lambdas.parts.ec2._shared.images import (
    AGAIN,
    INSTANCE,
    SOURCE,
    SOURCE_INSTANCE,
    Image,
    ImageRecord,
    delete,
    find_images,
    images_by_id,
    made,
    not_deleted,
    population,
    record,
    search_images,
    snapshot_ids,
    snapshots_by_id,
)
from lambdas.parts.ec2._shared.permissions import COPY_KEYS, GRANT_KEYS, IMAGES, SNAPSHOTS

_OF_AN_INSTANCE = re.compile(r"-(i-[0-9a-f]{8,17})-")
"""How ec2.create_image writes the instance into the name of an image: all that another account sees of it."""
_LONGEST_NAME = 128
_LONGEST_DESCRIPTION = 255


@dataclass
class CopyImageResult(MakingResult):
    """Result of ec2.copy_image.

    matched: ids of the selected images.
    changed: ids of the images that have an available copy.
    image_ids: ids of the copies, each available.
    images: the copies (the first 100).
    generations: the available and disabled copies of this flow that are kept, the newest first (the first 100).
    deleted: ids of the copies deregistered by rotation, and of their snapshots.
    region: the Region the copies are in.
    """

    image_ids: list[str] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)
    generations: list[ImageRecord] = field(default_factory=list)
    region: str = ""


@part(
    allow=(
        Allow(("ec2:DescribeImages", "ec2:DescribeSnapshots")),
        # The image that is copied and its snapshots have ids, the copies none yet: those have to carry the flow's tag.
        Allow(
            ("ec2:CopyImage",),
            ("arn:${AWS::Partition}:ec2:*::image/ami-*", "arn:${AWS::Partition}:ec2:*::snapshot/snap-*"),
        ),
        Allow(("ec2:CopyImage",), (*IMAGES, *SNAPSHOTS), {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:CreateTags",), (*IMAGES, *SNAPSHOTS), {"StringEquals": {"ec2:CreateAction": "CopyImage"}}),
        Allow(("ec2:DeregisterImage",), IMAGES, {"StringLike": {"aws:ResourceTag/nightshift:source": "?*"}}),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:source": "?*"}}),
        GRANT_KEYS,
        COPY_KEYS,
    ),
    cost="Storage of the copies' snapshots, and data transfer to another Region. `generation` or `keep` bounds the "
    "storage; what they delete and a rule of Recycle Bin retains is billed until it leaves there.",
    hints={
        "CopyError": "Usually the encryption key in the target Region is disabled or its policy leaves out the role.",
        "InvalidRequest": "An encrypted image is copied with kms_key_id=, a key of the target Region; of one that "
        "another account shares the snapshots have to be shared, too: ec2.modify_image_attribute with share_snapshots.",
    },
    timeout="12h",
    interval=30,
)
def copy_image(
    call: Call,
    *,
    to_region: str | None = None,
    name: str = "",
    description: str = "",
    kms_key_id: str | None = None,
    generation: int | None = None,
    keep: str | None = None,
    daily: int | None = None,
    weekly: int | None = None,
    monthly: int | None = None,
    **common: Unpack[ChangeImages],
) -> CopyImageResult | Pending:
    """Copy images (AMIs) to another Region, or within one, wait until the copies are available, and keep the newest.

    A copy and its snapshots get the tags of the image, and nightshift:flow, nightshift:run, nightshift:call,
    nightshift:source and nightshift:source-instance. What exceeds the quota of concurrent copies waits. A repeated
    request is answered with the copy of the first, by its client token.

    Another account: share the images with ec2.modify_image_attribute and `share_snapshots=True`, and copy them by
    their ids with the `role_arn` of that account. Tags are not shared, so the copies there have only those of
    nightshift.

    Rotation: when the copies are available, the available and disabled copies in the target Region that this flow made
    of images of the same instance are looked at; those that no parameter keeps are deregistered, and their
    snapshots deleted. Which instance that is tell nightshift's tags, AWS, or the name that ec2.create_image gives. Of
    an image whose instance is not known all copies are kept, with a warning.

    Parameters:
    image_id: ids, as a list or as "ami-1;ami-2"; `images.image_ids` of ec2.create_image. Also of images that other
        accounts share.
    to_region: Region of the copies; default: the Region of the images.
    name: what the names of the copies begin with; a text of the call follows; default: the name of the original.
    description: description of the copies, at most 255 characters; default: that of the original.
    kms_key_id: key, in the target Region, to encrypt the copies with; default: as the original is.
    generation: newest copies to keep of each instance, at least 1. Without generation, keep, daily, weekly and monthly
        all are kept.
    keep: keep those that are not older, such as "30d".
    daily: keep the newest of each of the last so many days (UTC) in which there is one.
    weekly: the same of weeks, which begin on Monday.
    monthly: the same of months.

    Result: CopyImageResult.

    Errors:
    PartFailed: an image does not exist or is not available, a copy failed, or an old one could not be deregistered.
    PartTimeout: a copy was not available when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not copy images.
    InvalidParameter: no selection is given, generation, daily, weekly or monthly is less than 1, or
        keep is no duration.

    Source: "CopyImage" (Amazon EC2 API Reference); "Copy an Amazon EC2 AMI", "Grant permissions to copy Amazon EC2
    AMIs" (Amazon EC2 User Guide).

    Example:
        from lambdas.parts import ec2
        from nightshift import cron, flow


        @flow(schedule=cron("0 2 ? * SUN *", timezone="Asia/Tokyo"), timeout="12h")
        def images_for_a_disaster():
            \"\"\"Make an image of each web server, and keep the copies of four weeks in another Region.\"\"\"
            made = ec2.create_image(tag="Role=web", no_reboot=True, generation=2)
            copied = ec2.copy_image(image_id=made.image_ids, to_region="ap-northeast-3", generation=4)
            return copied.image_ids
    """
    retention = Retention(generation, keep, daily, weekly, monthly)
    encrypted = {"Encrypted": True, "KmsKeyId": kms_key_id} if kms_key_id else {}
    selection = selected(common, "image_id")
    return Copying(call, selection, to_region, name, description[:_LONGEST_DESCRIPTION], encrypted, retention).run()


class Copying(Rotating[CopyImageResult]):
    """Amazon EC2 User Guide, "Copy an Amazon EC2 AMI"; an AMI is deregistered before its snapshots go."""

    verb, done, noun, product, products = "copy", "copied", "image", "copy", "copies"
    result = CopyImageResult
    gone = "InvalidAMIID.NotFound"
    again = frozenset({AGAIN})
    # The token is known with other parameters when tags have changed since a lost answer: its copy will be shown.
    busy = {"IdempotentParameterMismatch": 15}  # noqa: RUF012
    full = frozenset({"ResourceLimitExceeded"})

    def __init__(
        self,
        call: Call,
        selection: Selection,
        region: str | None,
        name: str,
        description: str,
        encrypted: dict[str, Any],
        retention: Retention,
    ) -> None:
        super().__init__(call, retention)
        self.selection = selection
        self.region = region
        self.name = name
        self.description = description
        self.encrypted = encrypted
        self.client = call.client("ec2", region=region)

    def targets(self) -> dict[str, Image]:
        found = find_images(self.call, self.selection, self.progress, own=False)
        # By tag also the copies of earlier runs are found, as the tags travel: those are not copied again.
        by_name = self.selection.ids is not None
        chosen = [i for i in found if by_name or SOURCE not in tag_map(i.get("Tags"))]
        for image in chosen:
            if image["State"] != "available":
                self.progress.fail([image["ImageId"]], "IncorrectState", f"'{{id}}' is {image['State']}")
        return {i["ImageId"]: i for i in chosen if i["State"] == "available"}

    def population(self) -> int:
        return population(self.call)

    def describe(self, targets: list[str]) -> dict[str, Image | Failed]:
        gone = Failed(self.gone, "The image '{id}' does not exist")
        return dict.fromkeys(targets, gone) | {i["ImageId"]: i for i in images_by_id(self.call, targets, own=False)}

    def create(self, target: Image, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        source = target["ImageId"]
        instance = instance_of(target)
        origin = {SOURCE: source, **({SOURCE_INSTANCE: instance} if instance else {})}
        tags, dropped = tags_for(self.call.run, origin, target.get("Tags"))
        if dropped:
            self.warn(f"{source}: {dropped} of its tags did not fit the 50 tags of an image")
        token = client_token(self.call, source)
        name = "-".join([(self.name or str(target.get("Name", source)))[: _LONGEST_NAME - 9], token[:8]])
        answer = self.client.copy_image(
            SourceRegion=self.call.client("ec2").meta.region_name,
            SourceImageId=source,
            Name=name,
            Description=self.description or target.get("Description", ""),
            ClientToken=token,
            TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in ("image", "snapshot")],
            DryRun=dry_run,
            **self.encrypted,
        )
        return answer["ImageId"], {"ImageId": answer["ImageId"], "SourceImageId": source, "Name": name}

    def of_call(self) -> list[Made]:
        return [_made(i) for i in search_images(self.call, call_filter(self.call), self.region)]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        instances = self._origins(targets)
        found: dict[str, list[Made]] = {instance: [] for instance in instances.values()}
        flow = tag_value(self.call.run.flow)
        wanted = {f"tag:{FLOW}": [flow], "tag-key": [SOURCE], "state": ["available", "disabled"]}
        copies = map(_made, search_images(self.call, wanted, self.region))
        for copy in sorted(copies, key=lambda m: (m.at, m.id), reverse=True):
            tags = tag_map(copy.raw.get("Tags"))
            # The filters are AWS's; the tags are looked at again before anything is deregistered.
            ours = tags.get(FLOW) == flow and copy.target and copy.state == "completed"
            if ours and tags.get(SOURCE_INSTANCE) in found:
                found[tags[SOURCE_INSTANCE]].append(copy)
        return {target: found[instance] for target, instance in instances.items()}

    def _origins(self, targets: list[str]) -> dict[str, str]:
        """Image -> its instance, where that is known; the generations are those of an instance, not of an image."""
        shown = [self.state["about"][t] for t in targets if t in self.state["about"]]
        others = images_by_id(self.call, [t for t in targets if t not in self.state["about"]], own=False)
        found = sorted([*shown, *others], key=lambda i: str(i["ImageId"]))
        return {i["ImageId"]: instance for i in found if (instance := instance_of(i))}

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(i) for i in images_by_id(self.call, products, self.region)]

    def goes_with(self, product: Made) -> list[str]:
        """The snapshots of a copy that were made with it."""
        own = snapshots_by_id(self.call, snapshot_ids(product.raw), self.region)
        return [s["SnapshotId"] for s in own if SOURCE in tag_map(s.get("Tags"))]

    def delete(self, product: str, *, dry_run: bool) -> None:
        delete(self.call, product, dry_run, self.region)

    def not_deleted(self, product: str, code: str, message: str) -> Verdict | None:
        return not_deleted(product, code, message)

    def fill(self, result: CopyImageResult, details: list[Made]) -> None:
        if self.retention and result.changed:
            known = self._origins(result.changed)
            lost = [i for i in result.changed if i not in known]
            text = "its instance is not known, so that no generations of its copies are counted: all are kept"
            result.warnings = [*result.warnings, *(f"{i}: {text}" for i in lost)][:SHOWN]
        kept = self.kept()
        result.region = self.client.meta.region_name
        result.image_ids = [self.made[i] for i in result.changed if i in self.made]
        result.images = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in {m.id: m for m in kept}.values()]
        result.responses = {
            "CopyImageResponse": self.state.get("answers", []),
            "DescribeImagesResponse": {"Images": [m.raw for m in details], "Generations": [m.raw for m in kept]},
            "DeregisterImageResponse": [{"ImageId": i} for i in self.deleted[:SHOWN] if i.startswith("ami-")],
        }


def instance_of(image: Image) -> str:
    """The instance an image, or the original of a copy, was made of; "" when nothing tells it."""
    tags = tag_map(image.get("Tags"))
    named = _OF_AN_INSTANCE.search(image.get("Name", ""))
    told = tags.get(SOURCE_INSTANCE) or tags.get(INSTANCE) or image.get("SourceInstanceId")
    return told or (named[1] if named else "")


def _made(copy: Image) -> Made:
    return made(copy, of=tag_map(copy.get("Tags")).get(SOURCE, ""))
