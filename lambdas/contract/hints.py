"""What to do about an AWS error code, in a line, for whoever reads the mail or the dashboard at night."""

from __future__ import annotations

from collections.abc import Mapping

_HINTS = {
    "IncorrectInstanceState": "Look at the state of the instance; something else may be changing it.",
    "IncorrectState": "Look at the state of the volume; a new one may still be creating, a broken one needs replacing.",
    "InsufficientInstanceCapacity": "AWS has no capacity for this type in this zone now. Run the flow again later, or "
    "change the instance type.",
    "InvalidInstanceID.Malformed": "Correct the instance id in the flow.",
    "InvalidInstanceID.NotFound": "Check the id, the region and the account; if the instance is gone, take it out.",
    "InvalidSnapshot.NotFound": "Somebody deleted the snapshot while it was being made. Run the flow again.",
    "InvalidVolume.NotFound": "Check the id, the region and the account; if the volume is gone, take it out.",
    "OperationNotPermitted": "The resource is protected (stop protection, lock). Lift the protection, or exclude it.",
    "SnapshotError": "Usually the encryption key of the volume is disabled or not permitted. Check the key, then run "
    "the flow again.",
    "SnapshotLimitExceeded": "The account holds as many snapshots as its quota allows. Delete some or raise the quota.",
    "Timeout": "Look at the resource in the console; when it is healthy, run the flow again, or raise the timeout.",
    "UnauthorizedOperation": "The role of the part lacks this permission, or a policy of the organisation forbids it.",
    "UnsupportedHibernationConfiguration": "Stop it without hibernate, or launch it anew with hibernation configured.",
    "VcpuLimitExceeded": "The vCPU quota of the account is used up. Stop something or raise the quota.",
}
_FAMILIES = (
    (
        "Client.",
        "The instance could not boot: often the key of an encrypted volume is disabled. Check it, start again.",
    ),
    ("Server.", "AWS could not start the instance: often no capacity. Start it again later."),
    ("Insufficient", "AWS has no capacity now. Run the flow again later."),
    ("InvalidSnapshot", "Look at the snapshot in the console."),
)
_OTHERWISE = "Look at the resource in the console; when it is repaired, run the flow again."


def hint(error: str, own: Mapping[str, str] | None = None) -> str:
    """What to do about an AWS error code. own: what the part that met it says of its codes."""
    if own and error in own:
        return own[error]
    if error in _HINTS:
        return _HINTS[error]
    return next((text for prefix, text in _FAMILIES if error.startswith(prefix)), _OTHERWISE)
