"""Finding EC2 instances and reading their states with as few calls as the API allows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.part import Call
from lambdas.engine.pacing import BATCH
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection, choose, tag_map
from lambdas.engine.sending import without_ids

Instance = dict[str, Any]

STATUS_BATCH = 100
"""Ids in one DescribeInstanceStatus request. Amazon EC2 API Reference, "DescribeInstanceStatus"."""

LIVE = ["pending", "running", "stopping", "stopped"]
"""States in which an instance can be selected by tag: a terminated one keeps its tags for about an hour."""

_KEPT = (
    "InstanceId",
    "InstanceType",
    "State",
    "StateReason",
    "StateTransitionReason",
    "Placement",
    "Platform",
    "PrivateIpAddress",
    "PublicIpAddress",
    "LaunchTime",
    "ImageId",
    "RootDeviceName",
    "RootDeviceType",
    "HibernationOptions",
    "BlockDeviceMappings",
    "InstanceLifecycle",
    "VpcId",
    "Tags",
)


@dataclass
class Found:
    """What a description gave: the resources, and the ids AWS refused with error code and message."""

    items: list[dict[str, Any]] = field(default_factory=list)
    failed: list[tuple[list[str], str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class InstanceState:
    """An instance as the part found and left it.

    name: value of its Name tag, or "".
    previous_state: state before the part acted ("running", "stopped", ...).
    state: state when the part last looked.
    state_reason: AWS's reason for that state, or "".
    tags: its tags, by key.
    launch_time: when it was started last, UTC, ISO 8601.
    """

    instance_id: str
    name: str
    instance_type: str
    availability_zone: str
    private_ip_address: str
    previous_state: str
    state: str
    state_reason: str
    tags: dict[str, str]
    launch_time: str


def find(call: Call, selection: Selection, progress: Progress) -> list[Instance]:
    """The selected instances; ids that do not exist are noted as failed, excluded ones as skipped."""
    client = call.client("ec2")
    if selection.ids is None:
        live = {"Name": "instance-state-name", "Values": LIVE}
        pages = client.get_paginator("describe_instances").paginate(
            Filters=[*selection.filters(), live], PaginationConfig={"PageSize": BATCH}
        )
        found = Found([trim(i) for page in pages for r in page["Reservations"] for i in r["Instances"]])
    else:
        found = by_id(call, selection.ids)
        for ids, code, message in found.failed:
            progress.fail(ids, code, message)
    return choose(found.items, "InstanceId", selection, progress)


def population(call: Call) -> int:
    """How many instances there are in the account and Region of the call, but for terminated ones."""
    live = [{"Name": "instance-state-name", "Values": LIVE}]
    pages = call.client("ec2").get_paginator("describe_instances")
    found = pages.paginate(Filters=live, PaginationConfig={"PageSize": BATCH})
    return sum(len(reservation["Instances"]) for page in found for reservation in page["Reservations"])


def by_id(call: Call, ids: list[str]) -> Found:
    """The instances with these ids."""
    client = call.client("ec2")

    def describe(batch: list[str]) -> Iterator[Instance]:
        # DescribeInstances takes ids or MaxResults, not both.
        for reservation in client.describe_instances(InstanceIds=batch)["Reservations"]:
            yield from (trim(i) for i in reservation["Instances"])

    found = describe_by_id(ids, BATCH, describe)
    missing(found, ids, "InstanceId", "InvalidInstanceID.NotFound", "The instance '{id}' does not exist")
    return found


def by_capacity(call: Call) -> Callable[[list[str]], dict[str, Hashable]]:
    """Reads what decides whether there is capacity for instances: type, lifecycle, and zone, host, tenancy or group.

    Amazon EC2 User Guide, "Troubleshoot Amazon EC2 instance launch issues".
    """

    def read(ids: list[str]) -> dict[str, Hashable]:
        return {
            i["InstanceId"]: (i.get("InstanceType"), i.get("InstanceLifecycle"), repr(sorted(i["Placement"].items())))
            for i in by_id(call, ids).items
            if "Placement" in i
        }

    return read


def describe_by_id(ids: list[str], size: int, describe: Callable[[list[str]], Iterator[dict[str, Any]]]) -> Found:
    """Describe in batches of `size`; ids named in an error are dropped and the rest asked for again."""
    found = Found()
    queue = [ids[i : i + size] for i in range(0, len(ids), size)]
    while queue:
        batch = queue.pop(0)
        try:
            found.items += describe(batch)
        except Exception as error:
            named = aws_errors.named_ids(error, batch)
            code = aws_errors.code(error)
            if not named and code.startswith("Invalid") and code.endswith(("NotFound", "Malformed")):
                # It names none of them: ask for each half, until one is left to blame.
                half = len(batch) // 2
                if half:
                    queue[:0] = [batch[:half], batch[half:]]
                    continue
                named = batch
            if not named or aws_errors.is_denied(error) or aws_errors.is_throttling(error):
                raise
            found.failed.append((named, code, without_ids(aws_errors.message(error))))
            dropped = set(named)
            rest = [i for i in batch if i not in dropped]
            if rest:
                queue.insert(0, rest)
    return found


def missing(found: Found, ids: list[str], key: str, code: str, message: str) -> None:
    """Note as failed what AWS neither returned nor refused."""
    seen = {item[key] for item in found.items}.union(*(refused for refused, _, _ in found.failed))
    absent = [i for i in ids if i not in seen]
    if absent:
        found.failed.append((absent, code, message))


def statuses(call: Call, ids: list[str]) -> dict[str, str]:
    """Status checks of running instances: "ok" (all passed), "initializing", "impaired", ...; others are absent."""
    client = call.client("ec2")
    wanted = set(ids)
    if len(ids) > BATCH:
        # One page holds ten times as many as a request by id.
        pages = client.get_paginator("describe_instance_status").paginate(PaginationConfig={"PageSize": BATCH})
        found = [s for page in pages for s in page["InstanceStatuses"] if s["InstanceId"] in wanted]
    else:
        found = describe_by_id(
            ids,
            STATUS_BATCH,
            lambda batch: iter(client.describe_instance_status(InstanceIds=batch)["InstanceStatuses"]),
        ).items
    return {s["InstanceId"]: _worst(s) for s in found if s["InstanceState"]["Name"] == "running"}


def trim(instance: Instance) -> Instance:
    """What parts and mail templates need of an instance, as JSON."""
    kept = {k: instance[k] for k in _KEPT if k in instance}
    if "LaunchTime" in kept:
        kept["LaunchTime"] = kept["LaunchTime"].isoformat()
    kept["BlockDeviceMappings"] = [
        {
            "DeviceName": m.get("DeviceName", ""),
            "Ebs": {k: v.isoformat() if k == "AttachTime" else v for k, v in m["Ebs"].items()},
        }
        for m in instance.get("BlockDeviceMappings", [])
        if "Ebs" in m
    ]
    return kept


def state_of(instance: Instance) -> str:
    """ "running", "stopped", ..."""
    return str(instance["State"]["Name"])


def described(instance: Instance, previous_state: str) -> InstanceState:
    """The instance as a result shows it."""
    return InstanceState(
        instance_id=instance["InstanceId"],
        name=tag_map(instance.get("Tags")).get("Name", ""),
        instance_type=instance.get("InstanceType", ""),
        availability_zone=instance.get("Placement", {}).get("AvailabilityZone", ""),
        private_ip_address=instance.get("PrivateIpAddress", ""),
        previous_state=previous_state,
        state=state_of(instance),
        state_reason=instance.get("StateReason", {}).get("Message", ""),
        tags=tag_map(instance.get("Tags")),
        launch_time=str(instance.get("LaunchTime", "")),
    )


def _worst(status: dict[str, Any]) -> str:
    """The worst of the checks of the system, the instance, and, where there is one, of its attached EBS volumes.

    Amazon EC2 User Guide, "Status checks for Amazon EC2 instances".
    """
    checks = {status["SystemStatus"]["Status"], status["InstanceStatus"]["Status"]}
    checks.update({status.get("AttachedEbsStatus", {}).get("Status", "ok")} - {"not-applicable"})
    for worse in ("impaired", "insufficient-data", "initializing"):
        if worse in checks:
            return worse
    return "ok" if checks == {"ok"} else checks.pop()
