"""Setting tags on resources, and finding instances that lack them."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call, Pending, Result
from lambdas.engine.making import SHOWN
from lambdas.engine.pacing import BATCH, Bucket, Pace, send
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import FILTER_VALUES, Selection, parse_ids, parse_tags, tag_map
from lambdas.parts.ec2._instances import Instance, find

_BUCKET = Bucket(BATCH, 10)


@dataclass
class CreateTagsResult(Result):
    """Result of ec2.create_tags.

    changed: ids of the resources that carry all the tags now.
    """


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


def tag_resources(call: Call, resource_id: str | list[str], tags: dict[str, str]) -> CreateTagsResult | Pending:
    """One invocation. Groups of ids in the state: `todo`, `sent` (tags not shown yet), `done`.

    CreateTags sets the same tags again without harm, so nothing has to be planned before.
    """
    progress = Progress(call.state)
    if "planned" not in call.state:
        ids = parse_ids(resource_id) or []
        wrong = [k for k in tags if not k or k.startswith("aws:") or len(k) > 128 or len(tags[k]) > 256]
        if wrong or not tags:
            raise InvalidParameter(f"tags={wrong or tags!r} cannot be set; write at most 128 characters, not aws:...")
        call.state["planned"] = True
        progress.put("todo", ids)
    client = call.client("ec2")
    wanted = [{"Key": k, "Value": v} for k, v in tags.items()]
    wait = None
    if todo := progress.ids("todo"):
        pace = Pace(_BUCKET, call.state.setdefault("pace", {}), call.now())
        sent = send(call, todo, lambda b: client.create_tags(Resources=b, Tags=wanted, DryRun=call.dry_run), pace)
        for refused, code, message in sent.failed:
            progress.fail(refused, code, message)
        progress.put("todo", sent.left)
        progress.add("done" if call.dry_run else "sent", sent.accepted)
        wait = sent.wait
    if not progress.ids("todo"):
        _look(call, progress, tags)
    left = [*progress.ids("todo"), *progress.ids("sent")]
    if left:

        def give_up() -> CreateTagsResult:
            progress.fail(left, "Timeout", "AWS did not show the tags of '{id}' in time")
            return _tagged(call, progress)

        text = f"tags of {len(left)} resources ({', '.join(left[:10])}{', ...' if len(left) > 10 else ''})"
        return Pending(call.state, text, wait=wait, give_up=give_up)
    return _tagged(call, progress)


def _tagged(call: Call, progress: Progress) -> CreateTagsResult:
    result = CreateTagsResult()
    progress.fill(result, changed=progress.ids("done"))
    verb = "would tag" if call.dry_run else "tagged"
    result.summary = summary(verb, "resource", result.changed, len(result.skipped), result.failed)
    return result


def _look(call: Call, progress: Progress, tags: dict[str, str]) -> None:
    """Descriptions follow with delay: a resource is done when its tags are shown."""
    sent = progress.ids("sent")
    shown: dict[str, dict[str, str]] = {i: {} for i in sent}
    for start in range(0, len(sent), FILTER_VALUES):
        filters = [
            {"Name": "resource-id", "Values": sent[start : start + FILTER_VALUES]},
            {"Name": "key", "Values": list(tags)},
        ]
        for page in call.client("ec2").get_paginator("describe_tags").paginate(Filters=filters):
            for tag in page["Tags"]:
                shown[tag["ResourceId"]][tag["Key"]] = tag["Value"]
    done = [i for i in sent if shown[i] == tags]
    progress.add("done", done)
    progress.put("sent", [i for i in sent if shown[i] != tags])


def look_for_untagged(
    call: Call, required: str | list[str], tag: str | list[str] | None, exclude_tag: str | list[str] | None
) -> FindUntaggedResult:
    """The instances that lack one of the required tags."""
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
