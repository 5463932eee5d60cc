"""An AMI is copied with its snapshots; one of another account where that has shared it, and its snapshots.

Follows CopyImage in the Amazon EC2 API Reference, "Copy an Amazon EC2 AMI" and "Share an AMI with specific AWS
accounts" (Amazon EC2 User Guide). The same client token gives the same copy. Neither tags nor launch permissions are
copied, unless the request says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy as copy_of
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.utils import generic_filter, random_snapshot_id
from moto.kms.models import kms_backends

from nightshift.local.account import ORGANIZATION
from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, after, before, first, instead
from nightshift.local.fleet.rules import images, snapshot_lifecycle, visibility


@first("CopyImage")
def source_image(request: Request) -> None:
    """The image to copy, in the Region it is in."""
    if _source(request) is None:
        raise ec2_error("InvalidAMIID.NotFound", f"The image id '[{request.get('SourceImageId')}]' does not exist")


@before("CopyImage")
def copyable(request: Request) -> None:
    """It is available, and another account has shared its snapshots, too."""
    source: Any = _source(request)
    if source.state != "available":
        raise ec2_error("InvalidAMIID.Unavailable", f"The image ID '{source.id}' is no longer available")
    account = request.scope[0]
    closed = [s for _, s in images.snapshots(source) if account not in s.create_volume_permission_userids]
    if source.owner_id != account and closed:
        raise ec2_error("InvalidRequest", "You do not have permission to access the storage of this ami")


@instead("CopyImage")
def copy(request: Request) -> ActionResult:
    """The copy is pending until its snapshots are completed."""
    made = request.world.notes.setdefault(("images by token", request.scope), {})
    token = request.get("ClientToken")
    if token in made:
        return ActionResult({"ImageId": made[token]})
    source: Any = _source(request)
    tags = request.response._parse_tag_specification()
    image = images.blank(request, source, source_ami=source)
    travelling = {t["key"]: t["value"] for t in source.get_tags()} if request.get("CopyImageTags") else {}
    image.add_tags({**travelling, **tags.get("image", {})})
    for device, original in images.snapshots(source):
        snapshot = _copied(request, original, image, source)
        snapshot.add_tags(tags.get("snapshot", {}))
        image._snapshots[device] = snapshot
        factor = snapshot_lifecycle.COPY_FACTOR
        snapshot_lifecycle.take_time(request, snapshot, factor, then=lambda: images.progress(request.world, image))
    request.backend.amis[image.id] = image
    visibility.hide(request, image)
    if token:
        made[token] = image.id
    return ActionResult({"ImageId": image.id})


def _copied(request: Request, original: Any, image: Any, source: Any) -> Any:
    of = f"from SourceAmi {source.id} for SourceSnapshot {original.id}."
    snapshot = Snapshot(
        request.backend,
        random_snapshot_id(),
        volume=original.volume,
        description=f"Copied for DestinationAmi {image.id} {of}",
        encrypted=original.encrypted,
        kms_key_id=request.get("KmsKeyId") or original.kms_key_id,
        from_ami=image.id,
    )
    request.backend.snapshots[snapshot.id] = snapshot
    return snapshot


@after("DescribeImages")
def shared_images(request: Request, result: ActionResult) -> None:
    """Who asks neither for owners nor for single images sees those that other accounts share, too."""
    if request.get("Owners") or request.get("ImageIds"):
        return
    body: Any = result.result
    found = list(_shared(request, request.scope[1]))
    filters = request.response._filters_from_querystring()
    body["Images"] = [*body["Images"], *(generic_filter(filters, found) if filters else found)]


@before("ModifyImageAttribute")
def shareable(request: Request) -> None:
    """What is encrypted with the key of EBS itself is shared with nobody."""
    image = request.backend.amis.get(request.get("ImageId"))
    added = (request.get("LaunchPermission") or {}).get("Add")
    if image and added and any(_default_key(request, snapshot) for _, snapshot in images.snapshots(image)):
        text = "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot."
        raise ec2_error("InvalidParameter", text)


@before("ModifySnapshotAttribute")
def shareable_snapshot(request: Request) -> None:
    """Nor is a single snapshot."""
    snapshot = request.backend.snapshots[request.get("SnapshotId")]
    if request.get("OperationType") == "add" and _default_key(request, snapshot):
        raise ec2_error("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")


def _default_key(request: Request, snapshot: Any) -> bool:
    if not snapshot.encrypted or not snapshot.kms_key_id:
        return False
    account, region = request.scope
    own = kms_backends[account][region].get_key_id_from_alias("alias/aws/ebs")
    return str(snapshot.kms_key_id).endswith(("alias/aws/ebs", str(own)))


def _source(request: Request) -> Any:
    """The image that the request names: the account's own, or one that is shared with it."""
    wanted, region = request.get("SourceImageId"), request.get("SourceRegion")
    own = [i for i in request.backend_of(region).amis.values() if not visibility.hidden(request, i)]
    return next((image for image in [*own, *_shared(request, region)] if image.id == wanted), None)


def _shared(request: Request, region: str) -> Iterator[Any]:
    """The images of other accounts that may be launched from the account of the request."""
    account = request.scope[0]
    for owner, regions in list(ec2_backends.items()):
        backend = regions.get(region)
        if owner != account and backend is not None:
            yield from (_seen(request, image) for image in backend.amis.values() if _permitted(image, account))


def _seen(request: Request, image: Any) -> Any:
    """What another account sees of an image: neither its tags nor the instance it was made of."""
    seen = copy_of(image)
    seen.ec2_backend, seen.instance_id = request.backend, None
    return seen


def _permitted(image: Any, account: str) -> bool:
    """Organizations: the accounts of the local AWS are all in its one."""
    return any(
        given.get("UserId") == account or f"/{ORGANIZATION}" in given.get("OrganizationArn", "")
        for given in image.launch_permissions
    )
