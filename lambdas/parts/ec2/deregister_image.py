"""ec2.deregister_image: the selected images are deregistered, and the snapshots they consist of deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Unpack

from lambdas.contract.part import Allow, Call, Pending, Result, part
from lambdas.engine.making import SHOWN
from lambdas.engine.selection import ChangeImages, selected
from lambdas.engine.stages import Each, Stages, Verdicts
from lambdas.parts.ec2._shared.images import (
    AGAIN,
    ImageRecord,
    delete,
    find_images,
    managed,
    not_deleted,
    population,
    record,
    snapshot_ids,
    upgrade,
)
from lambdas.parts.ec2._shared.permissions import IMAGES, SNAPSHOTS


@dataclass
class DeregisterImageResult(Result):
    """Result of ec2.deregister_image.

    changed: ids of the deregistered images.
    deleted_snapshots: ids of their deleted snapshots.
    images: the selected images as they were (the first 100).
    """

    deleted_snapshots: list[str] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeImages",)),
        Allow(("ec2:DeregisterImage",), IMAGES),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS),
    ),
    cost="It saves the storage of the snapshots, unless `delete_snapshots` is False; what a rule of Recycle Bin "
    "retains is billed until it goes there, too.",
)
def deregister_image(
    call: Call, *, delete_snapshots: bool = True, **common: Unpack[ChangeImages]
) -> DeregisterImageResult | Pending:
    """Deregister images (AMIs) of this account, and delete the snapshots they consist of.

    Disabled images are found, too. A snapshot that another image consists of, and an image that AWS Backup manages or
    that is protected from deregistration, is left alone and reported under `skipped`. Instances that were launched
    from an image go on.

    Parameters:
    delete_snapshots: whether the snapshots go, too.

    Result: DeregisterImageResult.

    Errors:
    PartFailed: an image does not exist, or it or one of its snapshots could not be deleted.
    AccessDenied: the role may not describe images.

    Example:
        from lambdas.parts import ec2
        from nightshift import flow


        @flow(timeout="1h")
        def withdraw_images(release: str):
            \"\"\"Deregister the images of a release that is withdrawn, and delete their snapshots.\"\"\"
            return ec2.deregister_image(tag=f"Release={release}", exclude_tag="Keep", require_match=True).summary
    """
    selection = selected(common, "image_id")

    def plan() -> Verdicts:
        found = find_images(call, selection, stages.progress)
        call.state["about"] = found[:SHOWN]
        yield from ((i["ImageId"], kept) for i in found if (kept := managed(i)))
        going = [i for i in found if not managed(i)]
        own = [s for i in going for s in snapshot_ids(i)] if delete_snapshots else []
        # An image goes before its snapshots, which are in use until then.
        yield from ((resource, "todo") for resource in dict.fromkeys([*(i["ImageId"] for i in going), *own]))

    def finish(result: DeregisterImageResult) -> None:
        about = call.state["about"]
        result.images = [record(i) for i in about]
        result.responses = {"DescribeImagesResponse": {"Images": about}}
        _tell_apart(result, call.dry_run)

    todo = Each(
        "todo",
        "images to deregister",
        "the time ended before '{id}' could be deregistered",
        request=partial(delete, call),
        denied="one",
        again={AGAIN: "todo"},
        refused=not_deleted,
    )
    stages = Stages(
        call,
        [todo],
        verb="deregister",
        done="deregistered",
        noun="image",
        population=population,
        upgrades={0: upgrade},
    )
    return stages.run(plan, DeregisterImageResult(), finish)


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
