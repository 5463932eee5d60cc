"""Properties of moto's models that the rules compute in another way, while a fleet is honest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_PROPERTIES: list[tuple[type, str, property]] = []


def replace_property(model: type, name: str, get: Callable[[Any], Any]) -> None:
    """Have `model.name` computed by `get` within `applied()`."""
    _PROPERTIES.append((model, name, property(get)))


@contextmanager
def applied() -> Iterator[None]:
    """Within, the properties are replaced."""
    originals = [(model, name, model.__dict__[name]) for model, name, _ in _PROPERTIES]
    for model, name, new in _PROPERTIES:
        setattr(model, name, new)
    try:
        yield
    finally:
        for model, name, old in originals:
            setattr(model, name, old)
