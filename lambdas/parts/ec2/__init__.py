"""Parts for EC2 instances."""

from __future__ import annotations

from typing import Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Pending, part
from lambdas.engine.progress import Progress
from lambdas.engine.selection import select
from lambdas.parts.ec2._images import CreateImageResult, Imaging
from lambdas.parts.ec2._instances import find
from lambdas.parts.ec2._permissions import GRANT_KEYS, IMAGES, INSTANCES, LAUNCH, MAKE_IMAGES, SNAPSHOTS
from lambdas.parts.ec2.create_tags import CreateTagsResult, FindUntaggedResult, look_for_untagged, tag_resources
from lambdas.parts.ec2.deregister_image import DeregisterImageResult, deregister
from lambdas.parts.ec2.describe_instances import DescribeInstancesResult, describe
from lambdas.parts.ec2.modify_instance_attribute import ModifyInstanceAttributeResult, Resizing
from lambdas.parts.ec2.reboot_instances import reboot_instances as reboot_instances
from lambdas.parts.ec2.run_instances import Replacing, RunInstancesResult
from lambdas.parts.ec2.start_instances import start_instances as start_instances
from lambdas.parts.ec2.stop_instances import stop_instances as stop_instances


@part(allow=(Allow(("ec2:DescribeInstances",)),), waits=False)
def describe_instances(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    **common: Unpack[Common],
) -> DescribeInstancesResult:
    """Read the state of instances.

    Parameters:
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Env=prod-*", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left out.

    Result: DescribeInstancesResult.

    Errors:
    PartFailed: an instance id does not exist.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    return describe(call, selection)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeInstanceStatus")),
        Allow(("ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances"), INSTANCES),
        GRANT_KEYS,
    ),
    timeout="2h",
)
def modify_instance_attribute(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    instance_type: str,
    restart: bool = False,
    fallback_types: list[str] | None = None,
    status_check: bool = False,
    **common: Unpack[Common],
) -> ModifyInstanceAttributeResult | Pending:
    """Change the type of instances; running ones are stopped for it and started again.

    When there is no capacity for the type, or the instance cannot have it, the fallback types are tried in their order,
    and at last the instance gets its old type back and is started again; it then counts as failed.

    Parameters:
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Role=batch", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    instance_type: the new type, such as "m5.2xlarge".
    restart: stop running instances, and start them again; without it a running instance fails.
    fallback_types: types to try when `instance_type` cannot be had.
    status_check: after the start wait until both status checks have passed ("2/2 checks passed").

    Result: ModifyInstanceAttributeResult.

    Errors:
    PartFailed: an instance does not exist, is running without `restart`, or could have none of the types.
    PartTimeout: an instance was not done when `timeout` ended.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    types = list(dict.fromkeys([instance_type, *(fallback_types or [])]))
    return Resizing(call, types, restart=restart, status_check=status_check).run(selection)


@part(
    allow=MAKE_IMAGES,
    timeout="6h",
    interval=30,
)
def create_image(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    name: str = "",
    description: str = "",
    no_reboot: bool = False,
    generation: int | None = None,
    **common: Unpack[Common],
) -> CreateImageResult | Pending:
    """Make an image (AMI) of each instance, wait until it is available, and keep the newest generations.

    Image and snapshots get the tags of the instance, and nightshift:flow, nightshift:run, nightshift:call and
    nightshift:instance.

    Rotation: when the new image of an instance is available, the available images that this flow made of this instance
    are counted; those older than the newest `generation` are deregistered, and their own snapshots deleted. A snapshot
    that another image consists of stays and is reported under `skipped`.

    Parameters:
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Backup=weekly", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    name: what the names of the images begin with; instance, time and call follow; default: the name of the flow.
    description: description of the images, at most 255 characters; default: names the flow and the run.
    no_reboot: do not reboot a running instance; its file systems are then as after a power cut.
    generation: available images to keep of each instance, at least 1; default: keep all.

    Result: CreateImageResult.

    Errors:
    PartFailed: an instance does not exist, an image failed, or an old one could not be deregistered.
    PartTimeout: an image was not available when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not make images.
    InvalidParameter: no selection is given, or generation is less than 1.
    """
    if generation is not None and generation < 1:
        raise InvalidParameter(f"generation={generation} would keep none; write 1 or more")
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    text = description or f"{call.run.flow} {call.run.started}".strip()
    imaging = Imaging(
        call, name=name or call.run.flow, description=text[:255], no_reboot=no_reboot, generation=generation
    )
    planned = imaging.planned
    if not planned:
        progress = Progress({})
        imaging.plan({i["InstanceId"]: i for i in find(call, selection, progress)}, progress)
    return imaging.run(planned)


