"""Limits that are a number or a percent: how many resources a call may match, and how many may fail."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lambdas.contract.errors import InvalidParameter

MAX_RESOURCES = "NIGHTSHIFT_MAX_RESOURCES"
"""The environment variable with the `max_resources` of the app."""


@dataclass(frozen=True)
class Limit:
    """A number, or a percent of all.

    given: as it was written, "10%" or 20.
    """

    given: str | int
    number: int
    percent: bool = False

    def of(self, total: int) -> int:
        """How many of `total` it allows; a percent is rounded down, but one of them is always allowed."""
        return max(1, total * self.number // 100) if self.percent else self.number

    def tolerated(self, total: int) -> int:
        """How many of `total` may fail; a percent is rounded down, to none where it is less than one."""
        return total * self.number // 100 if self.percent else self.number


def limit(name: str, given: str | int) -> Limit:
    """The limit a parameter gives: 20, "20" or "10%".

    Raises InvalidParameter for anything else.
    """
    match = re.fullmatch(r"(\d{1,9})\s*(%?)", str(given).strip())
    if isinstance(given, bool) or not match or (match[2] and int(match[1]) > 100):
        raise InvalidParameter(f'{name}={given!r}; write a number (20) or a percent ("10%")')
    return Limit(given, int(match[1]), match[2] == "%")


def at_least_one(name: str, given: int) -> int:
    """A number of things at a time. Raises InvalidParameter when it is less than one."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InvalidParameter(f"{name}={given!r}; write a whole number, 1 or more")
    return given
