"""Requests take tokens from buckets; an empty bucket answers RequestLimitExceeded. Only in a strict world.

Follows "Request throttling for the Amazon EC2 API" (Amazon EC2 Developer Guide): buckets per account, Region and
action, with the documented capacities and refill rates per second; four actions also pay per instance.
"""

from __future__ import annotations

from dataclasses import dataclass

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, first


@dataclass(frozen=True)
class Bucket:
    """A token bucket. refill: tokens per second."""

    capacity: float
    refill: float


NON_MUTATING = Bucket(100, 20)
UNFILTERED = Bucket(50, 10)
MUTATING = Bucket(50, 5)

OWN = {
    "AssociateIamInstanceProfile": Bucket(100, 5),
    "CopyImage": Bucket(100, 1),
    "CreateSnapshot": Bucket(100, 5),
    "CreateSnapshots": Bucket(100, 5),
    "CreateTags": Bucket(100, 10),
    "CreateVolume": Bucket(100, 5),
    "DeleteSnapshot": Bucket(100, 5),
    "DeleteTags": Bucket(100, 10),
    "DeleteVolume": Bucket(100, 5),
    "DeregisterImage": Bucket(100, 5),
    "ModifySnapshotAttribute": Bucket(100, 5),
    "RunInstances": Bucket(5, 2),
    "StartInstances": Bucket(5, 2),
    "TerminateInstances": Bucket(100, 5),
}
"""Actions with a bucket size of their own."""

PER_INSTANCE = {
    "RunInstances": Bucket(1000, 2),
    "StartInstances": Bucket(1000, 2),
    "StopInstances": Bucket(1000, 20),
    "TerminateInstances": Bucket(1000, 20),
}
"""Actions that also take one token per instance, from a second bucket."""

_UNFILTERED_ACTIONS = {
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSpotInstanceRequests",
    "DescribeVolumes",
}
_IDS = ("InstanceIds", "VolumeIds", "SnapshotIds", "GroupIds", "NetworkInterfaceIds", "SpotInstanceRequestIds")


@first("*")
def request_rate(request: Request) -> None:
    """Every request takes a token; starting and stopping take one per instance besides."""
    if not request.world.strict:
        return
    kind, bucket = _bucket(request)
    demands = [((*request.scope, request.action, kind), bucket, 1)]
    if request.action in PER_INSTANCE:
        count = int(request.get("MaxCount", 1)) if request.action == "RunInstances" else len(request.instance_ids)
        demands.append(((*request.scope, request.action, "resources"), PER_INSTANCE[request.action], count))
    levels = [_level(request, key, bucket) for key, bucket, _ in demands]
    enough = all(level >= tokens for level, (_, _, tokens) in zip(levels, demands, strict=True))
    for level, (key, _, tokens) in zip(levels, demands, strict=True):
        request.world.notes[key] = (level - (tokens if enough else 0), request.world.now())
    if not enough:
        raise ec2_error("RequestLimitExceeded", "Request limit exceeded.")


def _level(request: Request, key: tuple[str, ...], bucket: Bucket) -> float:
    level: float
    level, at = request.world.notes.get(key, (bucket.capacity, request.world.now()))
    return min(bucket.capacity, level + float(request.world.now() - at) * bucket.refill)


def _bucket(request: Request) -> tuple[str, Bucket]:
    if request.action in OWN:
        return "requests", OWN[request.action]
    if not request.action.startswith(("Describe", "Get", "List", "Search")):
        return "requests", MUTATING
    narrowed = request.get("MaxResults") or request.get("Filters") or any(request.get(name) for name in _IDS)
    if request.action in _UNFILTERED_ACTIONS and not narrowed:
        return "unfiltered", UNFILTERED
    return "requests", NON_MUTATING
