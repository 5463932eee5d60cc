"""Setting tags on resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Changing, Pending, Result, part
from lambdas.engine.pacing import BATCH, Bucket
from lambdas.engine.selection import FILTER_VALUES, parse_ids
from lambdas.engine.stages import DONE, Batch, Stage, Stages, Verdicts
from lambdas.parts.ec2._shared.permissions import IMAGES, SNAPSHOTS


@dataclass
class CreateTagsResult(Result):
    """Result of ec2.create_tags.

    changed: ids of the resources that carry all the tags now.
    """


@part(
    allow=(
        Allow(("ec2:DescribeTags",)),
        Allow(("ec2:CreateTags",), ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:*/*", *IMAGES, *SNAPSHOTS)),
    ),
)
def create_tags(
    call: Call, *, resource_id: str | list[str], tags: dict[str, str], **common: Unpack[Changing]
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

    Example:
        from lambdas.parts import ec2
        from nightshift import flow


        @flow(timeout="10m")
        def hand_over(instance_id: str, owner: str):
            \"\"\"Note the new owner of an instance on it.\"\"\"
            ec2.create_tags(resource_id=instance_id, tags={"Owner": owner, "AutoOff": "yes"})
    """
    wrong = [k for k in tags if not k or k.startswith("aws:") or len(k) > 128 or len(tags[k]) > 256]
    if wrong or not tags:
        raise InvalidParameter(f"tags={wrong or tags!r} cannot be set; write at most 128 characters, not aws:...")
    ec2 = call.client("ec2")
    wanted = [{"Key": key, "Value": value} for key, value in tags.items()]

    def poll(ids: list[str]) -> Verdicts:
        """Descriptions follow with delay: a resource is done when its tags are shown."""
        shown = _shown(ec2, ids, list(tags))
        return [(i, DONE if shown.get(i) == tags else "sent") for i in ids]

    late = "AWS did not show the tags of '{id}' in time"
    stages = [
        Batch(
            "todo",
            "tags of {n} resources",
            late,
            bucket=Bucket(BATCH, 10),
            request=lambda ids, dry: ec2.create_tags(Resources=ids, Tags=wanted, DryRun=dry),
            # As a rule they are shown at once.
            then=lambda ids, answer: poll(ids),
            denied="one",
        ),
        Stage("sent", "tags of {n} resources", late, poll),
    ]
    tag = Stages(call, stages, verb="tag", done="tagged", noun="resource", at_once=True, upgrades={0: _upgrade})
    return tag.run(lambda: [(i, "todo") for i in parse_ids(resource_id) or []], CreateTagsResult())


def _shown(ec2: Any, ids: list[str], keys: list[str]) -> dict[str, dict[str, str]]:
    """The tags with these keys that AWS shows, by resource."""
    shown: dict[str, dict[str, str]] = {}
    for start in range(0, len(ids), FILTER_VALUES):
        values = ids[start : start + FILTER_VALUES]
        filters = [{"Name": "resource-id", "Values": values}, {"Name": "key", "Values": keys}]
        for page in ec2.get_paginator("describe_tags").paginate(Filters=filters):
            for tag in page["Tags"]:
                shown.setdefault(tag["ResourceId"], {})[tag["Key"]] = tag["Value"]
    return shown


def _upgrade(state: dict[str, Any]) -> None:
    """The state of the code before there were versions, which had the same groups of ids."""
    if "planned" not in state:
        state.clear()
        return
    del state["planned"]
    state["pace"] = {"todo": state.pop("pace", {})}
