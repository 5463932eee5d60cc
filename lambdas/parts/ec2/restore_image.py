"""ec2.restore_image: deregistered images are taken out of Recycle Bin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Pending, Result, part
from lambdas.engine.progress import SHOWN
from lambdas.engine.selection import Ids, parse_ids, timestamp
from lambdas.engine.stages import DONE, Each, Failed, Skipped, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ec2._shared.images import Image, images_by_id, snapshot_ids, snapshots_by_id
from lambdas.parts.ec2._shared.permissions import IMAGES
from lambdas.parts.ec2._shared.recycle_bin import note_flow, warn_of_rotation

_GONE, _NO_SNAPSHOT = "InvalidAMIID.NotFound", "InvalidSnapshot.NotFound"
_IN_BIN = ("recoverable", "recovering")
"""States of a snapshot that is in the bin, or on its way out of it."""

_SETTLE = 5
"""Seconds after which an image that was restored is described."""


@dataclass(frozen=True)
class DeregisteredImage:
    """An image as Recycle Bin showed it.

    enter_time, exit_time: when it was deregistered, and when it would have been for good: UTC, ISO 8601.
    """

    image_id: str
    name: str
    description: str
    enter_time: str
    exit_time: str


@dataclass
class RestoreImageResult(Result):
    """Result of ec2.restore_image.

    changed: ids of the images that were restored, with their snapshots there.
    images: the selected ones that were in the bin (the first 100).
    """

    images: list[DeregisteredImage] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeImages", "ec2:DescribeSnapshots", "ec2:ListImagesInRecycleBin")),
        Allow(("ec2:RestoreImageFromRecycleBin",), IMAGES),
    ),
    cost="An image costs nothing itself, in the bin or outside of it; its snapshots are billed.",
    hints={
        _NO_SNAPSHOT: "Restore its snapshots first with ebs.restore_snapshot, then the image.",
    },
    one_of=(("image_id", "name"),),
    timeout="1h",
)
def restore_image(
    call: Call, *, image_id: Ids = None, name: Ids = None, **common: Unpack[Changing]
) -> RestoreImageResult | Pending:
    """Restore deregistered images (AMIs) from Recycle Bin, and wait until they can be used.

    In the bin is what was deregistered, by whomever, while a retention rule covered it, and for as long as the rule
    says. Name, tags and shares come back with an image. One that a flow had made is one of its generations again,
    which the next rotation may deregister: a warning names the flow.

    An image needs the snapshots it consists of, which are in the bin for themselves: restore these first, as the
    example does. An image without one of them is not counted as restored.

    Parameters:
    image_id: ids of deregistered images, as a list or as "ami-1;ami-2"; `changed` of ec2.deregister_image. One that is
        not in the bin but exists is skipped.
    name: names of images, as a list or as "web;db-*"; `*` and `?` are wildcards. With image_id: of those, the ones that
        are called so.

    Result: RestoreImageResult.

    Errors:
    PartFailed: an image neither exists nor is in the bin, one of its snapshots is not there, or it could not be
        restored.
    PartTimeout: an image could not be used when `timeout` ended.
    AccessDenied: the role may not list or restore what is in the bin.
    InvalidParameter: neither image_id nor name is given.

    Source: "ListImagesInRecycleBin", "RestoreImageFromRecycleBin" (Amazon EC2 API Reference); "Recover deleted EBS
    snapshots and EBS-backed AMIs with Recycle Bin" (Amazon EBS User Guide).

    Example:
        from lambdas.parts import ebs, ec2
        from nightshift import flow


        @flow(timeout="2h")
        def undo_deregistration(image_id: str, snapshot_id: str):
            \"\"\"Take an image that was deregistered by mistake out of Recycle Bin, its snapshots first.\"\"\"
            ebs.restore_snapshot(snapshot_id=snapshot_id, require_match=True)
            return ec2.restore_image(image_id=image_id, require_match=True).changed
    """
    ids, names = parse_ids(image_id), parse_ids(name)
    if ids is None and names is None:
        raise InvalidParameter('give image_id="..." or name="..."; without either nothing is selected')

    def called_so(told: str) -> bool:
        return names is None or any(fnmatchcase(told, wanted) for wanted in names)

    def plan() -> Verdicts:
        found = {i.image_id: i for i in _in_bin(call)}
        chosen = [i.image_id for i in found.values() if (ids is None or i.image_id in ids) and called_so(i.name)]
        call.state["about"] = [vars(found[i]) for i in chosen[:SHOWN]]
        yield from ((i, "todo") for i in chosen)
        elsewhere = [i for i in ids or () if i not in found]
        there = {i["ImageId"]: i for i in images_by_id(call, elsewhere)}
        for i in elsewhere:
            if i not in there:
                yield i, Failed(_GONE, "'{id}' neither exists nor is in Recycle Bin: no rule kept it, or it has left")
            elif called_so(there[i].get("Name", "")):
                yield i, Skipped("exists, and is not in Recycle Bin")

    def poll(asked: list[str]) -> Verdicts:
        found = images_by_id(call, asked)
        missing = _missing(call, found)
        for image in found:
            note_flow(call, image)
            yield image["ImageId"], _verdict(image, missing)

    def look_again(asked: list[str]) -> Verdicts:
        """A snapshot that is not seen a second time is not there."""
        found = images_by_id(call, asked)
        missing = _missing(call, found)
        for image in found:
            lacks = [s for s in snapshot_ids(image) if s in missing]
            if lacks:
                yield image["ImageId"], Failed(_NO_SNAPSHOT, f"'{{id}}' is restored, but lacks {', '.join(lacks)}")
            else:
                yield image["ImageId"], _verdict(image, missing)

    def finish(result: RestoreImageResult) -> None:
        result.images = [DeregisteredImage(**i) for i in call.state["about"]]
        warn_of_rotation(call, result, "deregister")

    def request(image: str, dry_run: bool) -> Any:
        return call.client("ec2").restore_image_from_recycle_bin(ImageId=image, DryRun=dry_run)

    late = "'{id}' is not restored in time"
    run = [
        # One that was restored, but whose answer was lost, is no longer in the bin and is described a moment later.
        Each("todo", "images to restore", late, poll=poll, request=request, again={_GONE: "todo"}),
        Stage("restoring", "to be restored", late, poll=poll, settle=_SETTLE),
        Stage("lacking", "to have their snapshots", late, poll=look_again, settle=_SETTLE),
    ]
    stages = Stages(
        call, run, verb="restore", done="restored", noun="image", population=lambda call: len(_in_bin(call))
    )
    return stages.run(plan, RestoreImageResult(), finish)


def _verdict(image: Image, missing: set[str]) -> Verdict:
    state = image["State"]
    if state in ("failed", "error", "invalid"):
        return Failed("RestoreError", f"'{{id}}' is in the state {state}")
    if any(s in missing for s in snapshot_ids(image)):
        return "lacking"
    return DONE if state in ("available", "disabled") else "restoring"


def _missing(call: Call, images: Iterable[Image]) -> set[str]:
    """The snapshots of images that are not there."""
    needed = {s for image in images for s in snapshot_ids(image)}
    there = {s["SnapshotId"] for s in snapshots_by_id(call, sorted(needed)) if s["State"] not in _IN_BIN}
    return needed - there


def _in_bin(call: Call) -> list[DeregisteredImage]:
    """All images in the bin; the API filters by ids alone, and refuses all for one that is not there."""
    pages = call.client("ec2").get_paginator("list_images_in_recycle_bin").paginate()
    return [
        DeregisteredImage(
            image_id=i["ImageId"],
            name=i.get("Name", ""),
            description=i.get("Description", ""),
            enter_time=timestamp(i["RecycleBinEnterTime"]),
            exit_time=timestamp(i["RecycleBinExitTime"]),
        )
        for page in pages
        for i in page["Images"]
    ]
