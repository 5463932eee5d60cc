"""The parts: a folder for each service, in it a file for each part."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import PACKAGE, Part


def all_parts() -> dict[str, Part[..., Any]]:
    """Every part by its name, in the order of the names."""
    services = [import_module(f"{PACKAGE}.{service.name}") for service in iter_modules(__path__)]
    found = [value for service in services for value in vars(service).values() if isinstance(value, Part)]
    return {part.name: part for part in sorted(found, key=lambda part: part.name)}


def find_part(name: str) -> Part[..., Any]:
    """The part called `name` ("ec2.stop_instances"); only its service is imported.

    Raises InvalidParameter when there is none.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", name):
        raise InvalidParameter(f"{name!r} is not the name of a part; write service.function, as in ec2.stop_instances")
    service, _, function = name.partition(".")
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
