"""Answers of moto that thousands of resources would make slow, worked out faster and to the same bytes.

moto looks a member of an answer up under up to a dozen names, made anew for every value of every resource, and finds
an instance by walking over all of them. Neither depends on the value, so the names are made once for each type. It
reads a filter's patterns anew for every resource.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import moto.ec2.utils
from moto.core.serialize import AttributePicker, AttributePickerContext, EC2Serializer
from moto.core.utils import get_value
from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models import amis, elastic_block_store
from moto.ec2.models.instances import Instance, InstanceBackend

from nightshift.local.fleet.answers.written import serialize_result
from nightshift.local.fleet.patches import like, replace_function, replace_method, replace_property
from nightshift.local.fleet.requests import all_instances
from nightshift.local.fleet.rules.tags import tag_of

_MISSING = object()
_WILDCARD = re.compile(r"[*?\[]")
_names: dict[tuple[Any, ...], list[str]] = {}


def pick(picker: Any, context: AttributePickerContext) -> Any:
    """A member of an answer, in the place of `AttributePicker.__call__`."""
    key = (type(picker), type(context.obj), context.key, id(context.shape), id(getattr(context.shape, "parent", None)))
    names = _names.get(key)
    if names is None:
        names = _names[key] = list(dict.fromkeys(picker.get_possible_keys(context)))
    value = _first(context.obj, names)
    transform = _transform(picker, f"{context.key_path}.{context.key}")
    return transform(value) if transform else value


def _first(obj: Any, names: list[str]) -> Any:
    for name in names:
        value = get_value(obj, name, _MISSING)
        if value is not _MISSING:
            return value
    return None


def _transform(picker: Any, path: str) -> Any:
    known = picker.__dict__.setdefault("_transforms", {})
    if path not in known:
        transformers = picker.response_transformers.items()
        known[path] = next((transform for end, transform in transformers if path.endswith(end)), None)
    return known[path]


def _instance(backend: Any, instance_id: str) -> Any:
    instance = all_instances(backend).get(instance_id)
    if instance is None:
        raise InvalidInstanceIdError(instance_id)
    return instance


def _block_devices(instance: Any) -> list[dict[str, Any]]:
    status = instance.get_block_device_status
    devices = instance.get_block_device_mapping
    return [{"DeviceName": name, "Ebs": like(block, status=status(block.status))} for name, block in devices]


_moto_matches = moto.ec2.utils.is_filter_matching


def _matches(resource: Any, name: str, patterns: Any) -> bool:
    value = resource.get_filter_value(name)
    if type(value) is not str or type(patterns) is not list:
        return _moto_matches(resource, name, patterns)
    return _matcher(tuple(patterns))(value)


@lru_cache(1000)
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    texts = frozenset(pattern for pattern in patterns if not _WILDCARD.search(pattern))
    others = [re.compile(fnmatch.translate(pattern)).match for pattern in patterns if pattern not in texts]
    if not others:
        return texts.__contains__
    return lambda value: value in texts or any(match(value) for match in others)


def _filtered(filters: Any, objects: list[Any]) -> list[Any]:
    """In the place of `generic_filter`: the tag that a filter names is looked up without asking each model for it."""
    for name, patterns in (filters or {}).items():
        if name.startswith("tag:") and type(patterns) is list:
            key, match = name.removeprefix("tag:"), _matcher(tuple(patterns))
            objects = [obj for obj in objects if (value := tag_of(obj, key)) is not None and match(value)]
        else:
            objects = [obj for obj in objects if moto.ec2.utils.is_filter_matching(obj, name, patterns)]
    return objects


replace_method(AttributePicker, "__call__", pick)
replace_method(EC2Serializer, "_serialize_result", serialize_result)
replace_method(InstanceBackend, "get_instance", _instance)
replace_property(Instance, "block_device_mappings", _block_devices)
replace_function(moto.ec2.utils, "is_filter_matching", _matches)
replace_function(moto.ec2.utils, "simple_aws_filter_to_re", lru_cache(1000)(moto.ec2.utils.simple_aws_filter_to_re))
for models in (elastic_block_store, amis):
    replace_function(models, "generic_filter", _filtered)
