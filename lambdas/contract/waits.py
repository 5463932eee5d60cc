"""How long waits really take: in a local AWS they pass faster than the clock, by which stamps of time are made."""

from __future__ import annotations

import os

SPEED_VARIABLE = "NIGHTSHIFT_SPEED"
"""The environment variable with how many times faster waits pass; a local AWS sets it, and AWS has none."""


def as_it_passes(seconds: float) -> float:
    """How many seconds of the clock a wait of so many seconds takes."""
    return seconds / float(os.environ.get(SPEED_VARIABLE, "1"))
