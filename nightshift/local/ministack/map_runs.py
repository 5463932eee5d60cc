"""Map Runs as the history of their run tells of them: MiniStack leaves MapRunStarted out.

Source: "MapRunStartedEventDetails" (AWS Step Functions API Reference).
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ministack.services import stepfunctions  # type: ignore[import-untyped]


def patch() -> None:
    """Let a history tell which Map Run a Distributed Map has started, once the Map Run has ended."""
    stepfunctions._run_distributed_map = _told(stepfunctions._run_distributed_map)


def _told(run: Any) -> Any:
    def run_map(state: dict[str, Any], given: Any, effective: Any, processor: Any, execution: Any, context: Any) -> Any:
        label = state.get("Label") or str(uuid4())
        try:
            return run({**state, "Label": label}, given, effective, processor, execution, context)
        finally:
            for arn, started in list(stepfunctions._map_runs.items()):
                if started["executionArn"] == execution["executionArn"] and arn.split("/")[1].startswith(f"{label}:"):
                    told = {"mapRunStartedEventDetails": {"mapRunArn": arn}}
                    stepfunctions._add_event(execution, "MapRunStarted", told)

    return run_map
