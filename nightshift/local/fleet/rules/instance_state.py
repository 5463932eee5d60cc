"""What an instance's state does not allow is refused, the whole request at once.

Follows "Amazon EC2 instance state changes" (Amazon EC2 User Guide) and IncorrectInstanceState and
OperationNotPermitted in "Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, before

STARTABLE = {"stopped", "pending", "running"}
STOPPABLE = {"running", "stopping", "stopped"}


@before("StartInstances")
def start(request: Request) -> None:
    """A stopping or terminated instance cannot be started."""
    _require(request, STARTABLE, "is not in a state from which it can be started.")


@before("StopInstances")
def stop(request: Request) -> None:
    """A pending or terminated instance cannot be stopped, nor one that is protected."""
    _require(request, STOPPABLE, "is not in a state from which it can be stopped.")
    for instance in request.instances():
        if str(instance.disable_api_stop).lower() == "true":
            raise ec2_error(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute "
                "and try again.",
            )


@before("RebootInstances")
def reboot(request: Request) -> None:
    """Only a running instance can be rebooted."""
    _require(request, {"running"}, "is not in the 'running' state.")


@before("ModifyInstanceAttribute")
def modify(request: Request) -> None:
    """The type, the kernel and the user data of an instance can only be changed while it is stopped."""
    names = ("InstanceType.Value", "Kernel.Value", "Ramdisk.Value", "UserData.Value", "EbsOptimized.Value")
    by_name = request.get("Attribute") in ("instanceType", "kernel", "ramdisk", "userData", "ebsOptimized")
    if by_name or any(request.get(name) is not None for name in names):
        _require(request, {"stopped"}, "is not in the 'stopped' state.")


@before("CreateImage")
def create_image(request: Request) -> None:
    """An image can be made of a running or stopped instance."""
    _require(request, {"running", "stopped"}, "is not in a state from which an image can be created.")


def _require(request: Request, allowed: set[str], otherwise: str) -> None:
    for instance in request.instances():
        if instance.state not in allowed:
            raise ec2_error("IncorrectInstanceState", f"The instance '{instance.id}' {otherwise}")
