"""Properties and methods of moto's models that the rules compute in another way, while a fleet is honest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_REPLACED: list[tuple[type, str, Any]] = []


def replace_property(model: type, name: str, get: Callable[[Any], Any]) -> None:
    """Have `model.name` computed by `get` within `applied()`."""
    _REPLACED.append((model, name, property(get)))


def replace_method(model: type, name: str, method: Callable[..., Any]) -> None:
    """Have `model.name()` answered by `method` within `applied()`."""
    _REPLACED.append((model, name, method))


@contextmanager
def applied() -> Iterator[None]:
    """Within, they are replaced."""
    originals = [(model, name, model.__dict__[name]) for model, name, _ in _REPLACED]
    for model, name, new in _REPLACED:
        setattr(model, name, new)
    try:
        yield
    finally:
        for model, name, old in originals:
            setattr(model, name, old)
