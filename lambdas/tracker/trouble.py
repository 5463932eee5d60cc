"""Runs that need someone, and asking the alerts to tell people of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from lambdas.tracker.record import ABORTED, FAILED, SKIPPED, TIMED_OUT, Record

OVERLAP = "overlap"
"""The kind of skip, as the gate tells it, that nobody asked for: the run before it was still under way."""

TROUBLES = (FAILED, TIMED_OUT, ABORTED, SKIPPED)
"""The states in which a run may need someone."""


def needs_someone(record: Record, detail: Mapping[str, Any]) -> bool:
    """Whether a run ended in a way that somebody has to look at. detail: what is kept beside its record.

    A skip that somebody ordered, by a hold or a calendar, needs nobody; neither does a dry run, which has its reader.
    """
    if record.dry_run:
        return False
    if record.state == SKIPPED:
        return skip_kind(detail) == OVERLAP
    return record.state in (FAILED, TIMED_OUT, ABORTED)


def skip_kind(detail: Mapping[str, Any]) -> str:
    """Why a run was skipped, in the gate's word; "" when it was not, or is not known."""
    output = detail.get("output")
    own = output.get("nightshift") if isinstance(output, dict) else None
    return str(own.get("kind", "")) if isinstance(own, dict) else ""


def tell(record: Record, detail: Mapping[str, Any]) -> None:
    """Ask the alerts to tell people of a run that needs someone; they tell each once, however often they are asked.

    NIGHTSHIFT_ALERTS names their function; without it nobody is to be told. Raises what Lambda answers.
    """
    function = os.environ.get("NIGHTSHIFT_ALERTS")
    if function and needs_someone(record, detail):
        asked = json.dumps({"flow": record.flow, "run": record.name})
        _lambda().invoke(FunctionName=function, InvocationType="Event", Payload=asked.encode())


@cache
def _lambda() -> Any:
    import boto3

    return boto3.client("lambda")
