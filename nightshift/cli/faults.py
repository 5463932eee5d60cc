"""`nightshift local fault`: faults on the fleet of the local AWS."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from lambdas.contract.errors import NightshiftError
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


class UnknownFault(NightshiftError):
    """There is no such kind of fault, or what it needs is missing."""


def change_faults(kind: str | None, wanted: dict[str, Any], *, clear: bool, as_json: bool) -> None:
    """Clear the faults, set one, and print those that are set; without a kind to set, also what kinds there are."""
    if kind is not None:
        _check(kind, wanted)
        _check_resource(wanted["resource"])
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
    plain = vars(Fault(kind))
    for name, kinds in _ONLY.items():
        if wanted[name] != plain[name] and kind not in kinds:
            option = f"--{name.replace('_', '-')}"
            raise UnknownFault(f"the fault {kind} has no {option}; it is for {', '.join(kinds)}")


def _check_resource(resource: str) -> None:
    """Refuse an id that the fleet does not have: the fault would never hit. Raises UnknownFault."""
    ec2 = running().session().client("ec2")
    known = {i["InstanceId"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]}
    known |= {v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]}
    known |= {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    known |= {i["ImageId"] for i in ec2.describe_images(Owners=["self"])["Images"]}
    known |= _named()
    if resource != "*" and resource not in known:
        near = get_close_matches(resource, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "`nightshift local status` shows those there are"
        raise UnknownFault(f"there is no {resource} in the fleet; {hint}")


def _named() -> set[str]:
    """What the fleet knows by a name: databases, Auto Scaling groups, services and task definitions of ECS, jobs."""
    session = running().session()
    rds = session.client("rds")
    groups = session.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    ecs = session.client("ecs")
    services = [
        arn
        for cluster in ecs.list_clusters()["clusterArns"]
        for arn in ecs.list_services(cluster=cluster)["serviceArns"]
    ]
    definitions = session.client("batch").describe_job_definitions()["jobDefinitions"]
    return {
        *(database["DBInstanceIdentifier"] for database in rds.describe_db_instances()["DBInstances"]),
        *(cluster["DBClusterIdentifier"] for cluster in rds.describe_db_clusters()["DBClusters"]),
        *(group["AutoScalingGroupName"] for group in groups),
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
