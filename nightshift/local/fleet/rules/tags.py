"""Tags of a resource, looked up directly: moto searches all tags of all resources, which thousands would feel."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from nightshift.local.fleet.patches import replace_method


def _get_tags(resource: Any) -> list[dict[str, str]]:
    tags = resource.ec2_backend.tags.get(resource.id) if resource.id else None
    if not tags:
        return []
    kind = EC2_PREFIX_TO_RESOURCE[get_prefix(resource.id)]
    return [{"resource_id": resource.id, "key": k, "value": v, "resource_type": kind} for k, v in tags.items()]


replace_method(TaggedEC2Resource, "get_tags", _get_tags)
