"""Starting fails when AWS has no capacity for the type in the zone: the fault "capacity".

Follows "Troubleshoot Amazon EC2 instance launch issues" (Amazon EC2 User Guide) and InsufficientInstanceCapacity in
"Error codes for the Amazon EC2 API". The message names the type and the zone, not the instance.
"""

from __future__ import annotations

from typing import Any

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, before


@before("StartInstances")
def start(request: Request) -> None:
    """One instance without capacity fails the whole request."""
    for instance in request.instances():
        if instance.state == "stopped" and _exhausted(request, instance):
            zone = instance.availability_zone
            raise ec2_error(
                "InsufficientInstanceCapacity",
                f"We currently do not have sufficient {instance.instance_type} capacity in the Availability Zone you "
                f"requested ({zone}). Our system will be working on provisioning additional capacity.",
            )


def _exhausted(request: Request, instance: Any) -> bool:
    return any(
        fault.instance_type in ("", instance.instance_type) and fault.strike()
        for fault in request.faults("capacity", instance)
    )
