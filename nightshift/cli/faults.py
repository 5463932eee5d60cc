"""`nightshift local fault`: faults on the fleet of the local AWS."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from lambdas.contract.errors import NightshiftError
from nightshift.aws_names import fault, operations
from nightshift.cli.local import running
from nightshift.cli.output import print_bold, print_json, print_table
from nightshift.local.fleet.faults import KINDS, Fault

_ONLY = {
    "code": ("error", "command_fails", "task_fails"),
    "message": ("error", "command_fails", "task_fails"),
    "instance_type": ("capacity",),
    "factor": ("slow",),
}
"""Option -> the kinds of faults that have it."""

_OF_INSTANCES = ("impaired", "unhealthy", "unmanaged", "command_fails")
"""Kinds of faults that lie on instances only."""


class UnknownFault(NightshiftError):
    """There is no such kind of fault, or what it needs is missing."""


def change_faults(kind: str | None, wanted: dict[str, Any], *, clear: bool, as_json: bool) -> None:
    """Clear the faults, set one, and print those that are set; without a kind to set, also what kinds there are."""
    if kind is not None:
        _check(kind, wanted)
        wanted |= {"resource": _found(kind, wanted["resource"])}
        _check_tag(wanted["tag"])
    control = running().control()
    if clear:
        control.clear_faults()
    if kind is not None:
        control.add_fault(kind, **wanted)
    faults = control.faults()
    if as_json:
        print_json(faults)
        return
    if kind is None and not clear:
        print_table(("kind", "what it does"), sorted(KINDS.items()))
        print()
    print_bold("Faults that are set" if faults else "No fault is set")
    if faults:
        print_table(("kind", "on", "hits"), [_row(fault) for fault in faults])


def _check(kind: str, wanted: dict[str, Any]) -> None:
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(KINDS))}"
        raise UnknownFault(f"there is no fault {kind}; {hint}")
    if kind == "error" and not wanted["code"]:
        raise UnknownFault("the fault error needs an error code; add --code UnauthorizedOperation")
    if kind == "slow" and wanted["factor"] == 1:
        raise UnknownFault("the fault slow needs a factor; add --factor 10")
    _check_numbers(wanted)
    _check_action(wanted["action"])
    if wanted["instance_type"] and (wrong := fault("local fault", "instance_type", wanted["instance_type"])):
        raise UnknownFault(wrong)
    plain = vars(Fault(kind))
    for name, kinds in _ONLY.items():
        if wanted[name] != plain[name] and kind not in kinds:
            option = f"--{name.replace('_', '-')}"
            raise UnknownFault(f"the fault {kind} has no {option}; it is for {', '.join(kinds)}")


def _check_numbers(wanted: dict[str, Any]) -> None:
    if wanted["times"] is not None and wanted["times"] < 1:
        raise UnknownFault(f"--times {wanted['times']} never hits; write 1 or more, or leave it out for all requests")
    if wanted["skip"] < 0:
        raise UnknownFault(f"--skip {wanted['skip']} is less than none; write how many requests it lets pass")
    if wanted["factor"] <= 0:
        raise UnknownFault(f"--factor {wanted['factor']:g} is no factor; write how many times slower, such as 10")


def _check_action(action: str) -> None:
    """Refuse an action that no service has which the fleet answers for. Raises UnknownFault."""
    known = operations()
    if action != "*" and action not in known:
        near = get_close_matches(action, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "write it as AWS does: StopInstances"
        raise UnknownFault(f"there is no API action {action}; {hint}")


def _found(kind: str, resource: str) -> str:
    """The id of a resource, which may be given by its name. Raises UnknownFault where the fault would never hit."""
    if resource == "*":
        return resource
    ec2 = running().session().client("ec2")
    instances = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    ids = {i["InstanceId"] for i in instances}
    named = {tag["Value"]: i["InstanceId"] for i in instances for tag in i.get("Tags", ()) if tag["Key"] == "Name"}
    others = {v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]}
    others |= {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    others |= {i["ImageId"] for i in ec2.describe_images(Owners=["self"])["Images"]}
    others |= _named()
    if resource not in ids | others and resource in named:
        return named[resource]
    if resource not in ids | others:
        near = get_close_matches(resource, ids | others | named.keys(), n=1)
        hint = f"did you mean {near[0]}?" if near else "`nightshift local status` shows those there are"
        raise UnknownFault(f"there is no {resource} in the fleet; {hint}")
    if kind in _OF_INSTANCES and resource not in ids:
        raise UnknownFault(f"the fault {kind} is one of instances, and {resource} is none; give the id or name of one")
    return resource


def _check_tag(tag: str) -> None:
    """Refuse a tag that nothing has. Raises UnknownFault."""
    key, equals, value = tag.partition("=")
    if not tag:
        return
    if not equals:
        raise UnknownFault(f"{tag!r} is no tag; write --tag KEY=VALUE")
    session = running().session()
    tags = [t for page in session.client("ec2").get_paginator("describe_tags").paginate() for t in page["Tags"]]
    rds = session.client("rds")
    tags += [t for d in rds.describe_db_instances()["DBInstances"] for t in d.get("TagList", ())]
    tags += [t for d in rds.describe_db_clusters()["DBClusters"] for t in d.get("TagList", ())]
    tags += session.client("autoscaling").describe_tags()["Tags"]
    if (key, value) not in {(t["Key"], t["Value"]) for t in tags} and not _work():
        raise UnknownFault(f"nothing in the fleet has the tag {tag}; `nightshift local status` shows those there are")


def _named() -> set[str]:
    """What the fleet knows by a name: databases, Auto Scaling groups, services and task definitions of ECS, jobs."""
    session = running().session()
    rds = session.client("rds")
    groups = session.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return {
        *(database["DBInstanceIdentifier"] for database in rds.describe_db_instances()["DBInstances"]),
        *(cluster["DBClusterIdentifier"] for cluster in rds.describe_db_clusters()["DBClusters"]),
        *(group["AutoScalingGroupName"] for group in groups),
        *_work(),
    }


def _work() -> set[str]:
    """The names of services and task definitions of ECS, and of jobs."""
    session = running().session()
    ecs = session.client("ecs")
    services = [
        arn
        for cluster in ecs.list_clusters()["clusterArns"]
        for arn in ecs.list_services(cluster=cluster)["serviceArns"]
    ]
    definitions = session.client("batch").describe_job_definitions()["jobDefinitions"]
    return {
        *(arn.rpartition("/")[2] for arn in services),
        *ecs.list_task_definition_families()["families"],
        *(definition["jobDefinitionName"] for definition in definitions),
        *session.client("glue").list_jobs()["JobNames"],
    }


def _row(fault: dict[str, Any]) -> tuple[str, ...]:
    """Kind, what it lies on, and how often it hit."""
    plain = vars(Fault(fault["kind"]))
    given = {name: value for name, value in fault.items() if name not in ("kind", "hits") and value != plain[name]}
    shown = " ".join(f"{name}={value}" for name, value in given.items()) or "everything"
    return (fault["kind"], shown, str(fault["hits"]))
