"""Only an instance launched for it hibernates, and not in its first two minutes.

Follows "Hibernate your Amazon EC2 instance" (Amazon EC2 User Guide), and UnsupportedHibernationConfiguration and
UnsupportedOperation in "Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, before

READY = 120
"""Seconds after a start until the agent is ready."""


@before("StopInstances")
def hibernate(request: Request) -> None:
    """Refuse what cannot hibernate."""
    if not request.response._get_bool_param("Hibernate", False):
        return
    for instance in request.instances():
        options = instance.hibernation_options or {}
        if str(options.get("Configured", False)).lower() != "true":
            raise ec2_error(
                "UnsupportedHibernationConfiguration",
                f"The instance is not configured for hibernation: {instance.id}",
            )
        if instance.state == "running" and request.world.now() - getattr(instance, "_checks_began", 0) < READY:
            raise ec2_error("UnsupportedOperation", f"Instance {instance.id} is not ready to hibernate yet")
