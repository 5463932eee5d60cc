"""Tags of a resource, looked up directly: moto searches all tags of all resources, which thousands would feel."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from nightshift.local.fleet.patches import replace_method


def _get_tags(resource: Any) -> list[dict[str, str]]:
    tags = resource.ec2_backend.tags.get(resource.id) if resource.id else None
    if not tags:
        return []
    kind = _kind(resource.id)
    return [{"resource_id": resource.id, "key": k, "value": v, "resource_type": kind} for k, v in tags.items()]


@lru_cache(10_000)
def _kind(id_: str) -> str:
    return EC2_PREFIX_TO_RESOURCE[get_prefix(id_)]


_moto_filter_value = TaggedEC2Resource.get_filter_value


def _get_filter_value(resource: Any, name: str, method: str | None = None) -> Any:
    if not name.startswith("tag:"):
        return _moto_filter_value(resource, name, method)
    return tag_of(resource, name.removeprefix("tag:"))


def tag_of(resource: Any, key: str) -> str | None:
    """The value of a tag of one of moto's resources; None when it has no such tag."""
    tags = resource.ec2_backend.tags.get(resource.id) if resource.id else None
    return tags.get(key) if tags else None


replace_method(TaggedEC2Resource, "get_tags", _get_tags)
replace_method(TaggedEC2Resource, "get_filter_value", _get_filter_value)
