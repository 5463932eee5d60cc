"""What AWS has a list of, as botocore carries it: regions, partitions, instance types. Loaded when first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.invocation import seconds
from lambdas.engine.recipients import recipients
from lambdas.engine.selection import parse_ids, parse_tags
from lambdas.outside.urls import to_https
from lambdas.parts.autoscaling._processes import chosen

_ARN = re.compile(r"arn:(?P<partition>[^:]*):(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)")
"""AWS General Reference, "Amazon Resource Names (ARNs)"."""

_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
"""What SES takes: an address in ASCII at a domain ("Destination", Amazon SES API v2 Reference)."""

_LONGEST_ALARM = 255

LONGEST_RUN = 365 * 24 * 3600
"""Seconds an execution may take ("Quotas related to state machine executions", Step Functions Developer Guide)."""

_LONGEST_DELAY = 15 * 60
"""Seconds for which SQS keeps a message back ("SendMessage", Amazon SQS API Reference)."""

_OF_PARAMETER = {
    "role_arn": ("iam", "role/"),
    "alarm_arn": ("cloudwatch", "alarm:"),
    "automation_role_arn": ("iam", "role/"),
    "cloudformation_role_arn": ("iam", "role/"),
    "topic_arn": ("sns", ""),
    "queue_arn": ("sqs", ""),
    "state_machine_arn": ("states", "stateMachine:"),
    "target_group_arn": ("elasticloadbalancing", "targetgroup/"),
    "kms_key_id": ("kms", ""),
    "job_queue": ("batch", "job-queue/"),
    "job_definition": ("batch", "job-definition/"),
    "event_bus": ("events", "event-bus/"),
    "function_name": ("lambda", "function:"),
    "cluster": ("ecs", "cluster/"),
    "task_definition": ("ecs", "task-definition/"),
}
"""Parameter -> the service of its ARN, and what its resource begins with."""

_NO_REGION = ("iam", "s3")
"""Services whose ARNs name no region."""

_IDS = {
    "instance_id": ("i-", "mi-"),
    "volume_id": ("vol-",),
    "snapshot_id": ("snap-",),
    "image_id": ("ami-",),
    "subnets": ("subnet-",),
    "security_groups": ("sg-",),
}
"""Parameter -> what the ids begin with ("Resource IDs", Amazon EC2 User Guide; mi-: nodes of Systems Manager)."""


def fault(part: str, name: str, value: str | int) -> str:
    """What is wrong with a constant given to a parameter of a part, and what to write instead; "" if nothing is.

    part: "ec2.stop_instances". name: of the parameter, which says what it takes. A list is asked for item by item.
    """
    limits = _DURATIONS.get(name) or _DURATIONS.get(f"{part}.{name}")
    if limits is not None:
        return duration_fault(value, *limits)
    for belongs, check in _CHECKS:
        if isinstance(value, str) and belongs(part, name):
            return check(name, value)
    return ""


def duration_fault(value: str | int, least: int, most: int, why: str) -> str:
    """Why `value` is no duration of `least` to `most` seconds, and `why` there is no longer one; "" if it is one."""
    try:
        given = seconds(value)
    except InvalidParameter as error:
        return str(error)
    if given < least:
        return f"{value!r} is less than {least} s; write a longer time"
    return f"{value!r} is too long: {why}" if given > most else ""


def region_fault(region: str) -> str:
    """Why `region` is none of the regions that botocore lists; "" if it is one."""
    return _unlisted(region, regions(), "no region of AWS")


@cache
def regions() -> frozenset[str]:
    """The regions of all partitions."""
    found = {region for partition in _data("endpoints")["partitions"] for region in partition["regions"]}
    return frozenset(found | {r for p in _partitions() for r in p["regions"] if not r.endswith("-global")})


def has_mail(region: str) -> bool:
    """Whether Amazon SES is in the partition of a region; one that no partition is known for counts as having it.

    China has none ("Amazon Simple Email Service endpoints and quotas", AWS General Reference).
    """
    partitions = [p for p in _data("endpoints")["partitions"] if re.match(p["regionRegex"], region)]
    return all("email" in partition["services"] for partition in partitions)


@cache
def instance_types() -> frozenset[str]:
    """The instance types that EC2's API has."""
    return frozenset(_model("ec2")["shapes"]["InstanceType"]["enum"])


