"""What of moto's models and modules the rules compute in another way, while a fleet is honest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_REPLACED: list[tuple[Any, str, Any]] = []


def replace_property(model: type, name: str, get: Callable[[Any], Any]) -> None:
    """Have `model.name` computed by `get` within `applied()`."""
    _REPLACED.append((model, name, property(get)))


def replace_method(model: type, name: str, method: Callable[..., Any]) -> None:
    """Have `model.name()` answered by `method` within `applied()`, also where moto has no such method."""
    _REPLACED.append((model, name, method))


def replace_function(module: ModuleType, name: str, function: Callable[..., Any]) -> None:
    """Have the module itself call `function` for `name` within `applied()`."""
    _REPLACED.append((module, name, function))


def like(model: Any, **attributes: Any) -> Any:
    """A copy of one of moto's objects with other attributes; `copy.copy` looks for ways to copy that it has not."""
    made = object.__new__(type(model))
    made.__dict__.update(model.__dict__, **attributes)
    return made


@contextmanager
def applied() -> Iterator[None]:
    """Within, they are replaced."""
    originals = [(model, name, model.__dict__.get(name)) for model, name, _ in _REPLACED]
    for model, name, new in _REPLACED:
        setattr(model, name, new)
    try:
        yield
    finally:
        for model, name, old in originals:
            if old is None:
                delattr(model, name)
            else:
                setattr(model, name, old)
