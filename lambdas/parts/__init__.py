"""The parts: a folder for each service, in it a file for each part.

A part is loaded when it is used: the function that stops instances does not load what makes images. Those of a project
of one's own are known by `set_own_parts`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import PACKAGE, Part


class Service(ModuleType):
    """The folder of a service: `ec2.stop_instances` is the part, and never the module of that name."""

    def __getattr__(self, name: str) -> Any:
        if name not in _modules(self):
            raise AttributeError(f"{self.__name__} has no part {name}")
        import_module(f"{self.__name__}.{name}")
        return vars(self)[name]

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing a module sets it in its package, whoever imports it.
        super().__setattr__(name, vars(value).get(name, value) if isinstance(value, ModuleType) else value)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *_modules(self)})


def load_when_used(service: str) -> None:
    """Let the package of a service load each of its parts at its first use."""
    sys.modules[service].__class__ = Service


_own: dict[str, str] = {}


def set_own_parts(modules: Mapping[str, str]) -> None:
    """Know these parts besides nightshift's, and no longer those of an earlier call.

    modules: name of a part -> the module that defines it ("parts.rds.stop_db_instance").
    """
    _own.clear()
    _own.update(modules)


def own_parts() -> Mapping[str, str]:
    """The parts that are known besides nightshift's: name -> module."""
    return dict(_own)


def _modules(package: ModuleType) -> list[str]:
    return [module.name for module in iter_modules(package.__path__) if not module.name.startswith("_")]


ANY_API = "aws"
"""The folder of the parts that call any operation of AWS: what they do and may do is what a flow writes."""


def all_parts() -> dict[str, Part[..., Any]]:
    """Every part that is made for its purpose, by its name, in the order of the names."""
    return _parts_of(*(service for service in _modules(sys.modules[__name__]) if service != ANY_API))


def general_parts() -> dict[str, Part[..., Any]]:
    """The parts that call any operation of AWS, by their names."""
    return _parts_of(ANY_API)


def _parts_of(*names: str) -> dict[str, Part[..., Any]]:
    services = [import_module(f"{PACKAGE}.{service}") for service in names]
    parts = [getattr(service, name) for service in services for name in _modules(service)]
    return {part.name: part for part in sorted(parts, key=lambda part: part.name)}


def find_part(name: str) -> Part[..., Any]:
    """The part called `name` ("ec2.stop_instances"); only its module is imported.

    Raises InvalidParameter when there is none.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", name):
        raise InvalidParameter(f"{name!r} is not the name of a part; write service.function, as in ec2.stop_instances")
    service, _, function = name.partition(".")
    if name in _own:
        own: Part[..., Any] = vars(import_module(_own[name]))[function]
        return own
    try:
        module = import_module(f"{PACKAGE}.{service}")
    except ModuleNotFoundError as error:
        if error.name != f"{PACKAGE}.{service}":
            raise
        raise InvalidParameter(f"there is no part {name}: no module {service}") from None
    part = getattr(module, function, None)
    if not isinstance(part, Part):
        raise InvalidParameter(f"there is no part {name}: {service} has no part {function}")
    return part
