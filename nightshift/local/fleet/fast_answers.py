"""Answers of moto that thousands of resources would make slow, worked out faster and to the same bytes.

moto looks a member of an answer up under up to a dozen names, made anew for every value of every resource, and finds
an instance by walking over all of them. Neither depends on the value, so the names are made once for each type.
"""

from __future__ import annotations

from typing import Any

from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.core.utils import get_value
from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models.instances import InstanceBackend

from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.requests import all_instances

_MISSING = object()
_names: dict[tuple[Any, ...], list[str]] = {}


def _pick(picker: Any, context: AttributePickerContext) -> Any:
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


replace_method(AttributePicker, "__call__", _pick)
replace_method(InstanceBackend, "get_instance", _instance)
