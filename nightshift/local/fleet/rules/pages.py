"""Lists come in pages of at most 1,000; ids and MaxResults exclude each other; 100 ids for status checks.

Follows DescribeInstances, DescribeInstanceStatus, DescribeVolumes and DescribeSnapshots in the Amazon EC2 API
Reference.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, after, before

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


@after(*_LISTS)
def page(request: Request, result: ActionResult) -> None:
    """Cut out the page that was asked for."""
    body: Any = result.result
    size = request.get("MaxResults")
    if size is None:
        return
    name = _LISTS[request.action]
    begin = int(request.get("NextToken") or 0)
    end = begin + min(int(size), LARGEST)
    if end < len(body[name]):
        body["NextToken"] = str(end)
    body[name] = body[name][begin:end]
