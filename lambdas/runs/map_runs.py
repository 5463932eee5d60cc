"""What the items of a Distributed Map did: each is an execution of its own, below the Map Run of the run.

Sources: "Using Map state in Distributed mode" (AWS Step Functions Developer Guide), "ListExecutions" (AWS Step
Functions API Reference).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from lambdas.runs.history import History, events_of

MOST_ITEMS = 1000
"""Items of a Map Run whose histories are read, of which AWS gives 20 a second in most regions ("Quotas", AWS Step
Functions Developer Guide); of more, the first are told."""


def add_items(step_functions: Any, history: History) -> None:
    """Add to the history of a run that has ended what the items of its Distributed Maps did.

    step_functions: a client. Without a Map Run nothing is asked.
    """
    for step in [step for step in history.steps if step.map_run]:
        found = list(islice(_items(step_functions, step.map_run), MOST_ITEMS))
        for index, execution in enumerate(found):
            history.add_item(step, index, events_of(step_functions, execution))


def _items(step_functions: Any, map_run: str) -> Iterator[str]:
    """The executions of a Map Run."""
    for page in step_functions.get_paginator("list_executions").paginate(mapRunArn=map_run):
        yield from (item["executionArn"] for item in page["executions"])
