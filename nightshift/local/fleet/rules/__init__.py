"""What EC2 does and moto does not, one concern per file; importing this package registers all of it.

The order of registration is the order of the checks: rates and faults come before ids, and those before states.
"""

from nightshift.local.fleet.rules import (  # isort: skip
    throttling,
    injected,
    unknown_ids,
    pages,
    instance_state,
    instance_type,
    spot,
    hibernation,
    capacity,
    snapshot_limits,
    copy_limits,
    instance_lifecycle,
    status_checks,
    snapshot_lifecycle,
    events,
    images,
    lost_key,
    volumes,
    visibility,
    tags,
    target_health,
    classic_health,
)

__all__ = [
    "capacity",
    "classic_health",
    "copy_limits",
    "events",
    "hibernation",
    "images",
    "injected",
    "instance_lifecycle",
    "instance_state",
    "instance_type",
    "lost_key",
    "pages",
    "snapshot_lifecycle",
    "snapshot_limits",
    "spot",
    "status_checks",
    "tags",
    "target_health",
    "throttling",
    "unknown_ids",
    "visibility",
    "volumes",
]
