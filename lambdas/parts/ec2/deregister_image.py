"""Deregistering images, and deleting the snapshots they consist of."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.each import Each
from lambdas.engine.making import SHOWN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection
from lambdas.parts.ec2._images import Image, ImageRecord, find_images, record, snapshot_ids


@dataclass
class DeregisterImageResult(Result):
    """Result of ec2.deregister_image.

    changed: ids of the deregistered images.
    deleted_snapshots: ids of their deleted snapshots.
    images: the selected images as they were (the first 100).
    """

    deleted_snapshots: list[str] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)


def deregister(call: Call, selection: Selection, delete_snapshots: bool) -> DeregisterImageResult | Pending:
    """One invocation; an image goes before its snapshots, which are in use until then."""

    def request(resource: str, dry_run: bool) -> None:
        client = call.client("ec2")
        if resource.startswith("ami-"):
            client.deregister_image(ImageId=resource, DryRun=dry_run)
        else:
            client.delete_snapshot(SnapshotId=resource, DryRun=dry_run)

    each = Each(
        call,
        verb="deregister",
        done="deregistered",
        noun="image",
        request=request,
        settled=("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"),
        in_use=("InvalidSnapshot.InUse", "SnapshotLocked"),
    )
    planned = each.planned
    if not planned:
        progress = Progress({})
        found = find_images(call, selection, progress)
        each.plan(_in_order(found, delete_snapshots), progress)
        call.state["about"] = found[:SHOWN]
    about = call.state["about"]
    result = DeregisterImageResult(
        images=[record(i) for i in about], responses={"DescribeImagesResponse": {"Images": about}}
    )
    outcome = each.run(planned, result)
    if isinstance(outcome, DeregisterImageResult):
        _tell_apart(outcome, call.dry_run)
    return outcome


def _in_order(images: list[Image], delete_snapshots: bool) -> list[str]:
    own = [s for i in images for s in snapshot_ids(i)] if delete_snapshots else []
    return list(dict.fromkeys([*(i["ImageId"] for i in images), *own]))


def _tell_apart(result: DeregisterImageResult, dry_run: bool) -> None:
    """Count images as what was selected and changed, snapshots beside them."""
    result.deleted_snapshots = [i for i in result.changed if i.startswith("snap-")]
    result.changed = [i for i in result.changed if not i.startswith("snap-")]
    result.matched = [i for i in result.matched if not i.startswith("snap-")]
    count = f"{len(result.changed)} image{'' if len(result.changed) == 1 else 's'}"
    line = f"would deregister {count}" if dry_run else f"{count} deregistered"
    result.summary = f"{line}, {len(result.deleted_snapshots)} of their snapshots deleted"
    if result.failed:
        result.summary += f", {len(result.failed)} failed"
