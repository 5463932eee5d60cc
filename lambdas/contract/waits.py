"""How long waits really take, and how people say it: in a local AWS they pass faster than the clock of time stamps."""

from __future__ import annotations

import os

SPEED_VARIABLE = "NIGHTSHIFT_SPEED"
"""The environment variable with how many times faster waits pass; a local AWS sets it, and AWS has none."""


def as_it_passes(seconds: float) -> float:
    """How many seconds of the clock a wait of so many seconds takes."""
    return seconds / float(os.environ.get(SPEED_VARIABLE, "1"))


def spoken(seconds: float) -> str:
    """A duration in words: "45 s", "12 min", "3 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min".replace(" 0 min", "")
