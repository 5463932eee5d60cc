"""A Spot Instance of a one-time request cannot be stopped.

Follows "Stop a Spot Instance" (Amazon EC2 User Guide) and UnsupportedOperation in "Error codes for the Amazon EC2
API".
"""

from __future__ import annotations

from moto.core.responses import ActionResult

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, after, before


@after("RunInstances")
def remember(request: Request, result: ActionResult) -> None:
    """What kind of Spot request it was."""
    kind = request.get("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time")
    for instance in result.result.instances:  # type: ignore[attr-defined]
        instance._spot = kind


@before("StopInstances")
def stop(request: Request) -> None:
    """Refuse to stop it."""
    for instance in request.instances():
        if instance.lifecycle == "spot" and getattr(instance, "_spot", "one-time") == "one-time":
            raise ec2_error(
                "UnsupportedOperation",
                f"You can't stop the Spot Instance '{instance.id}' because it is associated with a one-time Spot "
                "Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.",
            )
