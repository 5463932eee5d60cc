"""Variables as Step Functions has them, where MiniStack differs.

All expressions of an Assign read the values from before it; MiniStack lets each see the ones above it. A Parallel has
Assign and Output; MiniStack leaves them out ("Passing data between states with variables" and "Parallel workflow
state", Step Functions Developer Guide).
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions  # type: ignore[import-untyped]


def patch() -> None:
    """Put both right."""
    stepfunctions._apply_state_assign = _at_once(stepfunctions._apply_state_assign)
    stepfunctions._run_parallel_branches = _with_output(stepfunctions._run_parallel_branches)


def _at_once(assign: Any) -> Any:
    def assign_all(state: dict[str, Any], given: Any, context: Any, **about: Any) -> None:
        if context is None or stepfunctions._state_query_language(state, context) != "JSONata":
            return
        assigned: dict[str, Any] = {}
        for name, template in (state.get("Assign") or {}).items():
            alone = {**context, "variables": dict(context.get("variables", {}))}
            assign({**state, "Assign": {name: template}}, given, alone, **about)
            assigned[name] = alone["variables"][name]
        context.setdefault("variables", {}).update(assigned)

    return assign_all


def _with_output(run: Any) -> Any:
    def run_branches(state: dict[str, Any], given: Any, execution: Any, context: Any) -> Any:
        results, following = run(state, given, execution, context)
        if stepfunctions._state_query_language(state, context) != "JSONata":
            return results, following
        output = stepfunctions._apply_jsonata_output(state, given, context, result=results, default=results)
        stepfunctions._apply_state_assign(state, given, context, result=results)
        return output, following

    return run_branches
