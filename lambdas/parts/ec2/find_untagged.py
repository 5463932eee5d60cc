"""Finding instances that lack a tag."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Result, part
from lambdas.engine.progress import SHOWN, Progress
from lambdas.engine.selection import Selection, Tags, parse_tags, tag_map
from lambdas.parts.ec2._shared.instances import Instance, find


@dataclass(frozen=True)
class Untagged:
    """An instance that lacks a tag.

    missing: the tags it lacks, as they were required.
    """

    instance_id: str
    name: str
    missing: list[str]


@dataclass
class FindUntaggedResult(Result):
    """Result of ec2.find_untagged.

    matched: ids of the instances that were looked at.
    untagged: ids of those that lack a required tag.
    instances: those, with what they lack (the first 100).
    """

    untagged: list[str] = field(default_factory=list)
    instances: list[Untagged] = field(default_factory=list)


@part(allow=(Allow(("ec2:DescribeInstances",)),), waits=False)
def find_untagged(
    call: Call,
    *,
    required: str | list[str],
    tag: Tags = None,
    exclude_tag: Tags = None,
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

    Example:
        from lambdas.parts import ec2, notify
        from nightshift import cron, flow


        @flow(schedule=cron("0 9 ? * MON *", timezone="Asia/Tokyo"), timeout="30m")
        def forgotten_instances():
            \"\"\"Mail the instances that have neither an owner nor a word about being switched off.\"\"\"
            found = ec2.find_untagged(required=["Owner", "AutoOff"])
            if found.untagged:
                notify.email(to="ops@example.com", subject=f"{len(found.untagged)} instances lack tags", result=found)
    """
    patterns = parse_tags(required, "required")
    if not patterns:
        raise InvalidParameter('required names no tag; write required="AutoOff"')
    progress = Progress(call.state)
    selection = Selection(None, parse_tags(tag, "tag"), parse_tags(exclude_tag, "exclude_tag"))
    found = sorted(find(call, selection, progress), key=lambda i: str(i["InstanceId"]))
    lacking: list[tuple[Instance, Untagged]] = []
    for instance in found:
        tags = tag_map(instance.get("Tags"))
        missing = [str(p) for p in patterns if not p.matches(tags)]
        if missing:
            lacking.append((instance, Untagged(instance["InstanceId"], tags.get("Name", ""), missing)))
    result = FindUntaggedResult(
        untagged=[u.instance_id for _, u in lacking],
        instances=[u for _, u in lacking[:SHOWN]],
        responses={"DescribeInstancesResponse": {"Reservations": [{"Instances": [i for i, _ in lacking[:SHOWN]]}]}},
    )
    progress.fill(result, changed=[])
    result.matched = [i["InstanceId"] for i in found]
    names = ", ".join(str(p) for p in patterns)
    result.summary = f"{len(lacking)} of {len(found)} instances lack {names}"
    return result
