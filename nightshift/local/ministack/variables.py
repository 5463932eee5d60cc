"""Variables as Step Functions has them, where MiniStack differs.

All expressions of an Assign read the values from before it; MiniStack lets each see the ones above it. A Parallel has
Assign and Output; MiniStack leaves them out. So it does at a Map in distributed mode, where it does not know Items and
an ItemSelector of JSONata either. Sources: "Passing data between states with variables", "Parallel workflow state" and
"Using Map state in Distributed mode" (Step Functions Developer Guide).
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions  # type: ignore[import-untyped]


def patch() -> None:
    """Put them right."""
    stepfunctions._apply_state_assign = _at_once(stepfunctions._apply_state_assign)
    stepfunctions._run_parallel_branches = _with_output(stepfunctions._run_parallel_branches)
    stepfunctions._run_distributed_map = _of_items(stepfunctions._run_distributed_map)


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


def _of_items(run: Any) -> Any:
    def run_map(state: dict[str, Any], given: Any, effective: Any, processor: Any, execution: Any, context: Any) -> Any:
        if stepfunctions._state_query_language(state, context) != "JSONata" or "Items" not in state:
            return run(state, given, effective, processor, execution, context)
        items = stepfunctions._jsonata_state_field(state, "Items", "array", given, context)
        inputs = [
            _selected(state, given, {**context, "Map": {"Item": {"Index": n, "Value": item}}}, item)
            for n, item in enumerate(items)
        ]
        # The Map over the inputs themselves. Child executions read no variable of their parent.
        of_jsonata = ("Items", "ItemSelector", "Assign", "Output")
        plain = {name: value for name, value in state.items() if name not in of_jsonata}
        results, following = run(plain, inputs, inputs, processor, execution, {**context, "variables": {}})
        output = stepfunctions._apply_jsonata_output(state, given, context, result=results, default=results)
        stepfunctions._apply_state_assign(state, given, context, result=results)
        return output, following

    return run_map


def _selected(state: dict[str, Any], given: Any, context: Any, item: Any) -> Any:
    """The input of a child execution."""
    selector = state.get("ItemSelector")
    return item if selector is None else stepfunctions._apply_jsonata_template(selector, given, context)
