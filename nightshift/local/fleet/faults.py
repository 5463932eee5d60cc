"""Faults a test or an operator lays on resources, to try a bad night."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = {
    "error": "the API refuses `action` for the resource with `code` and `message`",
    "capacity": "there is no capacity to start or launch instances (of `instance_type`, or of any)",
    "lost_key": "the key of an encrypted volume is lost: a start is accepted and falls back to stopped",
    "invisible": "a request of `action` does not see the resource yet",
    "hang": "the API does not answer `action` until the fault is cleared",
    "impaired": "the status checks of the instance end as impaired",
    "stuck": "the resource never leaves its pending or stopping state",
    "slow": "changes of state take `factor` times as long",
    "unmanaged": "Systems Manager does not know the instance",
    "command_fails": "commands of Systems Manager end with exit code `code` and output `message`",
    "task_fails": "tasks and jobs of the name end with exit code `code`, or do not start, and write `message`",
    "snapshot_error": "snapshots of the volume end in the state error, those of a database in failed",
    "throttle": "the API answers `action` with RequestLimitExceeded",
    "unhealthy": "the instance fails the health checks of load balancers",
    "server_error": "the API answers `action` with InternalError and does nothing",
    "lost_response": "the API does `action`, but its answer is lost: InternalError",
}


@dataclass
class Fault:
    """One fault.

    kind: one of `KINDS`.
    resource: instance, volume or snapshot id; "*" for any.
    tag: "Key=Value" instead of a resource.
    action: API action such as "StartInstances"; "*" for any.
    times: how many requests it hits; None for all until it is cleared.
    skip: how many matching requests it lets pass first.
    """

    kind: str
    resource: str = "*"
    tag: str = ""
    action: str = "*"
    code: str = ""
    message: str = ""
    instance_type: str = ""
    factor: float = 1.0
    times: int | None = None
    skip: int = 0
    hits: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        """Raise ValueError for a kind that does not exist."""
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; there are {', '.join(sorted(KINDS))}")

    @property
    def spent(self) -> bool:
        """Whether it has hit as often as it should."""
        return self.times is not None and self.hits >= self.times

    def concerns(self, resource: Any) -> bool:
        """Whether it lies on this moto resource."""
        if self.tag:
            key, _, value = self.tag.partition("=")
            return any(t["key"] == key and t["value"] == value for t in resource.get_tags())
        return self.resource in ("*", resource.id)

    def strike(self) -> bool:
        """Whether it hits this time; counts."""
        if self.spent:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True

    def to_json(self) -> dict[str, Any]:
        """As the control endpoint shows it."""
        return asdict(self)
