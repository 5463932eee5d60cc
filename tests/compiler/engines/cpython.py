"""The flow as a Python function: the oracle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

import nightshift
from engines.world import Outcome, World
from lambdas.contract.causes import quoted
from lambdas.contract.errors import NightshiftError
from nightshift.flow import Flow


def run(flow: Flow[..., Any], given: Mapping[str, Any], world: World, *, dry_run: bool = False) -> Outcome:
    """Call the flow inside `local_run`.

    A Python error that is none of nightshift's is an outcome too, under its class name.
    """
    parameters = {name: value for name, value in given.items() if name != "nightshift"}
    trigger = given.get("nightshift", {}).get("trigger")
    around = nightshift.local_run(aws=world, dry_run=dry_run, sleep=world.sleep, log=lambda line: None, trigger=trigger)
    with around as runner:
        runner.approve = world.ask
        try:
            return world.outcome(result=_plain(flow(**parameters)))
        except NightshiftError as error:
            return world.outcome(error=error.error, cause=quoted(error.cause))
        except Exception as error:
            return world.outcome(error=type(error).__name__, cause=str(error))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
