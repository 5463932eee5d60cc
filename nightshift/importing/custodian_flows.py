"""Writes policies of Cloud Custodian as flows, as far as a flow can do what they say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

from nightshift.importing.carried import Import, Note, checked
from nightshift.importing.custodian import Policy, read
from nightshift.importing.days import WEEK, Days, names_of, schedule, span
from nightshift.importing.writing import (
    INDENT,
    Bracket,
    Code,
    FlowCode,
    after,
    call,
    flow_file,
    identifier,
    keyed,
    lines_of,
    listed,
    quoted,
    texts,
)

Body = Callable[[Policy], tuple[list[str], str]]
"""Writes what a policy does: the lines, and the service of the part."""

_KNOWN = "off- and onhours of ec2, rds and asg, snapshots of ebs, and the removal of ebs-snapshot and ami by age"


def import_custodian(path: Path) -> Import:
    """A flow file for a file of policies, with a flow for each that a flow can do.

    Raises ImportProblem at what cannot be read, OSError.
    """
    imported, names = Import(), set[str]()
    flows = [flow for policy in read(path) if (flow := _flow(policy, imported, names))]
    if flows:
        name = f"{identifier(path.stem, set())}.py"
        imported.files[name] = flow_file(f"The policies of {path.name} of Cloud Custodian.", [], flows)
    return checked(imported)


def _flow(policy: Policy, imported: Import, names: set[str]) -> FlowCode | None:
    def note(message: str, line: int | None = None) -> None:
        imported.notes.append(Note(policy.entry.path, line or policy.entry.line, policy.name, message))

    action = next((a for a in policy.actions if (policy.resource, a) in _BODIES), None)
    if action is None:
        given = ", ".join(policy.actions) or "no action"
        note(f"no flow was written for {policy.resource} with {given}: what is carried over is {_KNOWN}")
        return None
    if policy.others:
        # A flow that left a condition out would act on more than the policy.
        for line, what in policy.others:
            note(f"no flow was written: {what} is not carried over, and without it more would be acted on", line)
        return None
    for other in policy.actions:
        if other != action:
            note(f"the action {other} is not carried over")
    if policy.resource == "asg" and (policy.exclude or policy.hours is None):
        note(
            "no flow was written: for Auto Scaling groups hours and tags that are there are carried over, nothing else"
        )
        return None
    _select(policy, note)
    if not policy.tags and policy.resource != "asg":
        policy.tags.append("*")
        note("it holds for all resources; a flow selects by tags, so those without any tag are left alone")
    if policy.resource in ("ebs-snapshot", "ami") and policy.older_than is None:
        note("no flow was written: it says no age, and would remove everything that has the tags")
        return None
    when = _when(policy, note)
    body, part = _BODIES[policy.resource, action](policy)
    name = identifier(policy.name, names)
    said = policy.entry.get("description") or policy.entry.get("comment") or f"The policy {policy.name}"
    options: list[Code] = ['timeout="2h"'] if when is None else [keyed("schedule", when), 'timeout="2h"']
    uses = {"age_in_days"} if "age_in_days(" in "".join(body) else set()
    found = names_of(when) if when is not None else set()
    return FlowCode(
        name, f"{' '.join(str(said).split()).rstrip('.')}.", options, body, [], uses | found, set(part.split())
    )


def _select(policy: Policy, note: Callable[[str, int | None], None]) -> None:
    """The tags of its hours, and who is left alone by their values."""
    hours = policy.hours
    if hours is None:
        return
    if not hours.opt_out:
        policy.tags.append(hours.tag)
    policy.exclude += [f"{hours.tag}=off", f"{hours.tag}=*=*"]
    note(
        f"resources whose tag {hours.tag} has hours or a zone of its own, such as off=(M-F,19), are left alone: "
        "write a flow for them",
        None,
    )


def _when(policy: Policy, note: Callable[[str, int | None], None]) -> Code | None:
    hours = policy.hours
    if hours is not None:
        days = Days("?", "*", span(hours.days, WEEK, 0))
        more = [keyed("except_on", listed(quoted(day) for day in hours.skip_days))] if hours.skip_days else []
        return schedule([time(hours.hour)], days, hours.zone, more)
    given = policy.schedule
    if given is None:
        note('the policy has no schedule of its own: give the flow one, such as schedule=daily("02:00")', None)
        return None
    kind, _, rest = str(given).partition("(")
    return call(kind, quoted(rest.rstrip(")")))


def _selected(policy: Policy, tag: str = "tag") -> list[Code]:
    """The tags of a policy as arguments of a part."""
    exclude = [keyed("exclude_tag", texts(policy.exclude))] if policy.exclude else []
    return [keyed(tag, texts(policy.tags)), *exclude]


def _summary(part: str, *arguments: Code) -> list[str]:
    return lines_of(after("return ", call(part, *arguments), ".summary"), 1)


def _power(part: str) -> Body:
    return lambda policy: (_summary(part, *_selected(policy)), part.partition(".")[0])


def _snapshot(policy: Policy) -> tuple[list[str], str]:
    return _summary("ebs.create_snapshot", *_selected(policy, "volume_tag")), "ebs"


def _delete(policy: Policy) -> tuple[list[str], str]:
    age = keyed("older_than", quoted(f"{policy.older_than}d"))
    return _summary("ebs.delete_snapshot", *_selected(policy), age), "ebs"


def _deregister(policy: Policy) -> tuple[list[str], str]:
    action = policy.actions["deregister"]
    keep = [] if action is not None and action.get("delete-snapshots") else ["delete_snapshots=False"]
    old = f"age_in_days(image.CreationDate) >= {policy.older_than}"
    images = call("aws.call", '"ec2"', '"describe_images"', 'Owners=["self"]')
    removed = call("ec2.deregister_image", "image_id=image.ImageId", *_selected(policy), *keep)
    return [
        *lines_of(after("for image in ", images, ".Images:"), 1),
        f"{INDENT * 2}if image.ImageId is not None and image.CreationDate is not None and {old}:",
        *lines_of(removed, 3),
    ], "aws ec2"


def _groups(operation: str, part: str, order: int) -> Body:
    """Suspends or resumes Auto Scaling groups; their instances stop afterwards, or start before."""

    def body(policy: Policy) -> tuple[list[str], str]:
        filters = [_group_filter(tag) for tag in policy.tags]
        options: list[Code] = [keyed("Filters", listed(filters))] if filters else []
        groups = call("aws.call", '"autoscaling"', '"describe_auto_scaling_groups"', *options)
        tag = quoted(policy.hours.tag) if policy.hours else '""'
        skipped = "any(tag.Key == " + tag + ' and (tag.Value == "off" or "=" in tag.Value) for tag in group.Tags)'
        members = keyed("instance_id", "[member.InstanceId for member in group.Instances]")
        include = ['auto_scaling="include"'] if part == "ec2.stop_instances" else []
        power = lines_of(call(part, members, *include), 2)
        named = "AutoScalingGroupName=group.AutoScalingGroupName"
        processes = lines_of(call("aws.call", '"autoscaling"', quoted(operation), named), 2)
        return [
            *lines_of(after("for group in ", groups, ".AutoScalingGroups:"), 1),
            f"{INDENT * 2}if {skipped}:",
            f"{INDENT * 3}continue",
            *(processes + power if order else power + processes),
        ], "aws ec2"

    return body


def _group_filter(tag: str) -> Bracket:
    key, _, value = tag.partition("=")
    name, wanted = (f"tag:{key}", value) if value else ("tag-key", key)
    return Bracket("{", (f'"Name": {quoted(name)}', f'"Values": [{quoted(wanted)}]'), "}")


_BODIES: dict[tuple[str, str], Body] = {
    ("ec2", "stop"): _power("ec2.stop_instances"),
    ("ec2", "start"): _power("ec2.start_instances"),
    ("rds", "stop"): _power("rds.stop_db_instance"),
    ("rds", "start"): _power("rds.start_db_instance"),
    ("asg", "suspend"): _groups("suspend_processes", "ec2.stop_instances", 1),
    ("asg", "resume"): _groups("resume_processes", "ec2.start_instances", 0),
    ("ebs", "snapshot"): _snapshot,
    ("ebs-snapshot", "delete"): _delete,
    ("ami", "deregister"): _deregister,
}
