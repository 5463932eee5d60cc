"""What parts that restore from Recycle Bin share: whose generations the restored are again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.contract.part import Call, Result
from lambdas.engine.selection import tag_map
from lambdas.engine.tags import FLOW


def note_flow(call: Call, restored: Mapping[str, Any]) -> None:
    """Remember in the state which flow had made what is restored, if one had. restored: as EC2 describes it."""
    flow = tag_map(restored.get("Tags")).get(FLOW)
    if flow:
        call.state["flows"] = sorted({*call.state.get("flows", []), flow})


def warn_of_rotation(call: Call, result: Result, action: str) -> None:
    """Tell in the result of each such flow that its rotation counts them. action: what that does, "delete"."""
    if result.changed:
        result.warnings += [
            f"they are generations of the flow {flow} again, whose next rotation may {action} them"
            for flow in call.state.get("flows", [])
        ]
