"""Starting and launching fail when AWS has no capacity for the type in the zone: the fault "capacity".

Follows "Troubleshoot Amazon EC2 instance launch issues" (Amazon EC2 User Guide) and InsufficientInstanceCapacity in
"Error codes for the Amazon EC2 API". The message names the type and the zone, not the instance.
"""

from __future__ import annotations

from collections.abc import Iterable

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.faults import Fault
from nightshift.local.fleet.requests import Request, before


@before("StartInstances")
def start(request: Request) -> None:
    """One instance without capacity fails the whole request."""
    for instance in request.instances():
        faults = request.faults("capacity", instance)
        if instance.state == "stopped" and _exhausted(faults, instance.instance_type):
            raise _refusal(instance.instance_type, instance.availability_zone)


@before("RunInstances")
def launch(request: Request) -> None:
    """Instances that do not exist yet have no id and no tag that a fault could lie on."""
    faults = [fault for fault in request.faults("capacity") if fault.resource == "*" and not fault.tag]
    if _exhausted(faults, request.get("InstanceType")):
        subnet, placement = request.get("SubnetId"), request.get("Placement", {})
        zone = request.backend.get_subnet(subnet).availability_zone if subnet else placement.get("AvailabilityZone")
        raise _refusal(request.get("InstanceType"), zone or f"{request.backend.region_name}a")


def _exhausted(faults: Iterable[Fault], instance_type: str) -> bool:
    return any(fault.instance_type in ("", instance_type) and fault.strike() for fault in faults)


def _refusal(instance_type: str, zone: str) -> Exception:
    return ec2_error(
        "InsufficientInstanceCapacity",
        f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested ({zone})."
        " Our system will be working on provisioning additional capacity.",
    )