@cache
def operations() -> frozenset[str]:
    """The API actions of the services that flows mostly call, and that the local fleet answers for."""
    services = ("autoscaling", "batch", "ec2", "ecs", "elb", "elbv2", "glue", "rds", "ssm")
    return frozenset(name for service in services for name in _model(service)["operations"])


def arn_fault(name: str, arn: str) -> str:
    """Why `arn` cannot be what the parameter `name` takes."""
    service, resource = _OF_PARAMETER.get(name, ("", ""))
    found = _ARN.fullmatch(arn)
    if found is None:
        shape = f"arn:aws:{service or 'SERVICE'}:{'' if service == 'iam' else 'REGION'}:ACCOUNT:{resource}NAME"
        return f"{arn!r} is no ARN; write {shape}"
    partitions = {p["id"] for p in _partitions()}
    if found["partition"] not in partitions:
        return _unlisted(found["partition"], partitions, "no partition of AWS")
    if found["region"] and (wrong := region_fault(found["region"])):
        return f"the region of the ARN {wrong}"
    if found["account"] and not re.fullmatch(r"\d{12}|aws", found["account"]):
        return f"{found['account']!r} in the ARN is no account; write its 12 digits"
    if service and (found["service"] != service or not found["resource"].startswith(resource)):
        return f"{arn!r} is the ARN of something else; write arn:aws:{service}:...:{resource}NAME"
    if found["region"] and found["service"] in _NO_REGION:
        return (
            f"{found['region']!r} in the ARN: {found['service']} has no regions; write arn:aws:{found['service']}::..."
        )
    return ""


def alarm_fault(name: str, text: str) -> str:
    """Why `text` can be neither the ARN nor the name of an alarm, nor several of these with ";" between.

    A name has up to 255 characters ("PutMetricAlarm", Amazon CloudWatch API Reference).
    """
    for alarm in _several(text):
        if alarm.startswith("arn:"):
            if wrong := arn_fault(name, alarm):
                return wrong
        elif len(alarm) > _LONGEST_ALARM:
            return f"{alarm[:20]!r}... has {len(alarm)} characters, and the name of an alarm at most {_LONGEST_ALARM}"
    return ""


def _several(text: str) -> Iterator[str]:
    """The texts of one that may hold several with ";" between."""
    return filter(None, map(str.strip, text.split(";")))


def address_fault(text: str) -> str:
    """Why one of the addresses in `text` cannot be one."""
    found = recipients(text)
    if not found:
        return "there is no address in it; write ops@example.com"
    for entry in found:
        bare = entry.rpartition("<")[2].rstrip("> ") if "<" in entry else entry
        if not _ADDRESS.fullmatch(bare):
            return f"{entry!r} is no mail address; write ops@example.com"
    return ""


def _arn_or_name(name: str, value: str) -> str:
    return arn_fault(name, value) if value.startswith("arn:") else ""


def _zone_fault(name: str, zone: str) -> str:
    """Why `zone` is in no region: a letter behind its name, or a group before it ("us-west-2-lax-1a").

    "Regions and Zones", Amazon EC2 User Guide.
    """
    if any(zone.startswith(region) and zone != region for region in regions()):
        return ""
    if zone in regions():
        return f"{zone!r} is a region; write the zone, {zone + 'a'!r}"
    return f"{zone!r} is no zone: {region_fault(zone[:-1])}"


def _account_fault(name: str, value: str) -> str:
    wrong = next((one for one in parse_ids(value) or () if not re.fullmatch(r"\d{12}", one)), None)
    return f"{wrong!r} is no account; write its 12 digits" if wrong else ""


def _of_pattern(pattern: str) -> Callable[[str, str], bool]:
    compiled = re.compile(pattern)
    return lambda part, name: bool(compiled.fullmatch(name))


def _to_person(part: str, name: str) -> bool:
    return (part, name) in (("notify.email", "to"), ("approval", "to"), ("approval", "escalate_to"))


def _type_fault(name: str, value: str) -> str:
    return _unlisted(value, instance_types(), "no instance type of EC2")


def _class_fault(name: str, value: str) -> str:
    """Why `value` is no class of a database: a type of EC2 behind "db.".

    A family may be EC2's without its local disks, x2g of x2gd, and Oracle's classes say more behind the size ("DB
    instance class types", Amazon RDS User Guide).
    """
    if value == "db.serverless":
        return ""
    if not value.startswith("db."):
        return f"{value!r} is no class of a database; write 'db.{value}'"
    family, _, size = value.removeprefix("db.").partition(".")
    size = size.partition(".tpc")[0]
    if {f"{family}.{size}", f"{family}d.{size}"} & instance_types():
        return ""
    wrong = _unlisted(f"{family}.{size}", instance_types(), "no class of a database")
    return re.sub(r"'(?=\w+\.\w)", "'db.", wrong)


