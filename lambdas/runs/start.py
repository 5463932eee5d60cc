"""Runs that somebody starts by hand: what they are called, and what their input says of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_LONGEST_FLOW = 45
"""Characters of the flow in the name of a run, of 80 at most ("StartExecution", Step Functions API Reference)."""


def run_name(flow: str, digest: str | None = None) -> str:
    """The name of a new run. digest: tells it from others, at most 26 characters; default: the time, and chance."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{flow[:_LONGEST_FLOW]}-manual-{digest or f'{stamp}-{secrets.token_hex(3)}'}"


def run_input(parameters: Mapping[str, Any], *, by: str, dry_run: bool) -> dict[str, Any]:
    """The input of the execution. by: who starts it."""
    return {**parameters, "nightshift": {"dry_run": dry_run, "trigger": {"type": "manual", "by": by}}}