@part(allow=LAUNCH)
def run_instances(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    status_check: bool = False,
    **common: Unpack[Common],
) -> RunInstancesResult | Pending:
    """Run a replacement of each instance from its last image (AMI), and wait until it runs.

    The last image is the newest available one that ec2.create_image made of the instance, in any flow. The replacement
    has the type, subnet, security groups, instance profile, key pair, metadata options, user data and tags of the
    instance, and nightshift:flow, nightshift:run, nightshift:call and nightshift:instance; its volumes are those of the
    image. Private and Elastic IP addresses stay with the instance, which is left as it is: it is yours to stop.

    Parameters:
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Role=web", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    status_check: wait until both status checks of the replacements have passed ("2/2 checks passed").

    Result: RunInstancesResult.

    Errors:
    PartFailed: an instance does not exist, is terminated or has no image, or its replacement ended again.
    PartTimeout: a replacement was not running, or had not passed its checks, when `timeout` ended; a lack of capacity
        is waited for until then.
    AccessDenied: the role may not launch instances.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    replacing = Replacing(call, status_check=status_check)
    planned = replacing.planned
    if not planned:
        progress = Progress({})
        replacing.settle(find(call, selection, progress), progress)
    return replacing.run(planned)


@part(
    allow=(
        Allow(("ec2:DescribeImages",)),
        Allow(("ec2:DeregisterImage",), IMAGES),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS),
    ),
)
def deregister_image(
    call: Call,
    *,
    image_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    delete_snapshots: bool = True,
    **common: Unpack[Common],
) -> DeregisterImageResult | Pending:
    """Deregister images (AMIs) of this account, and delete the snapshots they consist of.

    A snapshot that another image consists of, too, is left alone and reported under `skipped`. Instances that were
    launched from an image go on.

    Parameters:
    image_id: ids, as a list or as "ami-1;ami-2".
    tag: "Purpose=test", or a list of which all must match; `*` and `?` are wildcards. With image_id: of those, the
        ones with the tag.
    exclude_tag: images with one of these tags are left alone.
    delete_snapshots: whether the snapshots go, too.

    Result: DeregisterImageResult.

    Errors:
    PartFailed: an image does not exist, or it or one of its snapshots could not be deleted.
    AccessDenied: the role may not describe images.
    """
    selection = select(image_id, tag, exclude_tag, id_name="image_id", tag_name="tag")
    return deregister(call, selection, delete_snapshots)


@part(
    allow=(
        Allow(("ec2:DescribeTags",)),
        Allow(("ec2:CreateTags",), ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:*/*", *IMAGES, *SNAPSHOTS)),
    ),
)
def create_tags(
    call: Call,
    *,
    resource_id: str | list[str],
    tags: dict[str, str],
    **common: Unpack[Common],
) -> CreateTagsResult | Pending:
    """Set tags on any EC2 or EBS resources; a tag that has the key already gets the new value.

    Parameters:
    resource_id: ids of instances, volumes, snapshots, images, ..., as a list or as "i-1;vol-2".
    tags: the tags, by key; a key has at most 128 characters, a value at most 256.

    Result: CreateTagsResult.

    Errors:
    PartFailed: a resource does not exist, or would have more than 50 tags.
    PartTimeout: AWS did not show the tags when `timeout` ended.
    InvalidParameter: no resource or tag is given, or a key begins with "aws:".
    """
    return tag_resources(call, resource_id, tags)


@part(allow=(Allow(("ec2:DescribeInstances",)),), waits=False)
def find_untagged(
    call: Call,
    *,
    required: str | list[str],
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    **common: Unpack[Common],
) -> FindUntaggedResult:
    """Find instances that lack a tag they should have, so that nobody forgets one.

    Parameters:
    required: "AutoOff", or "Env=*", or a list of which each instance must carry all.
    tag: look only at instances with this tag, or all of these tags; default: all that are not terminated.
    exclude_tag: instances with one of these tags are not looked at.

    Result: FindUntaggedResult.

    Errors:
    InvalidParameter: `required` names no tag.
    """
    return look_for_untagged(call, required, tag, exclude_tag)
