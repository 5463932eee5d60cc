"""Parts for EC2 instances."""

from __future__ import annotations

from typing import Unpack

from lambdas.contract.part import Allow, Call, Common, Pending, part
from lambdas.engine.selection import select
from lambdas.parts.ec2._permissions import GRANT_KEYS, IMAGES, INSTANCES, SNAPSHOTS
from lambdas.parts.ec2.create_image import create_image as create_image
from lambdas.parts.ec2.create_tags import CreateTagsResult, FindUntaggedResult, look_for_untagged, tag_resources
from lambdas.parts.ec2.deregister_image import deregister_image as deregister_image
from lambdas.parts.ec2.describe_instances import DescribeInstancesResult, describe
from lambdas.parts.ec2.modify_instance_attribute import ModifyInstanceAttributeResult, Resizing
from lambdas.parts.ec2.reboot_instances import reboot_instances as reboot_instances
from lambdas.parts.ec2.run_instances import run_instances as run_instances
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
