"""A module beside flow files: plain helpers and constants that they share."""

from typing import TypedDict

import fake

LIMIT = 3
SUFFIX = "!"


def limit(n: int = LIMIT) -> int:
    """An expression, with a default and a constant of this module."""
    return n + LIMIT


def acted(name: str) -> str:
    """Statements, and a call of a part."""
    if name == "x":
        return "none"
    return fake.act(name=name + SUFFIX).name


class Zone(TypedDict):
    name: str
    number: int


ZONES: list[Zone] = [{"name": "east", "number": 1}, {"name": "west", "number": 2}]
