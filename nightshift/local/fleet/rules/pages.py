"""Lists come in pages of at most 1,000; ids and MaxResults exclude each other; 100 ids for status checks.

Follows DescribeInstances, DescribeInstanceStatus, DescribeVolumes and DescribeSnapshots in the Amazon EC2 API
Reference.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.utils import filter_reservations

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.patches import like
from nightshift.local.fleet.requests import Request, after, before, instead
from nightshift.local.fleet.rules.visibility import hidden

LARGEST, SMALLEST = 1000, 5
STATUS_IDS = 100

_LISTS = {"DescribeInstanceStatus": "InstanceStatuses", "DescribeVolumes": "Volumes", "DescribeSnapshots": "Snapshots"}
_IDS = {"DescribeInstanceStatus": "InstanceIds", "DescribeVolumes": "VolumeIds", "DescribeSnapshots": "SnapshotIds"}


@before("DescribeInstances", *_LISTS)
def limits(request: Request) -> None:
    """Refuse pages that are too small, and ids together with pages."""
    size = request.get("MaxResults")
    if size is not None and int(size) < SMALLEST:
        raise ec2_error(
            "InvalidParameterValue",
            f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than {SMALLEST}.",
        )
    ids = request.get(_IDS.get(request.action, "InstanceIds"))
    if ids and size is not None:
        raise ec2_error(
            "InvalidParameterCombination", "The ids and the parameter maxResults may not be specified together"
        )
    if request.action == "DescribeInstanceStatus" and ids and len(ids) > STATUS_IDS:
        raise ec2_error("InvalidParameterValue", f"At most {STATUS_IDS} instance IDs may be specified")


@instead("DescribeInstances")
def instances(request: Request) -> ActionResult:
    """Reservations, a page of so many instances at a time; moto counts reservations, and one may hold thousands."""
    ids = set(request.instance_ids)
    # Copies: filtering takes instances out of the reservations it is given.
    chosen_of = ((r, [i for i in r.instances if not ids or i.id in ids]) for r in request.backend.reservations.values())
    parts = [like(r, instances=instances) for r, instances in chosen_of if instances]
    reservations = filter_reservations(parts, request.response._filters_from_querystring())
    flat = [(r, i) for r in reservations for i in r.instances if not hidden(request, i)]
    begin, end = _window(request, len(flat), LARGEST)
    chosen: dict[int, tuple[Any, list[Any]]] = {}
    for reservation, instance in flat[begin:end]:
        chosen.setdefault(id(reservation), (reservation, []))[1].append(instance)
    token = str(end) if end < len(flat) else None
    return ActionResult({"Reservations": [like(r, instances=part) for r, part in chosen.values()], "NextToken": token})


@after(*_LISTS)
def page(request: Request, result: ActionResult) -> None:
    """Cut out the page that was asked for."""
    body: Any = result.result
    name = _LISTS[request.action]
    begin, end = _window(request, len(body[name]), len(body[name]))
    if end < len(body[name]):
        body["NextToken"] = str(end)
    body[name] = body[name][begin:end]


def _window(request: Request, count: int, default: int) -> tuple[int, int]:
    size = request.get("MaxResults")
    begin = int(request.get("NextToken") or 0)
    return begin, min(count, begin + (default if size is None else min(int(size), LARGEST)))
