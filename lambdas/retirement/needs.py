"""Which runs of a flow need it to stay deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

REDRIVABLE_FOR = timedelta(days=14)
"""How long after its end a run can be redriven ("Restarting state machine executions with redrive in Step Functions",
AWS Step Functions Developer Guide)."""

_REDRIVABLE = ("FAILED", "TIMED_OUT", "ABORTED")
_LATEST = 1000
"""Executions of one page ("ListExecutions", AWS Step Functions API Reference)."""


@dataclass(frozen=True)
class Needs:
    """Runs by their names: those under way, and those that can be redriven -> until when (aware)."""

    under_way: tuple[str, ...] = ()
    redrivable: Mapping[str, datetime] = field(default_factory=dict)


def needs(step_functions: Any, machine: str, now: datetime, *, redrives: bool = True) -> Needs:
    """The runs that need a flow. Empty for a state machine that does not exist.

    machine: its ARN. redrives: whether runs that can be redriven are looked for among the latest thousand.
    """
    try:
        under_way = tuple(run["name"] for run in _running(step_functions, machine))
        latest = step_functions.list_executions(stateMachineArn=machine, maxResults=_LATEST) if redrives else {}
    except step_functions.exceptions.StateMachineDoesNotExist:
        return Needs()
    ended = {run["name"]: run["stopDate"] for run in latest.get("executions", ()) if run["status"] in _REDRIVABLE}
    redrivable = {name: stop + REDRIVABLE_FOR for name, stop in ended.items() if now < stop + REDRIVABLE_FOR}
    return Needs(under_way, redrivable)


def _running(step_functions: Any, machine: str) -> list[dict[str, Any]]:
    pages = step_functions.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="RUNNING")
    return [run for page in pages for run in page["executions"]]
