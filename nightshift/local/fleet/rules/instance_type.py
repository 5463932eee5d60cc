"""An instance can only be given a type that exists.

Follows ModifyInstanceAttribute in the Amazon EC2 API Reference and InvalidInstanceAttributeValue in "Error codes for
the Amazon EC2 API".
"""

from __future__ import annotations

from moto.ec2.models.instance_types import INSTANCE_TYPES

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, before


@before("ModifyInstanceAttribute")
def known_type(request: Request) -> None:
    """Refuse a type EC2 does not have."""
    wanted = request.get("InstanceType.Value")
    if request.get("Attribute") == "instanceType":
        wanted = request.get("Value")
    if wanted is not None and wanted not in INSTANCE_TYPES:
        raise ec2_error("InvalidInstanceAttributeValue", f"Invalid value '{wanted}' for InstanceType.")
