"""The definition of a task: its containers, and where they write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.contract.errors import InvalidParameter


@dataclass(frozen=True)
class Container:
    """The container whose exit code is that of the task.

    name: of the container. group, prefix, region: where the log driver awslogs writes; "" for another driver.
    """

    name: str
    group: str = ""
    prefix: str = ""
    region: str = ""

    def stream(self, task: str) -> str:
        """Its log stream in a task (id or ARN); "" where it has none that is known by name."""
        return f"{self.prefix}/{self.name}/{task.rpartition('/')[2]}" if self.group and self.prefix else ""


def container_of(definition: dict[str, Any], name: str | None) -> Container:
    """The container of this name, or the first essential one of the definition.

    Raises InvalidParameter when the definition has none of the name.
    """
    containers = definition["containerDefinitions"]
    if name is None:
        chosen = next((c for c in containers if c.get("essential", True)), containers[0])
    else:
        chosen = next((c for c in containers if c["name"] == name), None)
        if chosen is None:
            known = ", ".join(c["name"] for c in containers)
            raise InvalidParameter(f"container={name!r} is none of the task definition; it has {known}")
    log = chosen.get("logConfiguration") or {}
    options = log.get("options") or {}
    if log.get("logDriver") != "awslogs":
        return Container(chosen["name"])
    return Container(
        chosen["name"],
        options.get("awslogs-group", ""),
        options.get("awslogs-stream-prefix", ""),
        options.get("awslogs-region", ""),
    )
