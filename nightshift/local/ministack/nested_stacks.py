"""Updates of nested stacks: a resource that an update leaves as it is keeps its attributes.

MiniStack forgets them, so that the next `Fn::GetAtt` in the nested stack fails.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cloudformation  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]


def patch() -> None:
    """Let the update of a resource give its earlier attributes too."""
    update = provisioners._update_resource

    def update_keeping_attributes(*args: Any) -> tuple[str, dict[str, Any]]:
        physical_id, attributes = update(*args)
        stack, logical_id = args[4:6]
        known = cloudformation._stacks.get(stack, {}).get("_resources", {}).get(logical_id, {})
        return physical_id, {**known.get("Attributes", {}), **(attributes or {})}

    provisioners._update_resource = update_keeping_attributes
