"""What EC2 does and moto does not, one concern per file; importing this package registers all of it."""

from nightshift.local.fleet.rules import (
    instance_lifecycle,
    snapshot_lifecycle,
    status_checks,
)

__all__ = [
    "instance_lifecycle",
    "snapshot_lifecycle",
    "status_checks",
]
