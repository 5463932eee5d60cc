"""What stands between flows and their triggers, for the commands that show it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from lambdas.gate import holds
from lambdas.gate.holds import Held
from nightshift.cli.target import NoTable, table
from nightshift.model import CompiledFlow


def held(target: str | None, flows: Iterable[str]) -> dict[str, Held]:
    """What stands between flows and their triggers on the target.

    target: None for the local AWS of this folder if it is up and the app deployed to it, else nothing is held.
    """
    if target is not None:
        return holds.read_all(table(target), flows)
    from nightshift.local import status

    local = status(Path.cwd())
    if local is None or local.dead:
        return {}
    try:
        return holds.read_all(table("local"), flows)
    except NoTable:
        return {}


def zone(flow: CompiledFlow) -> str:
    """The time zone of a flow: that of its schedule."""
    return flow.options.schedule.timezone if flow.options.schedule else "UTC"


def as_json(standing: Held) -> dict[str, Any]:
    """What stands between a flow and its triggers, for other programs."""
    return {
        "hold": standing.hold and _plain(vars(standing.hold)),
        "skip_next": standing.skip and {name: v for name, v in _plain(vars(standing.skip)).items() if v is not None},
    }


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}