def _id_fault(name: str, value: str) -> str:
    """Why one of the ids in `value` is of something else; a name is none."""
    begins = _IDS[name]
    wrong = next((one for one in parse_ids(value) or () if not one.startswith(begins)), None)
    noun = name.removesuffix("_id").removesuffix("s").replace("_", " ")
    return f"{wrong!r} is no id of {'an' if noun[0] in 'ai' else 'a'} {noun}; write {begins[0]}..." if wrong else ""


def _capability_fault(name: str, value: str) -> str:
    known = set(_model("cloudformation")["shapes"]["Capability"]["enum"])
    return next(filter(None, (_unlisted(one, known, "no capability") for one in parse_ids(value) or ())), "")


def _tag_fault(name: str, value: str) -> str:
    return _refused(lambda: parse_tags(value, name))


_A_RUN = (1, LONGEST_RUN, "a run ends after a year; write 365d or less")
_AN_AGE = (0, 100 * LONGEST_RUN, "AWS is not as old as that; write fewer days")
_DURATIONS = {
    "timeout": _A_RUN,
    "interval": _A_RUN,
    "older_than": _AN_AGE,
    **{f"{part}.keep": _AN_AGE for part in ("ebs.copy_snapshot", "ebs.create_snapshot", "ebs.create_snapshots")},
    "ec2.copy_image.keep": _AN_AGE,
    **{f"{part}.keep": _AN_AGE for part in ("rds.copy_db_snapshot", "rds.create_db_snapshot")},
    "ebs.create_volume.max_age": _AN_AGE,
    "sqs.send_message.delay": (0, _LONGEST_DELAY, "SQS delays a message for 15 minutes at most; write 15m or less"),
}
"""Parameter, of all parts or of one -> what `duration_fault` wants of it."""

_CHECKS: tuple[tuple[Callable[[str, str], bool], Callable[[str, str], str]], ...] = (
    (_of_pattern(r"(\w+_)?region"), lambda name, value: region_fault(value)),
    (_of_pattern(r"(\w+_)?regions"), lambda name, value: next(filter(None, map(region_fault, _several(value))), "")),
    (_of_pattern("availability_zone"), _zone_fault),
    (_of_pattern("alarm_arn"), alarm_fault),
    (_of_pattern(r"(\w+_)?arns?"), arn_fault),
    (_of_pattern(r"kms_key_id|job_\w+|event_bus|function_name|cluster|task_definition"), _arn_or_name),
    (_of_pattern(r"(user_ids|values)_to_(add|remove)"), _account_fault),
    (_of_pattern(r"instance_types?|fallback_types"), _type_fault),
    (_of_pattern(r"db_instance_class|fallback_classes"), _class_fault),
    (_of_pattern("|".join(_IDS)), _id_fault),
    (_of_pattern("capabilities"), _capability_fault),
    (_of_pattern("scaling_processes"), lambda name, value: _refused(lambda: chosen(value))),
    (_of_pattern(r"(\w+_)?tag|exclude_tag"), _tag_fault),
    (lambda part, name: (part, name) == ("http.request", "url"), lambda name, value: _refused(lambda: to_https(value))),
    (_to_person, lambda name, value: address_fault(value)),
)


def _refused(check: Callable[[], object]) -> str:
    try:
        check()
    except InvalidParameter as error:
        return str(error)
    return ""


def _unlisted(value: str, known: frozenset[str] | set[str], what: str) -> str:
    if value in known:
        return ""
    listed = sorted(known)
    if near := get_close_matches(value, listed, n=1):
        return f"{value!r} is {what}; did you mean {near[0]!r}?"
    # Of an instance type the family is more than how it is spelled.
    family = f"{value.partition('.')[0]}."
    return f"{value!r} is {what}; one is {next((each for each in listed if each.startswith(family)), listed[0])!r}"


def _partitions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _data("partitions")["partitions"]
    return found


@cache
def _model(service: str) -> dict[str, Any]:
    from botocore.loaders import Loader

    loaded: dict[str, Any] = Loader().load_service_model(service, "service-2")
    return loaded


@cache
def _data(name: str) -> dict[str, Any]:
    from botocore.loaders import Loader

    loaded: dict[str, Any] = Loader().load_data(name)
    return loaded
